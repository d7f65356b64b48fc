/**
 * The arithmetic mean. It does not depend on the order of the values, and that of equal values is that value, to the bit.
 * @throws RangeError where there are no values, or one is not finite.
 */
export function mean(values: readonly number[]): number {
  const ascending = sorted(values);
  const lowest = ascending[0];
  return lowest + ascending.reduce((sum, value) => sum + (value - lowest), 0) / values.length;
}

/**
 * The sample standard deviation (n − 1), in the unit of the values; null for a single value.
 * @throws RangeError where there are no values, or one is not finite.
 */
export function standardDeviation(values: readonly number[]): number | null {
  const centre = mean(values);
  if (values.length === 1) return null;
  const squares = sorted(values).reduce((sum, value) => sum + (value - centre) * (value - centre), 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Sorts values, so that sums do not depend on which seed had which value. */
function sorted(values: readonly number[]): Float64Array {
  if (values.length === 0) throw new RangeError("There is no mean of no values; give at least one.");
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined)
    throw new RangeError(`A mean is of finite numbers, not ${wrong}; give a run that diverged the score of guessing.`);
  return Float64Array.from(values).sort();
}
