import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkDataset } from "@everlearn/conformance";
import { checksumOfOriginals, loadOriginals, type Originals } from "@everlearn/downloads";
import { describe, expect, it } from "vitest";
import { mirror, temporary } from "../../../packages/downloads/test/tiny.js";
import { place, tiny } from "../../../packages/downloads/test/tiny-idx.js";
import plugin, { fashionMnist, fetchFashionMnist } from "../src/index.js";
import { originals } from "../src/originals.js";

const folder = process.env.EVERLEARN_DATA;
const here = folder !== undefined && (await fashionMnist({}, { folder }).then(() => true, missing));
const why = here ? "" : " (skipped: EVERLEARN_DATA does not hold fashion-mnist)";
if (!here)
  console.warn("dataset-fashion-mnist: tests with the real files are skipped, as EVERLEARN_DATA does not hold them.");

/** Only what is not there is skipped; what is wrong fails. */
function missing(error: Error): boolean {
  if (error.message.includes("found no")) return false;
  throw error;
}

describe("fashion-mnist", () => {
  it("conforms to the dataset contract", async () => {
    const small: Originals = { ...tiny, name: "fashion-mnist", classNames: originals.classNames ?? [] };
    const data = await temporary();
    await place(join(data, "fashion-mnist"));
    const { shape, classNames, train } = await loadOriginals(small, { folder: data });
    expect([shape, classNames?.[9], train.length]).toEqual([[2, 2, 1], "Ankle boot", 3]);
  });

  it.skipIf(!here)(`does what a data set must do, and reads the real files${why}`, async () => {
    await checkDataset(plugin, folder === undefined ? {} : { folder });
    const { shape, classes, classNames, train, test, checksum } = await fashionMnist({}, { folder });
    expect([shape, classes, train.length, test.length]).toEqual([[28, 28, 1], 10, 60_000, 10_000]);
    expect([0, 1, 2].map((i) => classNames?.[train.label(i)])).toEqual(["Ankle boot", "T-shirt/top", "T-shirt/top"]);
    expect(checksum).toBe(checksumOfOriginals(originals));
  });

  it.skipIf(!here)(`is fetched into an empty cache, and read from it${why}`, async () => {
    const server = await mirror((request, response) => {
      const name = request.url?.split("/").at(-1) ?? "";
      void readFile(join(folder ?? "", "fashion-mnist", name)).then((bytes) => response.end(bytes));
    });
    const cache = await temporary();
    const env = { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
    const { directory, downloaded } = await fetchFashionMnist({ env, mirrors: [server.url] });
    expect([directory, downloaded.length]).toEqual([join(cache, "everlearn", "fashion-mnist"), 4]);
    expect((await fashionMnist({}, { folder: directory })).train.length).toBe(60_000);
  });

  it.skipIf(!here)(`says of MNIST's files whose they are${why}`, async () => {
    const data = await temporary();
    await mkdir(join(data, "fashion-mnist"));
    for (const name of ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"])
      await copyFile(join(folder ?? "", "mnist", `${name}-ubyte.gz`), join(data, "fashion-mnist", `${name}-ubyte.gz`));
    await expect(fashionMnist({}, { folder: data })).rejects.toThrow(
      'train-images-idx3-ubyte.gz is MNIST\'s; use dataset "mnist" for it; run `everlearn data fetch fashion-mnist',
    );
  });
});
