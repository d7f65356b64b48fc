import { reservoir } from "@everlearn/buffer-reservoir";
import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Buffer } from "@everlearn/contracts";
import plugin, { erWithTasks } from "@everlearn/learner-er-with-tasks";
import { mlp } from "@everlearn/network-mlp";
import {
  clipped,
  denseNetwork,
  distance,
  lesson,
  plus,
  range,
  recordDraws,
  recordSteps,
  thetaOf,
} from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { tasks } = lesson({ tasks: 3, examples: 67, taskLabels: "training" });
const make = (outputs = 4) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const memory = () => toyBuffer({ capacity: 30 }, { random: random(3) });

describe("learner-er-with-tasks", () => {
  it("conforms to the learner contract, and needs task labels", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, k: 6 } });
    await checkLearner(plugin, { options: { alpha: 0.2, k: 3, clip: 1 } });
    expect(plugin.needs).toEqual(["network", "buffer", "taskLabels"]);
  });

  it.each([
    { taskLabels: "training", clip: 0 },
    { taskLabels: "training", clip: 0.4 },
    { taskLabels: "always", clip: 0 },
  ] as const)("follows Algorithm 5 (task labels $taskLabels, clip $clip)", ({ taskLabels, clip }) => {
    const { examples, outputs } = lesson({ tasks: 3, examples: 67, taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, 6, outputs);
    let theta = thetaOf(network);
    const buffer: Buffer = reservoir({ capacity: 30 }, { random: random(3) });
    const draws = recordDraws(buffer);
    const learner = erWithTasks({ alpha: 0.05, k: 8, clip }, { network, buffer });
    examples.forEach((current, n) => {
      learner.observe([current]);
      expect(draws[n].length).toBe(Math.min(7, n));
      for (const drawn of draws[n]) expect(examples.indexOf(drawn)).toBeLessThan(n);
      const batch = [...draws[n], current];
      const groups = range(3).map((task) => batch.filter((example) => example.task === task));
      const present = groups.filter(({ length }) => length > 0);
      const sum = present.map((group) => gradient(theta, group)).reduce((a, b) => plus(a, b));
      theta = plus(theta, clipped(sum, clip), -0.05);
    });
    expect(draws.length).toBe(examples.length);
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("gives every task that is present the same weight, however many examples it has", () => {
    const [a, b, c] = tasks.map(([first]) => first);
    const buffer: Buffer = { ...memory(), sample: () => [a, b, a, a] };
    const network = make();
    const steps = recordSteps(network);
    const learner = erWithTasks({ alpha: 0.1, k: 5 }, { network, buffer });
    const means = network.losses([a, b, c]);
    learner.observe([c]);
    expect(steps.map(({ batch }) => batch.map(({ task, weight }) => ({ task, weight })))).toEqual([
      [0, 1, 0, 0, 2].map((task) => ({ task, weight: task === 0 ? 5 / 3 : 5 })),
    ]);
    const sum = steps[0].batch.reduce((total, term) => total + (term.weight ?? 1) * 0.2 * means[term.task ?? 0], 0);
    expect(sum).toBeCloseTo(means[0] + means[1] + means[2], 10);
    expect(Object.keys(c)).not.toContain("weight");
  });

  it("makes one step for each batch, and keeps the batch afterwards as it came", () => {
    const [network, buffer] = [make(), memory()];
    const steps = recordSteps(network);
    const learner = erWithTasks({ alpha: 0.1, k: 4 }, { network, buffer });
    const shown = [...tasks[0].slice(0, 3), tasks[1][0]];
    learner.observe(shown.slice(0, 2));
    learner.observe(shown.slice(2));
    expect(steps.map(({ batch }) => batch.length)).toEqual([2, 4]);
    const kept = buffer.all();
    shown.forEach((example, i) => expect(kept[i]).toBe(example));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => erWithTasks({ alpha: 0.1, k: 31 }, given)).not.toThrow();
    expect(() => erWithTasks({ alpha: 0.1, k: 32 }, given)).toThrow(RangeError);
    expect(() => erWithTasks({ alpha: 0.1, k: 32 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
