import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LockedError, lock, type Result, writeFile } from "@everlearn/runner";
import type { Honesty } from "./checks.js";
import type { CellResult } from "./message.js";

/**
 * Why a cell has no result.
 * - `failed`: the learner, or another plugin, threw an error, or a file cannot be written.
 * - `crashed`: its process died.
 * - `out-of-memory`: its process died of too much memory, or had more than the suite's budget grants.
 * - `timed-out`: it took more time than the suite's budget grants, or gave no sign of life for long.
 */
export type Failing = "failed" | "crashed" | "out-of-memory" | "timed-out";

/** How a cell ended: with a result, which would come again, or not, so that it is worth another try. */
export type CellStatus = Result["status"] | Failing;

/** What a cell's process came to. */
export type Ending =
  | { readonly status: Result["status"]; readonly result: CellResult }
  | { readonly status: Failing; readonly message: string }
  | { readonly status: "stopped" };

/** What a check of a run's honesty came to. */
export type Checking =
  | { readonly status: "checked"; readonly honesty: Honesty }
  | { readonly status: Failing; readonly message: string }
  | { readonly status: "stopped" };

const fileIn = (directory: string) => join(directory, "status.json");

/**
 * Writes into a cell's folder why it has no result, `{ status, message, time }`. One that was too slow begins anew next
 * time: else it would have more time than others. A folder in which another process is at work is left alone.
 */
export function writeStatus(directory: string, status: Failing, message: string): void {
  let release: () => void;
  try {
    release = lock(directory);
  } catch (error) {
    if (error instanceof LockedError) return;
    throw error;
  }
  try {
    if (status === "timed-out") rmSync(join(directory, "checkpoint.bin"), { force: true });
    const text = JSON.stringify({ status, message, time: new Date().toISOString() }, null, 2);
    writeFile(fileIn(directory), `${text}\n`);
  } finally {
    release();
  }
}

/** A cell that has a result has no other status. */
export function clearStatus(directory: string): void {
  if (existsSync(fileIn(directory))) rmSync(fileIn(directory), { force: true });
}
