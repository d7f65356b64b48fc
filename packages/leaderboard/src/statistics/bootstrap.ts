import { generator } from "./generator.js";
import type { Interval } from "./interval.js";

/** S settings × N seeds, of one learner; settings on a common scale, such as accuracies. */
export type ScoreTable = readonly (readonly number[])[];

export interface BootstrapOptions {
  /** The number of resamples, at least 1. Default 2000. */
  readonly resamples?: number;
  /** Seeds the draws. Default 0. */
  readonly seed?: number;
}

/**
 * 95% intervals by percentile bootstrap, stratified as in rliable (Agarwal et al. 2021, arXiv:2108.13264): each resample
 * draws N scores with replacement within each setting. With one setting and few seeds it is too narrow (over 10 seeds it
 * holds a mean in about 90%): for a single setting's mean take `meanInterval`. Equal arguments give the same bits.
 * @param statistics Of S·N scores, setting after setting, any number of values. The array is used again: do not keep it.
 * @returns an interval for each of the values
 * @throws RangeError where settings are missing or differ in their number of seeds, a score is not finite, or resamples or seed are not such numbers.
 */
export function bootstrap(
  scores: ScoreTable,
  statistics: (sample: Float64Array) => ArrayLike<number>,
  { resamples = 2000, seed = 0 }: BootstrapOptions = {},
): Interval[] {
  if (!Number.isSafeInteger(resamples) || resamples < 1)
    throw new RangeError(`The number of resamples is a whole number of at least 1, not ${resamples}.`);
  checkTable(scores);
  const next = generator(seed);
  const sample = new Float64Array(scores.length * scores[0].length);
  const drawn = Array.from({ length: resamples }, () => {
    let at = 0;
    // A fraction of N, rounded down; the bias of less than N/2³² is below all that matters.
    for (const row of scores)
      for (let i = 0; i < row.length; i++) sample[at++] = row[Math.floor((next() / 2 ** 32) * row.length)];
    return statistics(sample);
  });
  return Array.from(drawn[0], (_, k) => {
    const sorted = Float64Array.from(drawn, (values) => values[k]).sort();
    return { lower: quantile(sorted, 0.025), upper: quantile(sorted, 0.975) };
  });
}

/** @throws RangeError where settings are missing or differ in their number of seeds, or a score is not finite. */
export function checkTable(scores: ScoreTable): void {
  const seeds = scores[0]?.length ?? 0;
  if (seeds === 0) throw new RangeError("There is nothing to draw from; give one setting or more, each with scores.");
  scores.forEach((row, i) => {
    if (row.length !== seeds)
      throw new RangeError(
        `Setting ${i} has ${row.length} scores, setting 0 has ${seeds}; give the same seeds to each.`,
      );
    const wrong = row.find((score) => !Number.isFinite(score));
    if (wrong !== undefined)
      throw new RangeError(`Setting ${i} has the score ${wrong}; give a run that diverged the score of guessing.`);
  });
}

/** A quantile, interpolated linearly between two values (Hyndman & Fan 1996, type 7). */
function quantile(sorted: Float64Array, fraction: number): number {
  const place = fraction * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}
