import { describe, expect, it } from "vitest";
import { bytesOf } from "../src/bytes.js";

describe("bytesOf", () => {
  it.each([
    [null, 0],
    [undefined, 0],
    [true, 1],
    [0, 8],
    ["größer", 12],
    [new Uint8Array(5), 5],
    [new Uint16Array(5), 10],
    [new Int32Array(5), 20],
    [new Float32Array(5), 20],
    [new Float64Array(5), 40],
    [new Float64Array(5).subarray(1, 3), 16],
    [[], 0],
    [[1, [2, false]], 17],
    [{ aVeryLongKey: 1, absent: undefined, nothing: null }, 8],
  ])("%j takes %i", (state, bytes) => {
    expect(bytesOf(state)).toBe(bytes);
  });

  it("adds up a learner's, a buffer's and a network's", () => {
    const example = { x: new Uint8Array(16), y: 3, task: 1, outputs: [0, 1] };
    expect(bytesOf([new Float32Array(10), [example, example], { seen: 2, name: "er" }])).toBe(40 + 2 * 48 + 8 + 4);
  });
});
