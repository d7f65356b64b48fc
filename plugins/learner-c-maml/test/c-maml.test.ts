import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, Scenario } from "@everlearn/contracts";
import plugin, { cMaml } from "@everlearn/learner-c-maml";
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

const memory = (capacity = 30): Buffer => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const exact = (network: Network) => Float64Array.from(network.theta.toArray());
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

describe("learner-c-maml", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha0: 0.1, beta: 0.2, replay: 5 } });
    await checkLearner(plugin, { options: { alpha0: 0.1, beta: 0.3, replay: 4, glances: 2, clip: 0.7 } });
  });

  it.each([
    { labels: "never", clip: 0 },
    { labels: "always", clip: 0 },
    { labels: "always", clip: 0.5 },
  ] as const)("follows the trajectory in dense loops (task labels $labels, clip $clip)", ({ labels, clip }) => {
    const { batches, outputs } = lesson(labels);
    const network = make(outputs);
    const { gradient } = oracle(16, 10, outputs);
    const theta = exact(network);
    const options = { alpha0: 0.15, beta: 0.3, replay: 7, glances: 3, clip };
    const learner = cMaml(options, { network, buffer: memory(), random: random(4) });
    const [mirror, order] = [memory(), random(4)];
    let clipped = 0;
    for (const batch of batches) {
      learner.observe(batch);
      for (let glance = 0; glance < 3; glance++) {
        const trajectory = [...order.permutation(10)].map((i) => batch[i]);
        const meta = [...mirror.sample(7), ...batch];
        const phi = theta.slice();
        const mean = new Float64Array(theta.length);
        for (const example of trajectory) {
          gradient(phi, [example]).forEach((g, i) => (phi[i] -= 0.15 * g));
          gradient(phi, meta).forEach((g, i) => (mean[i] += g / 10));
        }
        const norm = Math.hypot(...mean);
        if (clip > 0 && norm > clip) clipped++;
        mean.forEach((g, i) => (theta[i] -= 0.3 * g * (clip > 0 && norm > clip ? clip / norm : 1)));
        if (glance === 0) for (const example of trajectory) mirror.add(example);
      }
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    if (clip > 0) expect(clipped).toBeGreaterThan(5);
  });

  it("follows the gradient that finite differences of the meta-loss have along the trajectory", () => {
    const { batches } = lesson("never");
    const { loss } = oracle(16, 10, 4);
    const network = make();
    const before = exact(network);
    const buffer = memory();
    for (const example of batches[1]) buffer.add(example);
    const [mirror, order] = [memory(), random(4)];
    for (const example of batches[1]) mirror.add(example);
    cMaml({ alpha0: 0.3, beta: 1, replay: 5, clip: 0 }, { network, buffer, random: random(4) }).observe(batches[0]);

    const slope = (theta: Float64Array, batch: readonly Example[]) =>
      theta.map((_, i) => {
        const at = (step: number) => {
          const moved = theta.with(i, theta[i] + step);
          return batch.reduce((sum, example) => sum + loss(moved, example) / batch.length, 0);
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
    const meta = [...mirror.sample(5), ...batches[0]];
    const phi = before.slice();
    const mean = new Float64Array(phi.length);
    for (const place of order.permutation(10)) {
      slope(phi, [batches[0][place]]).forEach((g, i) => (phi[i] -= 0.3 * g));
      slope(phi, meta).forEach((g, i) => (mean[i] += g / 10));
    }
    const moved = exact(network).map((to, i) => before[i] - to);
    expect(distance(moved, mean)).toBeLessThan(1e-5);
    expect(Math.hypot(...mean)).toBeGreaterThan(0.1);
  });

  it("draws anew in each glance, keeps the batch after the first, and makes one step of the optimizer in each", () => {
    const { batches } = lesson("never");
    const network = make();
    const events: string[] = [];
    const buffer: Buffer = Object.assign(Object.create(memory()) as Buffer, {
      sample(count: number) {
        events.push(`sample ${count}`);
        return [];
      },
      add: () => events.push("add"),
    });
    const step: Network["step"] = (...given) => {
      events.push("step");
      network.step(...given);
    };
    const descend = () => {
      throw new Error("The trajectory is no step of the optimizer.");
    };
    const options = { alpha0: 0.1, beta: 0.1, replay: 6, glances: 2 };
    const learner = cMaml(options, { network: { ...network, step, descend }, buffer, random: random(4) });
    learner.observe(batches[0].slice(0, 3));
    expect(events).toEqual(["sample 6", "step", "add", "add", "add", "sample 6", "step"]);
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory(), random: random(4) };
    expect(() => cMaml({ alpha0: 0.1, beta: 0.1, replay: 30 }, given)).not.toThrow();
    expect(() => cMaml({ alpha0: 0.1, beta: 0.1, replay: 31 }, given)).toThrow(
      /replay = 31 .* at most 30; use replay ≤ 30/,
    );
  });
});
