import type { Progress } from "./progress.js";

/** Where a run's files go, and how it is stopped, resumed and watched. */
export interface RunOptions {
  /** Where `journal.jsonl`, `checkpoint.bin` and `result.json` go; made where it is missing. */
  readonly directory: string;
  /** Go on where an earlier call for the same cell stopped. */
  readonly resume?: boolean;
  /** Seconds of work after which a checkpoint is written in the middle of an experience (10); 0: after every batch. */
  readonly checkpointEvery?: number;
  /** Once aborted, the run throws a StoppedError: in training at a checkpoint after the batch under way. */
  readonly signal?: AbortSignal;
  /** Hears some ten times a second how far the run is. */
  readonly onProgress?: (progress: Progress) => void;
  /** The source's commit, to be recorded. */
  readonly commit?: string | undefined;
}
