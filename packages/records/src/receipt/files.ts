import { createReadStream, type Dirent, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ReceiptProblem, ReceiptText } from "./parse.js";

/** A receipt of more bytes is left unread. */
const largest = 64 * 1024 * 1024;
/** Packed files up to so many bytes are read at once, which is faster. */
const small = 1024 * 1024;

interface File {
  readonly path: string;
  readonly bytes: number;
}

/** The texts of receipts in files and folders, each folder in the order of names. */
export async function* receiptTexts(paths: readonly string[]): AsyncGenerator<ReceiptText | ReceiptProblem> {
  for (const path of paths)
    for (const file of filesIn(path)) {
      if ("problem" in file) yield file;
      else
        try {
          yield* textsOf(file);
        } catch (error) {
          yield unreadable(file.path, error);
        }
    }
}

async function* textsOf({ path, bytes }: File): AsyncGenerator<ReceiptText> {
  if (!path.endsWith(".jsonl")) yield { text: readFileSync(path, "utf8"), where: path };
  else {
    let line = 0;
    for await (const text of bytes > small ? streamed(path) : readFileSync(path, "utf8").split("\n")) {
      line++;
      if (text.trim() !== "") yield { text, where: `${path}:${line}` };
    }
  }
}

function unreadable(path: string, error: unknown): ReceiptProblem {
  return { problem: `${path} cannot be read: ${(error as Error).message}.` };
}

function* filesIn(path: string): Generator<File | ReceiptProblem> {
  let kind: Stats;
  try {
    kind = statSync(path);
  } catch {
    yield { problem: `${path} does not exist, or cannot be read.` };
    return;
  }
  if (kind.isDirectory()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch (error) {
      yield unreadable(path, error);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (entry.isDirectory() || entry.name === "result.json" || isPacked(entry.name))
        yield* filesIn(join(path, entry.name));
  } else if (!path.endsWith(".jsonl") && kind.size > largest)
    yield { problem: `${path} is larger than 64 MiB, the most that a receipt may have.` };
  else yield { path, bytes: kind.size };
}

/** The lines of a file of any size. */
function streamed(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Infinity });
}

/** Journals are JSON lines too. */
function isPacked(name: string): boolean {
  return name.endsWith(".jsonl") && name !== "journal.jsonl";
}
