import type { Result } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import type { Honesty } from "./honesty.js";
import type { CellStatus, FailureStatus } from "./status.js";
import type { Options } from "./tuning.js";

/** What is kept of a cell's result while its suite runs. */
export type CellResult = Omit<Result, "predictions">;

/** How a cell ended. */
export interface CellEnd {
  readonly name: string;
  readonly seed: number;
  /** Of a trial: the options that it tried. */
  readonly trial?: Options;
  /** Its folder. */
  readonly directory: string;
  readonly status: CellStatus;
  /** Why it is not finished. */
  readonly message?: string;
  /** Where it came to one: without its predictions, which `result.json` holds. */
  readonly result?: CellResult;
  /** Whether it had ended before this call. */
  readonly earlier: boolean;
}

/** What a run's honesty checks came to. */
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

/** What a suite came to. */
export interface BenchReport {
  /** The official cells, in the suite's order; those that did not run, because they were stopped or refused, are missing. */
  readonly cells: readonly CellEnd[];
  /** The trials of searches. */
  readonly trials: readonly CellEnd[];
  readonly refused: readonly Refusal[];
  /** Of the runs whose honesty was checked. */
  readonly checks: readonly CheckEnd[];
  readonly stopped: boolean;
}

/** Where a suite is. */
export interface Overview {
  /** Runs that were planned, of how many: a search's points count each. */
  readonly planned: number;
  readonly runs: number;
  /** Cells that came to an end, in earlier calls too, and those among them that are not finished. */
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
  /** Null before it says anything. */
  readonly progress: Progress | null;
}
