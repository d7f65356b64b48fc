import { checkLearner, toyDataset, toyStream } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import { createWorkspace } from "@everlearn/linear-algebra";
import { lesson, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { byCholesky } from "../src/cholesky.js";
import plugin, { ridge } from "../src/index.js";
import { recursive } from "../src/recursive.js";

const {
  examples,
  queries: [queries],
} = lesson({ tasks: 1 });
const [size, outputs] = [16, 4];
const valuesOf = (x: ArrayLike<number>) =>
  Array.from(x, (value: number) => (x instanceof Uint8Array ? value / 255 : value));

/** The weights on all examples together, from the normal equations, by Gauss's elimination with pivots. */
function joint(all: readonly Example[], lambda: number): number[][] {
  const rows = all.map(({ x }) => valuesOf(x));
  const system = range(size).map((i) => [
    ...range(size).map((j) => rows.reduce((sum, x) => sum + x[i] * x[j], i === j ? lambda : 0)),
    ...range(outputs).map((c) => rows.reduce((sum, x, e) => sum + (all[e].y === c ? x[i] : 0), 0)),
  ]);
  for (let k = 0; k < size; k++) {
    const pivot = range(size)
      .slice(k)
      .reduce((best, i) => (Math.abs(system[i][k]) > Math.abs(system[best][k]) ? i : best));
    [system[k], system[pivot]] = [system[pivot], system[k]];
    system[k] = system[k].map((value) => value / system[k][k]);
    for (let i = 0; i < size; i++)
      if (i !== k) system[i] = system[i].map((value, j) => value - system[i][k] * system[k][j]);
  }
  return system.map((row) => row.slice(size));
}

const solvers = ["cholesky", "recursive"] as const;

/** W after all examples, by one of the two solvers. */
function weightsOf(all: readonly Example[], lambda: number, solver: (typeof solvers)[number]): number[][] {
  const workspace = createWorkspace();
  const w = workspace.matrix(size, outputs);
  const regression = (solver === "cholesky" ? byCholesky : recursive)(workspace, w, lambda);
  for (const { x, y } of all) regression.add(Float64Array.from(valuesOf(x)), y);
  regression.solve();
  return range(size).map((i) => [...w.row(i)]);
}

describe("learner-ridge", () => {
  it.each(solvers)("conforms to the learner contract, solved by %s", async (solver) => {
    await checkLearner(plugin, { options: { solver } });
    await checkLearner(plugin, { options: { solver, lambda: 3, features: "network" } });
  });

  it("does so in disjoint tasks", async () => {
    const stream = toyStream({ tasks: 2, split: true }, { dataset: toyDataset({ train: 400 }), random: random(1) });
    await checkLearner(plugin, { stream, examples: 60 });
  });

  it.each(solvers.flatMap((solver) => [0.001, 0.1, 10].map((lambda) => [solver, lambda] as const)))(
    "has the weights of joint ridge regression to 1e-8, in any order, by %s at λ = %s",
    (solver, lambda) => {
      const expected = joint(examples, lambda);
      expect(Math.max(...expected.flat())).toBeGreaterThan(0.05);
      for (const seed of range(3)) {
        const order = [...random(seed).permutation(examples.length)].map((i) => examples[i]);
        const found = weightsOf(order, lambda, solver);
        expected.forEach((row, i) =>
          row.forEach((value, c) => expect(Math.abs(found[i][c] - value)).toBeLessThan(1e-8)),
        );
      }
    },
  );

  it.each(solvers)("answers as joint ridge regression does, solved by %s, in any order of examples", (solver) => {
    const w = joint(examples, 0.1);
    const expected = queries.map(({ x }) => {
      const scores = range(outputs).map((c) => valuesOf(x).reduce((sum, value, i) => sum + value * w[i][c], 0));
      return scores.indexOf(Math.max(...scores));
    });
    expect(new Set(expected).size).toBe(outputs);
    for (const seed of range(4)) {
      const learner = ridge({ solver }, { inputs: size, outputs });
      for (const i of random(seed).permutation(examples.length)) learner.observe([examples[i]]);
      expect([...learner.predict(queries)]).toEqual(expected);
    }
  });

  it("gives the same bits however it is batched", () => {
    for (const solver of solvers) {
      const [one, other] = [ridge({ solver }, { inputs: size, outputs }), ridge({ solver }, { inputs: size, outputs })];
      one.observe(examples);
      for (const example of examples) other.observe([example]);
      expect(other.save()).toEqual(one.save());
    }
  });

  it("answers with the classes that have come", () => {
    const learner = ridge({}, { inputs: 2, outputs: 3 });
    const x = Float32Array.of(1, 2);
    expect(learner.predict([{ x }, { x, outputs: [1, 2] }])).toEqual(Uint16Array.of(0, 1));
    learner.observe([{ x, y: 2 }]);
    expect(learner.predict([{ x }, { x, outputs: [0, 1] }])).toEqual(Uint16Array.of(2, 0));
  });

  it("says so where it cannot solve", () => {
    const learner = ridge({}, { inputs: 1, outputs: 2 });
    learner.observe([{ x: Float32Array.of(Infinity), y: 0 }]);
    expect(() => learner.predict([{ x: Float32Array.of(1) }])).toThrow(
      /cannot solve for its weights at lambda 0.1; use/,
    );
  });
});
