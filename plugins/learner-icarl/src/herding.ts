/** Splits features into `count` vectors and scales each to length 1; a vector of zeros stays as it is. */
export function normalised(features: Float32Array, count: number): Float64Array[] {
  const all = Float64Array.from(features);
  const size = all.length / count;
  return Array.from({ length: count }, (_, i) => unit(all.subarray(i * size, (i + 1) * size)));
}

/** Scales a vector to length 1, in place. */
function unit(vector: Float64Array): Float64Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const norm = Math.sqrt(square) || 1;
  for (let j = 0; j < vector.length; j++) vector[j] /= norm;
  return vector;
}

/** The mean of some vectors, scaled to length 1. */
export function mean(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  for (const vector of vectors) for (let j = 0; j < sum.length; j++) sum[j] += vector[j];
  return unit(sum);
}

/** Σ (a − b)² */
export function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

/** Σ a · b, in four sums that do not wait for one another. */
function dot(a: Float64Array, b: Float64Array): number {
  const whole = a.length - (a.length % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let j = 0; j < whole; j += 4) {
    s0 += a[j] * b[j];
    s1 += a[j + 1] * b[j + 1];
    s2 += a[j + 2] * b[j + 2];
    s3 += a[j + 3] * b[j + 3];
  }
  for (let j = whole; j < a.length; j++) s0 += a[j] * b[j];
  return s0 + s1 + (s2 + s3);
}

/**
 * Chooses up to `count` vectors, none twice, and returns their places (Algorithm 4 of Rebuffi et al. 2017). Each choice
 * brings the mean of those chosen so far, scaled to length 1, nearest to the mean μ of all (the first of equals), so that
 * for any m the first m represent all. With s the sum of those chosen, ‖μ − (s + v)/‖s + v‖‖² = 2 − 2 μ·(s + v)/‖s + v‖:
 * when s grows, each v's inner products change by one product.
 */
export function herding(vectors: readonly Float64Array[], count: number): number[] {
  const mu = mean(vectors);
  const toMean = Float64Array.from(vectors, (v) => dot(mu, v));
  const squares = Float64Array.from(vectors, (v) => dot(v, v));
  const toSum = new Float64Array(vectors.length); // s · v
  let [sumToMean, sumSquare] = [0, 0]; // μ · s, ‖s‖²
  const left = [...vectors.keys()];
  const chosen: number[] = [];
  while (chosen.length < count && left.length > 0) {
    let [place, least] = [0, Infinity];
    for (let k = 0; k < left.length; k++) {
      const i = left[k];
      const own = sumSquare + 2 * toSum[i] + squares[i];
      const apart = own > 0 ? 2 - (2 * (sumToMean + toMean[i])) / Math.sqrt(own) : 1; // 1: zeros stay zeros
      if (apart < least) [place, least] = [k, apart];
    }
    const [best] = left.splice(place, 1);
    chosen.push(best);
    sumToMean += toMean[best];
    sumSquare = sumSquare + 2 * toSum[best] + squares[best];
    for (const i of left) toSum[i] += dot(vectors[best], vectors[i]);
  }
  return chosen;
}
