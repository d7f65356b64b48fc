import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkNetwork } from "@everlearn/conformance";
import type { Example, Network } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import * as core from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { translated } from "../src/backend.js";
import plugin, { type ModelFunction, tfjs } from "../src/index.js";
import { loadNative, missingLibraries, reasonOf } from "../src/native.js";
import { available, modelAt } from "./places.js";

const folder = mkdtempSync(join(tmpdir(), "everlearn-tfjs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SLOW = 300_000;

const given = (shape: readonly number[], outputs: number, seed = 1) => ({
  inputs: shape.reduce((product, side) => product * side, 1),
  shape,
  outputs,
  folder,
  random: random(seed, "network"),
});

/** Images of bytes, a third of them 0, and labels. */
function examples(count: number, shape: readonly number[], outputs: number, seed = 5): Example[] {
  const draw = random(seed, "examples");
  const length = shape.reduce((product, side) => product * side, 1);
  return Array.from({ length: count }, () => ({
    x: Uint8Array.from({ length }, () => Math.max(draw.integer(384) - 128, 0)),
    y: draw.integer(outputs),
  }));
}

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

const linear: ModelFunction = ({ tf, shape, outputs }) =>
  tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [...shape] })] });

describe.each(available)("on %s", (backend) => {
  const make = (model: ModelFunction | string, shape: readonly number[], outputs: number, seed = 1): Promise<Network> =>
    tfjs({ model, backend }, given(shape, outputs, seed));

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
      const [one, other] = [a, b].map((network) => network.gradient(batch).toArray());
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
    network.step(network.gradient(batch), 0); // θ stays, what was seen does not
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
    const gradient = (one: Network) => one.gradient(batch).toArray();
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
      const step = (i: number) => {
        if (i % 4 === 0) network.gradient(batch, kept);
        else if (i % 4 === 1) network.step(kept, 0.01);
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
    const now = core.memory().numTensors;
    expect(() => network.descend([{ x: new Float32Array(72).fill(Number.NaN), y: 0 }], 1)).toThrow("training diverged");
    expect(() => network.descend([{ x: new Float32Array(71), y: 0 }], 1)).toThrow("takes 72 input values, not 71");
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

/** Writes a linear model of 3 inputs and 2 outputs as tfjs's converter does. @returns its weights */
async function savedModel(name: string): Promise<Float32Array> {
  const weights = Float32Array.of(1, 2, 3, 4, 5, 6, 0.5, -0.5);
  const layer = (kind: string, config: object) => ({ class_name: kind, config });
  const dense = layer("Dense", {
    name: "d",
    units: 2,
    activation: "linear",
    use_bias: true,
    batch_input_shape: [null, 3],
  });
  const specs = [
    { name: "d/kernel", shape: [3, 2], dtype: "float32" },
    { name: "d/bias", shape: [2], dtype: "float32" },
  ];
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "w.bin"), new Uint8Array(weights.buffer));
  const document = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { name: "s", layers: [dense] } },
    weightsManifest: [{ paths: ["w.bin"], weights: specs }],
  };
  writeFileSync(join(folder, name, "model.json"), JSON.stringify(document));
  return weights;
}

describe("initial weights", () => {
  const initializers = ["glorotUniform", "heNormal", "truncatedNormal", "orthogonal"] as const;
  it.each(initializers)("come from the given generator (%s)", async (kernelInitializer) => {
    const model: ModelFunction = ({ tf, shape, outputs }) =>
      tf.sequential({ layers: [tf.layers.dense({ units: outputs, kernelInitializer, inputShape: [...shape] })] });
    const theta = async (seed: number) => (await tfjs({ model, backend: "cpu" }, given([5], 4, seed))).theta.toArray();
    const [first, again, other] = [await theta(1), await theta(1), await theta(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

describe("named models", () => {
  it(
    "have the papers' sizes",
    async () => {
      const laMaml = await tfjs({ model: "la-maml", backend: "wasm" }, given([32, 32, 3], 100));
      const convolution = (from: number) => (9 * from + 1) * 160;
      expect(laMaml.layers).toEqual([
        convolution(3),
        convolution(160),
        convolution(160),
        (16 * 160 + 1) * 320,
        321 * 320,
        321 * 100,
      ]);
      expect(laMaml.features(examples(1, [32, 32, 3], 100))).toHaveLength(320);
      laMaml.dispose();
      const resnet = await tfjs({ model: "resnet18", backend: "wasm" }, given([32, 32, 3], 100));
      // 20 convolutions with a batch normalisation each, and the last layer.
      expect(resnet.layers).toHaveLength(41);
      expect(resnet.layers.reduce((sum, count) => sum + count, 0)).toBe(1_109_240);
      expect(resnet.features(examples(1, [32, 32, 3], 100))).toHaveLength(160);
      const batch = examples(2, [32, 32, 3], 100);
      const first = resnet.descend(batch, 0.01);
      for (let i = 0; i < 5; i++) resnet.descend(batch, 0.01);
      expect(resnet.descend(batch, 0.01)).toBeLessThan(first);
      resnet.dispose();
    },
    SLOW,
  );
});

describe("what cannot be had is refused in a sentence", () => {
  const checkRefusal = async (model: string | ModelFunction, message: string | RegExp, shape = [4], outputs = 2) => {
    await expect(tfjs({ model, backend: "cpu" }, given(shape, outputs))).rejects.toThrow(message);
  };

  it("models that do not fit", async () => {
    const three: ModelFunction = ({ tf, shape }) => linear({ tf, shape, outputs: 3 });
    await checkRefusal(three, "The model answers with shape [3], where the run needs [2]: a logit for each output.");
    const five: ModelFunction = ({ tf, outputs }) => linear({ tf, shape: [5], outputs });
    await checkRefusal(five, "The model takes inputs of shape [5], and the data's is [4].");
    await checkRefusal(
      (({ tf }: Parameters<ModelFunction>[0]) => tf.tensor([1])) as never,
      "answers no tf.LayersModel",
    );
    await checkRefusal((async (s: Parameters<ModelFunction>[0]) => linear(s)) as never, "must answer the model itself");
    const weighed: ModelFunction = ({ tf, shape, outputs }) =>
      tf.sequential({
        layers: [tf.layers.dense({ units: outputs, kernelRegularizer: "l1l2", inputShape: [...shape] })],
      });
    await checkRefusal(weighed, "has a kernelRegularizer, but a network's loss is its batch's alone; leave it out.");
  });

  it("names and files that are no models", async () => {
    await checkRefusal("resnet", 'There is no model "resnet"; there are la-maml, resnet18, and paths such as');
    await checkRefusal("./none.mjs", 'The model "./none.mjs" cannot be loaded: ');
    writeFileSync(join(folder, "text.mjs"), "export default 'a model';");
    await checkRefusal("./text.mjs", 'The model "./text.mjs" has no function as its default export; write');
    await checkRefusal("./none.json", /^Of the model "\.\/none\.json" the file .* cannot be read \(ENOENT\)\.$/);
    writeFileSync(join(folder, "text.json"), "a model");
    await checkRefusal("./text.json", 'The model "./text.json" is no JSON.');
    writeFileSync(join(folder, "spec.json"), "{}");
    await checkRefusal("./spec.json", 'The file "./spec.json" is no model of TensorFlow.js: it lacks modelTopology.');
    writeFileSync(join(folder, "graph.json"), JSON.stringify({ format: "graph-model" }));
    await checkRefusal("./graph.json", "is a graph model, which cannot be trained");
    await savedModel("short");
    writeFileSync(join(folder, "short", "w.bin"), new Uint8Array(12));
    await checkRefusal("./short/model.json", 'The model "./short/model.json" cannot be made from its file: ', [3]);
  });

  it("backends that are not installed", () => {
    vi.stubEnv("EVERLEARN_TFJS_NODE", undefined);
    for (const [backend, name] of [
      ["node", "@tensorflow/tfjs-node"],
      ["node-gpu", "@tensorflow/tfjs-node-gpu"],
    ] as const)
      expect(() => loadNative(backend, [folder])).toThrow(
        `The backend "${backend}" needs ${name}, which is not installed: npm install ${name}@4.22.0`,
      );
    vi.unstubAllEnvs();
  });

  it("libraries that are missing", () => {
    expect(missingLibraries()).toSatisfy((names: string[]) => names.every((name) => /^lib\w+\.so\.\d/.test(name)));
    expect(reasonOf("libcudart.so.11.0: cannot open shared object file: No such file or directory", "x")).toBe(
      "the library libcudart.so.11.0 is not found; install it, or name its folder in LD_LIBRARY_PATH.",
    );
    expect(
      reasonOf("The Node.js native addon module (tfjs_binding.node) can not be found", "@tensorflow/tfjs-node"),
    ).toBe(
      "@tensorflow/tfjs-node has no binary that fits this Node; npm rebuild @tensorflow/tfjs-node --build-addon-from-source makes one.",
    );
  });

  it("memory that is used up", () => {
    const said = (message: string) => (translated(new Error(message)) as Error).message;
    expect(said("OOM when allocating tensor with shape[5000,3200] and type float on GPU:0")).toBe(
      'The backend has no memory left for a tensor of shape [5000,3200]; use smaller batches or a smaller network, or backend "wasm" or "cpu".',
    );
    expect(said("Cannot enlarge memory arrays")).toContain("has no memory left for a tensor; use smaller batches");
    expect(said("Something else")).toBe("Something else");
  });
});

describe("settle", () => {
  const surroundings = { folder, version: () => "0123456789abcdef" };
  const options = { model: "la-maml", backend: "auto", version: "" } as const;

  it("takes the first backend that loads, and says why not those before it", async () => {
    const settled = await plugin.settle!(options, surroundings);
    expect(settled.options).toEqual({ model: "la-maml", backend: available[0], version: "" });
    expect(settled.environment?.tfjs).toMatch(new RegExp(`^${available[0]}: \\S`));
    if (available[0] !== "node-gpu") expect(settled.environment?.["tfjs, why no other"]).toContain("node-gpu");
    expect((await plugin.settle!(settled.options, surroundings)).options).toEqual(settled.options);
  });

  it("knows models by their source, and refuses another", async () => {
    const module = { ...options, model: "./m.mjs", backend: "cpu" } as const;
    const settled = await plugin.settle!(module, surroundings);
    expect(settled.options.version).toBe("0123456789abcdef");
    await expect(
      Promise.resolve(plugin.settle!({ ...module, version: "fedcba9876543210" }, surroundings)),
    ).rejects.toThrow("is not the one that this was made with: its version is 0123456789abcdef, not fedcba9876543210.");
    await savedModel("known");
    const file = { ...options, model: "./known/model.json", backend: "cpu" } as const;
    const { version } = (await plugin.settle!(file, surroundings)).options;
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    writeFileSync(join(folder, "known", "w.bin"), new Uint8Array(32));
    expect((await plugin.settle!(file, surroundings)).options.version).not.toBe(version);
  });
});
