import type { Plan, RunSpec } from "@everlearn/host";
import type { Progress, Result } from "@everlearn/runner";
import type { Honesty } from "./checks.js";

/** A run, and where its plugins and data are. */
export interface PlanRequest {
  readonly spec: RunSpec;
  /** Where plugins are looked for; first the spec's folder, to which paths are relative. */
  readonly from: readonly string[];
  /** Where data sets are. */
  readonly folder?: string | undefined;
}

/** What a suite has to know of a planned run. */
export interface Planned extends Pick<Plan, "spec" | "specId" | "plugins" | "where"> {
  readonly checksum: string;
  /** Training examples of the stream. */
  readonly examples: number;
}

/** A planned run at one seed. */
export interface CellRequest extends PlanRequest {
  readonly specId: string;
  readonly seed: number;
  readonly directory: string;
  readonly checkpointEvery?: number | undefined;
  readonly commit?: string | undefined;
}

/** A planned run whose honesty is to be checked; canaries run in the directory. */
export interface CheckRequest extends PlanRequest {
  readonly specId: string;
  readonly directory: string;
}

/** What a worker is asked; one thing at a time, and to stop while it is at it. */
export type Request =
  | { readonly type: "plan"; readonly request: PlanRequest }
  /** `memory` is the most bytes that its process may have. */
  | { readonly type: "run"; readonly request: CellRequest; readonly memory: number | null }
  | { readonly type: "check"; readonly request: CheckRequest }
  | { readonly type: "stop" };

/** What of a cell comes back from its process; its predictions are on the disk. */
export type CellResult = Omit<Result, "predictions">;

export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "planned"; readonly planned: Planned }
  | { readonly type: "refused"; readonly problems: readonly string[] }
  | { readonly type: "ended"; readonly result: CellResult }
  | { readonly type: "checked"; readonly honesty: Honesty }
  | { readonly type: "failed"; readonly message: string; readonly outOfMemory: boolean }
  | { readonly type: "stopped" };
