import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";
import { runFiles } from "../folder/run-files.js";
import { noSum, parseLine } from "./line.js";

/** A journal that may be read while it is written. */
export interface JournalReader {
  /**
   * All whole records so far: the same array, longer, unless the journal began anew. It ends before the first line that is
   * damaged.
   */
  read(): readonly JournalRecord[];
  /** The number, from 1, of the first whole line that is damaged; undefined where there was none when it was last read. */
  readonly damagedLine: number | undefined;
  /** What is wrong with that line: a sentence without its full stop. */
  readonly damage: string | undefined;
  /** The position after the last whole record, in bytes. */
  readonly end: number;
  /** The checksum of each record and all before it; an earlier version wrote none into its lines. */
  readonly sums: readonly string[];
  /** Whether the last record's line bears its checksum. */
  readonly summed: boolean;
}

/** Reads the journal in a run's folder, each time what is new. It changes nothing: a journal is repaired by its run. */
export function createJournalReader(directory: string): JournalReader {
  const path = join(directory, runFiles.journal);
  let records: JournalRecord[] = [];
  let sums: string[] = [];
  let summed = false;
  let offset = 0;
  let last: Buffer = Buffer.alloc(0); // the line before `offset`, by which a journal that began anew is told
  let damage: { readonly line: number; readonly sentence: string } | undefined;

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
    [records, sums, summed, offset, last] = [[], [], false, 0, Buffer.alloc(0)];
    return readFrom(0, size);
  }

  /** Reads a line with its line break. @returns whether it is whole */
  function take(bytes: Buffer): boolean {
    const found = parseLine(bytes.subarray(0, -1), sums.at(-1) ?? noSum, summed);
    if (found === undefined || found === "checksum") {
      const line = records.length + 1;
      const sentence =
        found === undefined
          ? `Line ${line} of "${path}" is not a record`
          : `The checksum of line ${line} of "${path}" does not match, so that this line was changed, or one before it is missing`;
      damage = { line, sentence };
      return false;
    }
    records.push(found.record);
    sums.push(found.sum);
    summed = found.summed;
    last = bytes;
    offset += bytes.length;
    return true;
  }

  return {
    read() {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined) return records;
      if (found.isFIFO()) {
        damage = { line: 1, sentence: `"${path}" is a pipe` };
        return records;
      }
      damage = undefined;
      let rest = unread(found.size);
      // Bytes are counted, not characters: a line may hold some that are no UTF-8.
      for (let end = rest.indexOf("\n") + 1; end > 0; end = rest.indexOf("\n") + 1) {
        if (!take(rest.subarray(0, end))) return records;
        rest = rest.subarray(end);
      }
      last = Buffer.from(last); // not the whole of what was read
      return records;
    },
    get damagedLine() {
      return damage?.line;
    },
    get damage() {
      return damage?.sentence;
    },
    get end() {
      return offset;
    },
    get sums() {
      return sums;
    },
    get summed() {
      return summed;
    },
  };
}
