import type { Progress } from "@everlearn/runner";
import type { CellOutcome, CheckOutcome } from "./status.js";
import type { CellRequest, CheckRequest, PlannedRun, PlanRequest } from "./request.js";

/** Who hears of a request while it is worked on. */
export interface Listener {
  /** Hears how far a cell is. */
  readonly onProgress?: (progress: Progress) => void;
  /** Hears each line that plugins write. */
  readonly onOutput?: (line: string) => void;
}

/**
 * Where a suite's cells are run: in processes of this machine, by a batch system, by workers of a queue. A suite neither
 * knows nor asks where that is. Requests name no absolute path, and replies carry all that a cell found.
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
  /** Has everything that is under way stop at a checkpoint. */
  stop(): void;
  /** Lets go of everything. */
  close(): Promise<void>;
}
