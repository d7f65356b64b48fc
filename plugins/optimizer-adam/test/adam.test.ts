import { checkOptimizer, toyDataset } from "@everlearn/conformance";
import type { Example, Network, OptionsFor } from "@everlearn/contracts";
import { mlp } from "@everlearn/network-mlp";
import plugin, { adam } from "@everlearn/optimizer-adam";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

const { train } = toyDataset();
const examples: Example[] = Array.from({ length: 200 }, (_, i) => ({
  x: train.input(i).slice(),
  y: train.label(i),
  ...(i % 5 === 0 && { outputs: [...new Set([0, train.label(i)])] }),
}));
const make = () => mlp({ hidden: [10] }, { inputs: 16, outputs: 4, random: random(2) });
const gradient = oracle(16, 10, 4);

/** Adam in plain double precision. */
function textbook(
  theta: Float64Array,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: OptionsFor<typeof plugin.options>,
): (g: Float64Array, rate: (i: number) => number) => void {
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

describe("optimizer-adam", () => {
  it("does what an optimizer must do", async () => {
    await checkOptimizer(plugin);
    await checkOptimizer(plugin, {
      options: { beta1: 0.5, beta2: 0.99, epsilon: 0.001 },
      network: (given) => mlp({ hidden: [9] }, given),
    });
  });

  it.each([
    { options: {}, size: 1, clip: Infinity },
    { options: {}, size: 8, clip: Infinity },
    { options: { beta1: 0.5, beta2: 0.9, epsilon: 0.1 }, size: 1, clip: Infinity },
    { options: { epsilon: 1e-3 }, size: 3, clip: 0.05 },
    { options: { beta1: 0 }, size: 4, clip: Infinity },
  ])("descends as Algorithm 1 in double precision ($options, batches of $size, clip $clip)", (given) => {
    const { options, size, clip } = given;
    const network = adam(options, { network: make() });
    const theta = Float64Array.from(network.theta.toArray());
    const step = textbook(theta, options);
    for (let i = 0; i < 200; i++) {
      const batch = Array.from({ length: size }, (_, j) => examples[(i * size + j) % examples.length]);
      network.descend(batch, 0.003, clip < Infinity ? { clip } : {});
      const g = gradient(theta, batch);
      const norm = Math.hypot(...g);
      step(norm > clip ? g.map((value) => (value * clip) / norm) : g, () => 0.003);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(distance(network.theta.toArray(), make().theta.toArray())).toBeGreaterThan(0.05);
  });

  it("steps so with a gradient of one's own and a rate for each parameter", () => {
    const network = adam({}, { network: make() });
    const theta = Float64Array.from(network.theta.toArray());
    const step = textbook(theta, {});
    const [g, rates] = [network.vector(), network.vector()];
    rates.fromArray(Float32Array.from(theta, (_, i) => (i % 7) / 1000));
    for (let i = 0; i < 100; i++) {
      const values = Float32Array.from(theta, (_, j) => ((i * 31 + j * 17) % 23) / 10 - 1);
      g.fromArray(values);
      const rate = (at: number) => (i % 3 === 0 ? 0.002 : (at % 7) / 1000);
      network.step(g, i % 3 === 0 ? 0.002 : rates);
      expect(g.toArray()).toEqual(values);
      step(Float64Array.from(values), rate);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("answers the loss before the step, weights included", () => {
    const network = adam({}, { network: make() });
    const batch = [examples[0], { ...examples[1], weight: 3 }];
    const [one, other] = network.losses(batch);
    expect(network.descend(batch, 0.1)).toBeCloseTo((one + 3 * other) / 2, 6);
    expect(network.losses(batch)).not.toEqual(Float32Array.of(one, other));
  });

  it("moves every parameter that has a gradient by the rate at first, however large the gradient", () => {
    const network = adam({}, { network: make() });
    const before = network.theta.toArray();
    const g = network.vector();
    g.fromArray(before.map((_, i) => [0, 1e-4, -1, 1e4][i % 4]));
    network.step(g, 0.01);
    const moved = network.theta.toArray().map((value, i) => value - before[i]);
    const expected = Float32Array.from(moved, (_, i) => [0, -0.01, 0.01, -0.01][i % 4]);
    expect(distance(moved, expected)).toBeLessThan(2e-6);
  });

  it("never leaves averages among the denormal numbers, where arithmetic is slow", () => {
    const network = adam({ beta2: 0.9 }, { network: make() });
    const [g, none] = [network.vector(), network.vector()];
    g.map(() => 0.01);
    network.step(g, 0.001);
    for (let i = 0; i < 1500; i++) network.step(none, 0.001);
    const { m, v } = network.save() as { m: Float32Array; v: Float32Array };
    for (const value of [...m, ...v]) expect(Math.abs(value)).toBeGreaterThan(1.2e-38);
    const theta = network.theta.toArray();
    network.step(none, 0.001);
    expect(network.theta.toArray().filter((value, i) => Math.abs(value - theta[i]) > 1e-20)).toEqual(
      new Float32Array(),
    );
  });

  it("asks the network for all else, be it a class or not", () => {
    const plain = make();
    class Private {
      readonly #network = plain;
      readonly theta = plain.theta;
      readonly inputs = plain.inputs;
      readonly outputs = plain.outputs;
      readonly layers = plain.layers;
      vector: Network["vector"] = () => this.#network.vector();
      features(queries: readonly Example[]) {
        return this.#network.features(queries);
      }
      logits(queries: readonly Example[]) {
        return this.#network.logits(queries);
      }
    }
    const network = adam({}, { network: new Private() as unknown as Network });
    expect(network.logits(examples)).toEqual(plain.logits(examples));
    expect(network.features(examples)).toEqual(plain.features(examples));
    expect([network.inputs, network.outputs, network.layers]).toEqual([16, 4, [170, 44]]);
  });
});
