import { join } from "node:path";
import { deleteFile, LockedError, lock, type Result, runFiles, type Status, writeSealed } from "@everlearn/records";
import type { Honesty } from "./honesty.js";

/**
 * The reasons why a cell has no result.
 * - `failed`: the learner, or another plugin, threw an error, or a file cannot be written.
 * - `crashed`: its process died.
 * - `out-of-memory`: its process died of too much memory, or had more than the suite's budget grants.
 * - `timed-out`: it took more time than the suite's budget grants, or gave no sign of life for long.
 */
export type FailureStatus = "failed" | "crashed" | "out-of-memory" | "timed-out";

/**
 * The end of a cell: with a result, which would be reproduced; without one, so that it is worth another try; or with one that
 * is damaged, so that it neither counts nor is tried again before its user has deleted it.
 */
export type CellStatus = Status | FailureStatus | "damaged";

/** The outcome of a request to run a cell. */
export type CellOutcome =
  | { readonly status: Status; readonly result: Result }
  /** `cause` is the error itself, where one was thrown. */
  | { readonly status: FailureStatus; readonly message: string; readonly cause?: Error | undefined }
  | Unstarted;

/** It was stopped, or did not begin, since another process, such as one of another call, is at it: it may be asked for again. */
export type Unstarted = { readonly status: "stopped" } | { readonly status: "locked"; readonly message: string };

/** How a cell ended in the end. */
export type CellEnding = Exclude<CellOutcome, Unstarted> | { readonly status: "damaged"; readonly message: string };

/** The outcome of a request to check a run's honesty. */
export type CheckOutcome =
  | { readonly status: "checked"; readonly honesty: Honesty }
  | { readonly status: FailureStatus; readonly message: string }
  | Unstarted;

/**
 * Writes into a cell's folder why it has no result: `{ status, message, time, seal }`. A cell that was too slow begins anew
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
    if (status === "timed-out") deleteFile(join(directory, runFiles.checkpoint));
    writeSealed(join(directory, runFiles.status), { status, message, time: new Date().toISOString() });
  } finally {
    release();
  }
}

/** Removes the status file of a cell that has a result now. */
export function clearStatus(directory: string): void {
  deleteFile(join(directory, runFiles.status));
}
