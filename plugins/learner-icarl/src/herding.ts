/** The vectors of features, one after the other, each brought to length 1; a vector of zeros stays. */
export function normalised(features: Float32Array, count: number): Float64Array[] {
  const size = features.length / count;
  return Array.from({ length: count }, (_, i) => unit(Float64Array.from(features.subarray(i * size, (i + 1) * size))));
}

function unit(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}

/** The mean of some vectors, brought to length 1. */
export function mean(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  for (const vector of vectors) vector.forEach((value, j) => (sum[j] += value));
  return unit(sum);
}

/** Σ (a − b)² */
export function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

/**
 * Algorithm 4 of Rebuffi et al. 2017: the places of up to `count` vectors, each chosen to bring the mean of those chosen so
 * far nearest to the mean of all (the first of equals, none twice), so that for any m the first m stand for all.
 */
export function herding(vectors: readonly Float64Array[], count: number): number[] {
  const goal = mean(vectors);
  const sum = new Float64Array(goal.length);
  const left = new Set(vectors.keys());
  const chosen: number[] = [];
  while (chosen.length < count && left.size > 0) {
    let [best, least] = [-1, Infinity];
    for (const i of left) {
      const apart = distanceWith(goal, sum, vectors[i]);
      if (apart < least) [best, least] = [i, apart];
    }
    vectors[best].forEach((value, j) => (sum[j] += value));
    left.delete(best);
    chosen.push(best);
  }
  return chosen;
}

/** The distance of `goal` to sum + vector brought to length 1: the inner loop, without arrays of its own. */
function distanceWith(goal: Float64Array, sum: Float64Array, vector: Float64Array): number {
  let square = 0;
  for (let j = 0; j < sum.length; j++) square += (sum[j] + vector[j]) * (sum[j] + vector[j]);
  const norm = Math.sqrt(square) || 1;
  let apart = 0;
  for (let j = 0; j < sum.length; j++) {
    const d = goal[j] - (sum[j] + vector[j]) / norm;
    apart += d * d;
  }
  return apart;
}
