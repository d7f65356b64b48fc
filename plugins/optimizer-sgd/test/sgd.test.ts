import { readFileSync } from "node:fs";
import { checkOptimizer } from "@everlearn/conformance";
import type { OptionsFor, Vector } from "@everlearn/contracts";
import { convnet } from "@everlearn/network-convnet";
import { mlp } from "@everlearn/network-mlp";
import { tfjs } from "@everlearn/network-tfjs";
import plugin, { sgd } from "@everlearn/optimizer-sgd";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;
const { fround } = Math;

const model = new URL("../../network-tfjs/test/models/mlp.mjs", import.meta.url).pathname;
const networks = {
  tfjs: () =>
    tfjs({ model, backend: "cpu" }, { shape: [16], inputs: 16, outputs: 4, folder: undefined, random: random(2) }),
  mlp: () => mlp({ hidden: [10] }, { inputs: 16, outputs: 4, random: random(2) }),
  convnet: () =>
    convnet(
      {
        layers: [
          { layer: "conv", filters: 3, frozen: true },
          { layer: "batch norm" },
          { layer: "relu" },
          { layer: "conv", filters: 5 },
        ],
      },
      { shape: [6, 6, 1], inputs: 36, outputs: 4, random: random(2) },
    ),
};

/** The update rule by its formulas, one parameter after another, each operation rounded to float32. */
function textbook(
  theta: Float32Array,
  { momentum = 0, nesterov = false, weightDecay = 0 }: Options,
  trained?: Float32Array,
) {
  const velocity = new Float32Array(theta.length);
  const [mu, lambda] = [fround(momentum), fround(weightDecay)];
  return (gradient: Float32Array, rate: (i: number) => number): void => {
    for (let i = 0; i < theta.length; i++) {
      let g = gradient[i];
      if (lambda > 0 && trained?.[i] !== 0) g = fround(g + fround(lambda * theta[i]));
      if (mu > 0) {
        const floor = trained?.[i] === 0 ? 0 : fround(1e-30);
        velocity[i] = fround(fround(floor + fround(mu * fround(velocity[i] - floor))) + g);
        g = nesterov ? fround(g + fround(mu * velocity[i])) : velocity[i];
      }
      theta[i] = fround(theta[i] - fround(fround(rate(i)) * g));
    }
  };
}

const settings: readonly Options[] = [
  {},
  { weightDecay: 0.01 },
  { momentum: 0.9 },
  { momentum: 0.5, nesterov: true },
  { momentum: 0.9, nesterov: true, weightDecay: 0.05 },
];

const gradientAt = (t: number, size: number) =>
  Float32Array.from({ length: size }, (_, i) => ((t * 31 + i * 17) % 23) / 8 - 1.375);

describe("optimizer-sgd", () => {
  it("does what an optimizer must do", async () => {
    for (const options of settings) await checkOptimizer(plugin, { options, rate: 0.05 });
  });

  it.each(settings)(
    "updates bit for bit as its formulas, by one rate or one for each parameter (%j)",
    async (options) => {
      for (const make of Object.values(networks)) {
        const network = await make();
        const { theta } = network;
        const trained = (network as { trained?(): Vector }).trained;
        const optimizer = sgd(options, network);
        const [gradient, rates] = [network.vector(), network.vector()];
        const expected = theta.toArray();
        const own = expected.map((_, i) => (i % 7) / 100);
        rates.fromArray(own);
        const step = textbook(expected, options, trained?.().toArray());
        for (let t = 0; t < 50; t++) {
          const values = gradientAt(t, expected.length).map((value, i) => (trained?.().toArray()[i] === 0 ? 0 : value));
          gradient.fromArray(values);
          optimizer.update(theta, gradient, t % 3 === 0 ? 0.02 : rates);
          step(values, (i) => (t % 3 === 0 ? 0.02 : own[i]));
          expect(gradient.toArray()).toEqual(values);
        }
        expect(theta.toArray()).toEqual(expected);
      }
    },
  );

  const reference = JSON.parse(readFileSync(new URL("pytorch.json", import.meta.url), "utf8")) as {
    setting: { lr: number; momentum?: number; weight_decay?: number; nesterov?: boolean };
    theta: number[];
  }[];

  it.each(reference)("comes to where PyTorch comes ($setting)", ({ setting, theta: expected }) => {
    const network = mlp({ hidden: [] }, { inputs: 3, outputs: 2, random: random(0) });
    network.theta.fromArray(Float32Array.from(expected, (_, i) => ((i * 5) % 7) / 4 - 0.75));
    const { lr, momentum = 0, weight_decay: weightDecay = 0, nesterov = false } = setting;
    const optimizer = sgd({ momentum, weightDecay, nesterov }, network);
    const gradient = network.vector();
    for (let t = 0; t < 40; t++) {
      gradient.fromArray(gradientAt(t, expected.length));
      optimizer.update(network.theta, gradient, lr);
    }
    for (const [i, value] of network.theta.toArray().entries()) expect(value).toBeCloseTo(expected[i], 5);
  });

  it("leaves running statistics and frozen layers alone", () => {
    const network = networks.convnet();
    const optimizer = sgd({ momentum: 0.9, weightDecay: 0.1 }, network);
    const [before, none] = [network.theta.toArray(), network.vector()];
    for (let t = 0; t < 20; t++) optimizer.update(network.theta, none, 0.1);
    const after = network.theta.toArray();
    // Of the norm, whose channels are three: slopes and shifts are trained, means and variances are not.
    const norm = 9 * 3 + 3;
    const still = [...Array(norm).keys(), ...Array.from({ length: 6 }, (_, i) => norm + 6 + i)];
    for (const i of still) expect(after[i]).toBe(before[i]);
    for (let i = 0; i < 3; i++) expect(after[norm + i]).toBeLessThan(1);
    expect(before.filter((value, i) => value !== 0 && value === after[i]).length).toBeLessThanOrEqual(still.length);
  });

  it("never leaves the velocity among the denormal numbers, where arithmetic is slow", () => {
    const network = networks.mlp();
    const optimizer = sgd({ momentum: 0.9 }, network);
    const gradient = network.vector();
    gradient.map(() => 0.01);
    optimizer.update(network.theta, gradient, 0.001);
    const none = network.vector();
    for (let t = 0; t < 1500; t++) optimizer.update(network.theta, none, 0.001);
    for (const value of optimizer.save() as Float32Array) expect(Math.abs(value)).toBeGreaterThan(1.2e-38);
  });

  it("says that Nesterov's momentum needs a momentum", () => {
    expect(() => sgd({ nesterov: true }, networks.mlp())).toThrow("Nesterov's momentum needs a momentum; set one");
  });
});
