import type { Progress } from "./progress.js";

/** Options of a run: the folder of its files, and how it is stopped, resumed and watched. */
export interface RunOptions {
  /** The folder for `journal.jsonl`, `checkpoint.bin` and `result.json`; it is created if it is missing. */
  readonly directory: string;
  /** Go on where an earlier call for the same cell stopped. */
  readonly resume?: boolean;
  /** Seconds of work after which a checkpoint is written in the middle of an experience (10); 0: after every batch. */
  readonly checkpointEvery?: number;
  /** Once aborted, the run throws a StoppedError: in training at a checkpoint after the batch under way. */
  readonly signal?: AbortSignal;
  /** Called with the run's progress, about ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called with a sentence where the folder is locked by a process of which it cannot be told at once whether it lives. */
  readonly onWait?: (sentence: string) => void;
  /** The source's commit, to be recorded. */
  readonly commit?: string | undefined;
  /** The seal of the trials by which the run's options were chosen, to be recorded. */
  readonly tuning?: string | undefined;
}
