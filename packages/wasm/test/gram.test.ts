import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { createGram, createMemory, kernel, KernelVector, type Layout } from "../src/index.js";

const f = Math.fround;

/** The layout of dense layers: rows of weights, then biases, each row filled up to a multiple of four. */
function layersOf(sizes: readonly number[]): Layout {
  let length = 0;
  const blocks = sizes.slice(1).map((columns, layer) => {
    const block = { offset: length, rows: sizes[layer] + 1, columns, stride: Math.ceil(columns / 4) * 4 };
    length += block.rows * block.stride;
    return block;
  });
  return { length, blocks };
}

/** A vector's numbers as they lie in memory, padding included. */
function padded(values: Float32Array, { length, blocks }: Layout): number[] {
  const all = new Array<number>(length).fill(0);
  let at = 0;
  for (const { offset, rows, columns, stride } of blocks)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) all[offset + row * stride + column] = values[at++];
  return all;
}

/** The inner product as the kernel's sums round it: four lanes in float32 over 1024 numbers, then in float64. */
function product(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let from = 0; from < a.length; from += 1024) {
    const lanes = [0, 0, 0, 0];
    for (let i = from; i < Math.min(a.length, from + 1024); i++) lanes[i % 4] = f(lanes[i % 4] + f(a[i] * b[i]));
    sum += f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]));
  }
  return sum;
}

// Rows of many sizes: shorter than a segment, longer, and longer than a chunk; layers of one row beside each other.
it.each([
  [[200, 20, 8, 4]],
  [[7, 150, 300, 9]],
  [[3, 1100, 2]],
  [[2, ...new Array<number>(150).fill(1), 3]],
  [[90, 10]],
])("takes inner products of layers %j bit for bit as the oracle, whole rows of zeros or none", (sizes) => {
  const memory = createMemory(kernel);
  const layout = layersOf(sizes);
  const gram = createGram(memory, layout);
  const draw = random(2);
  /** Numbers of which a part of all rows are zeros, of either sign. */
  const some = (zeros: number): Float32Array =>
    Float32Array.from(
      layout.blocks.flatMap(({ rows, columns }) =>
        Array.from({ length: rows }, () => {
          const kept = draw.uniform() >= zeros;
          return Array.from({ length: columns }, () => (kept ? (2 * draw.uniform() - 1) * 10 ** draw.integer(4) : -0));
        }).flat(),
      ),
    );
  // More vectors after fewer and fewer after more: nothing stays behind from before.
  for (const n of [0, 3, 1, 2, 13, 5, 40, 6, 0]) {
    const values = Array.from({ length: n }, (_, i) => some([0.5, 0, 0.9, 1][i % 4]));
    const vectors = values.map((array) => {
      const vector = new KernelVector(memory, layout);
      vector.fromArray(array);
      return vector;
    });
    const rows = values.map((array) => padded(array, layout));
    const expected = rows.flatMap((a) => rows.map((b) => product(a, b)));
    expect(gram(vectors)).toEqual(Float64Array.from(expected));
  }
});

it("refuses vectors of another memory", () => {
  const layout = layersOf([2, 3]);
  const gram = createGram(createMemory(kernel), layout);
  expect(() => gram([new KernelVector(createMemory(kernel), layout)])).toThrow("another network");
});
