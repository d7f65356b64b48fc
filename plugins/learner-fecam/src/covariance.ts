/**
 * A covariance as FeCAM uses it, on and right of the diagonal, row by row: Σ + γV₁I + γV₂(J − I), where V₁ is the mean variance,
 * V₂ the mean covariance of two features and J is all ones; then, if normalised, each element over both features' deviations. A
 * class that does not vary, such as one of a single example, has the identity.
 * @param scatter (n − 1)Σ, likewise
 */
export function shrunk(
  scatter: Float64Array,
  size: number,
  n: number,
  { shrinkage, normalized }: { readonly shrinkage: number; readonly normalized: boolean },
): Float64Array {
  const covariance = scatter.map((value) => value / Math.max(n - 1, 1));
  const [variance, other] = meansOf(covariance, size);
  if (!(variance > 0)) return identity(size);
  const deviations = new Float64Array(size);
  for (let i = 0, at = 0; i < size; at += size - i, i++)
    deviations[i] = normalized ? Math.sqrt(covariance[at] + shrinkage * variance) : 1;
  for (let i = 0, at = 0; i < size; i++)
    for (let j = i; j < size; j++, at++)
      covariance[at] = (covariance[at] + shrinkage * (i === j ? variance : other)) / (deviations[i] * deviations[j]);
  return covariance;
}

/** The mean of what is on the diagonal, and of what is right of it. */
function meansOf(upper: Float64Array, size: number): [number, number] {
  let [diagonal, others] = [0, 0];
  for (let i = 0, at = 0; i < size; i++)
    for (let j = i; j < size; j++, at++) {
      if (i === j) diagonal += upper[at];
      else others += upper[at];
    }
  return [diagonal / size, size > 1 ? others / ((size * (size - 1)) / 2) : 0];
}

function identity(size: number): Float64Array {
  const upper = new Float64Array((size * (size + 1)) / 2);
  for (let i = 0, at = 0; i < size; at += size - i, i++) upper[at] = 1;
  return upper;
}
