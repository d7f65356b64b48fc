import { generator } from "./generator.js";
import { mean } from "./mean.js";
import type { Scores } from "./seeds.js";

export interface SignFlip {
  /** The number of pairs: of seeds that both have. */
  readonly n: number;
  /** The mean of first − second over the pairs. */
  readonly difference: number;
  /** The two-sided p-value, in (0, 1]. */
  readonly p: number;
}

export interface SignFlipOptions {
  /** Above 20 pairs: how many sign flips are drawn; at least 1. Default 99,999. */
  readonly draws?: number;
  /** Above 20 pairs: seeds the draws. Default 0. */
  readonly seed?: number;
}

/** The most pairs for which all 2^n flips are counted. */
const exactPairs = 20;

/**
 * The paired sign-flip test, a permutation test (Fisher 1935): if the learners are alike, each difference is as likely as
 * its negative. p is the fraction of all 2^n ways to choose the signs for which the mean difference is, in absolute
 * value, at least the one found; so it is at least 2/2^n. Seeds that only one of the two has are left out.
 *
 * Above 20 pairs, p is (1 + hits)/(1 + draws) over random flips, which is never 0 and keeps the test's level
 * (Phipson & Smyth 2010, arXiv:1603.05766). Sums that differ by less than 1e-12 of the scores' own sum count as equal, since
 * 0.8 − 0.7 and 0.3 − 0.2 are not the same number. Equal arguments give the same bits.
 * @throws RangeError where the two share no seed, a score is not finite, or draws or seed are not such numbers.
 */
export function signFlipTest(first: Scores, second: Scores, options: SignFlipOptions = {}): SignFlip {
  const seeds = [...first.keys()].filter((seed) => second.has(seed)).sort((a, b) => a - b);
  if (seeds.length === 0) throw new RangeError("A paired test needs a seed that both have; these two share none.");
  const scores = (of: Scores): number[] => seeds.map((seed) => of.get(seed) as number);
  return { n: seeds.length, ...pairedTest(scores(first), scores(second), options) };
}

/**
 * The paired sign-flip test of scores that are paired already, one pair or more. @throws RangeError as `signFlipTest`
 */
export function pairedTest(
  ours: readonly number[],
  theirs: readonly number[],
  options: SignFlipOptions = {},
): Omit<SignFlip, "n"> {
  const differences = ours.map((score, i) => score - theirs[i]);
  let [size, sum] = [0, 0];
  for (const score of ours) size += Math.abs(score);
  for (const score of theirs) size += Math.abs(score);
  for (const difference of differences) sum += difference;
  if (!Number.isFinite(size))
    throw new RangeError("A score is not a finite number; give a run that diverged the score of guessing.");
  const least = Math.abs(sum) - 1e-12 * size;
  const p = differences.length <= exactPairs ? exact(differences, least) : estimate(differences, least, options);
  return { difference: mean(differences), p };
}

/**
 * The exact p-value. The sums of each half are sorted and counted in pairs: 2^(n/2) steps instead of 2^n (Horowitz &
 * Sahni 1974).
 */
function exact(differences: readonly number[], least: number): number {
  const half = differences.length >> 1;
  const left = signedSums(differences.slice(0, half)).sort();
  const right = signedSums(differences.slice(half)).sort();
  let count = 0;
  let from = right.length;
  for (const sum of left) {
    while (from > 0 && sum + right[from - 1] >= least) from--;
    count += right.length - from;
  }
  // With each sum there is its negative.
  return Math.min(1, (2 * count) / 2 ** differences.length);
}

function estimate(
  differences: readonly number[],
  least: number,
  { draws = 99_999, seed = 0 }: SignFlipOptions,
): number {
  if (!Number.isSafeInteger(draws) || draws < 1)
    throw new RangeError(`The number of draws is a whole number of at least 1, not ${draws}.`);
  // Eight signs at a time: a byte of the generator chooses among a table's sums.
  const tables = Array.from({ length: Math.ceil(differences.length / 8) }, (_, k) =>
    signedSums(differences.slice(8 * k, 8 * k + 8)),
  );
  const next = generator(seed);
  let hits = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let bits = 0;
    for (let k = 0; k < tables.length; k++) {
      bits = k % 4 === 0 ? next() : bits >>> 8;
      sum += tables[k][bits & (tables[k].length - 1)];
    }
    if (Math.abs(sum) >= least) hits++;
  }
  return (1 + hits) / (1 + draws);
}

/** All 2^k sums ± v₀ ± v₁ …: v_j is subtracted where bit j of the place is set. */
function signedSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(2 ** values.length);
  values.forEach((value, j) => {
    const known = 2 ** j;
    for (let i = 0; i < known; i++) {
      sums[known + i] = sums[i] - value;
      sums[i] += value;
    }
  });
  return sums;
}
