import { generator } from "./generator.js";
import { mean } from "./mean.js";

/** The most seeds for which all 2^n flips are counted. */
const exactSeeds = 12;
/** The number of flips that are drawn for more seeds. */
const draws = 9_999;

/**
 * p-values of the paired sign-flip tests of all pairs of learners, each corrected for all of them: Westfall and Young's
 * step-down maxT (Westfall & Young 1993, Resampling-Based Multiple Testing, algorithm 4.1; Romano & Wolf 2005). Under the
 * hypothesis that learners are alike, all their differences at one seed may change sign *together*, whatever they have to
 * do with each other. So each flip of the seeds gives one largest statistic of all tests, and a test's p is the fraction
 * of flips whose largest reaches its own: the tests are corrected for what they really add up to. Holm's correction
 * multiplies instead, and at ten seeds, where the smallest p is 2/1024, cannot separate any two of eight or more learners.
 *
 * The statistic is |Σd| / √(Σd²), which orders as Student's t does. Up to 12 seeds all flips are counted, above 9,999 are
 * drawn, the found one among them. Statistics that differ by less than 1e-9 count as equal. Equal arguments give the same
 * bits. Time: flips × pairs.
 * @param scores for each learner its scores, by seed: all of one length n ≥ 1, and finite
 * @returns for each pair (0, 1), (0, 2) … (1, 2) … its corrected p, in (0, 1]
 */
export function jointSignFlip(scores: readonly (readonly number[])[]): number[] {
  const n = scores[0]?.length ?? 0;
  // What learners share at a seed does not change differences; without it, rounding hardly does either.
  const shared = Array.from({ length: n }, (_, seed) => mean(scores.map((values) => values[seed])));
  const centred = scores.map((values) => values.map((value, seed) => value - shared[seed]));
  const pairs = centred.flatMap((first, a) =>
    centred.slice(a + 1).map((second, k) => {
      const differences = first.map((value, seed) => value - second[seed]);
      const norm = Math.sqrt(differences.reduce((sum, value) => sum + value * value, 0));
      const scale = norm > 0 ? 1 / norm : 0;
      return { a, b: a + 1 + k, scale, found: scale * Math.abs(differences.reduce((sum, value) => sum + value, 0)) };
    }),
  );
  const order = pairs.map((_, pair) => pair).sort((x, y) => pairs[y].found - pairs[x].found);
  const descending = order.map((pair) => pairs[pair]);
  const [a, b] = [Int32Array.from(descending, ({ a }) => a), Int32Array.from(descending, ({ b }) => b)];
  const scale = Float64Array.from(descending, ({ scale }) => scale);
  const reached = Float64Array.from(descending, ({ found }) => found - 1e-9);
  const hits = new Float64Array(order.length);
  const sums = new Float64Array(scores.length);
  let flips = 0;

  /** Counts, for each pair, whether the largest statistic of it and all below it reaches the one found. */
  function count(signs: Int8Array): void {
    flips++;
    centred.forEach((values, learner) => {
      let sum = 0;
      for (let seed = 0; seed < n; seed++) sum += signs[seed] * values[seed];
      sums[learner] = sum;
    });
    let largest = 0;
    for (let place = order.length - 1; place >= 0; place--) {
      const statistic = scale[place] * Math.abs(sums[a[place]] - sums[b[place]]);
      if (statistic > largest) largest = statistic;
      if (largest >= reached[place]) hits[place]++;
    }
  }

  for (const signs of n <= exactSeeds ? allFlips(n) : drawnFlips(n)) count(signs);
  const corrected = new Array<number>(order.length);
  let least = 0;
  order.forEach((pair, place) => {
    least = Math.max(least, hits[place] / flips);
    corrected[pair] = least;
  });
  return corrected;
}

/** All sign flips, but only one of each pair of opposites, which give the same statistics. */
function* allFlips(n: number): Generator<Int8Array> {
  const signs = new Int8Array(n);
  for (let flip = 0; flip < 2 ** Math.max(0, n - 1); flip++) {
    for (let seed = 0; seed < n; seed++) signs[seed] = seed > 0 && (flip >> (seed - 1)) & 1 ? -1 : 1;
    yield signs;
  }
}

/** The signs that were observed, then flips drawn at random. */
function* drawnFlips(n: number): Generator<Int8Array> {
  const next = generator(0);
  const signs = new Int8Array(n).fill(1);
  yield signs;
  for (let draw = 0; draw < draws; draw++) {
    let bits = 0;
    for (let seed = 0; seed < n; seed++) {
      bits = seed % 32 === 0 ? next() : bits >>> 1;
      signs[seed] = bits & 1 ? -1 : 1;
    }
    yield signs;
  }
}
