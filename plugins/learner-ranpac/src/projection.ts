import type { Random } from "@everlearn/contracts";
import { createRowQueue, type DenseMatrix, type Workspace } from "@everlearn/linear-algebra";
import { log } from "@everlearn/softmax";

/** A projection of features that is drawn once, h = ReLU(Pᵀx) with P's numbers normally distributed. */
export interface Projection {
  /** The number M of what comes out. */
  readonly size: number;
  /** H ← ReLU(X·P) of X's first `rows` rows, at most 128; the same matrix each time. */
  project(x: DenseMatrix, rows: number): DenseMatrix;
  /** Calls `visit` with the projection of each, valid during the call. */
  each(features: readonly Float64Array[], visit: (h: Float64Array, i: number) => void): void;
}

/** Draws P, row by row. */
export function createProjection(workspace: Workspace, features: number, size: number, random: Random): Projection {
  const p = workspace.matrix(features, size);
  const next = normals(random.fork("projection"));
  for (let i = 0; i < features; i++) {
    const row = p.row(i);
    for (let j = 0; j < size; j++) row[j] = next();
  }
  const h = workspace.matrix(128, size);

  function project(x: DenseMatrix, rows: number): DenseMatrix {
    h.clear();
    workspace.addProduct(h, x, p, rows);
    for (let i = 0; i < rows; i++) {
      const row = h.row(i);
      for (let j = 0; j < size; j++) if (row[j] < 0) row[j] = 0;
    }
    return h;
  }

  let [visited, at]: [(own: Float64Array, i: number) => void, number] = [() => {}, 0];
  const queue = createRowQueue(workspace, [features], ([x], rows) => {
    project(x, rows);
    for (let i = 0; i < rows; i++) visited(h.row(i), at++);
  });
  return {
    size,
    project,
    each(all, visit) {
      [visited, at] = [visit, 0];
      for (const x of all) queue.push(x);
      queue.flush();
    },
  };
}

/** Numbers with mean 0 and variance 1 (Marsaglia & Bray 1964), two from each point in the unit circle. */
function normals(random: Random): () => number {
  let kept: number | undefined;
  return () => {
    if (kept !== undefined) {
      const other = kept;
      kept = undefined;
      return other;
    }
    for (;;) {
      const [x, y] = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const scale = Math.sqrt((-2 * log(square)) / square);
      kept = scale * y;
      return scale * x;
    }
  };
}
