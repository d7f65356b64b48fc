import type { Progress } from "@everlearn/runner";
import type { CellOutcome, CheckOutcome } from "./status.js";
import type { CellRequest, CheckRequest, PlannedRun, PlanRequest } from "./request.js";

/** Listens to a request while it is carried out. */
export interface Listener {
  /** Called with the progress of a cell. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called with each line that plugins write. */
  readonly onOutput?: (line: string) => void;
}

/**
 * Runs the cells of a suite: in processes of this machine, by a batch system, or by the workers of a queue. Requests
 * contain no absolute path, and replies contain everything that a cell found, so that cells may run on other machines.
 */
export interface Executor {
  /** Plans a run, so that no plugin's code is loaded here. @throws SpecError */
  plan(request: PlanRequest, listener?: Listener): Promise<PlannedRun>;
  /**
   * Runs a planned cell, or goes on with it, within the seconds and the memory that its suite grants. It never rejects
   * for what the cell does.
   * @param signal once aborted, this cell alone stops at a checkpoint
   */
  run(request: CellRequest, listener?: Listener, signal?: AbortSignal): Promise<CellOutcome>;
  /** Checks the honesty of a planned run, or goes on with it. It never rejects for what the run does. */
  check(request: CheckRequest, listener?: Listener, signal?: AbortSignal): Promise<CheckOutcome>;
  /** Stops all requests under way, at checkpoints. */
  stop(): void;
  /** Releases everything. */
  close(): Promise<void>;
}
