import type { Result } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import type { Honesty } from "./honesty.js";
import type { CellRequest, CheckRequest, PlannedRun, PlanRequest } from "./request.js";

/** Where a worker process finds plugins and data, and puts results. */
export interface WorkerPlaces {
  /** Where results go. */
  readonly out: string;
  /** Where plugins are looked for after a spec's own folder. */
  readonly from: readonly string[];
  /** Where data sets are. */
  readonly data?: string | undefined;
}

/** What a worker process is told: where it is, one thing to do at a time, and to stop while it is at it. */
export type Message =
  | { readonly type: "places"; readonly places: WorkerPlaces }
  | { readonly type: "plan"; readonly request: PlanRequest }
  /** `memory` is the most bytes that its process may have. */
  | { readonly type: "run"; readonly request: CellRequest; readonly memory: number | null }
  | { readonly type: "check"; readonly request: CheckRequest }
  | { readonly type: "stop" };

/** What a worker process is asked to do. */
export type Task = Exclude<Message, { type: "places" | "stop" }>;

/** What it says. */
export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "planned"; readonly planned: PlannedRun }
  | { readonly type: "refused"; readonly problems: readonly string[] }
  | { readonly type: "ended"; readonly result: Result }
  | { readonly type: "checked"; readonly honesty: Honesty }
  | { readonly type: "failed"; readonly message: string; readonly outOfMemory: boolean }
  | { readonly type: "stopped" };
