import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { translated } from "../src/backend.js";
import plugin, { type ModelFunction, tfjs } from "../src/index.js";
import { loadNative, missingLibraries, reasonOf } from "../src/native.js";
import { examples, folder, given, linear, savedModel, SLOW } from "./fixture.js";
import { available } from "./places.js";

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

describe("resolveOptions", () => {
  const context = { folder, version: () => "0123456789abcdef" };
  const options = { model: "la-maml", backend: "auto", version: "" } as const;

  it("takes the first backend that loads, and says why not those before it", async () => {
    const resolved = await plugin.resolveOptions!(options, context);
    expect(resolved.options).toEqual({ model: "la-maml", backend: available[0], version: "" });
    expect(resolved.environment?.tfjs).toMatch(new RegExp(`^${available[0]}: \\S`));
    if (available[0] !== "node-gpu") expect(resolved.environment?.["tfjs, why no other"]).toContain("node-gpu");
    expect((await plugin.resolveOptions!(resolved.options, context)).options).toEqual(resolved.options);
  });

  it("knows models by their source, and refuses another", async () => {
    const module = { ...options, model: "./m.mjs", backend: "cpu" } as const;
    const resolved = await plugin.resolveOptions!(module, context);
    expect(resolved.options.version).toBe("0123456789abcdef");
    await expect(
      Promise.resolve(plugin.resolveOptions!({ ...module, version: "fedcba9876543210" }, context)),
    ).rejects.toThrow("is not the one that this was made with: its version is 0123456789abcdef, not fedcba9876543210.");
    const refused = () => {
      throw new Error("m.mjs:1: import(name) may lead to any file.");
    };
    await expect((async () => plugin.resolveOptions!(module, { folder, version: refused }))()).rejects.toThrow(
      /^m\.mjs:1: import\(name\) may/,
    );
    await savedModel("known");
    const file = { ...options, model: "./known/model.json", backend: "cpu" } as const;
    const { version } = (await plugin.resolveOptions!(file, context)).options;
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    writeFileSync(join(folder, "known", "w.bin"), new Uint8Array(32));
    expect((await plugin.resolveOptions!(file, context)).options.version).not.toBe(version);
  });
});
