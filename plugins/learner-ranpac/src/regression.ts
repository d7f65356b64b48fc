import { createRowQueue, setUpper, setValues, upperOf, valuesOf, type Workspace } from "@everlearn/linear-algebra";
import type { Projection } from "./projection.js";

/** What G = Σhhᵀ and C = Σh·onehot(y)ᵀ are kept as. */
export type Sums = { readonly g: Float64Array; readonly c: Float64Array };

/** Ridge regression of one-hot classes on projected features. */
export interface Regression {
  /** G ← G + hhᵀ, C ← C + h·onehot(y)ᵀ */
  add(x: Float64Array, y: number): void;
  /** W ← (G + λI)⁻¹C; where rounding leaves the matrix singular at a small λ, a larger one is used. */
  solve(lambda: number): void;
  /** Wᵀh of rows x, for each row all classes. */
  scores(rows: Float64Array): Float64Array;
  save(): Sums;
  load(sums: Sums): void;
}

/** Starts with no examples. */
export function createRegression(
  workspace: Workspace,
  projection: Projection,
  features: number,
  classes: number,
): Regression {
  const { size } = projection;
  const g = workspace.matrix(size, size);
  const c = workspace.matrix(size, classes);
  const factor = workspace.matrix(size, size);
  const w = workspace.matrix(size, classes);
  const answers = workspace.matrix(128, classes);
  const waiting = createRowQueue(workspace, [features, classes], ([x, onehot], rows) => {
    const h = projection.project(x, rows);
    workspace.addGram(g, h, rows);
    workspace.addTransposed(c, h, onehot, { rows });
  });
  let [found, at] = [new Float64Array(0), 0];
  const asked = createRowQueue(workspace, [features], ([x], rows) => {
    answers.clear();
    workspace.addProduct(answers, projection.project(x, rows), w, rows);
    for (let i = 0; i < rows; i++, at++) found.set(answers.row(i), at * classes);
  });
  return {
    add(x, y) {
      const onehot = new Float64Array(classes);
      onehot[y] = 1;
      waiting.push(x, onehot);
    },
    solve(lambda) {
      waiting.flush();
      for (let own = lambda; ; own *= 10) {
        for (let i = 0; i < size; i++) {
          factor.row(i).set(g.row(i));
          factor.row(i)[i] += own;
          w.row(i).set(c.row(i));
        }
        if (workspace.factor(factor)) break;
        if (own > 1e300)
          throw new RangeError(
            "learner-ranpac cannot solve for its weights, as its features are not finite or too large; use features of a usual size.",
          );
      }
      workspace.solve(factor, w);
    },
    scores(rows) {
      const n = rows.length / features;
      [found, at] = [new Float64Array(n * classes), 0];
      for (let i = 0; i < n; i++) asked.push(rows.subarray(i * features, (i + 1) * features));
      asked.flush();
      return found;
    },
    save() {
      waiting.flush();
      return { g: upperOf(g), c: valuesOf(c) };
    },
    load(sums) {
      waiting.flush();
      setUpper(g, sums.g);
      setValues(c, sums.c);
    },
  };
}
