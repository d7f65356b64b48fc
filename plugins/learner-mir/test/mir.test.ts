import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, Scenario, Term } from "@everlearn/contracts";
import plugin, { mir } from "@everlearn/learner-mir";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

/** 20 batches of 10 examples, of two tasks. */
function lesson(taskLabels: Scenario["taskLabels"]): { batches: Example[][]; outputs: number } {
  const stream = toyStream({}, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const batches = [0, 1].flatMap((task) => {
    const train = stream.train(task);
    return Array.from({ length: 10 }, (_, b) =>
      Array.from({ length: 10 }, (_, i) => scenario.example(task, train.input(b * 10 + i), train.label(b * 10 + i))),
    );
  });
  return { batches, outputs: scenario.outputs };
}

const memory = (capacity = 40): Buffer => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const exact = (network: Network) => Float64Array.from(network.theta.toArray());
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

/** A buffer that gives what it is told to. */
const giving = (drawn: readonly Example[]): Buffer =>
  Object.assign(Object.create(memory()) as Buffer, { sample: () => drawn });

/** The network, and on what batches and from what θ `descend` was called. */
function watched(network: Network): { network: Network; steps: { batch: readonly Term[]; theta: Float32Array }[] } {
  const steps: { batch: readonly Term[]; theta: Float32Array }[] = [];
  const descend: Network["descend"] = (batch, ...rest) => {
    steps.push({ batch, theta: network.theta.toArray() });
    return network.descend(batch, ...rest);
  };
  return { network: { ...network, descend }, steps };
}

describe("learner-mir", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.2, replay: 4, candidates: 12 } });
  });

  it.each(["never", "always"] as const)("follows Algorithm 1 in dense loops (task labels %s)", (labels) => {
    const { batches, outputs } = lesson(labels);
    const network = make(outputs);
    const { gradient, loss } = oracle(16, 10, outputs);
    const theta = exact(network);
    const learner = mir({ alpha: 0.3, replay: 5, candidates: 20 }, { network, buffer: memory() });
    const mirror = memory();
    for (const batch of batches) {
      learner.observe(batch);
      const g = gradient(theta, batch);
      const virtual = theta.map((value, i) => value - 0.3 * g[i]);
      const rest = new Set(mirror.sample(20));
      const retrieved: Example[] = [];
      while (retrieved.length < 5 && rest.size > 0) {
        let [best, most] = [batch[0], -Infinity];
        for (const example of rest) {
          const rise = loss(virtual, example) - loss(theta, example);
          if (rise > most) [best, most] = [example, rise];
        }
        retrieved.push(best);
        rest.delete(best);
      }
      gradient(theta, [...retrieved, ...batch]).forEach((value, i) => (theta[i] -= 0.3 * value));
      for (const example of batch) mirror.add(example);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("takes its real step from where it was before the virtual one, bit for bit", () => {
    const { batches } = lesson("never");
    const { network, steps } = watched(make());
    const learner = mir({ alpha: 0.7, replay: 3, candidates: 20 }, { network, buffer: memory() });
    for (const batch of batches) {
      const before = network.theta.toArray();
      learner.observe(batch);
      expect(steps.at(-1)?.theta).toEqual(before);
    }
    expect(steps.map(({ batch }) => batch.length)).toEqual(batches.map((_, i) => (i === 0 ? 10 : 13)));
  });

  it("goes by the rise of the loss, not by its height, and replays a candidate once", () => {
    const { batches } = lesson("never");
    const { network, steps } = watched(make());
    for (let i = 0; i < 100; i++) network.descend(batches[i % 10], 0.3);
    steps.length = 0;
    const [current, other, another] = batches.flat().filter(({ y }) => y === 0);
    const rising = { ...other, y: 1 };
    const falling = { ...batches[0].find(({ y }) => y === 1), y: 0 } as Example;
    const buffer = giving([other, falling, rising, rising, other, another]);
    const learner = mir({ alpha: 0.3, replay: 3, candidates: 6 }, { network, buffer });
    expect(Math.min(...network.losses([falling, rising]))).toBeGreaterThan(
      Math.max(...network.losses([other, another])),
    );
    learner.observe([current]);
    const retrieved = steps[0].batch.slice(0, -1);
    expect(retrieved[0]).toBe(rising);
    expect(new Set(retrieved)).toEqual(new Set([rising, other, another]));
    expect(steps[0].batch.at(-1)).toBe(current);
  });

  it("takes the first of equals", () => {
    const { batches } = lesson("never");
    const { network, steps } = watched(make());
    const equals = [0, 1, 2, 3].map(() => ({ ...batches[1][0] }));
    mir({ alpha: 0.3, replay: 2, candidates: 4 }, { network, buffer: giving(equals) }).observe(batches[0]);
    expect(steps[0].batch[0]).toBe(equals[0]);
    expect(steps[0].batch[1]).toBe(equals[1]);
    expect(steps[0].batch.slice(2)).toEqual(batches[0]);
  });

  it("refuses fewer candidates than it chooses, and more than the buffer can hold", () => {
    const given = { network: make(), buffer: memory(30) };
    expect(() => mir({ alpha: 0.1, replay: 30, candidates: 30 }, given)).not.toThrow();
    expect(() => mir({ alpha: 0.1, replay: 9, candidates: 8 }, given)).toThrow(/candidates = 8; use candidates ≥ 9/);
    expect(() => mir({ alpha: 0.1, replay: 9, candidates: 31 }, given)).toThrow(/at most 30; use candidates ≤ 30/);
  });
});
