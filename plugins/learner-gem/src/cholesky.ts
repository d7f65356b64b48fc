/** The upper triangle U of D = UᵀU, column by column; undefined where D is not positive definite. */
export function cholesky(D: Float64Array, n: number): Float64Array | undefined {
  const U = D.slice();
  for (let j = 0; j < n; j++) {
    let squares = 0;
    for (let k = 0; k < j; k++) {
      let t = U[j * n + k];
      for (let i = 0; i < k; i++) t -= U[j * n + i] * U[k * n + i];
      t /= U[k * n + k];
      U[j * n + k] = t;
      squares += t * t;
    }
    const rest = U[j * n + j] - squares;
    if (rest <= 0) return undefined;
    U[j * n + j] = Math.sqrt(rest);
  }
  return U;
}

/** The x that minimises ½xᵀUᵀUx + dᵀx. */
export function minimumOf(U: Float64Array, d: readonly number[]): Float64Array {
  const n = d.length;
  const x = Float64Array.from(d, (value) => -value);
  for (let k = 0; k < n; k++) {
    let t = 0;
    for (let i = 0; i < k; i++) t += U[k * n + i] * x[i];
    x[k] = (x[k] - t) / U[k * n + k];
  }
  for (let k = n - 1; k >= 0; k--) {
    x[k] /= U[k * n + k];
    for (let i = 0; i < k; i++) x[i] -= x[k] * U[k * n + i];
  }
  return x;
}

/** U⁻¹, row by row. U is overwritten. */
export function inverse(U: Float64Array, n: number): Float64Array {
  for (let k = 0; k < n; k++) {
    U[k * n + k] = 1 / U[k * n + k];
    for (let i = 0; i < k; i++) U[k * n + i] *= -U[k * n + k];
    for (let j = k + 1; j < n; j++) {
      const t = U[j * n + k];
      U[j * n + k] = 0;
      for (let i = 0; i <= k; i++) U[j * n + i] += t * U[k * n + i];
    }
  }
  const J = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) J[i * n + j] = U[j * n + i];
  return J;
}
