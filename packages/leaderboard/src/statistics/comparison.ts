import { holm } from "./holm.js";
import { jointSignFlip } from "./joint.js";
import { type Entry, level } from "./seeds.js";
import { pairedTest } from "./sign-flip.js";

/** The comparison of two entries of one setting. */
export interface Comparison {
  readonly first: string;
  readonly second: string;
  /** The mean of first − second over the compared seeds. */
  readonly difference: number;
  /** The p-value of the paired sign-flip test, two-sided. */
  readonly p: number;
  /** This p-value after Holm's correction over all comparisons of the setting. */
  readonly holm: number;
  /** The p-value of the joint sign-flip test of all comparisons of the setting, on which separation is based. */
  readonly adjusted: number;
  /** Whether adjusted < 0.05 and |difference| ≥ the minimum effect. */
  readonly separated: boolean;
}

/** Compares all pairs over the seeds, (0, 1), (0, 2) … (1, 2) …; each entry has a score for each seed. */
export function comparisonsOf(
  entries: readonly Entry[],
  seeds: readonly number[],
  minimumEffect: number,
): Comparison[] {
  const scores = entries.map((entry) => seeds.map((seed) => entry.scores.get(seed) as number));
  const tests = entries.flatMap((first, i) =>
    entries.slice(i + 1).map((second, k) => {
      const { difference, p } = pairedTest(scores[i], scores[i + 1 + k]);
      return { first: first.name, second: second.name, difference, p };
    }),
  );
  const corrected = holm(tests.map(({ p }) => p));
  const adjusted = jointSignFlip(scores);
  return tests.map((test, i) => ({
    ...test,
    holm: corrected[i],
    adjusted: adjusted[i],
    separated: isSeparated(adjusted[i], test.difference, minimumEffect),
  }));
}

/**
 * Whether two entries are separated. Without the slack, rounding would decide where a difference equals the minimum
 * effect, as 0.8 − 0.7 does 0.1.
 */
export function isSeparated(adjusted: number, difference: number, minimumEffect: number): boolean {
  return adjusted < level && Math.abs(difference) >= minimumEffect - 1e-12;
}
