import { createReadStream, type Dirent, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { readBytes, textOf } from "../folder/file.js";
import { readingReasonOf } from "../folder/reasons.js";
import { runFiles } from "../folder/run-files.js";
import { printable } from "../printable.js";
import type { ReceiptProblem, ReceiptText } from "./parse.js";

/** A receipt of more bytes is left unread. */
const largest = 64 * 1024 * 1024;
const tooLarge = "is larger than 64 MiB, the most that a receipt may have";
/** Packed files up to so many bytes are read at once, which is faster. */
const small = 1024 * 1024;
const lineBreak = 10;

interface File {
  readonly path: string;
  readonly bytes: number;
}

/** The texts of receipts in files and folders, each folder in the order of names. It throws for nothing that lies there. */
export async function* receiptTexts(paths: readonly string[]): AsyncGenerator<ReceiptText | ReceiptProblem> {
  for (const path of paths)
    for (const file of filesIn(path)) {
      if ("problem" in file) yield file;
      else
        try {
          yield* textsOf(file);
        } catch (error) {
          yield problem(file.path, `cannot be read: ${readingReasonOf(error)}`);
        }
    }
}

async function* textsOf({ path, bytes }: File): AsyncGenerator<ReceiptText | ReceiptProblem> {
  if (!path.endsWith(".jsonl")) yield decoded(readBytes(path, largest), path);
  else {
    let line = 0;
    for await (const content of bytes > small ? linesOf(path) : split(readBytes(path))) {
      line++;
      if (content === tooLong) yield problem(`${path}:${line}`, tooLarge);
      else if (content.length > 0) {
        const found = decoded(content, `${path}:${line}`);
        if ("problem" in found || found.text.trim() !== "") yield found;
      }
    }
  }
}

function problem(where: string, what: string): ReceiptProblem {
  return { problem: printable(`${where} ${what}.`) };
}

function decoded(bytes: Uint8Array, where: string): ReceiptText | ReceiptProblem {
  const text = textOf(bytes);
  return text === undefined ? problem(where, "is damaged, or no receipt: it is not UTF-8 text") : { text, where };
}

/** In place of a line that is too long for a receipt. */
const tooLong = null;

function* split(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = bytes.indexOf(lineBreak); end >= 0; end = bytes.indexOf(lineBreak, start)) {
    yield bytes.subarray(start, end);
    start = end + 1;
  }
  yield bytes.subarray(start);
}

/** The lines of a file of any size, of which no more than one is kept. */
async function* linesOf(path: string): AsyncGenerator<Buffer | typeof tooLong> {
  let kept: Buffer[] = [];
  let length = 0;
  const line = (end: Buffer) => {
    const whole = length + end.length > largest ? tooLong : Buffer.concat([...kept, end]);
    [kept, length] = [[], 0];
    return whole;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const parts = [...split(chunk)];
    const last = parts.pop() as Buffer;
    for (const part of parts) yield line(part);
    length += last.length;
    if (length > largest) kept = [];
    else kept.push(last);
  }
  yield line(Buffer.alloc(0));
}

/** The files of receipts at a path that was given. */
function* filesIn(path: string): Generator<File | ReceiptProblem> {
  let found: Stats;
  try {
    found = statSync(path);
  } catch {
    yield { problem: printable(`${path} does not exist, or cannot be read.`) };
    return;
  }
  if (found.isDirectory()) yield* filesInFolder(path);
  else yield file(path, found);
}

function file(path: string, found: Stats): File | ReceiptProblem {
  if (!found.isFile()) return problem(path, "cannot be read: it is a pipe or a device");
  if (!path.endsWith(".jsonl") && found.size > largest) return problem(path, tooLarge);
  return { path, bytes: found.size };
}

/** Links to files are followed, but no links to folders, which may lead in a circle. */
function* filesInFolder(folder: string): Generator<File | ReceiptProblem> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    yield problem(folder, `cannot be read: ${readingReasonOf(error)}`);
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== runFiles.result) yield* filesInFolder(path);
    else if (entry.name === runFiles.result || isPacked(entry.name)) yield fileAt(path);
  }
}

function fileAt(path: string): File | ReceiptProblem {
  try {
    const found = statSync(path);
    return found.isDirectory() ? problem(path, "cannot be read: it is a folder") : file(path, found);
  } catch (error) {
    return problem(path, `cannot be read: ${readingReasonOf(error)}`);
  }
}

/** Journals are JSON lines too. */
function isPacked(name: string): boolean {
  return name.endsWith(".jsonl") && name !== runFiles.journal;
}
