// What the WebAssembly backend is completed with, against the plainest way to write it, and against the plain backend.
import { random } from "@everlearn/random";
import "@tensorflow/tfjs-layers"; // brings the operations' gradients
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { loadBackend, useBackend } from "../src/backend.js";

for (const backend of ["cpu", "wasm"] as const) await loadBackend(backend, []);
useBackend("wasm");

const draw = random(4, "kernels");
/** Numbers between −1 and 1, every third of them 0. */
const drawn = (count: number): number[] =>
  Array.from({ length: count }, () => (draw.integer(3) === 0 ? 0 : 2 * draw.uniform() - 1));

/** Entry (row, column) of a matrix, or of its transpose. */
const entry =
  (values: number[], [, width]: number[], transposed: boolean) =>
  (row: number, column: number) =>
    transposed ? values[column * width + row] : values[row * width + column];

const highest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual).toHaveLength(expected.length);
  expect(highest(Array.from(expected, (value, i) => value - actual[i]))).toBeLessThan(1e-5);
}

const ways = [1, 2, 4, 5, 9].flatMap((rows) =>
  [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ rows, transposeA, transposeB }))),
);

describe.each(ways)("a product of $rows rows, transposed: $transposeA, $transposeB", (way) => {
  const { rows, transposeA, transposeB } = way;
  const [inner, columns] = [11, 6];
  const shapeOfA = transposeA ? [inner, rows] : [rows, inner];
  const shapeOfB = transposeB ? [columns, inner] : [inner, columns];
  const [a, b, bias] = [drawn(rows * inner), drawn(inner * columns), drawn(columns)];
  const [atA, atB] = [entry(a, shapeOfA, transposeA), entry(b, shapeOfB, transposeB)];
  const product = Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return Array.from({ length: inner }, (__, k) => atA(row, k) * atB(k, column)).reduce((sum, value) => sum + value);
  });

  it("is what sums of products are", () => {
    const found = tf.tidy(() => tf.matMul(tf.tensor(a, shapeOfA), tf.tensor(b, shapeOfB), transposeA, transposeB));
    expect(found.shape).toEqual([rows, columns]);
    expect(highest(product)).toBeGreaterThan(0.1);
    expectClose(found.dataSync(), product);
    found.dispose();
  });

  it("is that of each matrix of a stack", () => {
    const found = tf.tidy(() =>
      tf.matMul(
        tf.tensor([...a, ...a.map((value) => -value)], [2, ...shapeOfA]),
        tf.tensor([...b, ...b.map((value) => 2 * value)], [2, ...shapeOfB]),
        transposeA,
        transposeB,
      ),
    );
    expect(found.shape).toEqual([2, rows, columns]);
    expectClose(found.dataSync(), [...product, ...product.map((value) => -2 * value)]);
    found.dispose();
  });

  it.each(["linear", "relu", "relu6", "elu"] as const)("goes on with a bias and %s", (activation) => {
    const after = { linear: (z: number) => z, relu: (z: number) => Math.max(z, 0), relu6: clamped, elu };
    for (const added of [bias, undefined]) {
      const found = tf.tidy(() =>
        tf.fused.matMul({
          a: tf.tensor2d(a, shapeOfA as [number, number]),
          b: tf.tensor2d(b, shapeOfB as [number, number]),
          transposeA,
          transposeB,
          ...(added && { bias: tf.tensor1d(added) }),
          activation,
        }),
      );
      const expected = product.map((value, at) => after[activation](value + (added?.[at % columns] ?? 0)));
      expect(found.shape).toEqual([rows, columns]);
      expectClose(found.dataSync(), expected);
      found.dispose();
    }
  });
});

const clamped = (z: number): number => Math.min(Math.max(z, 0), 6);
const elu = (z: number): number => (z < 0 ? Math.expm1(z) : z);

describe("a split", () => {
  it.each([
    { of: "a vector", shape: [10], axis: 0, sizes: [3, 0, 1, 6] },
    { of: "a vector, the rest", shape: [10], axis: 0, sizes: [3, -1, 5] },
    { of: "a matrix by columns", shape: [2, 5], axis: 1, sizes: [1, 4] },
  ])("is where it is cut ($of)", ({ shape, axis, sizes }) => {
    const values = drawn(10);
    const parts = tf.tidy(() => tf.split(tf.tensor(values, shape), [...sizes], axis));
    const width = shape[axis];
    let from = 0;
    for (const part of parts) {
      const size = part.shape[axis];
      const expected = values.filter((_, at) => at % width >= from && at % width < from + size);
      expect([...part.dataSync()]).toEqual(expected.map(Math.fround));
      from += size;
    }
    expect(from).toBe(width);
    tf.dispose(parts);
  });

  it("is whole where the backend's memory moves to make room for it", () => {
    const length = 2_000_000;
    const before = tf.memory().numTensors;
    const held: tf.Tensor[] = [];
    for (let round = 0; round < 12; round++) {
      const whole = tf.range(0, length);
      const [first, second] = tf.split(whole, [1, length - 1]);
      held.push(whole, first, second);
      const [values, end] = [second.dataSync(), first.dataSync()[0]];
      expect([end, values[0], values[values.length - 1]]).toEqual([0, 1, length - 1]);
    }
    tf.dispose(held);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a convolution's gradients", () => {
  const cases = [1, 2].flatMap((stride) =>
    (["valid", "same"] as const).flatMap((pad) => [1, 3].map((batch) => ({ stride, pad, batch }))),
  );
  it.each(cases)("are the plain backend's (stride $stride, $pad, batch $batch)", ({ stride, pad, batch }) => {
    const [height, width, channels, filters] = [7, 6, 2, 3];
    const [x, filter] = [drawn(batch * height * width * channels), drawn(3 * 2 * channels * filters)];
    const weights = drawn(batch * height * width * filters); // of the sum that is differentiated
    const gradients = (backend: "cpu" | "wasm") => {
      useBackend(backend);
      const found = tf.tidy(() => {
        const output = (image: tf.Tensor, kernel: tf.Tensor) =>
          tf.conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad);
        const [image, kernel] = [
          tf.tensor(x, [batch, height, width, channels]),
          tf.tensor(filter, [3, 2, channels, filters]),
        ];
        const { shape, size } = output(image, kernel);
        const weighed = (a: tf.Tensor, b: tf.Tensor) =>
          tf.sum<tf.Scalar>(tf.mul(output(a, b), tf.tensor(weights.slice(0, size), shape)));
        return tf
          .grads(weighed)([image, kernel])
          .map((gradient) => gradient.dataSync());
      });
      useBackend("wasm");
      return found;
    };
    const [ours, plain] = [gradients("wasm"), gradients("cpu")];
    for (const i of [0, 1]) {
      expect(highest(plain[i])).toBeGreaterThan(0.1);
      expectClose(ours[i], plain[i]);
    }
  });
});
