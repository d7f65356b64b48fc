import { reservoir } from "@everlearn/buffer-reservoir";
import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, Scenario } from "@everlearn/contracts";
import plugin, { merOneBigBatch } from "@everlearn/learner-mer-one-big-batch";
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

const { examples } = lesson("never");
const make = (outputs = 4): Network => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });

/** A reservoir, and what was drawn from it. */
function recorded(): { buffer: Buffer; draws: Example[][] } {
  const buffer: Buffer = reservoir({ capacity: 30 }, { random: random(3) });
  const { sample } = buffer;
  const draws: Example[][] = [];
  buffer.sample = (count) => {
    draws.push(sample(count));
    return [...draws[draws.length - 1]];
  };
  return { buffer, draws };
}

describe("learner-mer-one-big-batch", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, gamma: 0.5, k: 6 } });
    await checkLearner(plugin, { options: { alpha: 0.3, gamma: 0.3, k: 3, clip: 1 } });
  });

  it.each([
    { labels: "never", clip: 0 },
    { labels: "always", clip: 0 },
    { labels: "always", clip: 0.5 },
  ] as const)("follows Algorithm 6 in dense loops (task labels $labels, clip $clip)", ({ labels, clip }) => {
    const { examples: shown, outputs } = lesson(labels);
    const network = make(outputs);
    const plain = oracle(network.theta.toArray(), [16, 10, 6, outputs]);
    const { theta } = plain;
    const { buffer, draws } = recorded();
    const learner = merOneBigBatch({ alpha: 0.1, gamma: 0.4, k: 6, clip }, { network, buffer });
    shown.forEach((current, n) => {
      learner.observe([current]);
      expect(draws[n].length).toBe(Math.min(5, n));
      for (const drawn of draws[n]) expect(shown.indexOf(drawn)).toBeLessThan(n);
      const before = theta.slice();
      for (const example of draws[n]) plain.step(example, 0.1, clip || Infinity);
      plain.step(current, 0.1, clip || Infinity);
      for (let i = 0; i < theta.length; i++) theta[i] = before[i] + 0.4 * (theta[i] - before[i]);
    });
    expect(draws.length).toBe(shown.length);
    expect(buffer.size).toBe(30);
    const differences = network.theta.toArray().map((value, i) => Math.abs(value - theta[i]));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it("takes a batch of the stream example by example", () => {
    const learnt = (size: number) => {
      const network = make();
      const learner = merOneBigBatch({ alpha: 0.1, gamma: 0.3, k: 4 }, { network, buffer: recorded().buffer });
      for (let i = 0; i < examples.length; i += size) learner.observe(examples.slice(i, i + size));
      return network.theta.toArray();
    };
    expect(learnt(8)).toEqual(learnt(1));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: toyBuffer({ capacity: 30 }, { random: random(3) }) };
    expect(() => merOneBigBatch({ alpha: 0.1, k: 31 }, given)).not.toThrow();
    expect(() => merOneBigBatch({ alpha: 0.1, k: 32 }, given)).toThrow(RangeError);
    expect(() => merOneBigBatch({ alpha: 0.1, k: 32 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
