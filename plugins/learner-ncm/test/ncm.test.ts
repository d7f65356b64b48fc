import { checkLearner, referenceNetwork, toyDataset, toyStream } from "@everlearn/conformance";
import { lesson, range } from "@everlearn/oracle";
import { completeNetwork } from "@everlearn/network";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { ncm } from "../src/index.js";

const {
  examples,
  queries: [queries],
} = lesson({ tasks: 1 });
const outputs = 4;
const values = (x: ArrayLike<number>, unit: number) => Array.from(x, (value) => value / unit);
const sum = (numbers: number[]) => numbers.reduce((total, value) => total + value, 0);

/** The answers of the plainest nearest-mean classifier. */
function answers(distance: "euclidean" | "cosine", unit: number): number[] {
  const rows = range(outputs).map((c) => examples.filter(({ y }) => y === c).map(({ x }) => values(x, unit)));
  const means = rows.map((own) => own[0].map((_, j) => sum(own.map((row) => row[j])) / own.length));
  const nearness = (x: number[], mu: number[]) =>
    distance === "euclidean"
      ? -sum(x.map((value, j) => (value - mu[j]) ** 2))
      : sum(x.map((value, j) => value * mu[j])) / Math.sqrt(sum(mu.map((value) => value * value)));
  return queries.map(({ x }) => {
    const all = means.map((mu) => nearness(values(x, unit), mu));
    return all.indexOf(Math.max(...all));
  });
}

const unitOf = (x: ArrayLike<number>) => (x instanceof Uint8Array ? 255 : 1);

describe("learner-ncm", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin);
    await checkLearner(plugin, { options: { distance: "cosine" } });
    await checkLearner(plugin, { options: { features: "network" } });
  });

  it("does so in disjoint tasks", async () => {
    const stream = toyStream({ tasks: 2, split: true }, { dataset: toyDataset({ train: 400 }), random: random(1) });
    await checkLearner(plugin, { stream, examples: 60 });
  });

  it.each(["euclidean", "cosine"] as const)("answers as means in plain loops do, by %s distance", (distance) => {
    const learner = ncm({ distance }, { inputs: 16, outputs });
    learner.observe(examples);
    const expected = answers(distance, unitOf(examples[0].x));
    expect([...learner.predict(queries)]).toEqual(expected);
    expect(new Set(expected).size).toBe(outputs);
  });

  it("does not depend on the order of examples or batches", () => {
    const first = ncm({}, { inputs: 16, outputs });
    first.observe(examples);
    for (const seed of range(5)) {
      const other = ncm({}, { inputs: 16, outputs });
      for (const i of random(seed).permutation(examples.length)) other.observe([examples[i]]);
      expect(other.predict(queries)).toEqual(first.predict(queries));
      const [a, b] = [first, other].map((learner) => learner.save() as { sums: Float64Array });
      a.sums.forEach((value, i) => expect(b.sums[i]).toBeCloseTo(value, 10));
    }
  });

  it("answers with the classes that have come, and among a query's own", () => {
    const learner = ncm({}, { inputs: 1, outputs: 4 });
    const at = (x: number, outputs?: number[]) =>
      learner.predict([{ x: Float32Array.of(x), ...(outputs && { outputs }) }])[0];
    expect(at(5)).toBe(0);
    learner.observe([{ x: Float32Array.of(3), y: 2 }]);
    expect([at(0), at(0, [1, 3]), at(0, [0, 2])]).toEqual([2, 1, 2]);
    learner.observe([{ x: Float32Array.of(0), y: 1 }]);
    expect([at(0), at(2), at(2, [1, 3])]).toEqual([1, 2, 1]);
  });

  it("sees the features of a network, which it does not train", () => {
    const network = completeNetwork(referenceNetwork({}, { inputs: 16, outputs, random: random(0) }));
    const before = network.theta.toArray();
    const [own, plain] = [
      ncm({ features: "network" }, { inputs: 16, outputs, network }),
      ncm({}, { inputs: network.features(examples.slice(0, 1)).length, outputs }),
    ];
    for (const { x, y } of examples) {
      own.observe([{ x, y }]);
      plain.observe([{ x: network.features([{ x }]), y }]);
    }
    expect(own.predict(queries)).toEqual(plain.predict(queries.map(({ x }) => ({ x: network.features([{ x }]) }))));
    expect(network.theta.toArray()).toEqual(before);
  });
});
