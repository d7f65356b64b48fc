import type { DifferentiableNetwork, Query } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { softmax } from "@everlearn/softmax";
import { describe, expect, it } from "vitest";
import { type ModelFunction, tfjs } from "../src/index.js";
import { examples, given, linear } from "./fixture.js";
import { available, modelAt } from "./places.js";

const draw = random(8, "backward");
const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => 2 * draw.uniform() - 1);
const queries = (count: number, inputs: number): Query[] =>
  Array.from({ length: count }, () => ({ x: numbers(inputs) }));
const largest = (values: Float32Array): number => Math.max(...values.map(Math.abs));
const distance = (a: Float32Array, b: Float32Array): number => largest(a.map((value, i) => value - b[i]));

/** Dense layers; a dropout of nothing makes them a model that only TensorFlow's tape knows. */
const dense =
  (rates: readonly number[], last: "linear" | "relu" = "relu"): ModelFunction =>
  ({ tf, shape, outputs }) =>
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 9, activation: "relu", inputShape: [...shape] }),
        ...rates.map((rate) => tf.layers.dropout({ rate })),
        tf.layers.dense({ units: 7, activation: last }),
        tf.layers.dense({ units: outputs }),
      ],
    });

/** Without kinks, with a normalisation and a dropout, which both act otherwise in training. */
const smooth: ModelFunction = ({ tf, shape, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 2, activation: "tanh", inputShape: [...shape] }),
      tf.layers.batchNormalization({ momentum: 0.5 }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 6, activation: "sigmoid" }),
      tf.layers.dense({ units: outputs }),
    ],
  });

describe.each(available)("backward on %s", (backend) => {
  const make = (
    model: ModelFunction | string,
    shape: readonly number[],
    outputs: number,
  ): Promise<DifferentiableNetwork> => tfjs({ model, backend }, given(shape, outputs));

  /** ∂L/∂θ and ∂L/∂inputs */
  function derivatives(
    network: DifferentiableNetwork,
    batch: readonly Query[],
    logits: Float32Array | null,
    features: Float32Array | null,
  ): { theta: Float32Array; inputs: Float32Array } {
    const [into, without] = [network.vector(), network.vector()];
    const inputs = new Float32Array(batch.length * network.inputs).fill(7);
    network.backward(batch, logits, features, into, inputs);
    network.backward(batch, logits, features, without);
    expect(distance(into.toArray(), without.toArray())).toBe(0);
    return { theta: into.toArray(), inputs };
  }

  it.each([
    ["dense layers", dense([])],
    ["a tape", dense([0])],
  ])(
    "gives the gradient of the mean cross-entropy, of whose logits it is told the derivatives, by %s",
    async (_, model) => {
      const network = await make(model, [8], 4);
      const batch = examples(5, [8], 4);
      const logits = network.logits(batch);
      const delta = new Float32Array(logits.length);
      batch.forEach(({ y }, i) => {
        const p = softmax(logits.subarray(i * 4, i * 4 + 4));
        p.forEach((value, j) => (delta[i * 4 + j] = (value - Number(j === y)) / batch.length));
      });
      const into = network.vector();
      network.gradient(batch, into);
      expect(largest(into.toArray())).toBeGreaterThan(0.01);
      expect(distance(derivatives(network, batch, delta, null).theta, into.toArray())).toBeLessThan(1e-6);
      network.dispose();
    },
  );

  it("gives by dense layers without a tape what the tape gives", async () => {
    for (const last of ["relu", "linear"] as const) {
      const [a, b] = [await make(dense([], last), [8], 4), await make(dense([0], last), [8], 4)];
      b.theta.fromArray(a.theta.toArray());
      for (const count of [1, 5]) {
        const batch = queries(count, 8);
        const [logits, features] = [numbers(count * 4), numbers(count * 7)];
        for (const [z, f] of [
          [logits, features],
          [logits, null],
          [null, features],
          [null, null],
        ]) {
          const [one, other] = [derivatives(a, batch, z, f), derivatives(b, batch, z, f)];
          expect(distance(one.theta, other.theta)).toBeLessThan(1e-5);
          expect(distance(one.inputs, other.inputs)).toBeLessThan(1e-5);
          expect(largest(one.inputs) > 0).toBe(z !== null || f !== null);
        }
      }
      for (const network of [a, b]) network.dispose();
    }
  });

  it("gives what finite differences of its answers give, and leaves no trace in what training keeps", async () => {
    const shape = [4, 4, 2];
    const network = await make(smooth, shape, 3);
    for (let i = 0; i < 5; i++) network.descend(examples(6, shape, 3, i), 0.05);
    const batch = queries(2, 32);
    const [logits, features] = [numbers(2 * 3), numbers(2 * 6)];
    const before = network.save();
    const found = derivatives(network, batch, logits, features);
    expect(network.save()).toEqual(before);
    const lossOf = (at: readonly Query[]): number => {
      const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
      return dot(network.logits(at), logits) + dot(network.features(at), features);
    };
    const difference = (move: (by: number) => number) => (move(0.02) - move(-0.02)) / 0.04;
    const moved = (values: Float32Array, at: number, by: number) =>
      values.map((value, i) => (i === at ? value + by : value));
    const theta = network.theta.toArray();
    for (let at = 0; at < theta.length; at += 5) {
      const expected = difference((by) => {
        network.theta.fromArray(moved(theta, at, by));
        return lossOf(batch);
      });
      expect(Math.abs(found.theta[at] - expected)).toBeLessThan(0.005);
    }
    network.theta.fromArray(theta);
    for (let at = 0; at < 32; at++) {
      const expected = difference((by) => lossOf([batch[0], { x: moved(batch[1].x as Float32Array, at, by) }]));
      expect(Math.abs(found.inputs[32 + at] - expected)).toBeLessThan(0.005);
    }
    expect(largest(found.theta)).toBeGreaterThan(0.1);
    expect(largest(found.inputs)).toBeGreaterThan(0.05);
    network.dispose();
  });

  it("takes the features of a linear model for its inputs, and bytes for byte/255", async () => {
    const network = await make(linear, [4], 2);
    const batch = [{ x: Uint8Array.of(0, 51, 102, 255) }];
    const features = Float32Array.of(1, 2, 3, 4);
    const only = derivatives(network, batch, null, features);
    expect(only).toEqual({ theta: new Float32Array(10), inputs: features });
    const { theta, inputs } = derivatives(network, batch, Float32Array.of(1, 0), features);
    const expected = Float32Array.of(0, 0, 0.2, 0, 0.4, 0, 1, 0, 1, 0);
    expect(distance(theta, expected)).toBeLessThan(1e-6);
    const weights = network.theta.toArray();
    expect(
      distance(
        inputs,
        features.map((value, i) => value + weights[2 * i]),
      ),
    ).toBeLessThan(1e-6);
    network.dispose();
  });

  it("goes through a chain of two networks, and through more queries than fit at a time", async () => {
    const [below, above] = [await make(linear, [5], 3), await make(modelAt("mlp.mjs"), [3], 2)];
    const batch = queries(300, 5);
    const delta = numbers(600);
    const hidden = below.logits(batch);
    const between = batch.map((_, i) => ({ x: hidden.subarray(i * 3, i * 3 + 3) }));
    const through = derivatives(above, between, delta, null);
    const all = derivatives(below, batch, through.inputs, null);
    const halves = [0, 150].map((from) => {
      const part = between.slice(from, from + 150);
      const upper = derivatives(above, part, delta.subarray(from * 2, from * 2 + 300), null);
      return derivatives(below, batch.slice(from, from + 150), upper.inputs, null);
    });
    expect(
      distance(
        all.theta,
        halves[0].theta.map((value, i) => value + halves[1].theta[i]),
      ),
    ).toBeLessThan(1e-3);
    expect(distance(all.inputs, Float32Array.of(...halves[0].inputs, ...halves[1].inputs))).toBeLessThan(1e-5);
    // The chain rule by hand, for the inputs of the first query.
    const weights = below.theta.toArray();
    const byHand = Float32Array.from({ length: 5 }, (_, i) =>
      [0, 1, 2].reduce((sum, k) => sum + weights[i * 3 + k] * through.inputs[k], 0),
    );
    expect(distance(all.inputs.subarray(0, 5), byHand)).toBeLessThan(1e-6);
    for (const network of [below, above]) network.dispose();
  });

  it("refuses derivatives that do not fit, and vectors of another network", async () => {
    const [network, other] = [await make(dense([]), [4], 2), await make(dense([]), [4], 2)];
    const [batch, into, four] = [queries(2, 4), network.vector(), new Float32Array(4)];
    expect(() => network.backward(batch, new Float32Array(2), null, into)).toThrow(
      "∂L/∂logits has 2 numbers for each of 2 queries, 4 in all, not 2.",
    );
    expect(() => network.backward(batch, four, new Float32Array(4), into)).toThrow("∂L/∂features has 7 numbers");
    expect(() => network.backward(batch, four, null, into, new Float32Array(4))).toThrow("∂L/∂inputs has 4 numbers");
    expect(() => network.backward(batch, four, null, other.vector())).toThrow("another network");
    for (const one of [network, other]) one.dispose();
  });
});
