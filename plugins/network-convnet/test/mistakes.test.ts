import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { convnet } from "../src/index.js";

const made = (layers: readonly unknown[], shape: readonly number[] = [8, 8, 3], options: object = {}) =>
  convnet(
    { layers: layers as readonly object[], ...options },
    { shape, inputs: shape.reduce((product, side) => product * side, 1), outputs: 4, random: random(0) },
  );
const conv = { layer: "conv", filters: 6 };

describe("a mistake in the layers is named by its place", () => {
  it.each<[what: string, sentence: string, layers: readonly unknown[], shape?: readonly number[]]>([
    ["no layer", 'layers[1] must be a layer such as { "layer": "relu" }, but is "relu"', [conv, "relu"]],
    [
      "an unknown layer",
      'layers[0] has the layer "convolution", which must be one of "conv", "depthwise conv"',
      [{ layer: "convolution" }],
    ],
    ["a name of every object", 'layers[0] has the layer "toString", which must be one of', [{ layer: "toString" }]],
    [
      "an unknown field",
      'layers[0] (conv) has no field "filter"; its fields are name, frozen, stride',
      [{ ...conv, filter: 3 }],
    ],
    [
      "nothing to freeze",
      'layers[0] (relu) has no field "frozen"; its fields are name',
      [{ layer: "relu", frozen: true }],
    ],
    ["a missing field", 'layers[0] (conv) lacks "filters", an integer from 1 to 1000000', [{ layer: "conv" }]],
    [
      "a wrong value",
      'layers[0] (conv) has "stride": 0, which must be an integer from 1 to 1000',
      [{ ...conv, stride: 0 }],
    ],
    [
      "half a kernel",
      'layers[0] (conv) has "kernel": [3], which must be an integer from 1 to 1000, or a list of two',
      [{ ...conv, kernel: [3] }],
    ],
    [
      "a kernel larger than its image",
      "layers[1] (conv) has a window of 7 × 7, which is larger than its input of 6 × 6 × 6 with padding 0",
      [conv, { ...conv, kernel: 7 }],
    ],
    [
      "a pool larger than its image",
      "layers[0] has a window of 9 × 9, which is larger than its input of 8 × 8 × 3",
      [{ layer: "max pool", size: 9 }],
    ],
    [
      "too much padding",
      "layers[0] (max pool) has padding 2, which must be less than its window of 2 × 2",
      [{ layer: "max pool", size: 2, padding: 2 }],
    ],
    [
      "a pool without a stride",
      'layers[0] (average pool) has a window of 2 × 3; it needs "stride" too',
      [{ layer: "average pool", size: [2, 3] }],
    ],
    [
      "groups of filters",
      "layers[0] (conv) has 2 groups, which must divide the 3 channels of its input and its 6 filters",
      [{ ...conv, groups: 2 }],
    ],
    [
      "groups of channels",
      "layers[1] (group norm) has 4 groups, which must divide the 6 channels of its input",
      [conv, { layer: "group norm", groups: 4 }],
    ],
    [
      "a norm of single values",
      "normalises each of its input's 1 × 1 × 3 values by itself",
      [{ layer: "global average" }, { layer: "group norm", groups: 3 }],
    ],
    ["a residual of nothing", "layers[0].layers needs at least one layer", [{ layer: "residual", layers: [] }]],
    [
      "a residual of different shapes",
      "layers[0].layers end in 6 × 6 × 6 and its shortcut in 8 × 8 × 3",
      [{ layer: "residual", layers: [conv] }],
    ],
    [
      "a mistake inside of a residual",
      'layers[0].shortcut[0] (conv) has "bias": 1, which must be true or false',
      [{ layer: "residual", layers: [conv], shortcut: [{ ...conv, bias: 1 }] }],
    ],
    [
      "a name twice",
      'layers[1] is called "a", as another layer is',
      [
        { ...conv, name: "a" },
        { layer: "relu", name: "a" },
      ],
    ],
    [
      "too many parameters",
      "parameters, of which a network may have 134217728",
      [{ layer: "dense", units: 1_000_000 }],
    ],
    ["a fourth side", "convnet takes images of rows × columns × channels, not 2 × 2 × 2 × 2", [conv], [2, 2, 2, 2]],
  ])("%s", (_, sentence, layers, shape) => {
    expect(() => made(layers, shape)).toThrow(RangeError);
    expect(() => made(layers, shape)).toThrow(sentence);
  });

  it("a name that no layer has", () => {
    expect(() => made([{ ...conv, name: "first" }], [8, 8, 3], { features: "second" })).toThrow(
      'features is "second", but no layer has this name; the names are "first"',
    );
  });

  it("a preset and layers", () => {
    expect(() => made([conv], [32, 32, 3], { preset: "resnet18" })).toThrow(
      "convnet takes a preset or layers, not both",
    );
  });

  it("a preset for smaller images", () => {
    const layers = [{ ...conv, stride: 2 }, { ...conv, stride: 2 }, conv];
    expect(() => made(layers, [8, 8, 1])).toThrow(
      "layers[2] (conv) has a window of 3 × 3, which is larger than its input of 1 × 1 × 6",
    );
  });
});

const example = (inputs: number, y = 0) => ({ x: new Float32Array(inputs).fill(0.5), y });

it("a batch norm of a single value is refused, with a way out, where there is one", () => {
  const network = made([{ layer: "global average" }, { layer: "batch norm" }]);
  const batch = [example(192), example(192, 1)];
  expect(() => network.descend(batch.slice(1), 0.1)).toThrow(
    "layers[1] (batch norm) normalises a single value for each channel at batch 1, which leaves nothing of it; use a group norm, or larger batches.",
  );
  expect(network.descend(batch, 0.1)).toBeGreaterThan(0);
  expect(network.predict(batch.slice(1))).toHaveLength(1);
});

it("inputs of another size are refused, and so are empty batches and vectors of other networks", () => {
  const [network, other] = [made([conv]), made([conv])];
  expect(() => network.predict([example(191)])).toThrow("The network takes 192 input values, not 191.");
  expect(() => network.descend([], 0.1)).toThrow("A step needs at least one example.");
  expect(() => network.gradient([], network.vector())).toThrow("A gradient needs at least one example.");
  expect(() => network.gradient([example(192)], other.vector())).toThrow(TypeError);
});

it("memory that cannot be had is named", () => {
  const network = made([
    { layer: "dense", units: 100_000 },
    { layer: "dense", units: 200 },
  ]);
  const vectors: object[] = [];
  expect(() => {
    for (let i = 0; i < 100; i++) vectors.push(network.vector());
  }).toThrow(/^The network would take \d+ MiB of memory, which cannot be had \(WebAssembly has 4096 at most\)/);
}, 60_000);

it("a diverged loss is one, whatever lies between it and the inputs", () => {
  const network = made([conv, { layer: "group norm", groups: 2 }, { layer: "relu" }, { layer: "max pool", size: 2 }]);
  expect(() => network.descend([{ x: new Float32Array(192).fill(NaN), y: 0 }], 0.1)).toThrow("The loss became NaN");
});
