import { existsSync } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkDataset } from "@everlearn/conformance";
import type { Examples } from "@everlearn/contracts";
import { npy } from "@everlearn/formats";
import { zipSync } from "fflate";
import { describe, expect, it, onTestFinished } from "vitest";
import plugin, { embeddings } from "../src/index.js";
import { parquet } from "./fixtures.js";

/** An array as NumPy's documentation describes it. */
function array(type: string, shape: readonly number[], values: ArrayBufferView, order = "False"): Uint8Array {
  const sizes = `${shape.join(", ")}${shape.length === 1 ? "," : ""}`;
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const padded = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(padded), data]);
}

const float32 = (shape: readonly number[], values: readonly number[]) => array("<f4", shape, Float32Array.from(values));
const int64 = (values: readonly number[]) => array("<i8", [values.length], BigInt64Array.from(values, BigInt));
const npz = (arrays: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])));
const bytes = (base64: string): Uint8Array => Buffer.from(base64, "base64");

function safetensors(tensors: Readonly<Record<string, readonly [string, number[], ArrayBufferView]>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, [dtype, shape, { byteLength }]]) => {
    end += byteLength;
    return [name, { dtype, shape, data_offsets: [end - byteLength, end] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Object.values(tensors).map(([, , { buffer, byteOffset, byteLength }]) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return Buffer.concat([length, header, ...data]);
}

/** A new folder with these files, which goes when the test ends. */
async function folder(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "everlearn-embeddings-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
  return root;
}

const list = (examples: Examples) =>
  Array.from({ length: examples.length }, (_, i) => [examples.label(i), ...examples.input(i)]);

/** What the data set of one file holds. */
async function read(name: string, content: Uint8Array, options: object = {}) {
  const { shape, classes, train, test } = await embeddings(
    { path: name, ...options },
    { folder: await folder({ [name]: content }) },
  );
  return { shape, classes, train: list(train), test: list(test) };
}

/** Ten examples (i, −i) of the classes i mod 2. */
const ten = Array.from({ length: 10 }, (_, i) => i);
const x = float32(
  [10, 2],
  ten.flatMap((i) => [i, -i || 0]),
);
const y = int64(ten.map((i) => i % 2));
const example = (i: number, label = i % 2) => [label, i, -i || 0];
const halves = {
  shape: [2],
  classes: 2,
  train: ten.slice(0, 8).map((i) => example(i)),
  test: [example(8), example(9)],
};

describe("embeddings", () => {
  it("conform to the data set contract", async () => {
    await checkDataset(plugin, { options: { path: "a.npz" }, folder: await folder({ "a.npz": npz({ x, y }) }) });
  });

  it.each([
    ["embeddings", "labels"],
    ["features", "y"],
    ["Feats", "Targets"],
    ["x", "class"],
    ["arr_0", "arr_1"],
    ["data", "label"],
  ])("finds the arrays %s and %s", async (features, labels) => {
    expect(await read("a.npz", npz({ [features]: x, [labels]: y, ids: y }))).toEqual(halves);
  });

  it.each([
    ["x_train y_train x_test y_test"],
    ["train_features train_labels test_features test_labels"],
    ["X-train y-train X-test y-test"],
    ["embeddings_train targets_train embeddings_test targets_test"],
    ["arr_0 arr_1 arr_2 arr_3"],
  ])("has the test examples that a file has of its own: %s", async (names) => {
    const [a, b, c, d] = names.split(" ");
    const file = npz({ [a]: x, [b]: y, [c]: float32([2, 2], [1, 2, 3, 4]), [d]: int64([1, 0]) });
    const { train, test } = await read("a.npz", file);
    expect(train).toEqual(ten.map((i) => example(i)));
    expect(test).toEqual([
      [1, 1, 2],
      [0, 3, 4],
    ]);
  });

  it("finds positional arrays by their dimensions, in whatever order they were saved", async () => {
    const file = npz({ arr_0: x, arr_1: float32([1, 2], [1, 2]), arr_2: y, arr_3: int64([1]) });
    expect((await read("a.npz", file)).test).toEqual([[1, 1, 2]]);
  });

  it("reads the arrays that are named, and files of features, labels and test examples", async () => {
    const named = npz({ resnet: x, vit: float32([10, 1], ten), species: y, features: x });
    expect((await read("a.npz", named, { features: "vit", labels: "species" })).train[3]).toEqual([1, 3]);
    const files = await folder({
      "x.npy": x,
      "y.npy": y,
      "x2.npy": float32([1, 2], [5, 6]),
      "y2.npy": int64([1]),
    });
    const beside = { path: "x.npy", labelsPath: "y.npy" };
    expect(list((await embeddings(beside, { folder: files })).test)).toEqual(halves.test);
    const apart = await embeddings({ ...beside, testPath: "x2.npy", testLabelsPath: "y2.npy" }, { folder: files });
    expect([apart.train.length, list(apart.test)]).toEqual([10, [[1, 5, 6]]]);
  });

  it.each([
    ["float16", array("<f2", [10, 2], Uint16Array.from(ten.flatMap((i) => [0x3c00 + i, 0])))],
    ["Fortran's order", float32([10, 2], [...ten, ...ten.map((i) => -i)]).fill(0, 0, 0)],
  ])("reads %s", async (kind, file) => {
    if (kind === "float16") {
      const { train } = await read("a.npz", npz({ x: file, y }));
      expect(train[3]).toEqual([1, 1 + 3 / 1024, 0]);
    } else {
      const fortran = array("<f8", [10, 2], Float64Array.from([...ten, ...ten.map((i) => -i || 0)]), "True");
      expect(await read("a.npz", npz({ x: fortran, y }))).toEqual(halves);
    }
  });

  it.each([
    [
      "integers with gaps",
      array(
        "<i4",
        [10],
        Int32Array.from(ten, (i) => (i % 2 === 0 ? -7 : 900)),
      ),
    ],
    [
      "whole floats",
      array(
        "<f4",
        [10, 1],
        Float32Array.from(ten, (i) => i % 2),
      ),
    ],
    [
      "truth values",
      array(
        "|b1",
        [10],
        Uint8Array.from(ten, (i) => i % 2),
      ),
    ],
    ["texts", array("|S3", [10], Buffer.from("ant\0bee".replace("\0", "").repeat(5)))],
    [
      "Unicode",
      array(
        "<U1",
        [10],
        Uint32Array.from(ten, (i) => 0x1f600 + (i % 2)),
      ),
    ],
  ])("numbers classes in the order of their labels: %s", async (_, labels) => {
    expect(await read("a.npz", npz({ x, y: labels }))).toEqual(halves);
  });

  it("numbers more than nine numbers as numbers, and not as texts", async () => {
    const labels = int64([2, 10, 9, 2, 10, 9, 2, 10, 9, 2]);
    const { train } = await read("a.npz", npz({ x, y: labels }), { testFraction: 0.26 });
    expect(train.slice(0, 3).map(([label]) => label)).toEqual([0, 2, 1]);
  });

  it("reads safetensors", async () => {
    const file = safetensors({
      embeddings: ["F32", [10, 2], Float32Array.from(ten.flatMap((i) => [i, -i || 0]))],
      labels: ["I64", [10], BigInt64Array.from(ten, (i) => BigInt(i % 2))],
    });
    expect(await read("a.safetensors", file)).toEqual(halves);
  });

  it("reads Parquet: lists of any and of a fixed size, columns of numbers", async () => {
    const twelve = (label: (i: number) => number) =>
      Array.from({ length: 12 }, (_, i) => [label(i), i / 2, i / 2 + 0.25]);
    const cats = twelve((i) => [1, 2, 0][i % 3]);
    const lists = await read("a.parquet", bytes(parquet.lists), { testFraction: 0.25 });
    expect(lists).toEqual({ shape: [2], classes: 3, train: cats.slice(0, 9), test: cats.slice(9) });
    const sevens = twelve((i) => (i + 1) % 2);
    for (const file of [parquet.fixed, parquet.columns])
      expect((await read("a.parquet", bytes(file))).train).toEqual([...sevens.slice(0, 8), ...sevens.slice(10)]);
  });

  it("spreads test examples over each class", async () => {
    const many = npz({
      x: float32([100, 1], [...Array(100).keys()]),
      y: int64([...Array(100).keys()].map((i) => +(i > 9))),
    });
    const { test } = await read("a.npz", many, { testFraction: 0.3 });
    expect(test.filter(([label]) => label === 0).map(([, value]) => value)).toEqual([3, 6, 9]);
    expect(test).toHaveLength(30);
  });

  it("has a checksum of its content, whatever file it is from", async () => {
    const files = {
      "a.npz": npz({ x, y }),
      "b.npz": npz({ embeddings: x, labels: y }),
      "c.npz": npz({ x, y: int64([0, 1, 1, 0, 0, 1, 0, 1, 0, 1]) }),
    };
    const place = await folder(files);
    const sums = await Promise.all(
      Object.keys(files).map(async (path) => (await embeddings({ path }, { folder: place })).checksum),
    );
    expect(sums[0]).toBe(sums[1]);
    expect(sums[2]).not.toBe(sums[0]);
  });

  const odd = (place: number, value: number) =>
    float32(
      [10, 2],
      ten.flatMap((i) => [i === place ? value : 1, 0]),
    );
  it.each<[string, Uint8Array, string, object?]>([
    ["no labels", npz({ x }), "holds no labels under a usual name, such as labels or y, but x; name them in"],
    [
      "no features",
      npz({ ids: x, y }),
      "holds no features under a usual name, such as embeddings, features or x, but ids, y;",
    ],
    [
      "features in place of labels",
      x,
      "holds no labels under a usual name, such as labels or y, but the array; name them",
      { labelsPath: "a.npz" },
    ],
    ["too few examples", npz({ x, y }), 'leaves no test examples at "testFraction" 0.01', { testFraction: 0.01 }],
    ["NaN", npz({ x: odd(7, Number.NaN), y }), "has the value NaN in example 7 of x, where features are finite"],
    ["infinity", npz({ x: odd(2, Infinity), y }), "has the value Infinity in example 2 of x"],
    [
      "too large a number",
      npz({
        x: array(
          "<f8",
          [10, 1],
          Float64Array.from(ten, (i) => 1e39 * i),
        ),
        y,
      }),
      "has the value 1e+39 in",
    ],
    ["fewer labels", npz({ x, y: int64([0, 1]) }), "holds 2 labels in y, but there are 10 examples in x"],
    [
      "half labels",
      npz({
        x,
        y: array(
          "<f4",
          [10],
          Float32Array.from(ten, (i) => i / 2),
        ),
      }),
      "has the label 0.5 in example 1 of y",
    ],
    [
      "labels one-hot",
      npz({ x, y: float32([10, 2], [...ten, ...ten]) }),
      "holds y of the shape (10, 2), where labels are (n) or (n, 1)",
    ],
    [
      "texts as features",
      npz({ x: array("|S1", [10, 1], Buffer.from("abcdefghij")), y }),
      "holds x of texts, where features",
    ],
    ["one dimension", npz({ x: int64(ten), y }), "holds x of the shape (10), where features are (n, d)"],
    [
      "two arrays for one",
      npz({ x, features: x, y }),
      'has two arrays for the same: x and features; name one of them in "features"',
    ],
    ["another name", npz({ x, y }), 'holds no vit, which "features" names, but x, y', { features: "vit" }],
    ["one class", npz({ x, y: int64(ten.map(() => 4)) }), "has training examples of one class only"],
    ["no test labels", npz({ x_train: x, y_train: y, x_test: x }), "holds no labels under a usual name"],
    [
      "a new class in test",
      npz({ x_train: x, y_train: y, x_test: x, y_test: int64(ten) }),
      "has test examples of class 2, which has no",
    ],
    [
      "another size in test",
      npz({ x_train: x, y_train: y, x_test: float32([10, 1], ten), y_test: y }),
      "of different shapes, (2) and (1)",
    ],
    ["a cut file", npz({ x, y }).subarray(0, -30), "is truncated, or no zip archive"],
    ["nothing", new Uint8Array(0), "is empty"],
    ["something else", Buffer.from("a,b\n1,2\n"), "is no .npz, .npy, .safetensors or .parquet file"],
    ["a broken Parquet file", Buffer.from("PAR1 and PAR1"), "is a Parquet file that cannot be read"],
  ])("says of %s what is wrong", async (_, file, problem, options) => {
    const error = await read("a.npz", file, options).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain(problem);
    expect((error as Error).message).toMatch(/^dataset-embeddings: \S*a\.npz [^\n]*\.$/);
  });

  it("names what is not there, and refuses what is too large without reading it", async () => {
    const place = await folder({});
    await expect(embeddings({ path: "none.npz" }, { folder: place })).rejects.toThrow(/found nothing at .*none\.npz/);
    await expect(embeddings({ path: "." }, { folder: place })).rejects.toThrow(/is no file; name an \.npz/);
    const file = await open(join(place, "large.npy"), "w");
    await file.truncate(2 ** 31); // a file of holes takes no room
    await file.close();
    await expect(embeddings({ path: "large.npy" }, { folder: place })).rejects.toThrow(
      /large\.npy is too large: 2147483648 bytes, of which 2147483647 can be read/,
    );
  });

  it("is empty-handed where npy is a vector", async () => {
    await expect(read("a.npy", npy(Float32Array.of(1, 2)))).rejects.toThrow(
      /holds the array of the shape \(2\), where/,
    );
  });
});

const real = join(process.env.EVERLEARN_DATA ?? "", "embeddings/cifar10-efficientnet-lite0.npz");
describe.skipIf(!process.env.EVERLEARN_DATA || !existsSync(real))("CIFAR-10 as features (EVERLEARN_DATA)", () => {
  it("is read", async () => {
    const { shape, classes, train, test } = await embeddings({ path: real });
    expect([shape, classes, train.length, test.length]).toEqual([[1280], 10, 5000, 1000]);
  });
});
