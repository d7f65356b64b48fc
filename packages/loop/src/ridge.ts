/** A linear classifier by ridge regression on one-hot targets, in closed form. The same bits on every machine. */
export interface Ridge {
  /** Adds an example's features, and the output that is right. */
  add(features: Float32Array, output: number): void;
  /** The output of the highest value among some, or among all; the first of equals. Before any example: the first. */
  answer(features: Float32Array, outputs?: readonly number[]): number;
}

/**
 * W = (ΦᵀΦ + λI)⁻¹ ΦᵀY, where a row of Φ has an example's features and a 1, and λ is a thousandth of ΦᵀΦ's mean diagonal, so
 * that the features' scale does not matter.
 * @param size the number of features
 */
export function createRidge(size: number, outputs: number): Ridge {
  const d = size + 1;
  const gram = new Float64Array(d * d); // ΦᵀΦ, its lower half
  const targets = new Float64Array(d * outputs); // ΦᵀY
  let weights: Float64Array | undefined; // d × outputs
  const at = (features: Float32Array, i: number) => (i < size ? features[i] : 1);

  function solve(): Float64Array {
    let trace = 0;
    for (let i = 0; i < d; i++) trace += gram[i * d + i];
    const lower = gram.slice();
    for (let i = 0; i < d; i++) lower[i * d + i] += (1e-3 * trace) / d;
    factorise(lower, d);
    const w = targets.slice();
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < d; i++) {
        let sum = w[i * outputs + o];
        for (let j = 0; j < i; j++) sum -= lower[i * d + j] * w[j * outputs + o];
        w[i * outputs + o] = sum / lower[i * d + i];
      }
      for (let i = d - 1; i >= 0; i--) {
        let sum = w[i * outputs + o];
        for (let j = i + 1; j < d; j++) sum -= lower[j * d + i] * w[j * outputs + o];
        w[i * outputs + o] = sum / lower[i * d + i];
      }
    }
    return w;
  }

  return {
    add(features, output) {
      weights = undefined;
      for (let i = 0; i < d; i++) {
        const value = at(features, i);
        if (value === 0) continue;
        for (let j = 0; j <= i; j++) gram[i * d + j] += value * at(features, j);
        targets[i * outputs + output] += value;
      }
    },
    answer(features, among) {
      weights ??= solve();
      const values = new Float64Array(outputs);
      for (let i = 0; i < d; i++) {
        const value = at(features, i);
        if (value !== 0) for (let o = 0; o < outputs; o++) values[o] += value * weights[i * outputs + o];
      }
      const own = among ?? Array.from(values, (_, o) => o);
      return own.reduce((best, o) => (values[o] > values[best] ? o : best));
    },
  };
}

/** Replaces the lower half of a positive definite matrix by its Cholesky factor L, with LLᵀ = A. */
function factorise(a: Float64Array, d: number): void {
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * d + j];
      for (let k = 0; k < j; k++) sum -= a[i * d + k] * a[j * d + k];
      a[i * d + j] = i === j ? Math.sqrt(sum) : sum / a[j * d + j];
    }
}
