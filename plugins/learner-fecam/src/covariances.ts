import { createWorkspace, type DenseMatrix, setUpper, upperOf } from "@everlearn/linear-algebra";
import { shrunk } from "./covariance.js";

/** How many examples of a class wait until its covariance is brought up to date; no bit depends on it. */
const WAITING = 32;

/** How many vectors are measured in one go; no bit depends on it. */
const MEASURED = 64;

/** (n − 1)Σ of each class, on and right of the diagonal; null: it has not come. */
export type Scatters = readonly (Float64Array | null)[];

/** A covariance for each class. */
export interface Covariances {
  /** (n − 1)Σ ← (n − 1)Σ + abᵀ of class c. */
  add(c: number, a: Float64Array, b: Float64Array): void;
  /** vᵀΣ_s⁻¹v of vectors, by the shrunk covariance of class c with n examples. */
  squares(c: number, n: number, vectors: readonly Float64Array[]): Float64Array;
  save(): Scatters;
  load(scatters: Scatters): void;
}

/** Starts with no examples. */
export function createCovariances(
  size: number,
  classes: number,
  options: { readonly shrinkage: number; readonly normalized: boolean },
): Covariances {
  const workspace = createWorkspace();
  const sum = workspace.matrix(size, size);
  const [left, right] = [workspace.matrix(WAITING, size), workspace.matrix(WAITING, size)];
  const measured = workspace.matrix(size, MEASURED);
  const factors = new Map<number, DenseMatrix>(); // of those that have been needed
  let outdated = new Set<number>();
  const scatters = new Map<number, Float64Array>();
  const waiting = new Map<number, [Float64Array, Float64Array][]>();

  function flush(c: number): void {
    const own = waiting.get(c) ?? [];
    setUpper(sum, scatters.get(c) ?? new Float64Array((size * (size + 1)) / 2));
    for (const [i, [a, b]] of own.entries()) {
      left.row(i).set(a);
      right.row(i).set(b);
    }
    workspace.addTransposed(sum, left, right, { rows: own.length, upper: true });
    scatters.set(c, upperOf(sum));
    waiting.delete(c);
  }

  function factorOf(c: number, n: number): DenseMatrix {
    const factor = factors.get(c) ?? workspace.matrix(size, size);
    factors.set(c, factor);
    if (!outdated.has(c)) return factor;
    flush(c);
    const covariance = shrunk(scatters.get(c) as Float64Array, size, n, options);
    // Where rounding leaves it without a factor, its diagonal grows until it has one.
    for (let more = 0; ; more = more === 0 ? 1e-8 : 10 * more) {
      setUpper(factor, covariance);
      for (let i = 0; i < size; i++) factor.row(i)[i] *= 1 + more;
      if (workspace.factor(factor)) break;
      if (more > 1)
        throw new RangeError(
          "learner-fecam cannot invert a covariance, as its features are not finite or too large; use features of a usual size.",
        );
    }
    outdated.delete(c);
    return factor;
  }

  return {
    add(c, a, b) {
      const own = waiting.get(c) ?? [];
      waiting.set(c, own);
      own.push([a, b]);
      if (own.length === WAITING) flush(c);
      outdated.add(c);
    },
    squares(c, n, vectors) {
      const factor = factorOf(c, n);
      const found = new Float64Array(vectors.length);
      for (let from = 0; from < vectors.length; from += MEASURED) {
        const count = Math.min(MEASURED, vectors.length - from);
        for (let j = 0; j < size; j++) {
          const row = measured.row(j);
          for (let i = 0; i < MEASURED; i++) row[i] = i < count ? vectors[from + i][j] : 0;
        }
        workspace.solveTransposed(factor, measured);
        for (let j = 0; j < size; j++) {
          const row = measured.row(j);
          for (let i = 0; i < count; i++) found[from + i] += row[i] * row[i];
        }
      }
      return found;
    },
    save() {
      for (const c of waiting.keys()) flush(c);
      return Array.from({ length: classes }, (_, c) => scatters.get(c)?.slice() ?? null);
    },
    load(saved) {
      waiting.clear();
      scatters.clear();
      for (const [c, scatter] of saved.entries()) if (scatter) scatters.set(c, scatter.slice());
      outdated = new Set(scatters.keys());
    },
  };
}
