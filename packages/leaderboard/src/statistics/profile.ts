import { type BootstrapOptions, bootstrap, checkTable, type ScoreTable } from "./bootstrap.js";
import type { Interval } from "./interval.js";

export interface ProfilePoint {
  /** τ, in the unit of the scores. */
  readonly threshold: number;
  /** The fraction of all runs with a score above τ, in [0, 1]. */
  readonly fraction: number;
  /** Its 95% interval by stratified bootstrap; of each point by itself, not of the curve. */
  readonly interval: Interval;
}

/**
 * The performance profile (run-score distribution; Agarwal et al. 2021, arXiv:2108.13264): for each threshold the fraction
 * of runs, over all settings and seeds, that score above it. Where one learner's curve is above another's, so is every quantile.
 * @param thresholds ascending, such as 0, 0.01 … 1
 * @throws RangeError where thresholds do not ascend, and as `bootstrap`.
 */
export function performanceProfile(
  scores: ScoreTable,
  thresholds: readonly number[],
  options?: BootstrapOptions,
): ProfilePoint[] {
  checkTable(scores);
  const wrong = thresholds.findIndex((threshold, i) => !(threshold > (i === 0 ? -Infinity : thresholds[i - 1])));
  if (wrong >= 0) throw new RangeError(`Thresholds ascend; ${thresholds[wrong]} does not.`);
  // A score matters only by how many thresholds it is above, which is found once instead of in every resample.
  const passed = scores.map((row) => row.map((score) => thresholds.filter((threshold) => score > threshold).length));
  const fractions = (sample: ArrayLike<number>): Float64Array => {
    const found = new Float64Array(thresholds.length);
    for (let i = 0; i < sample.length; i++) if (sample[i] > 0) found[sample[i] - 1]++;
    for (let k = thresholds.length - 2; k >= 0; k--) found[k] += found[k + 1];
    return found.map((count) => count / sample.length);
  };
  const intervals = bootstrap(passed, fractions, options);
  const found = fractions(passed.flat());
  return thresholds.map((threshold, k) => ({ threshold, fraction: found[k], interval: intervals[k] }));
}
