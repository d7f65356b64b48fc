import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";
import { runFiles } from "../folder/run-folder.js";

/** A journal that may be read while it is written. */
export interface JournalReader {
  /**
   * All whole records so far: the same array, longer, unless the journal began anew. It ends before the first line that is
   * no record.
   */
  read(): readonly JournalRecord[];
  /** The number, from 1, of the first whole line that is no record; undefined where there was none when it was last read. */
  readonly damagedLine: number | undefined;
  /** Where the last whole record ends, in bytes. */
  readonly end: number;
}

/** Reads the journal in a run's folder, each time what is new. It changes nothing: a journal is repaired by its run. */
export function createJournalReader(directory: string): JournalReader {
  const path = join(directory, runFiles.journal);
  let records: JournalRecord[] = [];
  let [offset, inode] = [0, 0];
  let damagedLine: number | undefined;

  function readFrom(start: number, size: number): Buffer {
    const bytes = Buffer.alloc(size - start);
    const file = openSync(path, "r");
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
    } finally {
      closeSync(file);
    }
  }

  return {
    read() {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return records;
      if (stat.size < offset || stat.ino !== inode) [records, offset, inode] = [[], 0, stat.ino];
      damagedLine = undefined;
      if (stat.size === offset) return records;
      const bytes = readFrom(offset, stat.size);
      const end = bytes.lastIndexOf("\n") + 1;
      for (const line of bytes.toString("utf8", 0, end).split("\n").slice(0, -1)) {
        const record = parseRecord(line);
        if (!record) {
          damagedLine = records.length + 1;
          return records;
        }
        records.push(record);
        offset += Buffer.byteLength(line) + 1;
      }
      return records;
    },
    get damagedLine() {
      return damagedLine;
    },
    get end() {
      return offset;
    },
  };
}

function parseRecord(line: string): JournalRecord | undefined {
  try {
    const record = JSON.parse(line) as JournalRecord | null;
    return typeof record?.type === "string" ? record : undefined;
  } catch {
    return undefined;
  }
}
