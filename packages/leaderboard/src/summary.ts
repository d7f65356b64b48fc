import { isNumber } from "./percent.js";
import { metricOf, type RankedMetric, type RunResult } from "./result.js";

/** One metric over the seeds of a name. */
export interface MetricSummary {
  /** The mean, a fraction; null as soon as one seed lacks the metric: the mean of the survivors would flatter. */
  readonly mean: number | null;
  /** The sample standard deviation (n − 1), a fraction; null where the mean is null or there is only one seed. */
  readonly standardDeviation: number | null;
  /** The number of seeds whose value is null, absent or not finite. */
  readonly missing: number;
}

/** The results of one name over its seeds. */
export interface SummaryRow {
  readonly name: string;
  /** The number of seeds. */
  readonly n: number;
  /** The seeds, ascending. */
  readonly seeds: readonly number[];
  readonly retainedAccuracy: MetricSummary;
  readonly learningAccuracy: MetricSummary;
  readonly backwardTransferAndInterference: MetricSummary;
  readonly forwardTransfer: MetricSummary;
  readonly prequentialAccuracy: MetricSummary;
}

/**
 * A row for each name, by mean retained accuracy (prequential accuracy where none has one), lowest first; equals by name, and last those without a mean.
 * The order of the results does not matter.
 * @throws RangeError where a name has the same seed twice, which would count one run as two.
 */
export function summary(results: readonly RunResult[]): SummaryRow[] {
  const groups = new Map<string, RunResult[]>();
  for (const result of results) groups.set(result.name, [...(groups.get(result.name) ?? []), result]);
  const rows = Array.from(groups, ([name, group]) => row(name, group));
  const metric = rankedMetricOfRows(rows);
  return rows.sort((a, b) => place(a, metric) - place(b, metric) || (a.name < b.name ? -1 : 1));
}

/** What rows are ordered by: the retained accuracy, or, where none of them has one, the prequential accuracy. */
export function rankedMetricOfRows(rows: readonly SummaryRow[]): RankedMetric {
  const has = (metric: RankedMetric) => rows.some((row) => row[metric].mean !== null);
  return !has("retainedAccuracy") && has("prequentialAccuracy") ? "prequentialAccuracy" : "retainedAccuracy";
}

function row(name: string, group: readonly RunResult[]): SummaryRow {
  const seeds = group.map(({ seed }) => seed).sort((a, b) => a - b);
  const twice = seeds.find((seed, i) => i > 0 && seed === seeds[i - 1]);
  if (twice !== undefined)
    throw new RangeError(`"${name}" has two results of seed ${twice}; give one result for each name and seed.`);
  const over = (metric: string): MetricSummary => spread(group.map((result) => metricOf(result, metric)));
  return {
    name,
    n: seeds.length,
    seeds,
    retainedAccuracy: over("retainedAccuracy"),
    learningAccuracy: over("learningAccuracy"),
    backwardTransferAndInterference: over("backwardTransferAndInterference"),
    forwardTransfer: over("forwardTransfer"),
    prequentialAccuracy: over("prequentialAccuracy"),
  };
}

function spread(values: readonly (number | null | undefined)[]): MetricSummary {
  // Sorted, so that the sums, and with them ties, do not depend on which seed had which value.
  const present = values.filter(isNumber).sort((a, b) => a - b);
  const n = values.length;
  const missing = n - present.length;
  if (missing > 0) return { mean: null, standardDeviation: null, missing };
  const mean = present.reduce((sum, value) => sum + value, 0) / n;
  const squares = present.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, standardDeviation: n > 1 ? Math.sqrt(squares / (n - 1)) : null, missing };
}

/**
 * The mean of what runs are ranked by, in units of 1e-12, which makes equal what only rounding tells apart; beyond all
 * without one.
 */
export function place(row: SummaryRow, metric: RankedMetric = "retainedAccuracy"): number {
  const { mean } = row[metric];
  return mean === null ? Number.MAX_VALUE : Math.round(mean * 1e12);
}
