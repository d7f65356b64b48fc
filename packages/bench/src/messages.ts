import type { FoundReceipt, Result } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import type { Honesty } from "./honesty.js";
import type { Verification, VerifyOptions } from "./verify.js";
import type { CellRequest, CheckRequest, PlannedRun, PlanRequest } from "./request.js";

/** The folders of a worker process: for results, of plugins and of data sets. */
export interface WorkerPlaces {
  /** The folder for results. */
  readonly out: string;
  /** The folders in which plugins are looked for after a spec's own folder. */
  readonly from: readonly string[];
  /** The folder of data sets. */
  readonly data?: string | undefined;
}

/** A message to a worker process: its folders, one task at a time, and the request to stop the task under way. */
export type Message =
  | { readonly type: "places"; readonly places: WorkerPlaces }
  | { readonly type: "plan"; readonly request: PlanRequest }
  /** `memory` is the most bytes that its process may have. */
  | { readonly type: "run"; readonly request: CellRequest; readonly memory: number | null }
  | { readonly type: "check"; readonly request: CheckRequest }
  | { readonly type: "verify"; readonly request: VerifyRequest }
  | { readonly type: "stop" };

/** A receipt that is to be run again. */
export interface VerifyRequest {
  readonly found: FoundReceipt;
  readonly options: VerifyOptions;
}

/** What came out: the verification without the receipt and the result. */
export type Verified = Pick<Verification, "identity" | "differences" | "compared" | "leftOut">;

/** A task for a worker process. */
export type Task = Exclude<Message, { type: "places" | "stop" }>;

/** A message from a worker process. */
export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "planned"; readonly planned: PlannedRun }
  | { readonly type: "refused"; readonly problems: readonly string[] }
  | { readonly type: "ended"; readonly result: Result }
  | { readonly type: "checked"; readonly honesty: Honesty }
  | { readonly type: "verified"; readonly verified: Verified }
  | { readonly type: "failed"; readonly message: string; readonly outOfMemory: boolean }
  | { readonly type: "stopped" };
