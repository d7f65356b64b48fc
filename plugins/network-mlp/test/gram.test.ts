import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { mlp } from "../src/index.js";

const f = Math.fround;

/** A network's numbers as the kernel holds them: rows of weights, then biases, each row filled up to four with zeros. */
function padded(values: Float32Array, sizes: readonly number[]): number[] {
  const all: number[] = [];
  let at = 0;
  sizes.slice(1).forEach((outputs, layer) => {
    for (let row = 0; row <= sizes[layer]; row++, at += outputs)
      all.push(...values.subarray(at, at + outputs), ...new Array<number>(-outputs & 3).fill(0));
  });
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
  [200, [20, 8], 4],
  [7, [150, 300], 9],
  [3, [1100], 2],
  [2, new Array<number>(150).fill(1), 3],
  [90, [], 10],
])(
  "takes inner products of %i → %j → %i bit for bit as the oracle, whole rows of zeros or none",
  (inputs, hidden, outputs) => {
    const network = mlp({ hidden }, { inputs, outputs, random: random(1) });
    const sizes = [inputs, ...hidden, outputs];
    const draw = random(2);
    const { length } = network.theta.toArray();
    /** Numbers of which a part of all rows are zeros, of either sign. */
    const some = (zeros: number): Float32Array => {
      const values = new Float32Array(length);
      let at = 0;
      sizes.slice(1).forEach((n, layer) => {
        for (let row = 0; row <= sizes[layer]; row++) {
          const kept = draw.uniform() >= zeros;
          for (let i = 0; i < n; i++, at++) values[at] = kept ? (2 * draw.uniform() - 1) * 10 ** draw.integer(4) : -0;
        }
      });
      return values;
    };
    // More vectors after fewer and fewer after more: nothing stays behind from before.
    for (const n of [0, 3, 1, 2, 13, 5, 40, 6, 0]) {
      const values = Array.from({ length: n }, (_, i) => some([0.5, 0, 0.9, 1][i % 4]));
      const vectors = values.map((array) => {
        const vector = network.vector();
        vector.fromArray(array);
        return vector;
      });
      const rows = values.map((array) => padded(array, sizes));
      const expected = rows.flatMap((a) => rows.map((b) => product(a, b)));
      expect(network.gram(vectors)).toEqual(Float64Array.from(expected));
    }
  },
);
