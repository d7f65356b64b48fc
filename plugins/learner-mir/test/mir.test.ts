import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Buffer, Example } from "@everlearn/contracts";
import plugin, { mir } from "@everlearn/learner-mir";
import { mlp } from "@everlearn/network-mlp";
import { batches, denseNetwork, distance, lesson, plus, range, recordSteps, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { examples } = lesson();
const memory = (capacity = 40): Buffer => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** A buffer that draws what it is told to. */
const drawing = (...drawn: readonly Example[]): Buffer => ({ ...memory(), sample: () => [...drawn] });

describe("learner-mir", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.2, replay: 4, candidates: 12 } });
  });

  it.each(["never", "always"] as const)("follows Algorithm 1 (task labels %s)", (taskLabels) => {
    const { examples: shown, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient, loss } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(network);
    const learner = mir({ alpha: 0.3, replay: 5, candidates: 20 }, { network, buffer: memory() });
    const mirror = memory();
    for (const batch of batches(shown, 10)) {
      learner.observe(batch);
      const virtual = plus(theta, gradient(theta, batch), -0.3);
      const rises = new Map(
        mirror.sample(20).map((example) => [example, loss(virtual, [example]) - loss(theta, [example])]),
      );
      const retrieved: Example[] = [];
      while (retrieved.length < 5 && rises.size > 0) {
        const most = Math.max(...rises.values());
        for (const [example, rise] of rises)
          if (rise === most) {
            retrieved.push(example);
            rises.delete(example);
            break;
          }
      }
      theta = plus(theta, gradient(theta, [...retrieved, ...batch]), -0.3);
      for (const example of batch) mirror.add(example);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("takes its real step from where it was before the virtual one, bit for bit", () => {
    const network = make();
    const steps = recordSteps(network);
    const learner = mir({ alpha: 0.7, replay: 3, candidates: 20 }, { network, buffer: memory() });
    for (const batch of batches(examples, 10)) {
      const before = network.theta.toArray();
      learner.observe(batch);
      expect(steps.at(-1)?.theta).toEqual(before);
    }
    expect(steps.map(({ batch }) => batch.length)).toEqual([10, ...new Array<number>(19).fill(13)]);
  });

  it("goes by the rise of the loss, not by its height, and replays a candidate once", () => {
    const network = make();
    for (const i of range(100)) network.descend(batches(examples, 10)[i % 10], 0.3);
    const [current, other, another] = examples.filter(({ y }) => y === 0);
    const rising = { ...other, y: 1 };
    const falling = { ...examples.filter(({ y }) => y === 1)[0], y: 0 };
    const [high, low] = [network.losses([falling, rising]), network.losses([other, another])];
    expect(Math.min(...high)).toBeGreaterThan(Math.max(...low));
    const steps = recordSteps(network);
    const buffer = drawing(other, falling, rising, rising, other, another);
    mir({ alpha: 0.3, replay: 3, candidates: 6 }, { network, buffer }).observe([current]);
    const retrieved = steps[0].batch.slice(0, -1);
    expect(retrieved[0]).toBe(rising);
    expect(new Set(retrieved)).toEqual(new Set([rising, other, another]));
    expect(steps[0].batch.at(-1)).toBe(current);
  });

  it("takes the first of equals", () => {
    const network = make();
    const steps = recordSteps(network);
    const [batch, [other]] = batches(examples, 10);
    const equals = range(4).map(() => ({ ...other }));
    mir({ alpha: 0.3, replay: 2, candidates: 4 }, { network, buffer: drawing(...equals) }).observe(batch);
    expect(steps[0].batch[0]).toBe(equals[0]);
    expect(steps[0].batch[1]).toBe(equals[1]);
    expect(steps[0].batch.slice(2)).toEqual(batch);
  });

  it("refuses fewer candidates than it chooses, and more than the buffer can hold", () => {
    const given = { network: make(), buffer: memory(30) };
    expect(() => mir({ alpha: 0.1, replay: 30, candidates: 30 }, given)).not.toThrow();
    expect(() => mir({ alpha: 0.1, replay: 9, candidates: 8 }, given)).toThrow(/candidates = 8; use candidates ≥ 9/);
    expect(() => mir({ alpha: 0.1, replay: 9, candidates: 31 }, given)).toThrow(/at most 30; use candidates ≤ 30/);
  });
});
