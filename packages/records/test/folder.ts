import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";
import { onTestFinished } from "vitest";
import { lockName, own } from "../src/folder/owner.js";
import type { Result } from "../src/index.js";

/** A new folder that goes when the test ends. */
export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "everlearn-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A folder with these files, gone after the test. */
export function tree(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = temporary();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** The name of the lock of a process of this machine that has ended. */
export function deadLock(): string {
  return lockName({ ...own, pid: spawnSync(process.execPath, ["-v"]).pid });
}

/** A result without how long it took, the checksum of the journal, which has times in it, and the seal over both. */
export function lasting(result: Result): object {
  const { seconds: _, journal: __, seal: ___, ...rest } = result;
  return rest;
}

/** A journal's records as they stand in the file, without their checksums. */
export function journalOf(directory: string): JournalRecord[] {
  const lines = readFileSync(join(directory, "journal.jsonl"), "utf8").split("\n");
  if (lines.pop() !== "") throw new Error("The journal does not end with a line break.");
  return lines.map((line) => {
    const { sum: _, ...record } = JSON.parse(line) as JournalRecord & { readonly sum?: string };
    return record;
  });
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
