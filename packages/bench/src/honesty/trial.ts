import type { Course, Plan } from "@everlearn/composition";
import type { LearnerHandle } from "@everlearn/loop";
import type { Result } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";

/** Makes the learner of a course anew: in a process of its own, so that nothing outlives it. */
export type StartLearner = (course: Course) => Promise<LearnerHandle>;

/** A result of the run that is checked: what the check's own runs are compared with. */
export type CheckedResult = Pick<Result, "seed" | "digest" | "predictions">;

/** What the checks need of a result. */
export function checkedResult({ seed, digest, predictions }: CheckedResult): CheckedResult {
  return {
    seed,
    ...(digest === undefined ? {} : { digest }),
    ...(predictions === undefined ? {} : { predictions }),
  };
}

/** Options of a run's honesty checks. */
export interface HonestyCheckOptions {
  /** The folder in which the checks run the learner, as DIR/check-<name>; they are resumed where they stopped. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Called with the progress of the checks' runs. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Decides which labels are exchanged, and where a run is stopped. Drawn anew for each check, so that no learner can
   * know; one that a finding tells repeats its check.
   */
  readonly secret?: number;
}

/** A check's own run of a learner: where it lies, and what is made for it. */
export interface Trial extends Omit<HonestyCheckOptions, "directory" | "secret"> {
  readonly secret: number;
  readonly plan: Plan;
  readonly start: StartLearner;
  /** DIR/check-<name> */
  folder(name: string): string;
  /** Makes the course of a seed. A result of it is no receipt of the run, and says so. */
  course(seed: number): Promise<Course>;
}
