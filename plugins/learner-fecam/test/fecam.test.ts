import { checkLearner, toyDataset, toyStream } from "@everlearn/conformance";
import { lesson, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { fecam } from "../src/index.js";

const {
  examples,
  queries: [queries],
} = lesson({ tasks: 1 });
const [size, outputs] = [16, 4];
const valuesOf = (x: ArrayLike<number>) =>
  Array.from(x, (value: number) => (x instanceof Uint8Array ? value / 255 : value));
const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
const mean = (numbers: readonly number[]) => sum(numbers) / numbers.length;
const unit = (x: readonly number[]) => x.map((value) => value / Math.sqrt(sum(x.map((own) => own * own))));

/** A⁻¹b by Gauss's elimination with pivots. */
function solve(a: number[][], b: readonly number[]): number[] {
  const n = b.length;
  const system = a.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < n; k++) {
    const pivot = range(n)
      .slice(k)
      .reduce((best, i) => (Math.abs(system[i][k]) > Math.abs(system[best][k]) ? i : best));
    [system[k], system[pivot]] = [system[pivot], system[k]];
    system[k] = system[k].map((value) => value / system[k][k]);
    for (let i = 0; i < n; i++)
      if (i !== k) system[i] = system[i].map((value, j) => value - system[i][k] * system[k][j]);
  }
  return system.map((row) => row[n]);
}

/** The distances of the paper, from all examples at once. */
function paper({ beta = 0.5, shrinkage = 1, normalized = true }) {
  const power = (x: ArrayLike<number>) => valuesOf(x).map((value) => value ** beta);
  const classes = range(outputs).map((c) => {
    const rows = examples.filter(({ y }) => y === c).map(({ x }) => power(x));
    const mu = range(size).map((j) => mean(rows.map((row) => row[j])));
    const covariance = range(size).map((i) =>
      range(size).map((j) => sum(rows.map((row) => (row[i] - mu[i]) * (row[j] - mu[j]))) / (rows.length - 1)),
    );
    const v1 = mean(range(size).map((i) => covariance[i][i]));
    const v2 = mean(range(size).flatMap((i) => covariance[i].filter((_, j) => j !== i)));
    const shrunk = covariance.map((row, i) => row.map((own, j) => own + shrinkage * (i === j ? v1 : v2)));
    const scale = (i: number, j: number) => (normalized ? Math.sqrt(shrunk[i][i] * shrunk[j][j]) : 1);
    return { mu, covariance: shrunk.map((row, i) => row.map((own, j) => own / scale(i, j))) };
  });
  return (x: ArrayLike<number>) =>
    classes.map(({ mu, covariance }) => {
      const to = unit(mu);
      const apart = unit(power(x)).map((value, j) => value - to[j]);
      return sum(solve(covariance, apart).map((value, j) => value * apart[j]));
    });
}

describe("learner-fecam", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin);
    await checkLearner(plugin, { options: { beta: 0.7, shrinkage: 0.2, normalized: false, features: "network" } });
  });

  it("does so in disjoint tasks", async () => {
    const stream = toyStream({ tasks: 2, split: true }, { dataset: toyDataset({ train: 400 }), random: random(1) });
    await checkLearner(plugin, { stream, examples: 60 });
  });

  it.each([{}, { beta: 1 }, { beta: 0.3 }, { shrinkage: 0.1 }, { normalized: false }])(
    "answers as the paper does (%o)",
    (options) => {
      const learner = fecam(options, { inputs: size, outputs });
      for (const example of examples) learner.observe([example]);
      const distances = paper(options);
      const found = learner.predict(queries);
      let told = 0;
      queries.forEach(({ x }, i) => {
        const all = distances(x);
        const [best, second] = all.toSorted((a, b) => a - b);
        if (second - best < 1e-9) return;
        expect(found[i]).toBe(all.indexOf(best));
        told++;
      });
      expect(told).toBeGreaterThan(queries.length / 2);
      expect(new Set(found).size).toBe(outputs);
    },
  );

  it("gives the same bits however it is batched and when it is asked", () => {
    const [one, other] = [fecam({}, { inputs: size, outputs }), fecam({}, { inputs: size, outputs })];
    one.observe(examples);
    for (const example of examples) {
      other.observe([example]);
      other.predict(queries.slice(0, 1));
    }
    expect(other.save()).toEqual(one.save());
    expect(other.predict(queries)).toEqual(one.predict(queries));
  });

  it("answers with the classes that have come, those of one example too", () => {
    const learner = fecam({}, { inputs: 2, outputs: 3 });
    const x = Float32Array.of(1, 2);
    expect(learner.predict([{ x }, { x, outputs: [1, 2] }])).toEqual(Uint16Array.of(0, 1));
    learner.observe([{ x, y: 2 }]);
    learner.observe([{ x: Float32Array.of(2, 1), y: 1 }]);
    expect(learner.predict([{ x }, { x: Float32Array.of(3, 1) }])).toEqual(Uint16Array.of(2, 1));
  });

  it("answers by features that are always the same, or all zeros", () => {
    const learner = fecam({}, { inputs: 2, outputs: 2 });
    for (const y of [0, 1, 0, 1, 0, 1]) learner.observe([{ x: Float32Array.of(0, 1 + y), y }]);
    expect([...learner.predict([{ x: new Float32Array(2) }])][0]).toBeLessThan(2);
    const alike = fecam({}, { inputs: 2, outputs: 2 });
    for (const [i, y] of [0, 1, 0, 1, 0, 1].entries()) alike.observe([{ x: Float32Array.of(i + 5 * y, i + 5 * y), y }]);
    expect([...alike.predict([{ x: Float32Array.of(1, 1) }])][0]).toBeLessThan(2);
  });

  it("takes the power of features that are not negative only", () => {
    const learner = fecam({}, { inputs: 2, outputs: 2 });
    expect(() => learner.observe([{ x: Float32Array.of(1, -0.5), y: 0 }])).toThrow(
      /raises features to the power 0\.5, and one is -0\.5; use features that are not negative, .* or beta 1\./,
    );
    expect(() =>
      fecam({ beta: 1 }, { inputs: 2, outputs: 2 }).observe([{ x: Float32Array.of(1, -0.5), y: 0 }]),
    ).not.toThrow();
  });
});
