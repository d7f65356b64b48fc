import { checkOptimizer } from "@everlearn/conformance";
import type { Example, OptionsFor } from "@everlearn/contracts";
import { completeNetwork } from "@everlearn/network";
import { mlp } from "@everlearn/network-mlp";
import plugin, { adam } from "@everlearn/optimizer-adam";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const make = () => mlp({ hidden: [10] }, { inputs: 16, outputs: 4, random: random(2) });
const draw = random(3, "examples");
const examples: Example[] = Array.from({ length: 200 }, (_, i) => ({
  x: Uint8Array.from({ length: 16 }, (_, j) => (j % 4 === i % 4 ? 128 + draw.integer(128) : draw.integer(64))),
  y: i % 4,
}));

type Options = OptionsFor<typeof plugin.options>;

/** Adam in plain double precision. */
function textbook(
  theta: Float64Array,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: Options,
): (g: ArrayLike<number>, rate: (i: number) => number) => void {
  const [m, v] = [new Float64Array(theta.length), new Float64Array(theta.length)];
  let t = 0;
  return (g, rate) => {
    t++;
    for (let i = 0; i < theta.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2;
      const [mHat, vHat] = [m[i] / (1 - beta1 ** t), v[i] / (1 - beta2 ** t)];
      theta[i] -= (rate(i) * mHat) / (Math.sqrt(vHat) + epsilon);
    }
  };
}

const distance = (a: Float32Array, b: ArrayLike<number>) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

/** A network's θ, an optimizer for it, vectors for a gradient and for rates, and what θ is at first. */
function subject(options: Options = {}) {
  const network = make();
  const { theta } = network;
  const [gradient, rates] = [network.vector(), network.vector()];
  return { network, theta, optimizer: adam(options, network), gradient, rates, start: theta.toArray() };
}

describe("optimizer-adam", () => {
  it("does what an optimizer must do", async () => {
    await checkOptimizer(plugin);
    await checkOptimizer(plugin, { options: { beta1: 0.5, beta2: 0.99, epsilon: 0.001 } });
  });

  it.each([{}, { beta1: 0.5, beta2: 0.9, epsilon: 0.1 }, { epsilon: 1e-3 }, { beta1: 0 }])(
    "updates as Algorithm 1 in double precision, by one rate or by one for each parameter (%j)",
    (options) => {
      const { theta, optimizer, gradient, rates, start } = subject(options);
      const expected = Float64Array.from(start);
      const step = textbook(expected, options);
      const eachRate = start.map((_, i) => (i % 7) / 1000);
      rates.fromArray(eachRate);
      for (let i = 0; i < 200; i++) {
        const values = start.map((_, j) => ((i * 31 + j * 17) % 23) / 10 - 1);
        gradient.fromArray(values);
        optimizer.update(theta, gradient, i % 3 === 0 ? 0.002 : rates);
        step(values, (at) => (i % 3 === 0 ? 0.002 : eachRate[at]));
        expect(gradient.toArray()).toEqual(values);
        expect(rates.toArray()).toEqual(eachRate);
      }
      expect(distance(theta.toArray(), expected)).toBeLessThan(1e-5);
      expect(distance(theta.toArray(), start)).toBeGreaterThan(0.005);
    },
  );

  it.each([Infinity, 0.05])("descends in a network by the gradient of its batch, clipped at %d", (clip) => {
    const { network, optimizer, start } = subject({ epsilon: 1e-3 });
    const other = make();
    const into = other.vector();
    const optimized = completeNetwork(network, optimizer);
    const expected = Float64Array.from(start);
    const step = textbook(expected, { epsilon: 1e-3 });
    for (let i = 0; i < 100; i++) {
      const batch = [0, 1, 2].map((j) => examples[(i * 3 + j) % examples.length]);
      other.theta.fromArray(Float32Array.from(expected));
      const loss = other.gradient(batch, into);
      expect(optimized.descend(batch, 0.003, { clip })).toBeCloseTo(loss, 4);
      const g = into.toArray();
      const norm = Math.hypot(...g);
      step(norm > clip ? g.map((value) => (value * clip) / norm) : g, () => 0.003);
    }
    expect(distance(network.theta.toArray(), expected)).toBeLessThan(1e-4);
  });

  it("moves every parameter that has a gradient by the rate at first, however large the gradient", () => {
    const { theta, optimizer, gradient, start } = subject();
    gradient.fromArray(start.map((_, i) => [0, 1e-4, -1, 1e4][i % 4]));
    optimizer.update(theta, gradient, 0.01);
    const moved = theta.toArray().map((value, i) => value - start[i]);
    const expected = moved.map((_, i) => [0, -0.01, 0.01, -0.01][i % 4]);
    expect(distance(moved, expected)).toBeLessThan(2e-6);
  });

  it("never leaves averages among the denormal numbers, where arithmetic is slow", () => {
    const { network, theta, optimizer, gradient } = subject({ beta2: 0.9 });
    const none = network.vector();
    gradient.map(() => 0.01);
    optimizer.update(theta, gradient, 0.001);
    for (let i = 0; i < 1500; i++) optimizer.update(theta, none, 0.001);
    const { m, v } = optimizer.save() as { m: Float32Array; v: Float32Array };
    for (const value of [...m, ...v]) expect(Math.abs(value)).toBeGreaterThan(1.2e-38);
    const before = theta.toArray();
    optimizer.update(theta, none, 0.001);
    expect(distance(theta.toArray(), before)).toBeLessThan(1e-20);
  });

  it("goes on from what it saved with the same bits", () => {
    const [one, other] = [subject(), subject()];
    const run = ({ theta, optimizer, gradient, start }: typeof one, from: number, to: number) => {
      for (let i = from; i < to; i++) {
        gradient.fromArray(start.map((_, j) => ((i * 31 + j * 17) % 23) / 10 - 1));
        optimizer.update(theta, gradient, 0.01);
      }
      return theta.toArray();
    };
    other.theta.fromArray(run(one, 0, 10));
    other.optimizer.load(one.optimizer.save());
    expect(run(other, 10, 20)).toEqual(run(one, 10, 20));
  });
});
