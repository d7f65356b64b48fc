import { checkLearner, referenceNetwork, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Network, OptionsFor, Scenario } from "@everlearn/contracts";
import plugin, { mer } from "@everlearn/learner-mer";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

/** 200 examples of two tasks. */
function lesson(taskLabels: Scenario["taskLabels"]): { examples: Example[]; outputs: number } {
  const stream = toyStream({}, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const examples = [0, 1].flatMap((task) => {
    const train = stream.train(task);
    return Array.from({ length: 100 }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
  return { examples, outputs: scenario.outputs };
}

const { examples } = lesson("never");
const memory = (capacity = 30) => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => referenceNetwork({ hidden: 10 }, { inputs: 16, outputs, random: random(2) });

/** θ after MER learnt the examples one by one. */
function learnt(options: OptionsFor<typeof plugin.options>, shown = examples): Float32Array {
  const network = make();
  const learner = mer(options, { network, buffer: memory() });
  for (const example of shown) learner.observe([example]);
  return network.theta.toArray();
}

/** θ after `update` was made for each example, with a buffer that draws as MER's. */
function otherwise(
  update: (network: Network, current: Example, sample: (count: number) => Example[]) => void,
): Float32Array {
  const network = make();
  const buffer = memory();
  for (const current of examples) {
    update(network, current, (count) => buffer.sample(count));
    buffer.add(current);
  }
  return network.theta.toArray();
}

const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe("learner-mer", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, beta: 0.5, gamma: 0.9, s: 2, k: 4 } });
    await checkLearner(plugin, { options: { alpha: 0.3, beta: 0.3, s: 3, k: 3, clip: 1 } });
  });

  it("is online SGD with rate αβγ where s = 1 and k = 1", () => {
    const theta = learnt({ alpha: 0.4, beta: 0.5, gamma: 0.7, s: 1, k: 1 });
    const sgd = otherwise((network, current) => network.descend([current], 0.4 * 0.5 * 0.7));
    expect(distance(theta, sgd)).toBeLessThan(1e-5);
  });

  it("is sequential SGD where β = γ = 1", () => {
    const sgd = otherwise((network, current, sample) => {
      for (let i = 0; i < 3; i++) for (const example of [current, ...sample(4)]) network.descend([example], 0.05);
    });
    expect(distance(learnt({ alpha: 0.05, s: 3, k: 5 }), sgd)).toBeLessThan(1e-5);
  });

  it("is Algorithm 6 with its γ = β where s = 1 and γ = 1, but for the order within a batch", () => {
    const big = otherwise((network, current, sample) => {
      const before = network.vector();
      before.set(network.theta);
      for (const example of [current, ...sample(4)]) network.descend([example], 0.1);
      network.theta.lerp(before, 0.3);
    });
    expect(distance(learnt({ alpha: 0.1, beta: 0.3, s: 1, k: 5 }), big)).toBeLessThan(1e-5);
  });

  it("is not experience replay with rate αβγ", () => {
    const options = { alpha: 0.2, beta: 0.3, gamma: 0.8, s: 1, k: 5 };
    const er = otherwise((network, current, sample) => network.descend([...sample(4), current], 0.2 * 0.3 * 0.8));
    const sum = otherwise((network, current, sample) => {
      const batch = [...sample(4), current];
      network.descend(batch, 0.2 * 0.3 * 0.8 * batch.length);
    });
    const theta = learnt(options);
    expect(distance(theta, er)).toBeGreaterThan(0.05);
    expect(distance(theta, sum)).toBeGreaterThan(0.001); // not even with the step's length made equal
  });

  it.each([
    { s: 1, k: 1, capacity: 30 },
    { s: 3, k: 6, capacity: 30 },
    { s: 2, k: 31, capacity: 30 },
    { s: 10, k: 4, capacity: 3 },
  ])("makes s·Σ(1 + min(k−1, n, capacity)) SGD steps of one example each ($s, $k, $capacity)", ({ s, k, capacity }) => {
    const network = make();
    let steps = 0;
    const descend: Network["descend"] = (batch, ...rest) => {
      expect(batch.length).toBe(1);
      steps++;
      return network.descend(batch, ...rest);
    };
    const learner = mer({ alpha: 0.01, s, k }, { network: { ...network, descend }, buffer: memory(capacity) });
    for (const example of examples.slice(0, 100)) learner.observe([example]);
    const expected = examples.slice(0, 100).reduce((sum, _, n) => sum + s * (1 + Math.min(k - 1, n, capacity)), 0);
    expect(steps).toBe(expected);
  });

  it("takes a batch of the stream example by example", () => {
    const options = { alpha: 0.1, beta: 0.3, s: 2, k: 4 };
    const network = make();
    const learner = mer(options, { network, buffer: memory() });
    for (let i = 0; i < examples.length; i += 8) learner.observe(examples.slice(i, i + 8));
    expect(network.theta.toArray()).toEqual(learnt(options));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => mer({ alpha: 0.1, s: 1, k: 31 }, given)).not.toThrow();
    expect(() => mer({ alpha: 0.1, s: 1, k: 32 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });

  it.each([
    { labels: "never", clip: 0 },
    { labels: "always", clip: 0 },
    { labels: "always", clip: 0.5 },
  ] as const)("follows Algorithm 1 in dense loops (task labels $labels, clip $clip)", ({ labels, clip }) => {
    const { examples: shown, outputs } = lesson(labels);
    const network = make(outputs);
    const plain = oracle(network.theta.toArray(), 16, 10, outputs);
    const { theta } = plain;
    const toward = (from: Float32Array, t: number) =>
      theta.forEach((to, i) => (theta[i] = from[i] + t * (to - from[i])));
    const learner = mer({ alpha: 0.1, beta: 0.4, gamma: 0.8, s: 3, k: 5, clip }, { network, buffer: memory() });
    const mirror = memory();
    for (const current of shown) {
      learner.observe([current]);
      const before = theta.slice();
      for (let i = 0; i < 3; i++) {
        const within = theta.slice();
        for (const example of [current, ...mirror.sample(4)]) plain.step([example], 0.1, clip || Infinity);
        toward(within, 0.4);
      }
      toward(before, 0.8);
      mirror.add(current);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });
});
