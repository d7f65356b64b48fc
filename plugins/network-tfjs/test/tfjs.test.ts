import { checkNetwork } from "@everlearn/conformance";
import type { DifferentiableNetwork, Network, Term } from "@everlearn/contracts";
import * as core from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import plugin, { type ModelFunction, tfjs } from "../src/index.js";
import { examples, given, linear, savedModel, SLOW } from "./fixture.js";
import { available, modelAt } from "./places.js";

const normalised: ModelFunction = ({ tf, shape, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 2, useBias: false, inputShape: [...shape] }),
      tf.layers.batchNormalization({ momentum: 0.5 }),
      tf.layers.reLU(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: outputs }),
    ],
  });

const dropped: ModelFunction = ({ tf, shape, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 20, activation: "relu", inputShape: [...shape] }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: outputs }),
    ],
  });

function gradientOf(network: Network, batch: readonly Term[]): Float32Array {
  const into = network.vector();
  network.gradient(batch, into);
  return into.toArray();
}

describe.each(available)("on %s", (backend) => {
  const make = (
    model: ModelFunction | string,
    shape: readonly number[],
    outputs: number,
    seed = 1,
  ): Promise<DifferentiableNetwork> => tfjs({ model, backend }, given(shape, outputs, seed));

  it.each(["mlp.mjs", "convnet.mjs"])(
    "does what a network must do, with %s",
    async (name) => {
      await checkNetwork(plugin, { options: { model: modelAt(name), backend } });
    },
    SLOW,
  );

  it("takes dense layers without a tape to the gradient that the tape finds", async () => {
    const shape = [6, 5, 1];
    // A dropout of nothing makes it a model that the way without a tape does not know.
    const model =
      (rates: readonly number[]): ModelFunction =>
      ({ tf, shape, outputs }) =>
        tf.sequential({
          layers: [
            tf.layers.flatten({ inputShape: [...shape] }),
            tf.layers.dense({ units: 9, activation: "relu" }),
            ...rates.map((rate) => tf.layers.dropout({ rate })),
            tf.layers.dense({ units: 7 }),
            tf.layers.dense({ units: 8, activation: "relu" }),
            tf.layers.dense({ units: outputs }),
          ],
        });
    const [a, b] = [await make(model([]), shape, 4), await make(model([0]), shape, 4)];
    b.theta.fromArray(a.theta.toArray());
    for (const count of [1, 5]) {
      const batch = examples(count, shape, 4);
      const [one, other] = [a, b].map((network) => gradientOf(network, batch));
      expect(Math.max(...one.map(Math.abs))).toBeGreaterThan(0.01);
      expect(Math.max(...one.map((value, i) => Math.abs(value - other[i])))).toBeLessThan(1e-6);
    }
    for (const network of [a, b]) network.dispose();
  });

  it("normalises with the batch in training and with what it has seen in evaluation", async () => {
    const shape = [6, 6, 2];
    const network = await make(normalised, shape, 3);
    const batch = examples(8, shape, 3);
    const first = network.save();
    const before = network.logits(batch);
    network.logits(batch);
    network.losses(batch);
    network.predict(batch);
    network.features(batch);
    expect(network.save()).toEqual(first); // evaluation leaves no trace
    gradientOf(network, batch); // θ stays, what was seen does not
    const { theta, statistics } = network.save() as { theta: Float32Array; statistics: Float32Array[] };
    expect(theta).toEqual(network.theta.toArray());
    expect(theta).toHaveLength(2 * 2 * 2 * 3 + 2 * 3 + (2 * 2 * 3 + 1) * 3); // no moving statistics among them
    expect(statistics).not.toEqual((first as { statistics: Float32Array[] }).statistics);
    expect(network.logits(batch)).not.toEqual(before);
    // An answer is alike in whatever batch, and after a load of what was.
    const together = network.logits(batch);
    expect(network.logits(batch.slice(3, 4))).toEqual(together.slice(9, 12));
    network.load(first);
    expect(network.logits(batch)).toEqual(before);
    network.dispose();
  });

  it("keeps as moving statistics what their definition says", async () => {
    const shape = [2, 2, 1];
    const model: ModelFunction = ({ tf, shape, outputs }) =>
      tf.sequential({
        layers: [
          tf.layers.batchNormalization({ momentum: 0.75, inputShape: [...shape] }),
          tf.layers.flatten(),
          tf.layers.dense({ units: outputs }),
        ],
      });
    const network = await make(model, shape, 2);
    const batch = [0, 1, 2, 3].map((i) => ({ x: Float32Array.of(i, 2 * i, -i, 1), y: i % 2 }));
    network.descend(batch, 0.1);
    const values = batch.flatMap(({ x }) => [...x]);
    const mean = values.reduce((sum, value) => sum + value, 0) / 16;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 16;
    const { statistics } = network.save() as { statistics: Float32Array[] };
    expect(statistics[0][0]).toBeCloseTo(0.25 * mean, 5);
    expect(statistics[1][0]).toBeCloseTo(0.75 + 0.25 * variance, 5);
    network.dispose();
  });

  it("drops units in training only, by draws from the given generator", async () => {
    const [network, same, other] = [
      await make(dropped, [12], 3),
      await make(dropped, [12], 3),
      await make(dropped, [12], 3, 2),
    ];
    const batch = examples(4, [12], 3);
    other.theta.fromArray(network.theta.toArray());
    expect(network.logits(batch)).toEqual(network.logits(batch));
    expect(network.logits(batch)).toEqual(other.logits(batch));
    const gradient = (one: Network) => gradientOf(one, batch);
    const [first, second] = [gradient(network), gradient(network)];
    expect(first).not.toEqual(second); // another mask
    expect(gradient(same)).toEqual(first);
    expect(gradient(other)).not.toEqual(first);
    const state = same.save();
    expect(gradient(same)).toEqual(second);
    same.load(state);
    expect(gradient(same)).toEqual(second);
    for (const one of [network, same, other]) one.dispose();
  });

  it("leaves frozen layers out of θ", async () => {
    const model: ModelFunction = (setting) => {
      const made = dropped(setting);
      made.layers[0].trainable = false;
      return made;
    };
    const network = await make(model, [12], 3);
    expect(network.layers).toEqual([63]);
    const batch = examples(4, [12], 3);
    const features = network.features(batch);
    network.descend(batch, 0.5);
    expect(network.features(batch)).toEqual(features);
    network.dispose();
  });

  it("takes the logits before a softmax at the end", async () => {
    const shape = [4];
    const plain = await make(linear, shape, 3);
    const within = await make(
      ({ tf, shape, outputs }) =>
        tf.sequential({ layers: [tf.layers.dense({ units: outputs, activation: "softmax", inputShape: [...shape] })] }),
      shape,
      3,
    );
    const behind = await make(
      ({ tf, shape, outputs }) =>
        tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [...shape] }), tf.layers.softmax()] }),
      shape,
      3,
    );
    const batch = examples(3, shape, 3);
    for (const one of [within, behind]) {
      one.theta.fromArray(plain.theta.toArray());
      expect(one.logits(batch)).toEqual(plain.logits(batch));
      one.dispose();
    }
    plain.dispose();
  });

  it(
    "keeps the number of tensors and their bytes over 10,000 steps, and leaves none",
    async () => {
      const before = core.memory();
      const network = await make(linear, [4], 2);
      const batch = examples(2, [4], 2);
      const kept = network.vector();
      const [derivatives, inputs] = [new Float32Array(4).fill(0.1), new Float32Array(8)];
      const step = (i: number) => {
        if (i % 4 === 0) network.gradient(batch, kept);
        else if (i % 4 === 1) network.step(kept, 0.01);
        else if (i % 8 === 3) network.backward(batch, derivatives, null, kept, inputs);
        else network.descend(batch, 0.01, i % 8 === 2 ? { clip: 0.1 } : {});
        if (i % 100 === 0) network.predict(batch);
      };
      for (let i = 0; i < 1000; i++) step(i);
      const [early, resident] = [core.memory(), process.memoryUsage().rss];
      for (let i = 0; i < 10_000; i++) step(i);
      const late = core.memory();
      expect([late.numTensors, late.numBytes]).toEqual([early.numTensors, early.numBytes]);
      expect(process.memoryUsage().rss - resident).toBeLessThan(64e6); // a leak of 1 kB a step would be 10 MB of tensors
      network.dispose();
      const after = core.memory();
      expect([after.numTensors, after.numDataBuffers]).toEqual([before.numTensors, before.numDataBuffers]);
    },
    SLOW,
  );

  it("leaves no tensor of a convolutional network, and none where a step failed", async () => {
    const before = core.memory().numTensors;
    const network = await make(normalised, [6, 6, 2], 3);
    const held = core.memory().numTensors;
    const batch = examples(4, [6, 6, 2], 3);
    for (let i = 0; i < 5; i++) network.descend(batch, 0.01);
    const into = network.vector();
    network.backward(batch, new Float32Array(12), null, into, new Float32Array(288));
    const now = core.memory().numTensors;
    expect(() => network.descend([{ x: new Float32Array(72).fill(Number.NaN), y: 0 }], 1)).toThrow("training diverged");
    expect(() => network.descend([{ x: new Float32Array(71), y: 0 }], 1)).toThrow("takes 72 input values, not 71");
    network.backward(batch, new Float32Array(12), new Float32Array(48), into, new Float32Array(288));
    network.save();
    expect(core.memory().numTensors).toBe(now);
    expect(now - held).toBeLessThan(10); // the parameters' parts, made with the first step
    network.dispose();
    expect(core.memory().numTensors).toBe(before);
  });

  it("reads a model.json with the weights beside it", async () => {
    const model = await savedModel("saved");
    const network = await make("./saved/model.json", [3], 2, 7);
    expect(network.theta.toArray()).toEqual(model);
    expect((await make("./saved/model.json", [3], 2, 8)).theta.toArray()).toEqual(model);
  });
});
