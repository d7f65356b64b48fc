import { checkDataset } from "@everlearn/conformance";
import type { Examples } from "@everlearn/contracts";
import { checksumOfOriginals } from "@everlearn/downloads";
import { describe, expect, it } from "vitest";
import plugin, { mnist } from "../src/index.js";
import { originals } from "../src/originals.js";
import { temporary } from "../../../packages/downloads/test/tiny.js";

const folder = process.env.EVERLEARN_DATA;
const why = folder ? "" : " (skipped: EVERLEARN_DATA does not say where MNIST is)";
if (!folder) console.warn("dataset-mnist: the tests with the real files are skipped, as EVERLEARN_DATA is not set.");

describe("mnist", () => {
  it("is found by its name", () => {
    expect(plugin).toMatchObject({ kind: "dataset", name: "mnist", options: {} });
  });

  it("does not look elsewhere than in the given folder", async () => {
    await expect(mnist({}, { folder: await temporary() })).rejects.toThrow("dataset-mnist found no train-images");
  });

  it.skipIf(!folder)(`does what a dataset must do${why}`, async () => {
    await checkDataset(plugin, folder === undefined ? {} : { folder });
  });

  it.skipIf(!folder)(`reads the real files${why}`, async () => {
    const { shape, classes, train, test, checksum } = await mnist({}, { folder });
    expect([shape, classes, train.length, test.length]).toEqual([[28, 28, 1], 10, 60_000, 10_000]);
    expect([0, 1, 2, 3, 4].map((i) => train.label(i))).toEqual([5, 0, 4, 1, 9]);
    expect([0, 1, 2, 3, 4].map((i) => test.label(i))).toEqual([7, 2, 1, 0, 4]);
    expect(counts(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(checksum).toBe(checksumOfOriginals(originals));
    // The widely published mean of the training images, 0.1307.
    let sum = 0;
    for (let i = 0; i < train.length; i++) for (const byte of train.input(i)) sum += byte;
    expect(sum / (train.length * 784 * 255)).toBeCloseTo(0.1307, 4);
  });
});

function counts(examples: Examples): number[] {
  const perClass = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < examples.length; i++) perClass[examples.label(i)]++;
  return perClass;
}
