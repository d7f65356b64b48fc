import {
  createRowQueue,
  createWorkspace,
  type DenseMatrix,
  setUpper,
  upperOf,
  type Workspace,
} from "@everlearn/linear-algebra";
import type { Projection } from "./projection.js";

/** What λ is chosen among. */
const candidates = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/** A regression on a task's first examples, ready to be solved at any λ. */
interface Fit {
  /** Its Gram matrix, on and right of the diagonal, and the sums for each class. */
  readonly gram: DenseMatrix;
  readonly sums: DenseMatrix;
  /** The weights' inputs for a projected example. */
  inputs(h: DenseMatrix, rows: number): DenseMatrix;
}

/**
 * The λ which, fitted to the first four fifths of a task's examples, has the least squared error on the last fifth, the first of
 * equals. One at which the matrix is singular, as far as float64 can tell, is passed over.
 * @returns undefined for fewer than two examples
 */
export function chooseLambda(
  projection: Projection,
  task: readonly { readonly x: Float64Array; readonly y: number }[],
): number | undefined {
  const known = Math.floor(0.8 * task.length);
  if (known === 0) return undefined;
  const classes = [...new Set(task.map(({ y }) => y))]; // those of other tasks have no error at any λ
  const places = task.map(({ y }) => classes.indexOf(y));
  const workspace = createWorkspace(); // which goes afterwards, with all that is in it
  const [first, rest] = [task.slice(0, known), task.slice(known)].map((part) => part.map(({ x }) => x));
  const fit = (known <= projection.size ? byExamples : byFeatures)(
    workspace,
    projection,
    first,
    places,
    classes.length,
  );
  const { gram, sums } = fit;
  const weights = workspace.matrix(gram.rows, candidates.length * classes.length); // side by side, of all candidates
  const solvable = solveAll(workspace, fit, weights);
  const losses = new Float64Array(candidates.length);
  const answers = workspace.matrix(128, weights.columns);
  let at = known;
  const queue = createRowQueue(workspace, [projection.size], ([h], rows) => {
    answers.clear();
    workspace.addProduct(answers, fit.inputs(h, rows), weights, rows);
    for (let i = 0; i < rows; i++, at++) {
      const row = answers.row(i);
      for (let k = 0; k < row.length; k++) {
        const apart = row[k] - Number(k % sums.columns === places[at]);
        losses[Math.floor(k / sums.columns)] += apart * apart;
      }
    }
  });
  projection.each(rest, (h) => queue.push(h));
  queue.flush();
  let best = -1;
  for (const k of candidates.keys()) if (solvable[k] && (best < 0 || losses[k] < losses[best])) best = k;
  return candidates[best];
}

/** W ← (Gram + λI)⁻¹ sums for each candidate. @returns which could be solved for */
function solveAll(workspace: Workspace, { gram, sums }: Fit, weights: DenseMatrix): boolean[] {
  const factor = workspace.matrix(gram.rows, gram.rows);
  const w = workspace.matrix(gram.rows, sums.columns);
  const upper = upperOf(gram);
  return candidates.map((lambda, k) => {
    setUpper(factor, upper);
    for (let i = 0; i < gram.rows; i++) {
      factor.row(i)[i] += lambda;
      w.row(i).set(sums.row(i));
    }
    if (!workspace.factor(factor)) return false;
    workspace.solve(factor, w);
    for (let i = 0; i < gram.rows; i++) weights.row(i).set(w.row(i), k * sums.columns);
    return true;
  });
}

/** W = (HᵀH + λI)⁻¹HᵀY: where there are more examples than features. */
function byFeatures(
  workspace: Workspace,
  projection: Projection,
  examples: readonly Float64Array[],
  places: readonly number[],
  classes: number,
): Fit {
  const gram = workspace.matrix(projection.size, projection.size);
  const sums = workspace.matrix(projection.size, classes);
  const queue = createRowQueue(workspace, [projection.size, classes], ([h, onehot], rows) => {
    workspace.addGram(gram, h, rows);
    workspace.addTransposed(sums, h, onehot, { rows });
  });
  projection.each(examples, (h, i) =>
    queue.push(
      h,
      Array.from({ length: classes }, (_, c) => Number(c === places[i])),
    ),
  );
  queue.flush();
  return { gram, sums, inputs: (h) => h };
}

/** The same weights, Hᵀ(HHᵀ + λI)⁻¹Y, in a smaller matrix where there are fewer examples; their inputs are H's products. */
function byExamples(
  workspace: Workspace,
  projection: Projection,
  examples: readonly Float64Array[],
  places: readonly number[],
  classes: number,
): Fit {
  const n = examples.length;
  const columns = workspace.matrix(projection.size, n); // Hᵀ
  projection.each(examples, (h, i) => {
    for (let j = 0; j < h.length; j++) columns.row(j)[i] = h[j];
  });
  const gram = workspace.matrix(n, n);
  workspace.addGram(gram, columns);
  const sums = workspace.matrix(n, classes);
  for (let i = 0; i < n; i++) sums.row(i)[places[i]] = 1;
  const products = workspace.matrix(128, n);
  return {
    ...{ gram, sums },
    inputs(h, rows) {
      products.clear();
      workspace.addProduct(products, h, columns, rows);
      return products;
    },
  };
}
