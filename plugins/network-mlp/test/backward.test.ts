import type { DifferentiableNetwork, Query } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { mlp } from "../src/index.js";
import * as oracle from "./oracle.js";

const draw = random(3, "backward");
const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => 2 * draw.uniform() - 1);

/** Queries with zeros among their inputs, every other one of bytes. */
const queries = (count: number, inputs: number): Query[] =>
  Array.from({ length: count }, (_, i) => {
    const values = numbers(inputs).map((value) => (value < -0.2 ? 0 : value));
    return { x: i % 2 === 0 ? values : Uint8Array.from(values, (value) => Math.abs(value) * 255) };
  });

const create = (inputs: number, hidden: readonly number[], outputs: number, seed = 1): DifferentiableNetwork =>
  mlp({ hidden }, { inputs, outputs, random: random(seed) });

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

describe.each<[inputs: number, hidden: number[], outputs: number]>([
  [30, [21, 18], 7],
  [9, [6], 4],
  [13, [], 5],
  [70, [53, 105, 17], 101],
])("backward of %i → %j → %i", (inputs, hidden, outputs) => {
  const network = create(inputs, hidden, outputs);
  const sizes = [inputs, ...hidden, outputs];
  const width = sizes[sizes.length - 2];
  const into = network.vector();

  it.each([
    ["logits and features", true, true],
    ["logits", true, false],
    ["features", false, true],
    ["neither", false, false],
  ])("matches the Math.fround oracle bit for bit, where the loss depends on %s", (_, byLogits, byFeatures) => {
    const layers = oracle.unflatten(network.theta.toArray(), sizes);
    for (const count of [1, 11, 0]) {
      const batch = queries(count, inputs);
      const logits = byLogits ? numbers(count * outputs) : null;
      const features = byFeatures ? numbers(count * width) : null;
      const byInputs = new Float32Array(count * inputs).fill(7);
      into.map(() => 7);
      network.backward(batch, logits, features, into, byInputs);
      const expected = oracle.derivatives(layers, batch, { logits, features });
      expect(into.toArray()).toEqual(oracle.flatten(expected.theta));
      expect(byInputs).toEqual(expected.inputs);
      into.map(() => 7);
      network.backward(batch, logits, features, into);
      expect(into.toArray()).toEqual(oracle.flatten(expected.theta));
    }
  });

  it("gives the gradient of the mean cross-entropy, of whose logits it is told the derivatives", () => {
    const examples = queries(10, inputs).map((query, i) => ({ ...query, y: i % outputs }));
    const gradient = network.vector();
    network.gradient(examples, gradient);
    const logits = network.logits(examples);
    const delta = new Float32Array(logits.length);
    examples.forEach(({ y }, i) => {
      const z = logits.subarray(i * outputs, (i + 1) * outputs);
      const sum = z.reduce((total, value) => total + Math.exp(value), 0);
      z.forEach((value, j) => (delta[i * outputs + j] = (Math.exp(value) / sum - Number(j === y)) / examples.length));
    });
    network.backward(examples, delta, null, into);
    expect(Math.max(...gradient.toArray().map(Math.abs))).toBeGreaterThan(0.01);
    expect(distance(into.toArray(), gradient.toArray())).toBeLessThan(1e-6);
  });

  it("gives what finite differences give, by parameters and by inputs", () => {
    const batch = [{ x: numbers(inputs) }, { x: numbers(inputs) }];
    const [logits, features] = [numbers(2 * outputs), numbers(2 * width)];
    const lossOf = (at: readonly Query[]): number => {
      const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
      return dot(network.logits(at), logits) + dot(network.features(at), features);
    };
    const byInputs = new Float32Array(2 * inputs);
    network.backward(batch, logits, features, into, byInputs);
    const now = lossOf(batch);
    /** How far a derivative is from the differences to one side and to the other: where no unit turns on or off, not at all. */
    const error = (derivative: number, move: (by: number) => number) => {
      const sides = [2 ** -8, -(2 ** -8)].map((by) => Math.abs((move(by) - now) / by - derivative));
      return Math.min(...sides);
    };
    const [theta, byTheta] = [network.theta.toArray(), into.toArray()];
    for (let at = 0; at < theta.length; at += Math.ceil(theta.length / 60))
      expect(
        error(byTheta[at], (by) => {
          network.theta.fromArray(theta.map((value, i) => (i === at ? value + by : value)));
          return lossOf(batch);
        }),
      ).toBeLessThan(0.005);
    network.theta.fromArray(theta);
    const { x } = batch[1];
    for (let at = 0; at < inputs; at++)
      expect(
        error(byInputs[inputs + at], (by) =>
          lossOf([batch[0], { x: x.map((value, i) => (i === at ? value + by : value)) }]),
        ),
      ).toBeLessThan(0.005);
    expect(Math.max(...byTheta.map(Math.abs))).toBeGreaterThan(0.5);
    expect(Math.max(...byInputs.map(Math.abs))).toBeGreaterThan(0.5);
  });
});

it("goes through a chain of two networks as through the one that they are", () => {
  const [below, above] = [create(8, [10], 6, 1), create(6, [9], 3, 2)];
  above.theta.map((value) => value + 0.01); // biases too
  const [b, a] = [below.theta.toArray(), above.theta.toArray()];
  const [b1, a1] = [below.layers[0], above.layers[0]];
  // The last layer of the one and the first layer of the other are one matrix.
  const product = new Float32Array(11 * 9);
  for (let row = 0; row < 11; row++)
    for (let o = 0; o < 9; o++) {
      for (let k = 0; k < 6; k++) product[row * 9 + o] += b[b1 + row * 6 + k] * a[k * 9 + o];
      if (row === 10) product[row * 9 + o] += a[54 + o];
    }
  const whole = create(8, [10, 9], 3);
  whole.theta.fromArray(Float32Array.of(...b.subarray(0, b1), ...product, ...a.subarray(a1)));

  const batch = queries(5, 8);
  const delta = numbers(5 * 3);
  const expected = whole.vector();
  const byInputs = new Float32Array(5 * 8);
  whole.backward(batch, delta, null, expected, byInputs);

  const hidden = below.logits(batch);
  const between = batch.map((_, i) => ({ x: hidden.subarray(i * 6, (i + 1) * 6) }));
  const [ofBelow, ofAbove] = [below.vector(), above.vector()];
  const [through, found] = [new Float32Array(5 * 6), new Float32Array(5 * 8)];
  above.backward(between, delta, null, ofAbove, through);
  below.backward(batch, through, null, ofBelow, found);

  expect(Math.max(...byInputs.map(Math.abs))).toBeGreaterThan(0.1);
  expect(distance(found, byInputs)).toBeLessThan(1e-5);
  expect(distance(ofBelow.toArray().subarray(0, b1), expected.toArray())).toBeLessThan(1e-5);
  expect(distance(ofAbove.toArray().subarray(a1), expected.toArray().subarray(b1 + 99))).toBeLessThan(1e-5);
});

it("refuses derivatives that do not fit, and vectors of another network", () => {
  const network = create(4, [3], 2);
  const batch = queries(2, 4);
  const into = network.vector();
  const four = new Float32Array(4);
  expect(() => network.backward(batch, new Float32Array(2), null, into)).toThrow(
    "∂L/∂logits has 2 numbers for each of 2 queries, 4 in all, not 2.",
  );
  expect(() => network.backward(batch, four, new Float32Array(4), into)).toThrow("∂L/∂features has 3 numbers");
  expect(() => network.backward(batch, four, null, into, new Float32Array(4))).toThrow("∂L/∂inputs has 4 numbers");
  expect(() => network.backward(batch, four, null, create(4, [3], 2).vector())).toThrow("another network");
});
