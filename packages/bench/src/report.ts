import type { Result, Tuned } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import type { Honesty } from "./honesty.js";
import type { CellStatus, FailureStatus } from "./status.js";
import type { Options } from "./tuning.js";

/** A cell's result without its predictions, as it is kept while the suite runs. */
export type CellResult = Omit<Result, "predictions">;

/** The end of a cell. */
export interface CellEnd {
  readonly name: string;
  readonly seed: number;
  /** The options that a trial tried. */
  readonly trial?: Options;
  /** Its folder. */
  readonly directory: string;
  readonly status: CellStatus;
  /** Why it is not finished. */
  readonly message?: string;
  /** Its result, if it has one, without the predictions, which are in `result.json`. */
  readonly result?: CellResult;
  /** Whether it had ended before this call. */
  readonly earlier: boolean;
}

/** The outcome of a run's honesty checks. */
export interface CheckEnd {
  readonly name: string;
  /** `dishonest`: at least one of the checks did not pass. */
  readonly status: "honest" | "dishonest" | FailureStatus;
  readonly honesty?: Honesty;
  /** Why there is none. */
  readonly message?: string;
  /** Whether it had been checked before this call. */
  readonly earlier: boolean;
}

/** A run whose options could not be chosen, so that it has no official cells yet. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
}

/** The outcome of a suite. */
export interface BenchReport {
  /** The official cells, in the suite's order; those that did not run, because they were stopped or refused, are missing. */
  readonly cells: readonly CellEnd[];
  /** The trials of searches. */
  readonly trials: readonly CellEnd[];
  /** What searches chose, of each run with its trials. */
  readonly choices: readonly Tuned[];
  readonly refused: readonly Refusal[];
  /** The outcome of each honesty check. */
  readonly checks: readonly CheckEnd[];
  readonly stopped: boolean;
}

/** The progress of a suite. */
export interface Overview {
  /** The number of runs planned so far, and of all; each point of a search counts as a run. */
  readonly planned: number;
  readonly runs: number;
  /** The number of cells that have ended, in earlier calls too, and of those among them that did not finish. */
  readonly ended: number;
  readonly unfinished: number;
  /** All cells known so far: of a run whose options are being searched, its trials only. */
  readonly cells: number;
  readonly running: readonly Running[];
  /** Runs whose honesty has been checked, of how many; null before the cells have ended, and where none is. */
  readonly checked: { readonly ended: number; readonly of: number } | null;
  /** An estimate for all that is left; null before there is ground for one. */
  readonly secondsLeft: number | null;
}

/** A cell that is under way. */
export interface Running {
  readonly name: string;
  readonly seed: number;
  readonly trial?: Options;
  /** Whether it is a canary of the honesty checks. */
  readonly canary?: true;
  /** Its progress; null before its first report. */
  readonly progress: Progress | null;
}
