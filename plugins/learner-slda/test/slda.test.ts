import { checkLearner } from "@everlearn/conformance";
import { lesson, range } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";
import plugin, { slda } from "../src/index.js";

const {
  examples,
  queries: [queries],
} = lesson({ tasks: 1 });
const [size, outputs] = [16, 4];
const valuesOf = (x: ArrayLike<number>) =>
  Array.from(x, (value: number) => (x instanceof Uint8Array ? value / 255 : value));

/** A⁻¹ by Gauss and Jordan. */
function inverse(a: number[][]): number[][] {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...range(n).map((j) => Number(i === j))]);
  for (let k = 0; k < n; k++) {
    const pivot = range(n - k)
      .map((i) => i + k)
      .reduce((best, i) => (Math.abs(rows[i][k]) > Math.abs(rows[best][k]) ? i : best));
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    rows[k] = rows[k].map((value) => value / rows[k][k]);
    for (let i = 0; i < n; i++) if (i !== k) rows[i] = rows[i].map((value, j) => value - rows[i][k] * rows[k][j]);
  }
  return rows.map((row) => row.slice(n));
}

/** Algorithm 1 of the paper in plain loops: the scores of all classes. */
function paper(epsilon: number) {
  const mu = range(outputs).map(() => new Array<number>(size).fill(0));
  const counts = new Array<number>(outputs).fill(0);
  let sigma = range(size).map(() => new Array<number>(size).fill(0));
  let n = 0;
  return {
    counts,
    sigma: () => sigma,
    observe(x: number[], y: number) {
      if (counts[y] === 0) mu[y] = [...x];
      const apart = x.map((value, j) => value - mu[y][j]);
      sigma = sigma.map((row, i) => row.map((own, j) => (n * own + (n / (n + 1)) * apart[i] * apart[j]) / (n + 1)));
      mu[y] = mu[y].map((own, j) => (counts[y] * own + x[j]) / (counts[y] + 1));
      counts[y]++;
      n++;
    },
    scores(x: number[]): number[] {
      const lambda = inverse(sigma.map((row, i) => row.map((own, j) => (1 - epsilon) * own + (i === j ? epsilon : 0))));
      return mu.map((own) => {
        const w = lambda.map((row) => row.reduce((sum, value, j) => sum + value * own[j], 0));
        return w.reduce((sum, value, j) => sum + value * (x[j] - own[j] / 2), 0);
      });
    },
  };
}

describe("learner-slda", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin);
    await checkLearner(plugin, { options: { epsilon: 0.5, features: "network" } });
  });

  it.each([1e-4, 0.3])("answers as the paper's algorithm does after any number of examples (ε = %s)", (epsilon) => {
    const learner = slda({ epsilon }, { inputs: size, outputs });
    const plain = paper(epsilon);
    let told = 0;
    for (const [i, example] of examples.entries()) {
      learner.observe([example]);
      plain.observe(valuesOf(example.x), example.y);
      if (i % 50 !== 49 && i !== 2) continue;
      const found = learner.predict(queries);
      queries.forEach(({ x }, q) => {
        const scores = plain.scores(valuesOf(x)).map((score, c) => (plain.counts[c] > 0 ? score : -Infinity));
        const [best, second] = scores.toSorted((a, b) => b - a);
        if (best - second < 1e-6) return; // either may be answered
        expect(found[q]).toBe(scores.indexOf(best));
        told++;
      });
    }
    expect(told).toBeGreaterThan(queries.length);
    const { scatter } = learner.save() as { scatter: Float64Array };
    const upper = plain.sigma().flatMap((row, i) => row.slice(i));
    upper.forEach((value, i) => expect(scatter[i] / examples.length).toBeCloseTo(value, 12));
  });

  it("gives the same bits however it is batched and when it is asked", () => {
    const [one, other] = [slda({}, { inputs: size, outputs }), slda({}, { inputs: size, outputs })];
    one.observe(examples);
    for (const example of examples) {
      other.observe([example]);
      other.predict(queries.slice(0, 1));
    }
    expect(other.save()).toEqual(one.save());
  });

  it("answers with the classes that have come", () => {
    const learner = slda({}, { inputs: 2, outputs: 3 });
    const x = Float32Array.of(1, 2);
    expect(learner.predict([{ x }, { x, outputs: [1, 2] }])).toEqual(Uint16Array.of(0, 1));
    learner.observe([{ x, y: 2 }]);
    expect(learner.predict([{ x }, { x, outputs: [0, 1] }])).toEqual(Uint16Array.of(2, 0));
  });

  it("says so where its covariance has no inverse", () => {
    const learner = slda({}, { inputs: 1, outputs: 2 });
    learner.observe([
      { x: Float32Array.of(1), y: 0 },
      { x: Float32Array.of(Number.NaN), y: 0 },
    ]);
    expect(() => learner.predict([{ x: Float32Array.of(1) }])).toThrow(
      /cannot invert its covariance at epsilon 0.0001; use/,
    );
  });
});
