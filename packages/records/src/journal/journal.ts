import { closeSync, existsSync, openSync, readFileSync, truncateSync } from "node:fs";
import type { JournalRecord } from "@everlearn/contracts";
import { otherRun } from "./checkpoint.js";
import { RunError } from "./error.js";
import { withFile, writeAll } from "./file.js";

type Unrecorded = JournalRecord extends infer R ? (R extends { time: string } ? Omit<R, "time"> : never) : never;

/**
 * A run's records: one JSON object a line, appended, on the disk before `record` answers; those of training, of which
 * there are many, when the next other one is.
 */
export interface Journal {
  /**
   * Appends what happened, with the time. A resumed run repeats what it did after its last checkpoint: a record that
   * is there already is not written again, and must say the same, speed apart.
   * @returns the record, or undefined where it was there already
   */
  record(event: Unrecorded): JournalRecord | undefined;
  close(): void;
}

/** @throws RunError where the journal is damaged, or another run's */
export function openJournal(path: string, cellId: string): Journal {
  const recorded = new Map(readJournal(path).map((record) => [keyOf(record), record]));
  const start = recorded.get("start");
  if (start?.type === "start" && start.cellId !== cellId) throw otherRun(path);
  const file = withFile("write", path, () => openSync(path, "a"));
  return {
    record(event) {
      const { type, ...said } = event;
      const recordAt = (time: string) => ({ type, time, ...said }) as JournalRecord;
      const earlier = recorded.get(keyOf(event));
      if (earlier !== undefined) {
        // Starts were compared by cellId: what else they say, such as the spec's seeds, may change meanwhile.
        if (type === "start" || saidBy(earlier) === saidBy(recordAt(earlier.time))) return undefined;
        throw new RunError(
          `"${path}" has another ${keyOf(event)} than this run made again: something outside of the spec changed. Choose another folder with --out.`,
        );
      }
      const record = recordAt(new Date().toISOString());
      withFile("write", path, () => writeAll(file, `${JSON.stringify(record)}\n`, type !== "training"));
      recorded.set(keyOf(record), record);
      return record;
    },
    close: () => closeSync(file),
  };
}

/** The whole records of a journal. A last line that a crash cut short is removed from the file. */
function readJournal(path: string): JournalRecord[] {
  if (!existsSync(path)) return [];
  const bytes = withFile("read", path, () => readFileSync(path));
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) withFile("write", path, () => truncateSync(path, end));
  const lines = bytes.toString("utf8", 0, end).split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const record = parsed(line);
    if (typeof record?.type === "string") return record as JournalRecord;
    throw new RunError(
      `Line ${i + 1} of "${path}" is not a record; the journal is damaged. Move it away, and --resume goes on from the checkpoint.`,
    );
  });
}

function parsed(line: string): { type?: unknown } | null {
  try {
    return JSON.parse(line) as { type?: unknown } | null;
  } catch {
    return null;
  }
}

/** What every run of the cell says. */
function saidBy(record: JournalRecord): string {
  return JSON.stringify(record.type === "training" ? { ...record, examplesPerSecond: 0 } : record);
}

function keyOf(record: Unrecorded): string {
  if (record.type === "evaluation") return `evaluation after experience ${record.after ?? "none"}`;
  if (record.type === "training") return `record of training after ${record.examples} examples`;
  if (record.type === "glance") return `glance after ${record.examples} examples`;
  return record.type === "failed" ? `failure "${record.message}"` : record.type;
}
