// Networks of every kind of layer.
import type { Layer } from "../../src/index.js";
import type { Definition } from "./network.js";

const relu = { layer: "relu" } as const;
const batchNorm = { layer: "batch norm" } as const;
const groupNorm = (groups: number) => ({ layer: "group norm", groups }) as const;
const conv = (filters: number, more: Partial<Extract<Layer, { layer: "conv" }>> = {}): Layer => ({
  layer: "conv",
  filters,
  ...more,
});
const same = { padding: 1 } as const;

/** Networks that take batches of one example, by name. */
export const networks: Readonly<Record<string, Definition>> = {
  "the output layer alone": { shape: [13], outputs: 5, layers: [] },
  "the output layer alone, on images": { shape: [3, 5], outputs: 2, layers: [] },
  "dense layers": {
    shape: [14],
    outputs: 3,
    layers: [{ layer: "dense", units: 9 }, relu, { layer: "dense", units: 5, bias: false }, relu],
  },
  "dense layers on images": {
    shape: [3, 5, 2],
    outputs: 6,
    initialisation: "he",
    layers: [{ layer: "dense", units: 7 }, relu, { layer: "flatten" }, { layer: "dense", units: 16 }, relu],
  },
  "a convolution": { shape: [5, 4, 3], outputs: 3, layers: [conv(6)] },
  "a convolution as large as its image": { shape: [3, 4, 5], outputs: 2, layers: [conv(7, { kernel: [3, 4] })] },
  "convolutions of any kernel": {
    shape: [7, 8, 3],
    outputs: 9,
    initialisation: "he",
    layers: [
      conv(6, { stride: 2, padding: 1 }),
      relu,
      conv(5, { kernel: [1, 3], padding: 1, bias: false }),
      relu,
      conv(8, { kernel: [3, 2], stride: 2 }),
    ],
  },
  "strides beyond the kernel, and a pixel left over": {
    shape: [8, 10, 1],
    outputs: 4,
    layers: [conv(9, { kernel: 2, stride: 3 }), relu, conv(3, { kernel: 1, stride: 2 })],
  },
  "more padding than needed": {
    shape: [3, 3, 2],
    outputs: 3,
    layers: [conv(4, { padding: 2 }), relu, conv(3, { padding: 3, stride: 2 })],
  },
  groups: {
    shape: [5, 6, 4],
    outputs: 3,
    layers: [
      conv(6, { groups: 2, ...same }),
      relu,
      conv(9, { groups: 3, kernel: [2, 1], bias: false }),
      relu,
      conv(9, { groups: 9, kernel: 2, stride: 2 }),
      conv(18, { groups: 9, kernel: 1 }),
    ],
  },
  "many filters in groups": { shape: [4, 4, 32], outputs: 3, layers: [conv(32, { groups: 2, ...same }), relu] },
  "depthwise convolutions": {
    shape: [7, 6, 5],
    outputs: 3,
    layers: [
      { layer: "depthwise conv", padding: 1 },
      relu,
      { layer: "depthwise conv", kernel: [2, 3], stride: 2, padding: 1, bias: false },
      relu,
      conv(8, { kernel: 1 }),
      { layer: "depthwise conv", kernel: 2 },
    ],
  },
  "Winograd's, on 4 × 6 pixels": {
    shape: [4, 6, 2],
    outputs: 3,
    layers: [conv(17, same), relu, conv(18, same), relu, conv(16, { ...same, bias: false })],
  },
  "Winograd's, on 2 × 2 pixels, before a stride": {
    shape: [2, 2, 16],
    outputs: 2,
    layers: [conv(21, same), relu, conv(5, { ...same, stride: 2 })],
  },
  "what looks like Winograd's": {
    shape: [5, 6, 16],
    outputs: 2,
    layers: [conv(16, same), conv(15, { ...same, stride: 2 }), conv(16, { padding: 1, kernel: [3, 2] })],
  },
  "largest values": {
    shape: [9, 8, 3],
    outputs: 4,
    layers: [
      { layer: "max pool", size: 3, stride: 2, padding: 1 },
      conv(5, same),
      { layer: "max pool", size: [2, 3], stride: 1 },
      relu,
      { layer: "max pool", size: 2 },
    ],
  },
  means: {
    shape: [9, 7, 3],
    outputs: 4,
    layers: [
      { layer: "average pool", size: 3, stride: 2, padding: 1 },
      conv(5, same),
      { layer: "average pool", size: [2, 3], stride: 1, padding: 1 },
      relu,
      { layer: "average pool", size: 2 },
      { layer: "global average" },
    ],
  },
  "gaps between windows": {
    shape: [9, 9, 2],
    outputs: 4,
    layers: [
      conv(4, { kernel: 2 }),
      { layer: "max pool", size: 2, stride: 3 },
      conv(9, { padding: 2 }),
      { layer: "average pool", size: 1, stride: 2 },
      { layer: "flatten" },
      relu,
    ],
  },
  "group norms": {
    shape: [6, 5, 2],
    outputs: 3,
    layers: [
      conv(6),
      groupNorm(3),
      relu,
      groupNorm(1),
      conv(5, { ...same, bias: false }),
      { layer: "group norm", groups: 5, epsilon: 0.01 },
    ],
  },
  "a group norm on the inputs, and on a row": {
    shape: [12],
    outputs: 3,
    layers: [groupNorm(4), { layer: "dense", units: 10 }, groupNorm(2), relu, { layer: "dense", units: 6 }, relu],
  },
  residuals: {
    shape: [6, 6, 3],
    outputs: 3,
    layers: [
      conv(6, same),
      { layer: "residual", layers: [relu, conv(6, same), relu] },
      { layer: "residual", layers: [conv(6, same), groupNorm(2)] },
      relu,
      {
        layer: "residual",
        layers: [groupNorm(2), relu, conv(8, { ...same, stride: 2 })],
        shortcut: [conv(8, { kernel: 1, stride: 2 })],
      },
      { layer: "residual", layers: [{ layer: "max pool", size: 3, stride: 1, padding: 1 }] },
      { layer: "global average" },
    ],
  },
  "residuals of norms": {
    shape: [4, 4, 4],
    outputs: 3,
    layers: [
      { layer: "residual", layers: [groupNorm(2)] },
      relu,
      { layer: "residual", layers: [groupNorm(2)], shortcut: [conv(4, same)] },
      { layer: "residual", layers: [groupNorm(2)], shortcut: [groupNorm(4)] },
      { layer: "residual", layers: [conv(4, same)], shortcut: [groupNorm(4)] },
    ],
  },
  "residuals in residuals": {
    shape: [4, 4, 2],
    outputs: 3,
    layers: [
      {
        layer: "residual",
        layers: [
          { layer: "residual", layers: [conv(2, same), relu] },
          { layer: "residual", layers: [conv(16, same)], shortcut: [conv(16, { kernel: 1 })] },
          relu,
          conv(18, same),
          groupNorm(3),
        ],
        shortcut: [{ layer: "residual", layers: [conv(18, { kernel: 1 }), groupNorm(9)], shortcut: [conv(18, same)] }],
      },
      relu,
      { layer: "residual", layers: [relu], shortcut: [relu] },
    ],
  },
  "a norm that is added to what it normalises": {
    shape: [2, 3, 4],
    outputs: 3,
    layers: [
      conv(4, same),
      { layer: "residual", layers: [groupNorm(2)] },
      conv(4, same),
      { layer: "residual", layers: [{ ...groupNorm(2), frozen: true }] },
    ],
  },
  "a path of rows beside another": {
    shape: [2, 3, 4],
    outputs: 4,
    layers: [
      conv(4, same),
      {
        layer: "residual",
        layers: [{ layer: "flatten" }, { layer: "dense", units: 5 }],
        shortcut: [{ layer: "dense", units: 5 }],
      },
      {
        layer: "residual",
        layers: [{ layer: "flatten" }, { layer: "dense", units: 7 }],
        shortcut: [{ layer: "dense", units: 7 }],
      },
    ],
  },
  "residuals that end in residuals": {
    shape: [2, 3, 4],
    outputs: 3,
    layers: [
      { layer: "residual", layers: [{ layer: "residual", layers: [groupNorm(2)] }] },
      relu,
      {
        layer: "residual",
        layers: [{ layer: "residual", layers: [{ layer: "residual", layers: [groupNorm(2)] }, groupNorm(4)] }],
        shortcut: [conv(4, same), { layer: "residual", layers: [groupNorm(1)] }],
      },
    ],
  },
  "a group norm before a convolution": {
    shape: [3, 3, 3],
    outputs: 3,
    layers: [groupNorm(1), conv(1, { kernel: 1 })],
  },
  "frozen layers": {
    shape: [6, 6, 3],
    outputs: 3,
    layers: [
      conv(5, { ...same, frozen: true }),
      { ...groupNorm(5), frozen: true },
      relu,
      { layer: "depthwise conv", kernel: 2 },
      { ...batchNorm, frozen: true },
      relu,
      { layer: "residual", frozen: true, layers: [conv(5, same), batchNorm] },
      conv(16, { ...same, kernel: 2 }),
      conv(16, { ...same, frozen: true }),
      { layer: "dense", units: 7, frozen: true },
      relu,
      { layer: "dense", units: 6 },
    ],
  },
  "nothing that learns but the output layer": {
    shape: [4, 4, 1],
    outputs: 3,
    layers: [conv(4, { frozen: true }), { ...batchNorm, frozen: true }, relu],
  },
  "features of a layer": {
    shape: [5, 5, 2],
    outputs: 3,
    features: "middle",
    layers: [conv(6), { layer: "relu", name: "middle" }, { layer: "residual", layers: [conv(6, same)] }, relu],
  },
  "features before a ReLU": {
    shape: [5, 5, 2],
    outputs: 3,
    features: "middle",
    layers: [conv(6), { ...groupNorm(2), name: "middle" }, relu, conv(3, { kernel: 2 })],
  },
  "features of a residual": {
    shape: [4, 4, 2],
    outputs: 3,
    features: "middle",
    layers: [
      conv(6, same),
      { layer: "residual", name: "middle", layers: [conv(6, same), groupNorm(2)] },
      relu,
      { layer: "residual", layers: [relu, conv(6, same)] },
    ],
  },
  "features within a residual": {
    shape: [4, 4, 2],
    outputs: 3,
    features: "middle",
    layers: [
      conv(6, same),
      { layer: "residual", layers: [conv(6, same), { ...groupNorm(2), name: "middle" }], shortcut: [conv(6, same)] },
      relu,
    ],
  },
  "features of a frozen layer": {
    shape: [4, 4, 2],
    outputs: 3,
    features: "middle",
    layers: [conv(6, { ...same, frozen: true, name: "middle" }), relu, conv(2)],
  },
};

/** Networks whose batches have at least two examples, by name. */
export const batchNorms: Readonly<Record<string, Definition>> = {
  "batch norms": {
    shape: [6, 5, 2],
    outputs: 3,
    layers: [conv(6), batchNorm, relu, conv(5, { bias: false }), { ...batchNorm, epsilon: 0.01, momentum: 0.3 }, relu],
  },
  "a batch norm on the inputs, and on a row": {
    shape: [9],
    outputs: 3,
    layers: [batchNorm, { layer: "dense", units: 10 }, batchNorm, relu],
  },
  "batch norms in residuals": {
    shape: [6, 6, 3],
    outputs: 3,
    layers: [
      conv(17, { ...same, bias: false }),
      batchNorm,
      relu,
      { layer: "residual", layers: [conv(17, same), batchNorm, relu, conv(17, same), batchNorm] },
      relu,
      {
        layer: "residual",
        layers: [conv(9, { ...same, stride: 2 }), batchNorm],
        shortcut: [conv(9, { kernel: 1, stride: 2 }), batchNorm],
      },
      relu,
      { layer: "residual", layers: [batchNorm, relu, { layer: "depthwise conv", padding: 1 }] },
      { layer: "residual", layers: [batchNorm], shortcut: [batchNorm] },
      { layer: "global average" },
    ],
  },
  "a batch norm that is added to what it normalises": {
    shape: [2, 3, 4],
    outputs: 3,
    layers: [conv(4, same), { layer: "residual", layers: [batchNorm] }],
  },
  "batch norms of which one is frozen": {
    shape: [4, 5, 3],
    outputs: 3,
    layers: [
      { ...batchNorm, frozen: true },
      conv(4, same),
      batchNorm,
      relu,
      conv(4, same),
      { ...batchNorm, frozen: true },
      groupNorm(2),
    ],
  },
};
