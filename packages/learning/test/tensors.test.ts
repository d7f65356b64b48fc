import type { Tensor } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { tensorsOf } from "../src/index.js";

const tensors: Tensor[] = [
  { kind: "weights", layer: 0, shape: [2, 3], axis: 0 },
  { kind: "biases", layer: 0, shape: [2], axis: 0 },
  { kind: "weights", layer: 1, shape: [2, 2, 3], axis: 2, frozen: true },
];

describe("tensorsOf", () => {
  it("says where each tensor lies in θ, and which output each of its values belongs to", () => {
    const placed = tensorsOf({ tensors, layers: [8, 12] }, "any");
    expect(placed.map(({ from, to }) => [from, to])).toEqual([
      [0, 6],
      [6, 8],
      [8, 20],
    ]);
    expect(placed.map(({ outputs, isLast }) => [outputs, isLast])).toEqual([
      [2, false],
      [2, false],
      [3, true],
    ]);
    const outputs = placed.map(({ from, to, outputAt }) =>
      Array.from({ length: to - from }, (_, i) => outputAt(from + i)),
    );
    expect(outputs).toEqual([
      [0, 0, 0, 1, 1, 1],
      [0, 1],
      [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
    ]);
    expect(placed[2]).toMatchObject(tensors[2]);
  });

  it("names the learner where the network does not say", () => {
    expect(() => tensorsOf({ layers: [8] }, "xdg")).toThrow(
      "Learner xdg has to know which parameters are weights, which this network does not say; use one that does, such as mlp or convnet.",
    );
  });
});
