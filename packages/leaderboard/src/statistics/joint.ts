import { generator } from "./generator.js";

/** Up to so many pairs of scores all 2^n flips are counted. */
const exactPairs = 12;
/** Above: how many are drawn. */
const draws = 9_999;

/**
 * p-values of many paired sign-flip tests at once, each corrected for all of them: Westfall and Young's step-down maxT
 * (Westfall & Young 1993, Resampling-Based Multiple Testing, algorithm 4.1; Romano & Wolf 2005). Under the hypothesis that
 * learners are alike, all differences at one seed may change their sign *together*, whatever they have to do with each
 * other. So each flip of the seeds gives one largest statistic of all tests, and a test's p is the fraction of flips whose
 * largest reaches its own: the tests are corrected for what they really add up to. Holm's correction multiplies instead,
 * and at ten seeds, where the smallest p is 2/1024, cannot separate any two of eight or more learners.
 *
 * The statistic is |Σd| / √(Σd²), which orders as Student's t does. Up to 12 seeds all flips are counted, above 9,999 are
 * drawn, the found one among them. Sums that differ by less than 1e-9 count as equal. Equal arguments give the same bits.
 * @param differences for each test its differences, by seed: all of one length n ≥ 1, and finite
 * @returns for each test its corrected p, in (0, 1]
 */
export function jointSignFlip(differences: readonly (readonly number[])[]): number[] {
  const n = differences[0]?.length ?? 0;
  const scaled = differences.map((values) => {
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return values.map((value) => (norm > 0 ? value / norm : 0));
  });
  const found = scaled.map((values) => Math.abs(values.reduce((sum, value) => sum + value, 0)));
  const order = found.map((_, test) => test).sort((a, b) => found[b] - found[a]);
  const hits = new Float64Array(order.length);
  const signs = new Int8Array(n);
  let flips = 0;

  /** Counts, for each test, whether the largest statistic of it and all below it reaches the one found. */
  function count(): void {
    flips++;
    let largest = 0;
    for (let place = order.length - 1; place >= 0; place--) {
      const values = scaled[order[place]];
      let sum = 0;
      for (let seed = 0; seed < n; seed++) sum += signs[seed] * values[seed];
      largest = Math.max(largest, Math.abs(sum));
      if (largest >= found[order[place]] - 1e-9) hits[place]++;
    }
  }

  if (n <= exactPairs)
    // The first sign stays: all signs changed give the same statistics.
    for (let flip = 0; flip < 2 ** Math.max(0, n - 1); flip++) {
      for (let seed = 0; seed < n; seed++) signs[seed] = seed > 0 && (flip >> (seed - 1)) & 1 ? -1 : 1;
      count();
    }
  else {
    const next = generator(0);
    signs.fill(1);
    count();
    for (let draw = 0; draw < draws; draw++) {
      let bits = 0;
      for (let seed = 0; seed < n; seed++) {
        bits = seed % 32 === 0 ? next() : bits >>> 1;
        signs[seed] = bits & 1 ? -1 : 1;
      }
      count();
    }
  }

  const corrected = new Array<number>(order.length);
  let least = 0;
  order.forEach((test, place) => {
    least = Math.max(least, hits[place] / flips);
    corrected[test] = least;
  });
  return corrected;
}
