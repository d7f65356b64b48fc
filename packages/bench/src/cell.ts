import { join } from "node:path";
import { digest } from "@everlearn/digest";
import { readResult, type Result, tidy } from "@everlearn/records";
import type { Candidate, Entry } from "./suite.js";
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
      ...cellOf(entry, entry.candidates[i], seed, out, `tuning/${entry.name}/${trial.id}`),
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
 * The result in a cell's folder, if it has one. What a crash left beside it is removed. @throws RunError where it is
 * another's
 */
export function resultIn({ directory, specId, seed }: SuiteCell): Result | undefined {
  const result = readResult(directory, digest({ specId, seed }));
  if (result) tidy(directory);
  return result;
}
