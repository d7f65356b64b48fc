import type { Plan, RunSpec } from "@everlearn/composition";
import type { CheckedResult } from "./honesty/trial.js";

/** A run to be planned. */
export interface PlanRequest {
  readonly spec: RunSpec;
  /** The spec's folder, relative to the one that the suite is run from: paths in the spec are relative to it. */
  readonly folder: string;
}

/** The properties of a planned run that a suite needs. */
export interface PlannedRun extends Pick<Plan, "spec" | "specId" | "plugins" | "where"> {
  readonly checksum: string;
  /** Training examples of the stream. */
  readonly examples: number;
}

/** A planned run at one seed. */
export interface CellRequest extends PlanRequest {
  readonly specId: string;
  readonly seed: number;
  /** Its folder, relative to the folder for results: "<name>/seed-<n>". */
  readonly directory: string;
  /** Whether to go on where an earlier run in its folder stopped (true); otherwise such a folder is refused. */
  readonly resume?: boolean | undefined;
  /** Seconds of work between checkpoints within an experience. */
  readonly checkpointEvery?: number | undefined;
  /** The source's commit, to be recorded. */
  readonly commit?: string | undefined;
  /** The seal of the trials by which its options were chosen, to be recorded. */
  readonly tuning?: string | undefined;
}

/** A planned run whose honesty is to be checked. */
export interface CheckRequest extends PlanRequest {
  readonly specId: string;
  /** One of its results. */
  readonly result: CheckedResult;
  /** The folder of the checks' own runs, relative to the folder for results. */
  readonly directory: string;
}
