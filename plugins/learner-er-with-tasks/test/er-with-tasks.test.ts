import { reservoir } from "@everlearn/buffer-reservoir";
import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, Scenario, Term } from "@everlearn/contracts";
import plugin, { erWithTasks } from "@everlearn/learner-er-with-tasks";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

/** 201 examples of three tasks. */
function lesson(taskLabels: Scenario["taskLabels"]): { examples: Example[]; outputs: number } {
  const stream = toyStream({ tasks: 3 }, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const examples = [0, 1, 2].flatMap((task) => {
    const train = stream.train(task);
    return Array.from({ length: 67 }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
  return { examples, outputs: scenario.outputs };
}

const make = (outputs = 4, hidden = [10, 6]): Network => mlp({ hidden }, { inputs: 16, outputs, random: random(2) });
const memory = () => toyBuffer({ capacity: 30 }, { random: random(3) });

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

describe("learner-er-with-tasks", () => {
  it("does what a learner must do, and cannot do without task labels", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, k: 6 } });
    await checkLearner(plugin, { options: { alpha: 0.2, k: 3, clip: 1 } });
    expect(plugin.needs).toEqual(["buffer", "taskLabels"]);
  });

  it.each([
    { labels: "training", clip: 0 },
    { labels: "training", clip: 0.4 },
    { labels: "always", clip: 0 },
  ] as const)("follows Algorithm 5 in matrices (task labels $labels, clip $clip)", ({ labels, clip }) => {
    const { examples, outputs } = lesson(labels);
    const network = make(outputs);
    const plain = oracle(network.theta.toArray(), [16, 10, 6, outputs]);
    const { buffer, draws } = recorded();
    const learner = erWithTasks({ alpha: 0.05, k: 8, clip }, { network, buffer });
    examples.forEach((current, n) => {
      learner.observe([current]);
      expect(draws[n].length).toBe(Math.min(7, n));
      for (const drawn of draws[n]) expect(examples.indexOf(drawn)).toBeLessThan(n);
      const batch = [...draws[n], current];
      const groups = [0, 1, 2].map((task) => batch.filter((example) => example.task === task));
      const present = groups.filter(({ length }) => length > 0);
      plain.step(present, 0.05, clip || Infinity);
    });
    expect(draws.length).toBe(examples.length);
    const theta = plain.theta();
    const differences = network.theta.toArray().map((value, i) => Math.abs(value - theta[i]));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it("gives each task present the same say, however many examples it has", () => {
    const { examples } = lesson("training");
    const [a, b, c] = [examples[0], examples[70], examples[140]];
    const buffer: Buffer = { ...memory(), sample: () => [a, b, a, a] };
    const network = make();
    const steps: (readonly Term[])[] = [];
    const descend: Network["descend"] = (batch, ...rest) => {
      steps.push(batch);
      return network.descend(batch, ...rest);
    };
    const learner = erWithTasks({ alpha: 0.1, k: 5 }, { network: { ...network, descend }, buffer });
    const means = [[a], [b], [c]].map((group) => network.losses(group)[0]);
    learner.observe([c]);
    expect(steps.map((terms) => terms.map(({ task, weight }) => ({ task, weight })))).toEqual([
      [0, 1, 0, 0, 2].map((task) => ({ task, weight: task === 0 ? 5 / 3 : 5 })),
    ]);
    const sum = steps[0].reduce((total, term) => total + (term.weight ?? 1) * 0.2 * means[term.task ?? 0], 0);
    expect(sum).toBeCloseTo(means[0] + means[1] + means[2], 10);
    expect(Object.keys(c)).not.toContain("weight");
  });

  it("makes one step for each batch, and keeps the batch afterwards as it came", () => {
    const { examples } = lesson("training");
    const network = make();
    const sizes: number[] = [];
    const descend: Network["descend"] = (batch, ...rest) => {
      sizes.push(batch.length);
      return network.descend(batch, ...rest);
    };
    const buffer = memory();
    const learner = erWithTasks({ alpha: 0.1, k: 4 }, { network: { ...network, descend }, buffer });
    learner.observe(examples.slice(0, 2));
    learner.observe(examples.slice(66, 68));
    expect(sizes).toEqual([2, 4]);
    const kept = buffer.all();
    [0, 1, 66, 67].forEach((from, i) => expect(kept[i]).toBe(examples[from]));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => erWithTasks({ alpha: 0.1, k: 31 }, given)).not.toThrow();
    expect(() => erWithTasks({ alpha: 0.1, k: 32 }, given)).toThrow(RangeError);
    expect(() => erWithTasks({ alpha: 0.1, k: 32 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
