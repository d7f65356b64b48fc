import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { checkDataset } from "@everlearn/conformance";
import { describe, expect, it } from "vitest";
import { temporary } from "../../../packages/downloads/test/tiny.js";
import { idx as file } from "../../../packages/downloads/test/tiny-idx.js";
import plugin, { idx } from "../src/index.js";

type Files = Readonly<Record<string, Uint8Array>>;

/** Labels that are written out. */
function labels(...values: readonly number[]): Uint8Array {
  const bytes = file([values.length]);
  bytes.set(values, 8);
  return bytes;
}

const files: Files = {
  "train-images-idx3-ubyte": file([4, 2, 3]),
  "train-labels-idx1-ubyte": labels(1, 7, 26, 7),
  "t10k-images-idx3-ubyte": file([2, 2, 3], 100),
  "t10k-labels-idx1-ubyte": labels(26, 1),
};

async function placed(content: Files): Promise<string> {
  const folder = await temporary();
  for (const [name, bytes] of Object.entries(content))
    await writeFile(join(folder, name), name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return folder;
}

const renamed = (change: (name: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [change(name), bytes]));

describe("idx", () => {
  it("conforms to the dataset contract", async () => {
    await checkDataset(plugin, { options: { path: await placed(files) } });
  });

  it.each([
    ["plain files", files],
    ["compressed files", renamed((name) => `${name}.gz`)],
    ["files of other names", renamed((name) => `letters-${name.replace("t10k", "test").replace("-idx", ".idx")}`)],
  ])("reads %s, with its labels numbered from 0", async (_, content) => {
    const { shape, classes, classNames, train, test, checksum } = await idx({ path: await placed(content) });
    expect([shape, classes, classNames]).toEqual([[2, 3, 1], 3, ["1", "7", "26"]]);
    expect([0, 1, 2, 3].map((i) => train.label(i))).toEqual([0, 1, 2, 1]);
    expect([...train.input(1)]).toEqual([6, 7, 8, 9, 10, 11]);
    expect([test.label(0), test.input(1, new Float32Array(6))[0]]).toEqual([2, Math.fround(106 / 255)]);
    expect(checksum).toBe((await idx({ path: await placed(files) })).checksum);
  });

  it("reads colour images, channels last", async () => {
    const colour = {
      ...files,
      "train-images-idx3-ubyte": file([4, 2, 2, 3]),
      "t10k-images-idx3-ubyte": file([2, 2, 2, 3]),
    };
    expect((await idx({ path: await placed(colour) })).shape).toEqual([2, 2, 3]);
  });

  it("is within the folder of data sets, and tells data sets apart by a prefix", async () => {
    const root = await placed({ ...renamed((name) => `a-${name}`), ...renamed((name) => `b-${name}`) });
    await mkdir(join(root, "inner"));
    await expect(idx({ path: "." }, { folder: root })).rejects.toThrow(
      `dataset-idx found 2 files of training images, such as train-images-idx3-ubyte, in ${root}: a-train-images-idx3-ubyte, b-train-images-idx3-ubyte; set "prefix"`,
    );
    expect((await idx({ path: ".", prefix: "b-" }, { folder: root })).classes).toBe(3);
    await expect(idx({ path: ".", prefix: "c-" }, { folder: root })).rejects.toThrow(
      `dataset-idx found no file of training images, such as train-images-idx3-ubyte, in ${root} whose name begins with c-; put it there, or name another folder.`,
    );
    await expect(idx({ path: "nowhere" }, { folder: root })).rejects.toThrow(
      `dataset-idx cannot read the folder ${join(root, "nowhere")} (ENOENT); "path" is absolute,`,
    );
  });

  it.each<[string, Files, string]>([
    [
      "cut off",
      { "train-images-idx3-ubyte": file([4, 2, 3]).subarray(0, 30) },
      "train-images-idx3-ubyte is truncated: it ends after 30 of 40 bytes; put the right file there.",
    ],
    [
      "of labels instead",
      { "train-images-idx3-ubyte": labels(1, 2) },
      "train-images-idx3-ubyte holds 2 values, which are no images;",
    ],
    [
      "of images instead",
      { "train-labels-idx1-ubyte": file([4, 2, 3]) },
      "train-labels-idx1-ubyte holds 4 × 2 × 3 values, which are no labels;",
    ],
    [
      "of too few labels",
      { "train-labels-idx1-ubyte": labels(1, 2, 3) },
      "train-labels-idx1-ubyte holds 3 labels for the 4 images of ",
    ],
    [
      "of other sizes",
      { "t10k-images-idx3-ubyte": file([2, 3, 3]) },
      "t10k-images-idx3-ubyte holds images of 3 × 3, but those of ",
    ],
    [
      "of one class",
      { "train-labels-idx1-ubyte": labels(5, 5, 5, 5) },
      "train-labels-idx1-ubyte knows one class only, 5;",
    ],
    [
      "of an unknown class",
      { "t10k-labels-idx1-ubyte": labels(1, 9) },
      "t10k-labels-idx1-ubyte has the label 9, of which there is no training image;",
    ],
    [
      "of nothing",
      { "t10k-images-idx3-ubyte": file([0, 2, 3]), "t10k-labels-idx1-ubyte": labels() },
      "t10k-images-idx3-ubyte holds no images;",
    ],
    [
      "no IDX file",
      { "t10k-labels-idx1-ubyte": Buffer.from("<!doctype html>") },
      "t10k-labels-idx1-ubyte is not an IDX file of unsigned bytes",
    ],
  ])("refuses a file that is %s", async (_, change, problem) => {
    await expect(idx({ path: await placed({ ...files, ...change }) })).rejects.toThrow(problem);
  });
});
