import { type RankedMetric, rankedMetricOf } from "../result.js";
import { isNumber } from "../percent.js";
import type { Interval } from "../statistics/interval.js";
import { mean } from "../statistics/mean.js";
import type { Band } from "../statistics/ranks.js";
import { plainText } from "./plain-text.js";
import { type Trust, trustOf } from "./trust.js";
import type { CellSummary, Run } from "./runs.js";

/** A run in a setting. Accuracies are fractions. */
export interface Row {
  readonly run: Run;
  /** What the run calls itself; characters that could pass for others are written as escapes. */
  readonly label: string;
  /** The learner's plugin, with package and version. */
  readonly plugin: string;
  /** The rank, from 1, the best; equal where nothing separates two runs; null: a preview. */
  readonly rank: number | null;
  /** The range of possible places; null: a preview. */
  readonly band: Band | null;
  /** The number of seeds that everything here is over: the setting's, for a preview all that it has. */
  readonly n: number;
  /** What the score is. */
  readonly metric: RankedMetric;
  /** The metric's mean over seeds; null where one of them has none. A cell that did not finish has the accuracy of guessing. */
  readonly score: number | null;
  /** Student's 95% interval of that mean; null where there is none. */
  readonly interval: Interval | null;
  readonly learningAccuracy: number | null;
  readonly backwardTransferAndInterference: number | null;
  /** The forgetting from the peak (Chaudhry et al. 2018). */
  readonly forgetting: number | null;
  /** The gradients of one example's loss, for each training example of the stream. */
  readonly gradientsPerExample: number | null;
  /** Most bytes of model, buffer and learner. */
  readonly bytes: number | null;
  /** Examples that the buffer holds at most; null where there is no buffer. */
  readonly capacity: number | null;
  /** The number of cells that diverged, and of those that exceeded the budget. */
  readonly diverged: number;
  readonly overBudget: number;
  /** The scores, by seed. */
  readonly scores: ReadonlyMap<number, number>;
  readonly trust: Trust;
  /** Why the run is not compared with others, a sentence each; empty where it is. */
  readonly reasons: readonly string[];
  /** What else readers should know of it, a sentence each. */
  readonly notes: readonly string[];
}

/** Where a run stands among others. */
export interface Standing {
  readonly rank: number | null;
  readonly band: Band | null;
  readonly interval: Interval | null;
}

/** @param cells those that the row is over */
export function rowOf(
  run: Run,
  cells: readonly CellSummary[],
  { rank, band, interval }: Standing,
  said: Pick<Row, "reasons" | "notes">,
): Row {
  const over = (value: (cell: CellSummary) => number | null | undefined) => meanOf(cells.map(value));
  const metric = (name: string) => over((cell) => (cell.status === "finished" ? cell.metrics[name] : null));
  const score = over((cell) => cell.score);
  const ended = (status: string) => cells.filter((cell) => cell.status === status).length;
  return {
    run,
    label: plainText(run.spec.label ?? run.name),
    plugin: pluginOf(run),
    rank,
    band,
    n: cells.length,
    metric: rankedMetricOf(run.spec),
    score,
    interval: score === null ? null : interval,
    learningAccuracy: over((cell) => cell.learningAccuracy),
    backwardTransferAndInterference: metric("backwardTransferAndInterference"),
    forgetting: metric("forgettingFromPeak"),
    gradientsPerExample: over(({ gradients, examples }) =>
      gradients !== null && examples !== null && examples > 0 ? gradients / examples : null,
    ),
    bytes: over(({ bytes }) => bytes),
    capacity: run.spec.buffer?.capacity ?? null,
    diverged: ended("diverged"),
    overBudget: ended("over-budget"),
    scores: scoresOf(cells),
    trust: trustOf(run, cells),
    ...said,
  };
}

/** The learner's plugin as text: "er, @everlearn/learner-er 0.1.0". */
function pluginOf({ spec, plugins }: Run): string {
  const plugin = plugins?.learner;
  const text = plugin
    ? `${plugin.name}, ${plugin.package} ${plugin.version.slice(0, 20)}`
    : `${spec.learner.use}, package not recorded`;
  return plainText(text);
}

export function scoresOf(cells: readonly CellSummary[]): Map<number, number> {
  return new Map(cells.flatMap(({ seed, score }) => (score === null ? [] : [[seed, score]])));
}

/** The mean; null as soon as one value is missing, since the mean of the others would flatter. */
function meanOf(values: readonly (number | null | undefined)[]): number | null {
  return values.length > 0 && values.every(isNumber) ? mean(values) : null;
}
