import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Example, Network, OptionsFor } from "@everlearn/contracts";
import plugin, { mer } from "@everlearn/learner-mer";
import { mlp } from "@everlearn/network-mlp";
import { batches, clipped, denseNetwork, distance, lerp, lesson, plus, recordSteps, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { examples } = lesson();
const memory = (capacity = 30) => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** θ after MER learnt the examples in batches of `size`. */
function learnt(options: OptionsFor<typeof plugin.options>, size = 1): Float32Array {
  const network = make();
  const learner = mer(options, { network, buffer: memory() });
  for (const batch of batches(examples, size)) learner.observe(batch);
  return network.theta.toArray();
}

/** θ after `update` was made for each example, with a buffer that draws as MER's does. */
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

describe("learner-mer", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, beta: 0.5, gamma: 0.9, s: 2, k: 4 } });
    await checkLearner(plugin, { options: { alpha: 0.3, beta: 0.3, s: 3, k: 3, clip: 1 } });
  });

  it.each([
    { taskLabels: "never", clip: 0 },
    { taskLabels: "always", clip: 0 },
    { taskLabels: "always", clip: 0.5 },
  ] as const)("follows Algorithm 1 (task labels $taskLabels, clip $clip)", ({ taskLabels, clip }) => {
    const { examples: shown, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(network);
    const learner = mer({ alpha: 0.1, beta: 0.4, gamma: 0.8, s: 3, k: 5, clip }, { network, buffer: memory() });
    const mirror = memory();
    for (const current of shown) {
      learner.observe([current]);
      const before = theta;
      for (let i = 0; i < 3; i++) {
        const within = theta;
        for (const example of [current, ...mirror.sample(4)])
          theta = plus(theta, clipped(gradient(theta, [example]), clip), -0.1);
        theta = lerp(within, theta, 0.4);
      }
      theta = lerp(before, theta, 0.8);
      mirror.add(current);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
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
    expect(distance(theta, sum)).toBeGreaterThan(0.001); // not even with steps made as long
  });

  it.each([
    { s: 1, k: 1, capacity: 30 },
    { s: 3, k: 6, capacity: 30 },
    { s: 2, k: 31, capacity: 30 },
    { s: 10, k: 4, capacity: 3 },
  ])("makes s·Σ(1 + min(k−1, n, capacity)) SGD steps of one example each ($s, $k, $capacity)", ({ s, k, capacity }) => {
    const network = make();
    const steps = recordSteps(network);
    const learner = mer({ alpha: 0.01, s, k }, { network, buffer: memory(capacity) });
    for (const example of examples.slice(0, 100)) learner.observe([example]);
    const expected = examples.slice(0, 100).reduce((sum, _, n) => sum + s * (1 + Math.min(k - 1, n, capacity)), 0);
    expect(steps.length).toBe(expected);
    expect(steps.every(({ batch }) => batch.length === 1)).toBe(true);
  });

  it("learns a batch of the stream example by example", () => {
    const options = { alpha: 0.1, beta: 0.3, s: 2, k: 4 };
    expect(learnt(options, 8)).toEqual(learnt(options));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => mer({ alpha: 0.1, s: 1, k: 31 }, given)).not.toThrow();
    expect(() => mer({ alpha: 0.1, s: 1, k: 32 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
