import { reservoir } from "@everlearn/buffer-reservoir";
import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, OptionsFor, Scenario, Term } from "@everlearn/contracts";
import plugin, { merCurrentExampleRate } from "@everlearn/learner-mer-current-example-rate";
import { mlp } from "@everlearn/network-mlp";
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

interface Step {
  readonly term: Term;
  readonly rate: number;
}

const { examples } = lesson("never");
const make = (outputs = 4): Network => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });

/** A learner at work, what it draws, and the steps that it makes. */
function session(options: OptionsFor<typeof plugin.options>, { outputs = 4, seed = 4, keep = examples.slice(0, 0) }) {
  const buffer: Buffer = reservoir({ capacity: 30 }, { random: random(3) });
  for (const example of keep) buffer.add(example);
  const { sample } = buffer;
  const draws: Example[][] = [];
  buffer.sample = (count) => {
    draws.push(sample(count));
    return [...draws[draws.length - 1]];
  };
  const network = make(outputs);
  const initial = network.theta.toArray();
  const steps: Step[] = [];
  const descend: Network["descend"] = (batch, rate, limits) => {
    expect(batch.length).toBe(1);
    steps.push({ term: batch[0], rate });
    return network.descend(batch, rate, limits);
  };
  const given = { network: { ...network, descend }, buffer, random: random(seed) };
  return { learner: merCurrentExampleRate(options, given), network, initial, buffer, draws, steps };
}

/** θ after the examples, in batches of `size`. */
function learnt(options: OptionsFor<typeof plugin.options>, size = 1, shown = examples, setting = {}): Float32Array {
  const { learner, network } = session(options, setting);
  for (let i = 0; i < shown.length; i += size) learner.observe(shown.slice(i, i + size));
  return network.theta.toArray();
}

describe("learner-mer-current-example-rate", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, gamma: 0.5, k: 5, s: 2 } });
    await checkLearner(plugin, { options: { alpha: 0.1, gamma: 0.3, k: 4, s: 3, clip: 1, variant: "released" } });
  });

  it.each([
    { labels: "never", clip: 0 },
    { labels: "always", clip: 0 },
    { labels: "always", clip: 0.5 },
  ] as const)("follows Algorithm 7 by the chain rule (task labels $labels, clip $clip)", ({ labels, clip }) => {
    const { examples: shown, outputs } = lesson(labels);
    const options = { alpha: 0.05, gamma: 0.4, k: 6, s: 4, clip };
    const { learner, network, initial, buffer, draws, steps } = session(options, { outputs });
    const plain = oracle(initial, [16, 10, 6, outputs]);
    shown.forEach((current, n) => {
      learner.observe([current]);
      expect(draws[n].length).toBe(Math.min(5, n));
      const order = steps.splice(0).map(({ term }) => shown.indexOf(term as Example));
      const batch = [...draws[n], current].map((example) => shown.indexOf(example));
      expect(order.toSorted((a, b) => a - b)).toEqual(batch.toSorted((a, b) => a - b));
      expect(Math.max(...order)).toBe(n); // all draws are older
      const before = plain.theta;
      for (const i of order) plain.step(shown[i], i === n ? 0.05 * 4 : 0.05, clip || Infinity);
      plain.theta = plain.theta.map((to, i) => before[i] + 0.4 * (to - before[i]));
    });
    expect(buffer.size).toBe(30);
    const differences = network.theta.toArray().map((value, i) => Math.abs(value - plain.theta[i]));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it("knows the current example by its place, whatever equal ones the buffer holds", () => {
    const { learner, steps } = session({ alpha: 0.01, k: 6, s: 3 }, {});
    for (let n = 0; n < 20; n++) {
      learner.observe([examples[0]]);
      const rates = steps.splice(0).map(({ rate }) => rate);
      const draws = new Array<number>(Math.min(5, n)).fill(0.01);
      expect(rates.toSorted((a, b) => a - b)).toEqual([...draws, 3 * 0.01]);
    }
  });

  it("takes the current example at any place with the same probability, as its generator says", () => {
    const places = (seed: number) => {
      const { learner, steps } = session({ alpha: 1e-6, k: 5, s: 2 }, { seed, keep: examples.slice(0, 30) });
      return Array.from({ length: 2000 }, (_, n) => {
        learner.observe([examples[n % 200]]);
        return steps.splice(0).findIndex(({ rate }) => rate === 2e-6);
      });
    };
    const found = places(4);
    const counts = [0, 1, 2, 3, 4].map((place) => found.filter((one) => one === place).length);
    const chiSquare = counts.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
    expect(chiSquare).toBeLessThan(18.47); // 4 degrees of freedom, 0.1 %
    expect(places(4)).toEqual(found);
    expect(places(5)).not.toEqual(found);
  });

  it('only keeps the very first example in the variant "released"', () => {
    const options = { alpha: 0.1, gamma: 0.5, k: 4, s: 2 };
    const { learner, network, initial, buffer } = session({ ...options, variant: "released" }, {});
    learner.observe(examples.slice(0, 1));
    expect(network.theta.toArray()).toEqual(initial);
    expect(buffer.all()).toEqual(examples.slice(0, 1));
    const released = learnt({ ...options, variant: "released" });
    expect(released).toEqual(learnt(options, 1, examples.slice(1), { keep: examples.slice(0, 1) }));
    expect(released).not.toEqual(learnt(options));
    expect(learnt(options)).toEqual(learnt({ ...options, variant: "paper" }));
  });

  it("takes a batch of the stream example by example", () => {
    const options = { alpha: 0.1, gamma: 0.3, k: 4, s: 2 };
    expect(learnt(options, 8)).toEqual(learnt(options));
    const released = { ...options, variant: "released" } as const;
    expect(learnt(released, 8)).toEqual(learnt(released));
  });

  it("refuses more draws than the buffer can hold", () => {
    const buffer = toyBuffer({ capacity: 30 }, { random: random(3) });
    const given = { network: make(), buffer, random: random(4) };
    expect(() => merCurrentExampleRate({ alpha: 0.1, k: 31, s: 2 }, given)).not.toThrow();
    expect(() => merCurrentExampleRate({ alpha: 0.1, k: 32, s: 2 }, given)).toThrow(RangeError);
    expect(() => merCurrentExampleRate({ alpha: 0.1, k: 32, s: 2 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
