import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";

const JOURNAL = "journal.jsonl";

/** The folders of runs below a folder, itself included: those called `seed-<n>` that hold a journal. */
export function runFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const name = /(?:^|[\\/])seed-\d+[\\/]?$/;
  if (name.test(folder) && existsSync(join(folder, JOURNAL))) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
    .flatMap((entry) => runFolders(join(folder, entry.name)));
}

/** A journal that is read while it is written. */
export interface JournalReader {
  /** All whole records so far: the same array, longer, unless the journal began anew. */
  read(): readonly JournalRecord[];
}

/** What cannot be read as a record ends what is read: a journal is repaired by its run, not here. */
export function createReader(directory: string): JournalReader {
  const path = join(directory, JOURNAL);
  let records: JournalRecord[] = [];
  let [offset, inode] = [0, 0];
  return {
    read() {
      const { size, ino } = statSync(path);
      if (size < offset || ino !== inode) [records, offset, inode] = [[], 0, ino];
      if (size === offset) return records;
      const bytes = Buffer.alloc(size - offset);
      const file = openSync(path, "r");
      const count = readSync(file, bytes, 0, bytes.length, offset);
      closeSync(file);
      const end = bytes.lastIndexOf("\n", count - 1) + 1;
      for (const line of bytes.toString("utf8", 0, end).split("\n").slice(0, -1)) {
        const record = parsed(line);
        if (!record) return records;
        records.push(record);
        offset += Buffer.byteLength(line) + 1;
      }
      return records;
    },
  };
}

function parsed(line: string): JournalRecord | undefined {
  try {
    const record = JSON.parse(line) as JournalRecord | null;
    return typeof record?.type === "string" ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Changes whenever a file in the folder does. */
export function traceOf(directory: string): string {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => {
      const stat = statSync(join(directory, name), { throwIfNoEntry: false });
      return `${name} ${stat?.size} ${stat?.mtimeMs}`;
    })
    .join("\n");
}
