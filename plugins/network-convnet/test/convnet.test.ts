import { checkNetwork } from "@everlearn/conformance";
import { it } from "vitest";
import plugin, { type Layer } from "../src/index.js";

const conv = { layer: "conv", filters: 6, kernel: 3 } as const;

/** Networks of every layer that answers alike in training and otherwise, by name. */
const networks: Readonly<Record<string, { readonly shape: readonly number[]; readonly layers: readonly Layer[] }>> = {
  "nothing but the output layer": { shape: [14], layers: [] },
  "dense layers": {
    shape: [14],
    layers: [
      { layer: "dense", units: 9 },
      { layer: "relu" },
      { layer: "dense", units: 5, bias: false },
      { layer: "relu" },
    ],
  },
  "convolutions of any kernel": {
    shape: [7, 8, 3],
    layers: [
      { ...conv, stride: 2, padding: 1 },
      { layer: "relu" },
      { layer: "conv", filters: 5, kernel: [1, 3], padding: 1, bias: false },
      { layer: "relu" },
      { layer: "conv", filters: 8, kernel: [3, 2], stride: 2 },
    ],
  },
  "Winograd's": {
    shape: [6, 4, 2],
    layers: [
      { layer: "conv", filters: 18, kernel: 3, padding: 1 },
      { layer: "relu" },
      { layer: "conv", filters: 17, kernel: 3, padding: 1 },
      { layer: "relu" },
      { layer: "conv", filters: 20, kernel: 3, padding: 1, bias: false },
      { layer: "relu" },
      { layer: "global average" },
    ],
  },
  "groups and depthwise": {
    shape: [6, 6, 4],
    layers: [
      { layer: "depthwise conv", kernel: 3, padding: 1 },
      { layer: "relu" },
      { layer: "conv", filters: 6, kernel: 3, groups: 2 },
      { layer: "depthwise conv", kernel: [2, 3], stride: 2, padding: 1, bias: false },
      { layer: "conv", filters: 12, kernel: 1, groups: 6 },
    ],
  },
  pools: {
    shape: [9, 8, 3],
    layers: [
      conv,
      { layer: "max pool", size: 3, stride: 2, padding: 1 },
      { layer: "average pool", size: 2, stride: 1, padding: 1 },
      { layer: "relu" },
      { layer: "max pool", size: [2, 3], stride: 1 },
      { layer: "flatten" },
    ],
  },
  "group norms": {
    shape: [6, 5, 2],
    layers: [
      conv,
      { layer: "group norm", groups: 3 },
      { layer: "relu" },
      { layer: "group norm", groups: 1 },
      { ...conv, filters: 4 },
      { layer: "group norm", groups: 4 },
    ],
  },
  residuals: {
    shape: [6, 6, 3],
    layers: [
      { ...conv, padding: 1 },
      { layer: "residual", layers: [{ layer: "relu" }, { ...conv, padding: 1 }, { layer: "relu" }] },
      {
        layer: "residual",
        layers: [
          { ...conv, padding: 1 },
          { layer: "group norm", groups: 2 },
        ],
      },
      { layer: "relu" },
      {
        layer: "residual",
        layers: [{ layer: "group norm", groups: 2 }, { layer: "relu" }, { ...conv, filters: 8, stride: 2, padding: 1 }],
        shortcut: [{ layer: "conv", filters: 8, kernel: 1, stride: 2 }],
      },
      { layer: "residual", layers: [{ layer: "max pool", size: 3, stride: 1, padding: 1 }] },
      { layer: "global average" },
    ],
  },
};

it.each(Object.entries(networks))("does what a network must do, with %s", async (_, { shape, layers }) => {
  const hidden = layers.length > 0;
  await checkNetwork(plugin, { options: { layers }, shape, linear: !hidden });
});
