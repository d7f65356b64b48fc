import { checkLearner, referenceNetwork, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Scenario, Term } from "@everlearn/contracts";
import plugin, { er } from "@everlearn/learner-er";
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

const memory = () => toyBuffer({ capacity: 30 }, { random: random(3) });

describe("learner-er", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, k: 6 } });
    await checkLearner(plugin, { options: { alpha: 0.2, k: 3, clip: 1 } });
  });

  it.each([
    { labels: "never", clip: 0 },
    { labels: "always", clip: 0 },
    { labels: "always", clip: 0.4 },
  ] as const)("follows Algorithm 4 in dense loops (task labels $labels, clip $clip)", ({ labels, clip }) => {
    const { examples, outputs } = lesson(labels);
    const network = referenceNetwork({ hidden: 10 }, { inputs: 16, outputs, random: random(2) });
    const plain = oracle(network.theta.toArray(), 16, 10, outputs);
    const learner = er({ alpha: 0.1, k: 6, clip }, { network, buffer: memory() });
    const mirror = memory();
    for (const current of examples) {
      learner.observe([current]);
      plain.step([...mirror.sample(5), current], 0.1, clip || Infinity);
      mirror.add(current);
    }
    const differences = network.theta.toArray().map((value, i) => Math.abs(value - plain.theta[i]));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it("makes one step for each batch, on the draws and then the batch, and keeps the batch afterwards", () => {
    const { examples } = lesson("never");
    const network = referenceNetwork({}, { inputs: 16, outputs: 4, random: random(2) });
    const steps: (readonly Term[])[] = [];
    const descend: typeof network.descend = (batch, rate, options) => {
      steps.push(batch);
      return network.descend(batch, rate, options);
    };
    const buffer = memory();
    const learner = er({ alpha: 0.1, k: 4 }, { network: { ...network, descend }, buffer });
    learner.observe(examples.slice(0, 2));
    learner.observe(examples.slice(2, 4));
    expect(steps.map(({ length }) => length)).toEqual([2, 4]);
    expect(steps[1].slice(-2)).toEqual(examples.slice(2, 4));
    for (const drawn of steps[1].slice(0, 2)) expect(examples.slice(0, 2)).toContain(drawn);
    expect(buffer.all()).toEqual(examples.slice(0, 4));
  });

  it("refuses more draws than the buffer can hold", () => {
    const network = referenceNetwork({}, { inputs: 16, outputs: 4, random: random(2) });
    expect(() => er({ alpha: 0.1, k: 31 }, { network, buffer: memory() })).not.toThrow();
    expect(() => er({ alpha: 0.1, k: 32 }, { network, buffer: memory() })).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
