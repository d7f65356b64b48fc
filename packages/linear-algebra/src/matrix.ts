/** A matrix of float64 in a workspace, row by row. Its rows are padded with zeros, which stay zeros. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Where it begins, in bytes. */
  readonly address: number;
  /** From one row to the next, in bytes. */
  readonly stride: number;
  /** Row i, a view that holds until the workspace makes another matrix. */
  row(i: number): Float64Array;
  /** All ← 0. */
  clear(): void;
}

/** The numbers on and right of a square matrix's diagonal, row by row: what a symmetric one is kept as. */
export function upperOf(a: DenseMatrix): Float64Array {
  const upper = new Float64Array((a.rows * (a.rows + 1)) / 2);
  for (let i = 0, at = 0; i < a.rows; at += a.rows - i, i++) upper.set(a.row(i).subarray(i), at);
  return upper;
}

/** Takes back what `upperOf` gave; what is left of the diagonal stays as it is. */
export function setUpper(a: DenseMatrix, upper: Float64Array): void {
  for (let i = 0, at = 0; i < a.rows; at += a.rows - i, i++) a.row(i).set(upper.subarray(at, at + a.rows - i), i);
}

/** All numbers of a matrix, row by row. */
export function valuesOf(a: DenseMatrix): Float64Array {
  const values = new Float64Array(a.rows * a.columns);
  for (let i = 0; i < a.rows; i++) values.set(a.row(i), i * a.columns);
  return values;
}

/** Takes back what `valuesOf` gave. */
export function setValues(a: DenseMatrix, values: Float64Array): void {
  for (let i = 0; i < a.rows; i++) a.row(i).set(values.subarray(i * a.columns, (i + 1) * a.columns));
}
