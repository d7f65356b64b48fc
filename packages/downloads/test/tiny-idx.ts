import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Original, Originals } from "../src/index.js";

/** An IDX file of unsigned bytes that counts up from `first`. */
export function idx(shape: readonly number[], first = 0): Uint8Array {
  const header = new Uint8Array(4 + 4 * shape.length);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  const size = shape.reduce((product, n) => product * n, 1);
  return Uint8Array.from([...header, ...Array.from({ length: size }, (_, i) => (first + i) % 256)]);
}

/** A data set in MNIST's format: three training and two test images of 2 × 2 bytes. */
export const contents: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte": idx([3, 2, 2]),
  "train-labels-idx1-ubyte": idx([3], 7),
  "t10k-images-idx3-ubyte": idx([2, 2, 2], 100),
  "t10k-labels-idx1-ubyte": idx([2], 3),
};

function original(name: string, shape: readonly number[]): Original {
  return { name, shape, sha256: createHash("sha256").update(contents[name]).digest("hex") };
}

export const tiny: Originals = {
  name: "mnist",
  title: "MNIST",
  mirrors: [],
  trainImages: original("train-images-idx3-ubyte", [3, 2, 2]),
  trainLabels: original("train-labels-idx1-ubyte", [3]),
  testImages: original("t10k-images-idx3-ubyte", [2, 2, 2]),
  testLabels: original("t10k-labels-idx1-ubyte", [2]),
};

export const names = Object.keys(contents);

/** Writes the four tiny files: compressed, under their usual names, unless `rename` says otherwise. */
export async function place(directory: string, rename = (name: string): string => `${name}.gz`): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of names) {
    const file = rename(name);
    await writeFile(join(directory, file), file.endsWith(".gz") ? gzipSync(contents[name]) : contents[name]);
  }
}
