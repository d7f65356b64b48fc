import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import type { JournalRecord } from "@everlearn/contracts";
import { RunError, withFile } from "./error.js";

type Unrecorded = JournalRecord extends infer R ? (R extends { time: string } ? Omit<R, "time"> : never) : never;

/** A run's records: one JSON object a line, appended, on the disk before `record` answers. */
export interface Journal {
  /**
   * Appends what happened, with the time. A resumed run repeats what it did after its last checkpoint: a record that
   * is there already is not written again, and must say the same.
   * @returns the record, or undefined where it was there already
   */
  record(event: Unrecorded): JournalRecord | undefined;
  close(): void;
}

export function openJournal(path: string): Journal {
  const recorded = new Map(readJournal(path).map((record) => [keyOf(record), record]));
  const file = withFile(path, () => openSync(path, "a"));
  return {
    record(event) {
      const earlier = recorded.get(keyOf(event));
      if (earlier !== undefined) {
        const { time: _, ...said } = earlier;
        if (JSON.stringify(said) === JSON.stringify(event)) return undefined;
        throw new RunError(
          `"${path}" has another ${keyOf(event)} than this run made again: something outside of the spec changed. Choose another folder with --out.`,
        );
      }
      const { type, ...said } = event;
      const record = { type, time: new Date().toISOString(), ...said } as JournalRecord;
      withFile(path, () => {
        writeSync(file, `${JSON.stringify(record)}\n`);
        fsyncSync(file);
      });
      if (record.type !== "failed") recorded.set(keyOf(record), record);
      return record;
    },
    close: () => closeSync(file),
  };
}

/** The whole records of a journal. A last line that a crash cut short is removed from the file. */
function readJournal(path: string): JournalRecord[] {
  if (!existsSync(path)) return [];
  const text = withFile(path, () => readFileSync(path, "utf8"));
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) withFile(path, () => truncateSync(path, Buffer.byteLength(whole)));
  return whole
    .split("\n")
    .slice(0, -1)
    .map((line, i) => {
      try {
        return JSON.parse(line) as JournalRecord;
      } catch {
        throw new RunError(
          `Line ${i + 1} of "${path}" is not JSON; the journal is damaged. Choose another folder with --out.`,
        );
      }
    })
    .filter((record) => record.type !== "failed");
}

function keyOf(record: Unrecorded): string {
  return record.type === "evaluation" ? `evaluation after task ${record.after ?? "none"}` : record.type;
}
