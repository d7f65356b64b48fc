import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LockedError, lock, type Result, runFiles, type Status, writeFile } from "@everlearn/records";
import type { Honesty } from "./honesty.js";

/**
 * The reasons why a cell has no result.
 * - `failed`: the learner, or another plugin, threw an error, or a file cannot be written.
 * - `crashed`: its process died.
 * - `out-of-memory`: its process died of too much memory, or had more than the suite's budget grants.
 * - `timed-out`: it took more time than the suite's budget grants, or gave no sign of life for long.
 */
export type FailureStatus = "failed" | "crashed" | "out-of-memory" | "timed-out";

/** The end of a cell: with a result, which would be reproduced, or without one, so that it is worth another try. */
export type CellStatus = Status | FailureStatus;

/** The outcome of a request to run a cell. */
export type CellOutcome =
  | { readonly status: Status; readonly result: Result }
  /** `cause` is the error itself, where one was thrown. */
  | { readonly status: FailureStatus; readonly message: string; readonly cause?: Error | undefined }
  | { readonly status: "stopped" };

/** The outcome of a request to check a run's honesty. */
export type CheckOutcome =
  | { readonly status: "checked"; readonly honesty: Honesty }
  | { readonly status: FailureStatus; readonly message: string }
  | { readonly status: "stopped" };

/**
 * Writes into a cell's folder why it has no result: `{ status, message, time }`. A cell that was too slow begins anew
 * next time, else it would have more time than others. A folder in which another process is at work is left alone.
 */
export function writeStatus(directory: string, status: FailureStatus, message: string): void {
  let release: () => void;
  try {
    release = lock(directory);
  } catch (error) {
    if (error instanceof LockedError) return;
    throw error;
  }
  try {
    if (status === "timed-out") rmSync(join(directory, runFiles.checkpoint), { force: true });
    const text = JSON.stringify({ status, message, time: new Date().toISOString() }, null, 2);
    writeFile(join(directory, runFiles.status), `${text}\n`);
  } finally {
    release();
  }
}

/** Removes the status file of a cell that has a result now. */
export function clearStatus(directory: string): void {
  const path = join(directory, runFiles.status);
  if (existsSync(path)) rmSync(path, { force: true });
}
