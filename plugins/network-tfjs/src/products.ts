/**
 * out ← a b, of few rows: a b that changed has to be packed anew for the backend's own product, which for a single row costs
 * twenty times as much as walking it once. What is 0 in `a`, such as ink that is not there and units that are off, costs
 * nothing.
 * @param a [rows, inner]
 * @param b [inner, columns]
 */
export function multiplyFew(a: Float32Array, b: Float32Array, out: Float32Array, rows: number, columns: number): void {
  const inner = a.length / rows;
  out.fill(0);
  for (let row = 0; row < rows; row++) {
    const into = row * columns;
    for (let k = 0; k < inner; k++) {
      const value = a[row * inner + k];
      if (value === 0) continue;
      const from = k * columns;
      for (let j = 0; j < columns; j++) out[into + j] += value * b[from + j];
    }
  }
}

/**
 * out ← a bᵀ, of few rows.
 * @param a [rows, inner]
 * @param b [columns, inner]
 */
export function multiplyFewTransposed(
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  rows: number,
  columns: number,
): void {
  const inner = a.length / rows;
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[row * inner + k] * b[j * inner + k];
      out[row * columns + j] = sum;
    }
}

/** Adds a bias to each row; where `relu`, takes what is negative for 0. */
export function addBias(out: Float32Array, bias: Float32Array, relu: boolean): void {
  for (let i = 0, j = 0; i < out.length; i++) {
    const value = out[i] + bias[j];
    out[i] = relu && value < 0 ? 0 : value; // NaN stays NaN
    if (++j === bias.length) j = 0;
  }
}
