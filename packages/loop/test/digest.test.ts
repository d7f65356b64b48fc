import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestOf } from "../src/digest.js";

const theta = Float32Array.of(0.5, -0.25, 3);
const accuracy = [
  [0.5, 0.25],
  [0.125, 1],
];
const predictions = Uint16Array.of(1, 2, 3, 9);
const digest = digestOf(theta, accuracy, predictions, []);

describe("digestOf", () => {
  it("is a SHA-256 that depends on the values only", () => {
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const shifted = Float32Array.of(9, ...theta).subarray(1);
    expect(digestOf(shifted, structuredClone(accuracy), predictions.slice(), [])).toBe(digest);
  });

  it("keeps its value from version to version", () => {
    expect(digest).toBe("9369a1d712eeb67e7e530c5ce52bd2361308bfbc95274e4ec1b075b358d07433");
  });

  it("takes −1 for an accuracy that was left out", () => {
    const [without, minus] = [
      [
        [0.5, null],
        [0.125, 1],
      ],
      [
        [0.5, -1],
        [0.125, 1],
      ],
    ];
    expect(digestOf(theta, without, predictions, [])).toBe(digestOf(theta, minus, predictions, []));
    expect(digestOf(theta, without, predictions, [])).not.toBe(digest);
  });

  it("changes with every number of an intermediate evaluation", () => {
    const one = { examples: 4, experience: 0, accuracy: [0.5, null] };
    const others = [
      [],
      [one],
      [one, one],
      [{ ...one, examples: 5 }],
      [{ ...one, experience: 1 }],
      [{ ...one, accuracy: [0.25, null] }],
      [{ ...one, accuracy: [0.5, 0] }],
    ];
    expect(new Set(others.map((intermediate) => digestOf(theta, accuracy, predictions, intermediate))).size).toBe(
      others.length,
    );
    expect(digestOf(theta, accuracy, predictions, [one])).toBe(
      createHash("sha256")
        .update(new Uint8Array(theta.buffer))
        .update(new Uint8Array(Float64Array.of(0.5, 0.25, 0.125, 1).buffer))
        .update(new Uint8Array(predictions.buffer))
        .update(new Uint8Array(Float64Array.of(0, 4, 0.5, -1).buffer))
        .digest("hex"),
    );
  });

  it("changes with the least change of any weight, accuracy or answer", () => {
    const others = new Set([digest]);
    for (let i = 0; i < theta.length; i++) {
      const bits = new Uint32Array(theta.slice().buffer);
      bits[i] ^= 1;
      others.add(digestOf(new Float32Array(bits.buffer), accuracy, predictions, []));
    }
    for (const [i, row] of accuracy.entries())
      for (const j of row.keys()) {
        const changed = structuredClone(accuracy);
        changed[i][j] += Number.EPSILON;
        others.add(digestOf(theta, changed, predictions, []));
      }
    for (let i = 0; i < predictions.length; i++)
      others.add(
        digestOf(
          theta,
          accuracy,
          predictions.map((y, k) => (k === i ? y + 1 : y)),
          [],
        ),
      );
    expect(others.size).toBe(1 + theta.length + 4 + predictions.length);
  });

  it("tells −0 from 0, and one NaN weight from a number", () => {
    expect(digestOf(Float32Array.of(-0), [[0]], predictions, [])).not.toBe(
      digestOf(Float32Array.of(0), [[0]], predictions, []),
    );
    expect(digestOf(Float32Array.of(NaN), [[0]], predictions, [])).not.toBe(
      digestOf(Float32Array.of(0), [[0]], predictions, []),
    );
  });
});
