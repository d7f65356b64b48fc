import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import plugin, { sync } from "@everlearn/learner-sync";
import { mlp } from "@everlearn/network-mlp";
import {
  batches,
  clipped,
  denseNetwork,
  distance,
  lesson,
  plus,
  range,
  recordEvents,
  thetaOf,
} from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const [first, second] = batches(lesson().examples, 10);
const memory = (held: readonly Example[] = []) => {
  const buffer = toyBuffer({ capacity: 30 }, { random: random(3) });
  for (const example of held) buffer.add(example);
  return buffer;
};
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const relu = (value: number) => (value > 0 ? value : 0);
const times = (a: Float64Array, b: Float64Array) => a.map((value, i) => value * b[i]);

describe("learner-sync", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha0: 0.1, beta: 0.3, eta: 0.3, replay: 4, glances: 2 } });
  });

  it.each([
    { taskLabels: "never", eta: 0.2, clip: 0 },
    { taskLabels: "always", eta: 0.3, clip: 0 },
    { taskLabels: "always", eta: 0.5, clip: 0.25 },
  ] as const)("steps in the released code's order (task labels $taskLabels, η $eta, clip $clip)", (given) => {
    const { taskLabels, eta, clip } = given;
    const { examples, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(network);
    let alpha = theta.map(() => 0.12);
    const options = { alpha0: 0.12, beta: 0.25, eta, replay: 7, glances: 3, clip };
    const learner = sync(options, { network, buffer: memory(), random: random(4) });
    const [mirror, order] = [memory(), random(4)];
    const shortened = { theta: 0, alpha: 0 };
    const shorten = (slope: Float64Array, what: keyof typeof shortened) => {
      const short = clipped(slope, clip);
      if (short !== slope) shortened[what]++;
      return short;
    };
    for (const batch of batches(examples, 10)) {
      learner.observe(batch);
      for (const glance of range(3)) {
        const trajectory = [...order.permutation(10)].map((i) => batch[i]);
        const meta = [...mirror.sample(7), ...batch];
        let phi = theta;
        const [met, byTheta, byAlpha] = [theta, theta, theta].map(({ length }) => new Float64Array(length));
        for (const example of trajectory) {
          const g = gradient(phi, [example]);
          phi = plus(phi, times(alpha.map(relu), g), -1);
          gradient(phi, meta).forEach((metaG, i) => {
            met[i] += g[i]; // Σ of the gradients met so far
            byTheta[i] += metaG / 10;
            if (alpha[i] > 0) byAlpha[i] -= (met[i] * metaG) / 10;
          });
        }
        theta = plus(theta, shorten(byTheta, "theta"), -0.25);
        alpha = plus(alpha, shorten(byAlpha, "alpha"), -eta);
        if (glance === 0) for (const example of trajectory) mirror.add(example);
      }
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(distance(learner.save() as Float32Array, alpha.map(relu))).toBeLessThan(1e-5);
    expect(alpha.filter((rate) => rate <= 0).length).toBeGreaterThan(3);
    expect(alpha.filter((rate) => rate > 0.13).length).toBeGreaterThan(10);
    if (clip > 0) expect(Math.min(shortened.theta, shortened.alpha)).toBeGreaterThan(3);
  });

  it("learns rates by the slope that finite differences of the meta-loss have", () => {
    const { loss, gradient } = denseNetwork(16, 10, 4);
    const batch = first.slice(0, 4);
    const network = make();
    const before = thetaOf(network);
    const options = { alpha0: 0.2, beta: 0.1, eta: 0.01, replay: 5, clip: 0 };
    const learner = sync(options, { network, buffer: memory(second), random: random(4) });
    learner.observe(batch);

    // First order: the gradients met on the way are what they are, whatever the rates.
    const meta = [...memory(second).sample(5), ...batch];
    let met = before.map(() => 0);
    const sums: Float64Array[] = [];
    for (const place of random(4).permutation(4)) {
      met = plus(met, gradient(plus(before, met, -0.2), [batch[place]]));
      sums.push(met);
    }
    const metaLoss = (alpha: Float64Array) =>
      sums.reduce((total, sum) => total + loss(plus(before, times(alpha, sum), -1), meta) / sums.length, 0);
    const alpha = before.map(() => 0.2);
    const slope = alpha.map((rate, i) => {
      const lossAt = (step: number) => metaLoss(alpha.with(i, rate + step));
      return (lossAt(1e-5) - lossAt(-1e-5)) / 2e-5;
    });
    const learnt = Float64Array.from(learner.save() as Float32Array, (rate) => (0.2 - rate) / 0.01);
    expect(distance(learnt, slope)).toBeLessThan(1e-4);
    expect(Math.max(...slope.map(Math.abs))).toBeGreaterThan(0.05);
  });

  it("steps with rate β, whatever the rates that it learns", () => {
    const { gradient } = denseNetwork(16, 10, 4);
    const [current] = first;
    const network = make();
    const before = thetaOf(network);
    const options = { alpha0: 0.2, beta: 0.7, eta: 3, replay: 5, clip: 0 };
    const learner = sync(options, { network, buffer: memory(), random: random(4) });
    learner.observe([current]);
    const g = gradient(before, [current]);
    const there = gradient(plus(before, g, -0.2), [current]); // dL(θ − α ⊙ g)/dα = −g ⊙ there
    const alpha = times(g, there).map((product) => relu(0.2 + 3 * product));
    expect(distance(learner.save() as Float32Array, alpha)).toBeLessThan(1e-6);
    expect(distance(network.theta.toArray(), plus(before, there, -0.7))).toBeLessThan(1e-6);
    expect(Math.max(...alpha)).toBeGreaterThan(0.3);
  });

  it("draws anew in each glance, keeps the batch after the first, and makes one step of the optimizer in each", () => {
    const [network, buffer] = [make(), memory()];
    const events = recordEvents(network, buffer);
    const options = { alpha0: 0.1, beta: 0.1, eta: 0.1, replay: 6, glances: 2 };
    sync(options, { network, buffer, random: random(4) }).observe(first.slice(0, 3));
    expect(events).toEqual(["sample 6", "step", "add", "add", "add", "sample 6", "step"]);
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory(), random: random(4) };
    const options = { alpha0: 0.1, beta: 0.1, eta: 0.1 };
    expect(() => sync({ ...options, replay: 30 }, given)).not.toThrow();
    expect(() => sync({ ...options, replay: 31 }, given)).toThrow(/replay = 31 .* at most 30; use replay ≤ 30/);
  });
});
