import { checkLearner, toyDataset, toyStream } from "@everlearn/conformance";
import { createWorkspace } from "@everlearn/linear-algebra";
import { lesson, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { ranpac } from "../src/index.js";
import { chooseLambda } from "../src/lambda.js";
import { createProjection } from "../src/projection.js";

const {
  examples,
  queries: [queries],
} = lesson({ tasks: 1 });
const [size, outputs] = [16, 4];
const valuesOf = (x: ArrayLike<number>) =>
  Array.from(x, (value: number) => (x instanceof Uint8Array ? value / 255 : value));

/** (HᵀH + λI)⁻¹HᵀY by Gauss's elimination with pivots. */
function ridge(h: readonly (readonly number[])[], y: readonly number[], lambda: number): number[][] {
  const n = h[0].length;
  const system = range(n).map((i) => [
    ...range(n).map((j) => h.reduce((sum, row) => sum + row[i] * row[j], i === j ? lambda : 0)),
    ...range(outputs).map((c) => h.reduce((sum, row, e) => sum + (y[e] === c ? row[i] : 0), 0)),
  ]);
  for (let k = 0; k < n; k++) {
    const pivot = range(n)
      .slice(k)
      .reduce((best, i) => (Math.abs(system[i][k]) > Math.abs(system[best][k]) ? i : best));
    [system[k], system[pivot]] = [system[pivot], system[k]];
    system[k] = system[k].map((value) => value / system[k][k]);
    for (let i = 0; i < n; i++)
      if (i !== k) system[i] = system[i].map((value, j) => value - system[i][k] * system[k][j]);
  }
  return system.map((row) => row.slice(n));
}

const scoresOf = (h: readonly number[], w: number[][]) =>
  range(outputs).map((c) => h.reduce((sum, value, i) => sum + value * w[i][c], 0));

/** The projection that a learner with this generator draws, by its unit vectors: ReLU(±P). */
function projecting(projections: number, seed: number) {
  const workspace = createWorkspace();
  const projection = createProjection(workspace, size, projections, random(seed));
  const p = range(size).map(() => new Array<number>(projections).fill(0));
  for (const sign of [1, -1]) {
    const units = range(size).map((i) => Float64Array.from(range(size), (j) => (i === j ? sign : 0)));
    projection.each(units, (h, i) => h.forEach((value, j) => (p[i][j] += sign * value)));
  }
  const project = (x: ArrayLike<number>) =>
    range(projections).map((j) =>
      Math.max(
        0,
        valuesOf(x).reduce((sum, value, i) => sum + value * p[i][j], 0),
      ),
    );
  return { projection, p, project };
}

/** The λ of the paper's code, among 10⁻⁸ … 10⁸, in plain loops. */
function paperLambda(h: readonly number[][], y: readonly number[]): { lambda: number; losses: number[] } {
  const known = Math.floor(0.8 * h.length);
  const candidates = range(17).map((k) => Number(`1e${k - 8}`));
  const losses = candidates.map((lambda) => {
    const w = ridge(h.slice(0, known), y.slice(0, known), lambda);
    return h.slice(known).reduce((sum, row, i) => {
      const scores = scoresOf(row, w);
      return sum + scores.reduce((total, score, c) => total + (score - Number(c === y[known + i])) ** 2, 0);
    }, 0);
  });
  return { lambda: candidates[losses.indexOf(Math.min(...losses))], losses };
}

describe("learner-ranpac", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { projections: 40 } });
    await checkLearner(plugin, { options: { projections: 33, features: "network" } });
  });

  it("does so in disjoint tasks", async () => {
    const stream = toyStream({ tasks: 2, split: true }, { dataset: toyDataset({ train: 400 }), random: random(1) });
    await checkLearner(plugin, { options: { projections: 50 }, stream, examples: 60 });
  });

  it("draws projections with mean 0 and variance 1", () => {
    const { p } = projecting(1000, 0);
    const all = p.flat();
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    expect(Math.abs(all.filter((value) => Math.abs(value) < 1).length / all.length - 0.6827)).toBeLessThan(0.02);
    expect(projecting(10, 1).p).not.toEqual(projecting(10, 2).p);
  });

  // 24 projections are fewer than four fifths of the examples, 150 are more.
  it.each([24, 150])("chooses λ as the paper does, with %s projections", (projections) => {
    const { projection, project } = projecting(projections, 3);
    for (const count of [100, 33]) {
      const task = examples.slice(0, count).map(({ x, y }) => ({ x: Float64Array.from(valuesOf(x)), y }));
      const { lambda, losses } = paperLambda(
        task.map(({ x }) => project(x)),
        task.map(({ y }) => y),
      );
      const found = chooseLambda(projection, task);
      expect(found).toBe(lambda);
      expect(Math.max(...losses)).toBeGreaterThan(1.5 * Math.min(...losses));
    }
    expect(chooseLambda(projection, [])).toBeUndefined();
    expect(chooseLambda(projection, [{ x: new Float64Array(size), y: 0 }])).toBeUndefined();
  });

  it("answers as ridge regression on the projections does, in tasks one after the other", () => {
    const learner = ranpac({ projections: 30 }, { inputs: size, outputs, random: random(3) });
    const { project } = projecting(30, 3);
    const tasks = [examples.filter(({ y }) => y < 2), examples.filter(({ y }) => y >= 2)];
    const come: { h: number[]; y: number }[] = [];
    let lambda = 1;
    const check = () => {
      const w = ridge(
        come.map(({ h }) => h),
        come.map(({ y }) => y),
        lambda,
      );
      const seen = new Set(come.map(({ y }) => y));
      const expected = queries.map(({ x }) => {
        const scores = scoresOf(project(x), w).map((score, c) => (seen.has(c) ? score : -Infinity));
        return scores.indexOf(Math.max(...scores));
      });
      expect([...learner.predict(queries)]).toEqual(expected);
    };
    for (const task of tasks) {
      for (const example of task) {
        learner.observe([example]);
        come.push({ h: project(example.x), y: example.y });
      }
      check(); // with the λ of the task before
      learner.endTask?.();
      ({ lambda } = paperLambda(
        task.map(({ x }) => project(x)),
        task.map(({ y }) => y),
      ));
      expect((learner.save() as { lambda: number }).lambda).toBe(lambda);
      check();
    }
  });

  it("keeps no features of tasks that have ended", () => {
    const learner = ranpac({ projections: 8 }, { inputs: size, outputs, random: random(0) });
    learner.observe(examples.slice(0, 20));
    expect((learner.save() as { task: { y: Uint32Array } }).task.y).toHaveLength(20);
    learner.endTask?.();
    expect((learner.save() as { task: { x: Float64Array } }).task.x).toHaveLength(0);
  });

  it("says so where it cannot solve", () => {
    const learner = ranpac({ projections: 3 }, { inputs: 1, outputs: 2, random: random(0) });
    learner.observe([{ x: Float32Array.of(Number.NaN), y: 0 }]);
    expect(() => learner.predict([{ x: Float32Array.of(1) }])).toThrow(/cannot solve for its weights/);
  });
});
