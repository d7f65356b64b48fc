import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";
import { runFiles } from "../folder/run-files.js";

/** A journal that may be read while it is written. */
export interface JournalReader {
  /**
   * All whole records so far: the same array, longer, unless the journal began anew. It ends before the first line that is
   * no record.
   */
  read(): readonly JournalRecord[];
  /** The number, from 1, of the first whole line that is no record; undefined where there was none when it was last read. */
  readonly damagedLine: number | undefined;
  /** The position after the last whole record, in bytes. */
  readonly end: number;
}

/** Reads the journal in a run's folder, each time what is new. It changes nothing: a journal is repaired by its run. */
export function createJournalReader(directory: string): JournalReader {
  const path = join(directory, runFiles.journal);
  let records: JournalRecord[] = [];
  let offset = 0;
  let last: Buffer = Buffer.alloc(0); // the line before `offset`, by which a journal that began anew is told
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

  /** The bytes after the records read so far. If the file no longer begins with those records, it is read anew. */
  function unread(size: number): Buffer {
    if (size >= offset) {
      const bytes = readFrom(offset - last.length, size);
      if (bytes.subarray(0, last.length).equals(last)) return bytes.subarray(last.length);
    }
    [records, offset, last] = [[], 0, Buffer.alloc(0)];
    return readFrom(0, size);
  }

  return {
    read() {
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      if (size === undefined) return records;
      damagedLine = undefined;
      let rest = unread(size);
      // Bytes are counted, not characters: a line may hold some that are no UTF-8.
      for (let end = rest.indexOf("\n") + 1; end > 0; end = rest.indexOf("\n") + 1) {
        const record = parseRecord(rest.toString("utf8", 0, end));
        if (!record) {
          damagedLine = records.length + 1;
          return records;
        }
        records.push(record);
        last = rest.subarray(0, end);
        offset += end;
        rest = rest.subarray(end);
      }
      last = Buffer.from(last); // not the whole of what was read
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
