import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";
import { onTestFinished } from "vitest";
import type { Result } from "../src/index.js";

/** A new folder that goes when the test ends. */
export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "everlearn-records-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A result without how long it took, and the seal over that. */
export function lasting(result: Result): object {
  const { seconds: _, seal: __, ...rest } = result;
  return rest;
}

/** A journal's records as they stand in the file. */
export function journalOf(directory: string): JournalRecord[] {
  const lines = readFileSync(join(directory, "journal.jsonl"), "utf8").split("\n");
  if (lines.pop() !== "") throw new Error("The journal does not end with a line break.");
  return lines.map((line) => JSON.parse(line) as JournalRecord);
}

/** A journal's records but those of training. */
export const milestones = (directory: string): JournalRecord[] =>
  journalOf(directory).filter(({ type }) => type !== "training");

/** Records without when they were made, and how fast. */
export function timeless(records: readonly JournalRecord[]): object[] {
  return records.map((record) => ({
    ...record,
    time: "",
    ...("examplesPerSecond" in record && { examplesPerSecond: 0 }),
  }));
}
