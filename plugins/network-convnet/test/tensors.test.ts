import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { convnet, type Layer } from "../src/index.js";

it("says what θ consists of, in its canonical order", () => {
  const layers: Layer[] = [
    { layer: "conv", filters: 6, kernel: [2, 3], padding: 1 },
    { layer: "batch norm", frozen: true },
    { layer: "relu" },
    {
      layer: "residual",
      layers: [
        { layer: "depthwise conv", padding: 1, bias: false },
        { layer: "group norm", groups: 2 },
      ],
      shortcut: [{ layer: "conv", filters: 6, kernel: 1, groups: 3, frozen: true }],
    },
    { layer: "global average" },
    { layer: "dense", units: 5 },
  ];
  const network = convnet({ layers }, { shape: [4, 5, 2], inputs: 40, outputs: 3, random: random(0) });
  const conv = { layer: 0 };
  const norm = { layer: 1, shape: [6], axis: 0, frozen: true };
  const shortcut = { layer: 4, frozen: true };
  expect(network.tensors).toEqual([
    { ...conv, kind: "weights", shape: [2, 3, 2, 6], axis: 3 },
    { ...conv, kind: "biases", shape: [6], axis: 0 },
    { ...norm, kind: "scales" },
    { ...norm, kind: "shifts" },
    { ...norm, kind: "means" },
    { ...norm, kind: "variances" },
    { kind: "weights", layer: 2, shape: [3, 3, 1, 6], axis: 3 },
    { kind: "scales", layer: 3, shape: [6], axis: 0 },
    { kind: "shifts", layer: 3, shape: [6], axis: 0 },
    { ...shortcut, kind: "weights", shape: [1, 1, 2, 6], axis: 3 },
    { ...shortcut, kind: "biases", shape: [6], axis: 0 },
    { kind: "weights", layer: 5, shape: [6, 5], axis: 1 },
    { kind: "biases", layer: 5, shape: [5], axis: 0 },
    { kind: "weights", layer: 6, shape: [5, 3], axis: 1 },
    { kind: "biases", layer: 6, shape: [3], axis: 0 },
  ]);
  const theta = network.theta.toArray();
  let at = 0;
  for (const { kind, shape } of network.tensors ?? []) {
    const values = theta.subarray(at, (at += shape.reduce((product, side) => product * side, 1)));
    if (kind === "scales" || kind === "variances") expect([...values]).toEqual([...values].fill(1));
    else if (kind === "shifts" || kind === "means") expect([...values]).toEqual([...values].fill(0));
    else expect(values.every((value) => value !== 0 && value !== 1)).toBe(true);
  }
  expect(at).toBe(theta.length);
});
