import type { Query } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { probe } from "../src/probe.js";
import { createRidge } from "../src/ridge.js";
import { type Reply, type Step, runInProcess } from "../src/index.js";
import { toyCell } from "./cell.js";

/** What a probe finds where queries have these features. */
function probed(
  cell: ReturnType<typeof toyCell>,
  occasion: { experience: number; tasks: readonly number[]; examples: number },
  featuresOf: (queries: readonly Query[]) => Float32Array,
  most = 256,
) {
  const asked: (readonly Query[])[] = [];
  const steps = probe(cell, { ...occasion, most }, function* (queries): Generator<
    Step,
    Float32Array,
    Reply | undefined
  > {
    asked.push(queries);
    const reply = yield { type: "features", queries };
    return reply?.features ?? new Float32Array();
  });
  for (let next = steps.next(); ; ) {
    if (next.done) return { accuracy: next.value, asked };
    if (next.value.type !== "features") throw new Error("A probe asks for features only.");
    next = steps.next({ gradients: 0, features: featuresOf(next.value.queries) });
  }
}

describe("ridge regression", () => {
  it("solves (ΦᵀΦ + λI) W = ΦᵀY", () => {
    const draw = random(1, "ridge");
    const [size, outputs, n] = [5, 3, 40];
    const features = Array.from({ length: n }, () => Float32Array.from({ length: size }, () => 4 * draw.uniform() - 1));
    const labels = features.map(() => draw.integer(outputs));
    const ridge = createRidge(size, outputs);
    features.forEach((own, i) => ridge.add(own, labels[i]));
    // Gradient descent on Σ |Wᵀφ − y|² + λ|W|², whose minimum it is.
    const phi = features.map((own) => [...own, 1]);
    const trace = phi.flat().reduce((sum, value) => sum + value ** 2, 0);
    const lambda = (1e-3 * trace) / (size + 1);
    let w = Array.from({ length: size + 1 }, () => [0, 0, 0]);
    for (let step = 0; step < 50_000; step++) {
      const errors = phi.map((own, i) =>
        [0, 1, 2].map((o) => own.reduce((sum, value, j) => sum + value * w[j][o], 0) - Number(o === labels[i])),
      );
      w = w.map((row, j) =>
        row.map(
          (value, o) =>
            value - (0.5 / trace) * (errors.reduce((sum, e, i) => sum + e[o] * phi[i][j], 0) + lambda * value),
        ),
      );
    }
    for (const own of [...features, Float32Array.of(9, -9, 3, 0, 1)]) {
      const values = [0, 1, 2].map((o) => [...own, 1].reduce((sum, value, j) => sum + value * w[j][o], 0));
      expect(ridge.answer(own)).toBe(values.indexOf(Math.max(...values)));
      expect(ridge.answer(own, [0, 2])).toBe(values[0] >= values[2] ? 0 : 2);
    }
  });

  it("does not depend on the features' scale, and takes features that are all alike", () => {
    const draw = random(2, "scale");
    const features = Array.from({ length: 30 }, () => Float32Array.from({ length: 4 }, () => draw.uniform()));
    const answers = [1, 64].map((scale) => {
      const ridge = createRidge(5, 2); // the last is 0 in all
      const scaled = features.map((own) => Float32Array.from([...own, 0], (value) => scale * value));
      scaled.forEach((own, i) => ridge.add(own, Number(features[i][0] > features[i][1])));
      return scaled.map((own) => ridge.answer(own));
    });
    const truth = features.map((own) => Number(own[0] > own[1]));
    for (const own of answers) expect(own.filter((answer, i) => answer === truth[i]).length).toBeGreaterThan(26);
  });
});

describe("a probe", () => {
  const cell = toyCell({ tasks: 3, train: 90, test: 40, order: [2, 0, 2, 1] });

  it("learns from so many training examples of each task that has come, and is tested on those asked for", () => {
    const { accuracy, asked } = probed(cell, { experience: 2, tasks: [0], examples: 25 }, (queries) =>
      cell.network.features(queries),
    );
    expect(asked.map((queries) => queries.length)).toEqual([25, 25, cell.stream.test(0).length]);
    const marks = (experience: number) => {
      const source = cell.stream.train(experience);
      return Array.from({ length: source.length }, (_, i) => source.input(i).join());
    };
    const seen = [new Set(marks(1)), new Set([...marks(0), ...marks(2)])];
    for (const [i, inputs] of seen.entries()) {
      expect(new Set(asked[i].map(({ x }) => x.join())).size).toBeGreaterThan(15);
      for (const { x } of asked[i]) expect(inputs.has(x.join())).toBe(true);
    }
    expect(accuracy.slice(1)).toEqual([null, null]);
    expect(accuracy[0]).toBeGreaterThan(0);
  });

  it("finds all in features that tell, nothing in features that do not, however many come at once", () => {
    const { stream, scenario } = cell;
    const truth = new Map<string, number>();
    for (const task of [0, 1, 2])
      for (const source of [stream.train([1, 3, 0][task]), stream.test(task)])
        for (let i = 0; i < source.length; i++)
          truth.set(source.input(i).join(), scenario.answer(task, source.label(i)));
    const telling = (queries: readonly Query[]) =>
      Float32Array.from(
        queries.flatMap(({ x }) =>
          Array.from({ length: scenario.outputs }, (_, o) => Number(truth.get(x.join()) === o)),
        ),
      );
    const occasion = { experience: 3, tasks: [0, 1, 2], examples: 80 };
    expect(probed(cell, occasion, telling).accuracy).toEqual([1, 1, 1]);
    const network = (queries: readonly Query[]) => cell.network.features(queries);
    expect(probed(cell, occasion, network, 7).accuracy).toEqual(probed(cell, occasion, network).accuracy);
    const mute = probed(cell, occasion, (queries) => new Float32Array(3 * queries.length)).accuracy;
    for (const value of mute) expect(value).toBeLessThan(0.6);
  });

  it("refuses more features than it can judge, and none at all", () => {
    const occasion = { experience: 0, tasks: [2], examples: 2 };
    expect(() => probed(cell, occasion, (queries) => new Float32Array(5000 * queries.length))).toThrow(
      /has 5000 features, of which a probe takes 4096 at most; leave out "probe"/,
    );
    expect(() => probed(cell, occasion, () => new Float32Array())).toThrow(/gave no features/);
  });

  it("is part of a run in this process, and its rows reach metrics", () => {
    const given = toyCell({
      train: 60,
      evaluation: { probe: 60 },
      metrics: { rows: ({ probe: rows = [] }) => rows.length },
    });
    const outcome = runInProcess(given);
    expect(outcome.probe?.length).toBe(3);
    expect(outcome.status === "finished" && outcome.metrics.rows).toBe(3);
    expect(outcome.probe?.map((row) => row.indexOf(null))).toEqual([1, 2, -1]);
    const last = (outcome.probe?.[2] ?? []).map(Number);
    expect(last.reduce((sum, value) => sum + value, 0) / 3).toBeGreaterThan(1 / given.scenario.outputs);
  });
});
