import { closeSync, existsSync, fsyncSync, openSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type JournalRecord, RunError } from "@everlearn/contracts";
import { syncFolder, withFile, writeAll } from "../folder/file.js";
import { otherRun } from "../folder/other-run.js";
import { runFiles } from "../folder/run-files.js";
import { lineOf, noSum } from "./line.js";
import { createJournalReader } from "./reader.js";

type Unrecorded = JournalRecord extends infer R ? (R extends { time: string } ? Omit<R, "time"> : never) : never;

/**
 * A run's records: one JSON object a line, appended, on the disk before `record` answers; those of training, of which
 * there are many, when the next other one is. Each line ends with a checksum of itself and all before it.
 */
export interface Journal {
  /**
   * Appends what happened, with the time. A resumed run repeats what it did after its last checkpoint: a record that
   * is there already is not written again, and must say the same, speed apart.
   * @returns the record, or undefined where it was there already
   */
  record(event: Unrecorded): JournalRecord | undefined;
  /** Whether it had no record when it was opened. */
  readonly isNew: boolean;
  /** Puts all records on the disk. @returns the checksum of them all, 16 hexadecimal digits; "" where there is none */
  sum(): string;
  /**
   * Refuses a journal that lacks what it held when its sum was `sum`. Records that are cut off at the end, and checksums
   * that are taken away altogether, are noticed by nothing else. @throws RunError
   */
  assertHeld(sum: string): void;
  /** Closes the file; nothing can be recorded afterwards. */
  close(): void;
}

const remedy = "the journal is damaged. Move it away, and --resume goes on from the checkpoint.";

/**
 * Opens the journal in a run's folder to go on with it.
 * @param assertHeld throws where the folder is not this process's any more, see `Lock`
 * @throws RunError where it is damaged, or another run's
 */
export function openJournal(directory: string, cellId: string, assertHeld: () => void = () => {}): Journal {
  const path = join(directory, runFiles.journal);
  const { records, sums } = repaired(directory);
  const recorded = new Map(records.map((record) => [keyOf(record), record]));
  const start = recorded.get("start");
  if (start?.type === "start" && start.cellId !== cellId) throw otherRun(path);
  const isNew = records.length === 0;
  let sum = sums.at(-1) ?? noSum;
  let isWhole = true;
  let file: number | undefined;

  /** Opened when there is something to write: who only looks leaves nothing behind. */
  function opened(): number {
    if (file !== undefined) return file;
    const found = existsSync(path);
    file = openSync(path, "a");
    if (!found) syncFolder(directory);
    return file;
  }

  function append(record: JournalRecord): void {
    assertHeld();
    const next = lineOf(record, sum);
    const now = record.type !== "training";
    withFile("write", path, () => writeAll(opened(), next.line, now));
    sum = next.sum;
    isWhole = now;
  }

  return {
    isNew,
    record(event) {
      const { type, ...said } = event;
      const recordAt = (time: string) => ({ type, time, ...said }) as JournalRecord;
      const earlier = recorded.get(keyOf(event));
      if (earlier !== undefined) {
        // Starts were compared by cellId: what else they say, such as the spec's seeds, may change meanwhile.
        if (type === "start" || claimOf(earlier) === claimOf(recordAt(earlier.time))) return undefined;
        throw new RunError(
          `"${path}" has another ${keyOf(event)} than this run has produced now: something outside of the spec has changed. Choose another folder with --out.`,
        );
      }
      const record = recordAt(new Date().toISOString());
      append(record);
      recorded.set(keyOf(record), record);
      return record;
    },
    sum() {
      assertHeld();
      if (!isWhole) withFile("write", path, () => fsyncSync(opened()));
      isWhole = true;
      return sum;
    },
    assertHeld(held) {
      if (!isNew && held !== noSum && !sums.includes(held))
        throw new RunError(
          `"${path}" lacks records or checksums that it had when the checkpoint beside it was written; ${remedy}`,
        );
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

/** The whole records of a journal. A last line that a crash cut short is removed from the file. @throws RunError where it is damaged */
function repaired(directory: string): { records: readonly JournalRecord[]; sums: readonly string[] } {
  const path = join(directory, runFiles.journal);
  return withFile("read", path, () => {
    const reader = createJournalReader(directory);
    const records = reader.read();
    if (reader.damage !== undefined) throw new RunError(`${reader.damage}; ${remedy}`);
    if (existsSync(path) && statSync(path).size > reader.end)
      withFile("write", path, () => truncateSync(path, reader.end));
    return { records, sums: [...reader.sums] };
  });
}

/** The content of a record that every run of the cell repeats: without its speed. */
function claimOf(record: JournalRecord): string {
  return JSON.stringify(record.type === "training" ? { ...record, examplesPerSecond: 0 } : record);
}

function keyOf(record: Unrecorded): string {
  if (record.type === "evaluation") return `evaluation after experience ${record.after ?? "none"}`;
  if (record.type === "training") return `record of training after ${record.examples} examples`;
  if (record.type === "prequential") return `window of the prequential evaluation after ${record.examples} examples`;
  if (record.type === "glance") return `intermediate evaluation after ${record.examples} examples`;
  return record.type === "failed" ? `failure "${record.message}"` : record.type;
}
