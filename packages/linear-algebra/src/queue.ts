import type { DenseMatrix } from "./matrix.js";
import type { Workspace } from "./workspace.js";

/** Rows that wait until they are many, so that what is done with them is done in one go. */
export interface RowQueue {
  /** Adds a row to each of its matrices. */
  push(...rows: readonly ArrayLike<number>[]): void;
  /** Does now what is to be done with the rows that wait. */
  flush(): void;
}

/**
 * Makes a queue of rows. Sums go on in the order of the rows, so that the bits do not depend on when they are taken.
 * @param columns the number of columns of each matrix that a row is added to
 * @param take is handed the matrices, of which the first `rows` rows count
 * @param capacity how many rows wait at most
 */
export function createRowQueue(
  workspace: Workspace,
  columns: readonly number[],
  take: (matrices: readonly DenseMatrix[], rows: number) => void,
  capacity = 128,
): RowQueue {
  const matrices = columns.map((n) => workspace.matrix(capacity, n));
  let waiting = 0;
  function flush(): void {
    if (waiting > 0) take(matrices, waiting);
    waiting = 0;
  }
  return {
    push(...rows) {
      for (const [i, row] of rows.entries()) matrices[i].row(waiting).set(row);
      waiting++;
      if (waiting === capacity) flush();
    },
    flush,
  };
}

/** The products of n rows with a matrix W, n × W's columns. */
export function productsWith(workspace: Workspace, w: DenseMatrix): (rows: Float64Array) => Float64Array {
  const products = workspace.matrix(128, w.columns);
  let [found, at] = [new Float64Array(0), 0];
  const queue = createRowQueue(workspace, [w.rows], ([x], rows) => {
    products.clear();
    workspace.addProduct(products, x, w, rows);
    for (let i = 0; i < rows; i++, at += w.columns) found.set(products.row(i), at);
  });
  return (rows) => {
    const n = rows.length / w.rows;
    [found, at] = [new Float64Array(n * w.columns), 0];
    for (let i = 0; i < n; i++) queue.push(rows.subarray(i * w.rows, (i + 1) * w.rows));
    queue.flush();
    return found;
  };
}
