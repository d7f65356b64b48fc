import { readFileSync } from "node:fs";
import { FormatError } from "@everlearn/formats";
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { readArrays } from "../src/arrays.js";
import { archives, floats } from "./fixtures.js";

const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const keep = { color: "keep", size: 0 } as const;
const counting = (first: number, length: number): number[] => Array.from({ length }, (_, i) => first + i);

/** An array as NumPy's documentation describes it. */
function npy(type: string, shape: readonly number[], data: Uint8Array, order = "False"): Uint8Array {
  const sizes = `${shape.join(", ")}${shape.length === 1 ? "," : ""}`;
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const padded = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(padded), data]);
}

const raw = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
const uint8 = (shape: readonly number[], values: readonly number[]): Uint8Array =>
  npy("|u1", shape, Uint8Array.from(values));
const int64 = (values: readonly number[]): Uint8Array =>
  npy("<i8", [values.length], raw(BigInt64Array.from(values, BigInt)));
const npz = (arrays: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, array])));

describe("files that NumPy wrote", () => {
  const compressed = readFileSync(new URL("six.npz", import.meta.url)).toString("base64");
  it.each(Object.entries({ ...archives, compressed }))("are read: %s", (_, file) => {
    const { shape, classes, train, test } = readArrays(bytes(file), keep, 5);
    expect([shape, classes]).toEqual([[2, 2, 1], 3]);
    expect(train).toEqual({ values: Uint8Array.from(counting(0, 24)), labels: Uint32Array.of(0, 1, 2, 0, 1, 2) });
    expect(test).toEqual({ values: Uint8Array.from(counting(12, 12)), labels: Uint32Array.of(0, 1, 2) });
  });

  it.each(Object.entries(floats))("are read: %s", (_, file) => {
    const { shape, train, test } = readArrays(bytes(file), keep, 5);
    expect(shape).toEqual([2, 2, 1]);
    expect(train.values).toEqual(Float32Array.from(counting(0, 24), (value) => value / 8 - 1));
    expect(test.values).toEqual(Float32Array.from(counting(12, 12), (value) => value / 8 - 1));
  });
});

describe("readArrays", () => {
  it("reads what was written, of any size", () => {
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.integer({ min: 2, max: 5 }),
          columns: fc.integer({ min: 2, max: 5 }),
          n: fc.integer({ min: 4, max: 9 }),
        }),
        fc.infiniteStream(fc.nat(255)),
        ({ rows, columns, n }, stream) => {
          const values = Array.from({ length: n * rows * columns }, () => stream.next().value as number);
          const labels = counting(0, n).map((i) => i % 2);
          const file = npz({ x: uint8([n, rows, columns], values), y: int64(labels) });
          const { shape, classes, train, test } = readArrays(file, keep, 2);
          expect([shape, classes]).toEqual([[rows, columns, 1], 2]);
          // Of each class every second: of 0 1 0 1 0 1 0 1 the third and the fourth, the seventh and the eighth.
          const isTest = (i: number): boolean => Math.floor(i / 2) % 2 === 1;
          const size = rows * columns;
          for (const [part, places] of [
            [train, counting(0, n).filter((i) => !isTest(i))],
            [test, counting(0, n).filter(isTest)],
          ] as const) {
            expect([...part.labels]).toEqual(places.map((i) => labels[i]));
            expect([...part.values]).toEqual(places.flatMap((i) => values.slice(i * size, (i + 1) * size)));
          }
        },
      ),
    );
  });

  const four = { y_train: int64([0, 1]), x_test: uint8([1, 1, 2], [0, 0]), y_test: int64([1]) };
  const two = uint8([2, 1, 2], [1, 2, 3, 4]);
  it.each([
    [
      "no arrays of ours",
      { a: two },
      "lacks an array; it needs x_train, y_train, x_test and y_test, or x and y, and none of them is there",
    ],
    ["no labels", { x_train: two, x_test: two }, "and of such there are x_train, x_test only"],
    ["two of the same", { ...four, x_train: two, X_train: two }, "has two arrays for the same: x_train and X_train"],
    [
      "fewer labels",
      { ...four, x_train: two, y_train: int64([0]) },
      "holds 1 labels in y_train, but 2 images for them",
    ],
    [
      "negative labels",
      { ...four, x_train: two, y_train: int64([0, -1]) },
      "with the label -1, where classes are from 0 to 65535",
    ],
    [
      "labels from 1",
      { ...four, x_train: two, y_train: int64([1, 2]) },
      "no training example of class 0; number classes from 0",
    ],
    [
      "one class",
      { ...four, x_train: two, y_train: int64([0, 0]), y_test: int64([0]) },
      "has examples of one class only",
    ],
    [
      "an unknown class",
      { ...four, x_train: two, y_test: int64([7]) },
      "has test examples of class 7, which has no training examples",
    ],
    [
      "floats for labels",
      { ...four, x_train: two, y_train: npy("<f4", [2], raw(Float32Array.of(0, 1))) },
      "holds y_train of floats, where labels are integers",
    ],
    [
      "one-hot labels",
      { ...four, x_train: two, y_train: uint8([2, 2], [1, 0, 0, 1]) },
      "holds y_train of the shape (2, 2), where labels are (n) or (n, 1)",
    ],
    [
      "other test images",
      { ...four, x_train: two, x_test: uint8([1, 2, 2], [1, 2, 3, 4]) },
      "has training and test images of different shapes or types, (1, 2, 1) and (2, 2, 1)",
    ],
    [
      "large integers",
      { ...four, x_train: npy("<i2", [2, 1, 2], raw(Int16Array.of(0, 1, 2, 256))) },
      "holds x_train with the integer 256, where bytes are from 0 to 255",
    ],
    [
      "no number",
      { ...four, x_train: npy("<f4", [2, 1, 2], raw(Float32Array.of(0, 1, 2, NaN))) },
      "holds x_train with the value NaN",
    ],
    [
      "texts",
      { ...four, x_train: npy("|S2", [2, 1, 2], new Uint8Array(8)) },
      "holds x_train of texts, where numbers are needed",
    ],
    [
      "truth values",
      { ...four, x_train: npy("|b1", [2, 1, 2], new Uint8Array(4)) },
      "holds x_train of truth values, where numbers are needed",
    ],
    [
      "objects",
      { ...four, x_train: npy("|O", [2, 1, 2], new Uint8Array(8)) },
      "holds x_train of NumPy's type |O, where",
    ],
    [
      "single numbers",
      { ...four, x_train: uint8([], [1]) },
      "holds x_train of the shape (); images are (n, rows, columns), with or without channels",
    ],
    [
      "no images",
      { ...four, x_train: uint8([0, 1, 2], []), y_train: int64([]) },
      "holds x_train of the shape (0, 1, 2); images are",
    ],
    [
      "channels first",
      { ...four, x_train: uint8([2, 3, 4, 4], counting(0, 96)) },
      "channels first as it seems; save np.moveaxis of it, from 1 to −1",
    ],
    [
      "a wrong shape",
      { ...four, x_train: uint8([2, 1, 3], [1, 2, 3, 4]) },
      "which has 4 bytes where its shape (2, 1, 3) needs 6",
    ],
    [
      "something else",
      { ...four, x_train: Buffer.from("hello, how are you") },
      "holds x_train, which is no NumPy array",
    ],
    [
      "more images than can be meant",
      { x: npy("|u1", [2 ** 24 + 1, 1], new Uint8Array(2 ** 24 + 1)), y: int64([0, 1]) },
      "is too large: x holds 16777217 images, of which a data set may have 16777216",
    ],
    [
      "few examples of each class",
      { x: two, y: int64([0, 1]) },
      'leaves no test examples, as no class has 5; use a smaller "testEvery"',
    ],
  ])("says of a file with %s what is wrong", (_, arrays, problem) => {
    const read = () => readArrays(npz(arrays), keep, 5);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(problem);
  });

  it("makes images grey and of one size", () => {
    const image = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
    const file = npz({
      x_train: uint8([2, 2, 2, 3], [...image, ...image]),
      y_train: uint8([2], [0, 1]),
      x_test: uint8([1, 2, 2, 3], image),
      y_test: uint8([1], [0]),
    });
    const grey = readArrays(file, { color: "grey", size: 0 }, 5);
    expect(grey.shape).toEqual([2, 2, 1]);
    expect([...grey.test.values]).toEqual([76, 150, 29, 255]); // 0.299, 0.587 and 0.114 of 255
    const small = readArrays(file, { color: "keep", size: 1 }, 5);
    expect(small.shape).toEqual([1, 1, 3]);
    expect([...small.train.values]).toEqual([128, 128, 128, 128, 128, 128]);
    const flat = npz({ x: uint8([4, 3], counting(0, 12)), y: uint8([4], [0, 1, 0, 1]) });
    expect(readArrays(flat, keep, 2).shape).toEqual([3]);
    expect(() => readArrays(flat, { color: "grey", size: 0 }, 2)).toThrow("holds x without rows and columns");
  });
});
