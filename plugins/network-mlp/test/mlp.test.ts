import { checkNetwork } from "@everlearn/conformance";
import { DivergedError, type Example, type Network, type Term } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { mlp } from "../src/index.js";
import * as oracle from "./oracle.js";

const generator = random(7, "inputs");

const gradientOf = (network: Network, batch: readonly Term[]): Float32Array => {
  const into = network.vector();
  network.gradient(batch, into);
  return into.toArray();
};

/** Examples with many zeros, as bytes or as floats of either sign. */
function examples(
  n: number,
  inputs: number,
  outputs: number,
  kind: "bytes" | "floats",
  chosen?: readonly number[],
): Example[] {
  return Array.from({ length: n }, () => {
    const values = Array.from({ length: inputs }, () => (generator.uniform() < 0.7 ? 0 : generator.uniform()));
    const x =
      kind === "bytes"
        ? Uint8Array.from(values, (value) => Math.floor(value * 256))
        : Float32Array.from(values, (value) => value * 2 - (value > 0.5 ? 1 : 0));
    const y = chosen ? chosen[generator.integer(chosen.length)] : generator.integer(outputs);
    return chosen ? { x, y, outputs: chosen } : { x, y };
  });
}

/** Terms with every kind of target, some of them weighted, over all outputs or some. */
function terms(inputs: number, outputs: number): Term[] {
  const values = (from: number, to: number) =>
    Float32Array.from({ length: outputs }, () => from + (to - from) * generator.uniform());
  return examples(24, inputs, outputs, "bytes").map(({ x, y }, i) => {
    const chosen = [...new Set([0, y, outputs - 1])].sort((a, b) => a - b);
    const query = {
      x,
      ...(i % 3 === 0 && { outputs: chosen }),
      ...(i % 2 === 0 && { weight: 2 * generator.uniform() }),
    };
    if (i % 4 === 0) return { ...query, y };
    if (i % 4 === 1) return { ...query, probabilities: values(0, 0.5), temperature: 1 + (i % 3) };
    return i % 4 === 2 ? { ...query, logits: values(-2, 2) } : { ...query, sigmoids: values(0, 1) };
  });
}

it("does what a network must do", async () => {
  await checkNetwork(plugin, { options: { hidden: [12] } });
  await checkNetwork(plugin, { options: { hidden: [9, 17] }, inputs: 5, outputs: 4 });
  await checkNetwork(plugin, { options: { hidden: [] }, linear: true });
});

const shapes: [inputs: number, hidden: number[], outputs: number][] = [
  [784, [100, 100], 10],
  [784, [], 10],
  [5, [3], 2],
  [70, [53, 105, 17], 101],
  [33, [1], 1],
];

describe.each(shapes)("%i → %j → %i", (inputs, hidden, outputs) => {
  const sizes = [inputs, ...hidden, outputs];
  const create = () => mlp({ hidden }, { inputs, outputs, random: random(1) });

  for (const kind of ["bytes", "floats"] as const) {
    it(`matches the Math.fround oracle bit for bit on ${kind}: batch-1, batch and clipped steps, gradients, logits`, () => {
      const network = create();
      const layers = oracle.unflatten(network.theta.toArray(), sizes);
      const same = () => expect(network.theta.toArray()).toEqual(oracle.flatten(layers));
      for (const example of examples(30, inputs, outputs, kind)) {
        expect(network.descend([example], 0.1)).toBe(oracle.descend(layers, [example], 0.1));
      }
      same();
      const batch = examples(7, inputs, outputs, kind);
      expect(gradientOf(network, batch)).toEqual(oracle.flatten(oracle.gradient(layers, batch)));
      expect(network.descend(batch, 0.3)).toBe(oracle.descend(layers, batch, 0.3));
      same();
      for (const example of examples(5, inputs, outputs, kind)) {
        expect(network.descend([example], 0.5, { clip: 0.2 })).toBe(oracle.descend(layers, [example], 0.5, 0.2));
      }
      same();
      const queries = examples(9, inputs, outputs, kind);
      expect(network.logits(queries)).toEqual(
        Float32Array.from(queries.flatMap((query) => [...oracle.logits(layers, query)])),
      );
    });
  }

  it("matches the oracle bit for bit on every kind of target: losses, inner products of gradients, single, mixed and clipped steps, features", () => {
    const network = create();
    const layers = oracle.unflatten(network.theta.toArray(), sizes);
    const some = terms(inputs, outputs);
    expect(network.losses(some)).toEqual(oracle.losses(layers, some));
    for (const n of [0, 1, 24, 11, 3])
      expect(network.gradientGram(some.slice(0, n))).toEqual(oracle.gradientGram(layers, some.slice(0, n)));
    for (const term of some) expect(network.descend([term], 0.1)).toBe(oracle.descend(layers, [term], 0.1));
    expect(gradientOf(network, some)).toEqual(oracle.flatten(oracle.gradient(layers, some)));
    expect(network.descend(some, 0.3)).toBe(oracle.descend(layers, some, 0.3));
    for (const term of some.slice(0, 8))
      expect(network.descend([term], 0.5, { clip: 0.2 })).toBe(oracle.descend(layers, [term], 0.5, 0.2));
    expect(network.theta.toArray()).toEqual(oracle.flatten(layers));
    expect(network.features(some)).toEqual(
      Float32Array.from(some.flatMap((query) => [...oracle.features(layers, query)])),
    );
  });

  it("matches the oracle where an example's loss is taken over some outputs only", () => {
    const network = create();
    const layers = oracle.unflatten(network.theta.toArray(), sizes);
    const chosen = [...new Set([0, Math.floor(outputs / 2), outputs - 1])];
    for (const example of examples(20, inputs, outputs, "bytes", chosen)) {
      expect(network.descend([example], 0.1)).toBe(oracle.descend(layers, [example], 0.1));
    }
    expect(network.theta.toArray()).toEqual(oracle.flatten(layers));
    const queries = examples(20, inputs, outputs, "bytes", chosen);
    for (const answer of network.predict(queries)) expect(chosen).toContain(answer);
  });
});

it("keeps over-confident examples free of denormal numbers: their δ is exactly zero", () => {
  const network = mlp({ hidden: [] }, { inputs: 1, outputs: 3, random: random(1) });
  network.theta.fromArray(Float32Array.of(200, 0, 0, 0, 0, 0));
  const example = { x: Float32Array.of(1), y: 0 };
  expect(network.descend([example], 1)).toBe(0);
  expect([...gradientOf(network, [example])].every((value) => value === 0)).toBe(true);
});

it("says that training diverged instead of going on with NaN", () => {
  const network = mlp({}, { inputs: 784, outputs: 10, random: random(1) });
  const stream = examples(200, 784, 10, "bytes");
  expect(() => {
    for (const example of stream) network.descend([example], 1e6);
  }).toThrow(DivergedError);
  const broken = mlp({ hidden: [4] }, { inputs: 2, outputs: 2, random: random(1) });
  broken.theta.map(() => NaN);
  expect(() => broken.descend([{ x: Uint8Array.of(1, 1), y: 0 }], 0.1)).toThrow(DivergedError);
});

it("starts from the same weights for the same seed, within the bounds of Glorot & Bengio", () => {
  const weights = (seed: number) => mlp({}, { inputs: 784, outputs: 10, random: random(seed) }).theta.toArray();
  expect(weights(3)).toEqual(weights(3));
  expect(weights(3)).not.toEqual(weights(4));
  const first = weights(3).slice(0, 78400);
  const bound = Math.sqrt(6 / 884);
  expect(Math.max(...first)).toBeLessThan(bound);
  expect(Math.max(...first)).toBeGreaterThan(bound * 0.999);
});

it.each([784, 70, 63, 64])("reads bytes after floats as if there had been none, at %i inputs", (inputs) => {
  const create = () => mlp({ hidden: [9] }, { inputs, outputs: 3, random: random(1) });
  const [used, fresh] = [create(), create()];
  used.logits([{ x: new Float32Array(inputs).fill(-0.7) }]);
  const queries = examples(5, inputs, 3, "bytes");
  expect(used.logits(queries)).toEqual(fresh.logits(queries));
});

it("refuses labels and outputs that it does not have", () => {
  const network = mlp({ hidden: [4] }, { inputs: 2, outputs: 3, random: random(1) });
  const x = Uint8Array.of(1, 2);
  const before = network.theta.toArray();
  for (const y of [3, 500, -1, 0.5, Number.NaN])
    expect(() => network.descend([{ x, y }], 0.1)).toThrow(`outputs 0 to 2; an example's y is ${y}`);
  expect(() => network.descend([{ x, y: 2, outputs: [0, 1] }], 0.1)).toThrow("not among its outputs 0, 1");
  expect(() => network.predict([{ x, outputs: [1, 3] }])).toThrow("outputs 0 to 2, not 3");
  expect(network.theta.toArray()).toEqual(before);
});

it("steps along a vector at a rate, or at one for each parameter", () => {
  const network = mlp({ hidden: [5] }, { inputs: 3, outputs: 2, random: random(1) });
  const theta = network.theta.toArray();
  const [along, rates] = [network.vector(), network.vector()];
  along.fromArray(theta.map((_, i) => i / 3));
  rates.fromArray(theta.map((_, i) => (i % 4) / 10));
  const f = Math.fround;
  network.step(along, 0.3);
  const once = theta.map((value, i) => f(value + f(f(-0.3) * f(i / 3))));
  expect(network.theta.toArray()).toEqual(once);
  network.step(along, rates);
  expect(network.theta.toArray()).toEqual(once.map((value, i) => f(value - f(f((i % 4) / 10) * f(i / 3)))));
});

it("says how many parameters each layer has", () => {
  const network = mlp({ hidden: [5, 3] }, { inputs: 7, outputs: 2, random: random(1) });
  expect(network.layers).toEqual([8 * 5, 6 * 3, 4 * 2]);
  expect(network.tensors?.map(({ kind, layer, shape, axis }) => [kind, layer, shape, axis])).toEqual([
    ["weights", 0, [7, 5], 1],
    ["biases", 0, [5], 0],
    ["weights", 1, [5, 3], 1],
    ["biases", 1, [3], 0],
    ["weights", 2, [3, 2], 1],
    ["biases", 2, [2], 0],
  ]);
});

it("refuses targets that do not fit its outputs", () => {
  const network = mlp({ hidden: [4] }, { inputs: 2, outputs: 3, random: random(1) });
  expect(() => network.descend([{ x: Uint8Array.of(1, 2), logits: new Float32Array(2) }], 0.1)).toThrow(
    "a value for each of the 3 outputs, not 2",
  );
});

it("refuses inputs of another length and vectors of another network", () => {
  const one = mlp({}, { inputs: 4, outputs: 2, random: random(1) });
  const two = mlp({}, { inputs: 4, outputs: 2, random: random(1) });
  expect(() => one.predict([{ x: new Uint8Array(5) }])).toThrow("takes 4 input values, not 5");
  expect(() => one.theta.set(two.theta)).toThrow("another network");
  expect(() => one.gradient([{ x: new Uint8Array(4), y: 0 }], two.vector())).toThrow("another network");
  expect(() => one.descend([], 0.1)).toThrow("at least one example");
});
