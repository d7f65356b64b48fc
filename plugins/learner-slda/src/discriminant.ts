import { createRowQueue, createWorkspace, productsWith, setUpper, upperOf } from "@everlearn/linear-algebra";

/** A linear discriminant of classes that share a covariance. */
export interface Discriminant {
  /** nΣ ← nΣ + abᵀ, for a and b of which one is a multiple of the other. */
  add(a: Float64Array, b: Float64Array): void;
  /** Brings w_c = Λμ_c and b_c = −½ μ_c·Λμ_c up to date, for n examples and the means of all classes, one after the other. */
  solve(means: Float64Array, n: number): void;
  /** The scores w_c·x + b_c of rows x, for each row all classes. */
  scores(rows: Float64Array): Float64Array;
  /** nΣ, on and right of the diagonal. */
  save(): Float64Array;
  load(scatter: Float64Array): void;
}

/** Λ is [(1 − ε)Σ + εI]⁻¹, of which Cholesky's decomposition takes the place. */
export function createDiscriminant(size: number, classes: number, epsilon: number): Discriminant {
  const workspace = createWorkspace();
  const scatter = workspace.matrix(size, size); // nΣ
  const factor = workspace.matrix(size, size);
  const w = workspace.matrix(size, classes);
  const products = productsWith(workspace, w);
  const b = new Float64Array(classes);
  const waiting = createRowQueue(workspace, [size, size], ([left, right], rows) =>
    workspace.addTransposed(scatter, left, right, { rows, upper: true }),
  );
  return {
    add: (left, right) => waiting.push(left, right),
    solve(means, n) {
      waiting.flush();
      for (let i = 0; i < size; i++) {
        const [from, to] = [scatter.row(i), factor.row(i)];
        for (let j = i; j < size; j++) to[j] = ((1 - epsilon) * from[j]) / Math.max(n, 1);
        to[i] += epsilon;
        const row = w.row(i);
        for (let c = 0; c < classes; c++) row[c] = means[c * size + i];
      }
      if (!workspace.factor(factor))
        throw new RangeError(
          `learner-slda cannot invert its covariance at epsilon ${epsilon}; use a larger epsilon, or features that are finite and not as large.`,
        );
      workspace.solve(factor, w);
      b.fill(0);
      for (let i = 0; i < size; i++) for (let c = 0; c < classes; c++) b[c] -= 0.5 * means[c * size + i] * w.row(i)[c];
    },
    scores: (rows) => products(rows).map((product, i) => product + b[i % classes]),
    save() {
      waiting.flush();
      return upperOf(scatter);
    },
    load(upper) {
      waiting.flush();
      setUpper(scatter, upper);
    },
  };
}
