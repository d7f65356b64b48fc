import type { Stateful } from "@everlearn/contracts";
import {
  createRowQueue,
  type DenseMatrix,
  setUpper,
  setValues,
  upperOf,
  valuesOf,
  type Workspace,
} from "@everlearn/linear-algebra";

/** A regression of one-hot classes on features. */
export interface Regression extends Stateful {
  /** Adds an example. */
  add(phi: Float64Array, y: number): void;
  /** Brings W up to date. */
  solve(): void;
}

/** G ← G + φφᵀ, A ← A + φ·onehot(y)ᵀ; W = (G + λI)⁻¹A when it is asked for. */
export function byCholesky(workspace: Workspace, w: DenseMatrix, lambda: number): Regression {
  const { rows: size, columns: classes } = w;
  const g = workspace.matrix(size, size);
  const a = workspace.matrix(size, classes);
  const factor = workspace.matrix(size, size);
  const waiting = createRowQueue(workspace, [size, classes], ([phi, onehot], rows) => {
    workspace.addGram(g, phi, rows);
    workspace.addTransposed(a, phi, onehot, { rows });
  });
  let solved = false;
  return {
    add(phi, y) {
      const onehot = new Float64Array(classes);
      onehot[y] = 1;
      waiting.push(phi, onehot);
      solved = false;
    },
    solve() {
      if (solved) return;
      waiting.flush();
      for (let i = 0; i < size; i++) {
        factor.row(i).set(g.row(i));
        factor.row(i)[i] += lambda;
        w.row(i).set(a.row(i));
      }
      if (!workspace.factor(factor))
        throw new RangeError(
          `learner-ridge cannot solve for its weights at lambda ${lambda}; use a larger lambda, or features that are finite and not as large.`,
        );
      workspace.solve(factor, w);
      solved = true;
    },
    save() {
      waiting.flush();
      return { g: upperOf(g), a: valuesOf(a) };
    },
    load(state) {
      const saved = state as { g: Float64Array; a: Float64Array };
      waiting.flush();
      setUpper(g, saved.g);
      setValues(a, saved.a);
      solved = false;
    },
  };
}
