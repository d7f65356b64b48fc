import { existsSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import {
  DamagedError,
  makeFolder,
  readResult,
  type Result,
  runFiles,
  sealOf,
  tidy,
  writeResult,
} from "@everlearn/records";
import type { Candidate, Entry } from "./suite.js";
import type { CellEnding } from "./status.js";
import type { Point } from "./tuning.js";

/** One run of a suite at one seed. */
export interface SuiteCell {
  readonly entry: Entry;
  readonly candidate: Candidate;
  /** Of a trial: the point that it tries. */
  readonly trial?: Point;
  /** Of an official cell: the seal of the trials by which its options were chosen. */
  readonly tuning?: string;
  readonly seed: number;
  /** Its folder. */
  readonly directory: string;
  readonly path: string;
  readonly specId: string;
  readonly learner: string;
  /** Training examples. */
  readonly examples: number;
}

/** The official cells of a run with one choice of its options. */
export function officialCells(entry: Entry, candidate: Candidate, out: string, tuning?: string): SuiteCell[] {
  return entry.seeds.map((seed) => ({
    ...cellOf(entry, candidate, seed, out, entry.name),
    ...(tuning === undefined ? {} : { tuning }),
  }));
}

/** What is to be tried before the options of a run are chosen. */
export function trialCells(entry: Entry, out: string): SuiteCell[] {
  const { search, points } = entry.tuning ?? { search: { seeds: [] }, points: [] };
  return points.flatMap((trial, i) =>
    search.seeds.map((seed) => ({
      ...cellOf(entry, entry.trials[i], seed, out, `tuning/${entry.name}/${trial.id}`),
      trial,
    })),
  );
}

function cellOf(entry: Entry, candidate: Candidate, seed: number, out: string, folder: string): SuiteCell {
  const { spec, specId, examples } = candidate.planned;
  const path = `${folder}/seed-${seed}`;
  return { entry, candidate, seed, directory: join(out, path), path, specId, learner: spec.learner.use, examples };
}

/**
 * The result in a cell's folder, if it has one. What a crash left beside it is removed.
 * @throws DamagedError where it is damaged, RunError where it is another's
 */
function resultIn({ directory, specId, seed, candidate }: SuiteCell): Result | undefined {
  const result = readResult(directory, { ...candidate.planned, seed, cellId: digest({ specId, seed }) });
  if (result) tidy(directory);
  return result;
}

/** How a cell ended, by what lies in its folder; undefined where there is no result. @throws RunError where that is another's */
export function endingIn(cell: SuiteCell): CellEnding | undefined {
  try {
    const result = resultIn(cell);
    return result && { status: result.status, result };
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    return { status: "damaged", message: error.message };
  }
}

/**
 * How a cell ended that an executor has run. What counts is the result in the cell's folder, sealed and checked. Of a cell that
 * ran elsewhere the result is all that comes back: it is put where it would lie if the cell had run here.
 */
export function endingOf(cell: SuiteCell, outcome: CellEnding): CellEnding {
  const { directory, path } = cell;
  try {
    if ("result" in outcome && !existsSync(join(directory, runFiles.result))) {
      const { result } = outcome;
      if (result.seal !== sealOf(result))
        return {
          status: "failed",
          message: `The result of ${path} was changed on its way here: its seal does not match.`,
        };
      makeFolder(directory);
      writeResult(directory, result);
    }
    return endingIn(cell) ?? outcome;
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return { status: "failed", message: error.message };
  }
}
