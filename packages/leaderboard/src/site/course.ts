import { inOrder } from "../result.js";

/** The course of a run as R shows it. */
export interface Course {
  /** The tasks of each experience. */
  readonly tasks: readonly (readonly number[])[];
  /** Whether experience i is task i, for all of them. */
  readonly ordered: boolean;
  /** By task, the experience in which it first came; −1 where it never did. */
  readonly learned: readonly number[];
  /** After each experience, the mean accuracy on the tasks so far; NaN where one of them was not evaluated. */
  readonly soFar: readonly number[];
  /** After each experience but the first, the mean over the earlier tasks of their best accuracy since they came − that now (Chaudhry et al. 2018). */
  readonly forgetting: readonly number[];
}

/** @param accuracy R, NaN where it was not evaluated. @param tasks null: one each, in order. */
export function courseOf(
  accuracy: readonly (readonly number[])[],
  tasks: readonly (readonly number[])[] | null,
): Course {
  const columns = accuracy[0].length;
  const given = tasks ?? accuracy.map((_, i) => (i < columns ? [i] : []));
  const learned = Array.from({ length: columns }, (_, j) => given.findIndex((own) => own.includes(j)));
  const before = (i: number) => [...learned.keys()].filter((j) => learned[j] >= 0 && learned[j] < i);
  // best[i][j]: on task j from when it came to before experience i.
  const best = accuracy.map(() => new Array<number>(columns).fill(-Infinity));
  for (let i = 1; i < accuracy.length; i++)
    for (let j = 0; j < columns; j++)
      if (learned[j] >= 0 && learned[j] < i) best[i][j] = Math.max(best[i - 1][j], accuracy[i - 1][j]);
  return {
    tasks: given,
    ordered: inOrder(
      given.map((own) => (own.length === 1 ? own[0] : null)),
      columns,
    ),
    learned,
    soFar: accuracy.map((row, i) => mean(before(i + 1).map((j) => row[j]))),
    forgetting: accuracy.map((row, i) => mean(before(i).map((j) => best[i][j] - row[j]))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
