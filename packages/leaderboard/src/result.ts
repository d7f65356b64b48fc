/** What a run found, as far as tables and pictures need it; a run's `result.json` has this shape. */
export interface RunResult {
  /** What ran; results of one name and different seeds belong together. */
  readonly name: string;
  readonly seed: number;
  /** R[i][j]: test accuracy on task j after training on task i, T × T, fractions in [0, 1]. */
  readonly accuracy: readonly (readonly number[])[];
  /** b[j]: test accuracy on task j before any training. */
  readonly initial: readonly number[];
  /** Fractions by name; null where one is not defined. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/**
 * R as rows of numbers; what is not finite (JSON says null) becomes NaN.
 * @throws RangeError where R is empty, is not square or holds a number outside [0, 1].
 */
export function accuracyMatrix({ name, seed, accuracy }: RunResult): number[][] {
  const who = `The accuracy matrix of "${name}", seed ${seed},`;
  if (accuracy.length === 0) throw new RangeError(`${who} is empty; give T × T fractions.`);
  return accuracy.map((row, i) => {
    if (row.length !== accuracy.length)
      throw new RangeError(
        `${who} has ${accuracy.length} rows, but row ${i} has length ${row.length}; give T × T fractions.`,
      );
    return Array.from(row, (value: number | null) => {
      if (value === null || !Number.isFinite(value)) return Number.NaN;
      if (value < 0 || value > 1) throw new RangeError(`${who} holds ${value}; give fractions between 0 and 1.`);
      return value;
    });
  });
}
