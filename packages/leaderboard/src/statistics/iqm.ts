import { type BootstrapOptions, bootstrap, type ScoreTable } from "./bootstrap.js";
import type { Interval } from "./interval.js";

/**
 * The interquartile mean: the mean of the middle half of the values, those of which a part lies within it with the
 * weight of that part. Less is lost to outliers than in a mean, less of the data than in a median (Agarwal et al. 2021,
 * arXiv:2108.13264). Where the number of values is a multiple of four it is the 25% trimmed mean that their library
 * rliable takes; else rliable cuts a whole number of values, rounded down, and keeps somewhat more than half.
 * @throws RangeError where there are no values, or one is not finite.
 */
export function iqm(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0 || !sorted.every(Number.isFinite))
    throw new RangeError("An interquartile mean is of one or more finite numbers; give each run a score.");
  return iqmOfSorted(sorted);
}

function iqmOfSorted(sorted: Float64Array): number {
  const from = sorted.length / 4;
  const to = sorted.length - from;
  const lowest = sorted[Math.floor(from)];
  let sum = 0;
  for (let i = Math.floor(from); i < to; i++) sum += (Math.min(i + 1, to) - Math.max(i, from)) * (sorted[i] - lowest);
  return lowest + sum / (to - from);
}

/**
 * The interquartile mean over all settings and seeds, with its 95% interval by stratified bootstrap.
 * @throws RangeError as `bootstrap`.
 */
export function aggregateIqm(scores: ScoreTable, options?: BootstrapOptions): { iqm: number; interval: Interval } {
  const all = scores.flat();
  const found = iqm(all);
  // What is drawn are places among the sorted scores: to count them is to sort a sample, in a fraction of the time.
  const order = [...all.keys()].sort((a, b) => all[a] - all[b]);
  const sorted = Float64Array.from(order, (i) => all[i]);
  const placeOf = new Uint32Array(all.length);
  order.forEach((i, place) => (placeOf[i] = place));
  let next = 0;
  const places = scores.map((row) => row.map(() => placeOf[next++]));
  const counts = new Uint32Array(sorted.length);
  const again = new Float64Array(sorted.length);
  const [interval] = bootstrap(
    places,
    (sample) => {
      counts.fill(0);
      for (let i = 0; i < sample.length; i++) counts[sample[i]]++;
      for (let place = 0, at = 0; place < counts.length; place++)
        for (let count = counts[place]; count > 0; count--) again[at++] = sorted[place];
      return [iqmOfSorted(again)];
    },
    options,
  );
  return { iqm: found, interval };
}
