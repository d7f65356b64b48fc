import { type DenseMatrix, setUpper, setValues, upperOf, valuesOf, type Workspace } from "@everlearn/linear-algebra";
import type { Regression } from "./cholesky.js";

/**
 * R = (G + λI)⁻¹ and W with each example, by Woodbury's identity (Theorem 1 of Zhuang et al. 2022, for one example): with
 * u = Rφ and s = 1 + φ·u, R ← R − uuᵀ/s and W ← W + u(onehot(y) − Wᵀφ)ᵀ/s.
 */
export function recursive(workspace: Workspace, w: DenseMatrix, lambda: number): Regression {
  const { rows: size, columns: classes } = w;
  const r = workspace.matrix(size, size);
  for (let i = 0; i < size; i++) r.row(i)[i] = 1 / lambda;
  const [phi, u, minus] = Array.from({ length: 3 }, () => workspace.matrix(1, size));
  const error = workspace.matrix(1, classes);
  return {
    add(x, y) {
      phi.row(0).set(x);
      u.clear();
      workspace.addProduct(u, phi, r);
      error.clear();
      workspace.addProduct(error, phi, w);
      const own = u.row(0);
      let s = 1;
      for (let j = 0; j < size; j++) s += x[j] * own[j];
      const apart = error.row(0);
      for (let c = 0; c < classes; c++) apart[c] = (Number(c === y) - apart[c]) / s;
      workspace.addTransposed(w, u, error);
      const root = Math.sqrt(s);
      for (let j = 0; j < size; j++) own[j] /= root; // so that R stays symmetric
      const negative = minus.row(0);
      for (let j = 0; j < size; j++) negative[j] = -own[j];
      workspace.addTransposed(r, minus, u);
    },
    solve() {},
    save: () => ({ r: upperOf(r), w: valuesOf(w) }),
    load(state) {
      const saved = state as { r: Float64Array; w: Float64Array };
      setUpper(r, saved.r);
      for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) r.row(i)[j] = r.row(j)[i];
      setValues(w, saved.w);
    },
  };
}
