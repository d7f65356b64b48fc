import { checkLearner, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Network, Scenario } from "@everlearn/contracts";
import plugin, { reptile } from "@everlearn/learner-reptile";
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
const make = (outputs = 4): Network => mlp({ hidden: [8, 6] }, { inputs: 16, outputs, random: random(2) });
const distance = (a: Float32Array, b: ArrayLike<number>) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe("learner-reptile", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.2, gamma: 0.5, s: 7 } });
    await checkLearner(plugin, { options: { alpha: 0.4, gamma: 0.5, s: 1 } });
    await checkLearner(plugin, { options: { alpha: 0.3, s: 5, clip: 1 } });
  });

  it.each([
    { labels: "never", size: 1, s: 7, clip: 0 },
    { labels: "never", size: 3, s: 5, clip: 0 },
    { labels: "always", size: 2, s: 4, clip: 0.5 },
  ] as const)("follows Algorithm 2 by differences ($labels, batches of $size, s $s, clip $clip)", (setting) => {
    const { labels, size, s, clip } = setting;
    const { examples: shown, outputs } = lesson(labels);
    const network = make(outputs);
    const plain = oracle(network.theta.toArray(), [16, 8, 6, outputs]);
    const { theta } = plain;
    const learner = reptile({ alpha: 0.1, gamma: 0.6, s, clip }, { network });
    let before = theta.slice();
    for (let i = 0, step = 1; i < shown.length; i += size, step++) {
      const batch = shown.slice(i, i + size);
      learner.observe(batch);
      plain.step(batch, 0.1, clip || Infinity);
      if (step % s === 0) {
        for (let j = 0; j < theta.length; j++) theta[j] = before[j] + 0.6 * (theta[j] - before[j]);
        before = theta.slice();
      }
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("goes on with the same bits from any of its s places, and keeps nothing right after an interpolation", () => {
    const options = { alpha: 0.1, gamma: 0.3, s: 4 };
    const [first, rest] = [examples.slice(0, 40), examples.slice(40, 60)];
    for (let place = 0; place < 4; place++) {
      const shown = first.slice(0, 36 + place);
      const [one, other] = [make(), make()];
      const [learner, fresh] = [reptile(options, { network: one }), reptile(options, { network: other })];
      for (const example of shown) learner.observe([example]);
      expect(learner.save() === null).toBe(place === 0);
      fresh.observe([examples[100]]); // what it must forget
      other.load(one.save());
      fresh.load(learner.save());
      for (const example of rest) for (const each of [learner, fresh]) each.observe([example]);
      expect(other.theta.toArray()).toEqual(one.theta.toArray());
    }
  });
});
