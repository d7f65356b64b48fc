import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, Scenario } from "@everlearn/contracts";
import plugin, { sync } from "@everlearn/learner-sync";
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
const relu = (value: number) => (value > 0 ? value : 0);

describe("learner-sync", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha0: 0.1, beta: 0.3, eta: 0.3, replay: 4, glances: 2 } });
  });

  it.each([
    { labels: "never", eta: 0.2, clip: 0 },
    { labels: "always", eta: 0.3, clip: 0 },
    { labels: "always", eta: 0.5, clip: 0.25 },
  ] as const)("follows the released code's order of things (task labels $labels, η $eta, clip $clip)", (given) => {
    const { labels, eta, clip } = given;
    const { batches, outputs } = lesson(labels);
    const network = make(outputs);
    const { gradient } = oracle(16, 10, outputs);
    const theta = exact(network);
    const alpha = theta.map(() => 0.12);
    const options = { alpha0: 0.12, beta: 0.25, eta, replay: 7, glances: 3, clip };
    const learner = sync(options, { network, buffer: memory(), random: random(4) });
    const [mirror, order] = [memory(), random(4)];
    const clipped = { theta: 0, alpha: 0 };
    const shorten = (v: Float64Array, what: keyof typeof clipped) => {
      const norm = Math.hypot(...v);
      if (clip === 0 || norm <= clip) return;
      v.forEach((value, i) => (v[i] = (value * clip) / norm));
      clipped[what]++;
    };
    for (const batch of batches) {
      learner.observe(batch);
      for (let glance = 0; glance < 3; glance++) {
        const trajectory = [...order.permutation(10)].map((i) => batch[i]);
        const meta = [...mirror.sample(7), ...batch];
        const phi = theta.slice();
        const met: Float64Array[] = [];
        const byTheta = theta.map(() => 0);
        const byAlpha = theta.map(() => 0);
        for (const example of trajectory) {
          met.push(gradient(phi, [example]));
          met[met.length - 1].forEach((g, i) => (phi[i] -= relu(alpha[i]) * g));
          gradient(phi, meta).forEach((g, i) => {
            byTheta[i] += g / 10;
            if (alpha[i] > 0) for (const earlier of met) byAlpha[i] -= (earlier[i] * g) / 10;
          });
        }
        shorten(byTheta, "theta");
        shorten(byAlpha, "alpha");
        theta.forEach((_, i) => {
          theta[i] -= 0.25 * byTheta[i];
          alpha[i] -= eta * byAlpha[i];
        });
        if (glance === 0) for (const example of trajectory) mirror.add(example);
      }
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(distance(learner.save() as Float32Array, alpha.map(relu))).toBeLessThan(1e-5);
    expect(alpha.filter((rate) => rate <= 0).length).toBeGreaterThan(3);
    expect(alpha.filter((rate) => rate > 0.13).length).toBeGreaterThan(10);
    if (clip > 0) expect(Math.min(clipped.theta, clipped.alpha)).toBeGreaterThan(3);
  });

  it("learns rates by the slope that finite differences of the meta-loss have", () => {
    const { batches } = lesson("never");
    const { loss, gradient } = oracle(16, 10, 4);
    const batch = batches[0].slice(0, 4);
    const network = make();
    const before = exact(network);
    const [buffer, mirror, order] = [memory(), memory(), random(4)];
    for (const example of batches[1]) for (const one of [buffer, mirror]) one.add(example);
    const options = { alpha0: 0.2, beta: 0.1, eta: 0.01, replay: 5, clip: 0 };
    const learner = sync(options, { network, buffer, random: random(4) });
    learner.observe(batch);

    // First order: the gradients met on the way are what they are, whatever the rates.
    const meta = [...mirror.sample(5), ...batch];
    const phi = before.slice();
    const sums: Float64Array[] = [];
    for (const place of order.permutation(4)) {
      const g = gradient(phi, [batch[place]]);
      g.forEach((value, i) => (phi[i] -= 0.2 * value));
      sums.push(g.map((value, i) => value + (sums.at(-1)?.[i] ?? 0)));
    }
    const metaLoss = (alpha: Float64Array) =>
      sums.reduce((total, sum) => {
        const theta = before.map((value, i) => value - alpha[i] * sum[i]);
        return total + meta.reduce((mean, example) => mean + loss(theta, example) / meta.length, 0) / sums.length;
      }, 0);
    const alpha = before.map(() => 0.2);
    const slope = alpha.map((rate, i) => {
      const at = (step: number) => metaLoss(alpha.with(i, rate + step));
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    });
    const learnt = Float64Array.from(learner.save() as Float32Array);
    expect(
      distance(
        learnt.map((rate) => (0.2 - rate) / 0.01),
        slope,
      ),
    ).toBeLessThan(1e-4);
    expect(Math.max(...slope.map(Math.abs))).toBeGreaterThan(0.05);
  });

  it("steps with rate β whatever the rates that it learns", () => {
    const { batches } = lesson("never");
    const { gradient } = oracle(16, 10, 4);
    const [current] = batches[0];
    const network = make();
    const before = exact(network);
    const options = { alpha0: 0.2, beta: 0.7, eta: 3, replay: 5, clip: 0 };
    const learner = sync(options, { network, buffer: memory(), random: random(4) });
    learner.observe([current]);
    const g = gradient(before, [current]);
    const there = gradient(
      before.map((value, i) => value - 0.2 * g[i]),
      [current],
    ); // dL(θ − α ⊙ g)/dα = −g ⊙ there
    const alpha = g.map((value, i) => relu(0.2 + 3 * value * there[i]));
    expect(distance(learner.save() as Float32Array, alpha)).toBeLessThan(1e-6);
    const after = before.map((value, i) => value - 0.7 * there[i]);
    expect(distance(network.theta.toArray(), after)).toBeLessThan(1e-6);
    expect(Math.max(...alpha)).toBeGreaterThan(0.3);
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
    const options = { alpha0: 0.1, beta: 0.1, eta: 0.1, replay: 6, glances: 2 };
    const learner = sync(options, { network: { ...network, step, descend }, buffer, random: random(4) });
    learner.observe(batches[0].slice(0, 3));
    expect(events).toEqual(["sample 6", "step", "add", "add", "add", "sample 6", "step"]);
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory(), random: random(4) };
    const options = { alpha0: 0.1, beta: 0.1, eta: 0.1 };
    expect(() => sync({ ...options, replay: 30 }, given)).not.toThrow();
    expect(() => sync({ ...options, replay: 31 }, given)).toThrow(/replay = 31 .* at most 30; use replay ≤ 30/);
  });
});
