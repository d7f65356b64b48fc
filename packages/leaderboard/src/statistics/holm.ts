/**
 * Holm's adjusted p-values (Holm 1979, A simple sequentially rejective multiple test procedure), in the order given: the
 * k-th smallest of m is multiplied by m − k + 1, none is less than a smaller one's, none above 1. Rejecting where the
 * adjusted p is below 0.05 makes one false rejection or more in at most 5% of families, however the tests depend on each other.
 * @throws RangeError where a p is not in [0, 1].
 */
export function holm(p: readonly number[]): number[] {
  const wrong = p.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) throw new RangeError(`A p-value is between 0 and 1, not ${wrong}.`);
  const adjusted = p.map(() => 0);
  let highest = 0;
  const ascending = p.map((_, at) => at).sort((a, b) => p[a] - p[b]);
  ascending.forEach((at, k) => {
    highest = Math.max(highest, (p.length - k) * p[at]);
    adjusted[at] = Math.min(1, highest);
  });
  return adjusted;
}
