import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkDataset } from "@everlearn/conformance";
import type { Examples } from "@everlearn/contracts";
import { loadRecords } from "@everlearn/downloads";
import { describe, expect, it, onTestFinished } from "vitest";
import { archive } from "../src/archive.js";
import plugin, { cifar10, fetchCifar10 } from "../src/index.js";
import { labelOf, placed, temporary, tiny, value } from "./tiny.js";

const folder = process.env.EVERLEARN_DATA;
const here = folder !== undefined && (await cifar10({}, { folder }).then(() => true, missing));
const why = here ? "" : " (skipped: EVERLEARN_DATA does not hold cifar10)";
if (!here)
  console.warn("dataset-cifar10: the tests with the real files are skipped, as EVERLEARN_DATA does not hold them.");

/** Only what is not there is skipped; what is wrong fails. */
function missing(error: Error): boolean {
  if (error.message.includes("found no")) return false;
  throw error;
}

describe("cifar10", () => {
  it.each([["class", 0, 10]] as const)(
    "reads an archive as published, with %s labels",
    async (label, place, classes) => {
      const { bytes, described } = tiny(20);
      const found = await loadRecords(described, label, { folder: await placed(bytes) });
      expect(found).toMatchObject({ shape: [32, 32, 3], classes });
      expect([found.train.length, found.test.length]).toEqual([20 * archive.train.length, 20 / 2]);
      for (const [part, examples] of [found.train, found.test].entries())
        for (const i of [0, 1, examples.length - 1]) {
          expect(examples.label(i)).toBe(labelOf(place, i));
          const x = examples.input(i);
          for (const [row, column] of [
            [0, 0],
            [0, 31],
            [17, 5],
            [31, 31],
          ])
            for (const c of [0, 1, 2])
              expect(x[(row * 32 + column) * 3 + c]).toBe(value(part, i, c, row * 32 + column));
        }
    },
  );

  it("conforms to the dataset contract", async () => {
    const { bytes, described } = tiny(20);
    const folder = await placed(bytes);
    const small = { ...plugin, create: () => loadRecords(described, "class", { folder }) };
    await checkDataset(small);
  });

  it("takes no archive but the published one", async () => {
    const { bytes } = tiny(2);
    await expect(cifar10({}, { folder: await placed(bytes) })).rejects.toThrow(
      /^dataset-cifar10: .*cifar-10-binary\.tar\.gz is altered: the MD5 of cifar-10-batches-bin\/data_batch_1\.bin is /,
    );
    await expect(cifar10({}, { folder: await temporary() })).rejects.toThrow(
      "dataset-cifar10 found no cifar-10-binary.tar.gz in ",
    );
  });

  it("is fetched from its authors, and says what to do where that fails", async () => {
    const folder = await temporary();
    const asked: string[] = [];
    const fetch = (url: URL): Promise<Response> => {
      asked.push(url.href);
      return Promise.reject(new TypeError("fetch failed", { cause: new Error("no network") }));
    };
    await expect(fetchCifar10({ folder, fetch: fetch as typeof globalThis.fetch })).rejects.toThrow(
      `dataset-cifar10 could not download cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/ (no network); try again later, or put cifar-10-binary.tar.gz into ${join(folder, "cifar10")} by hand.`,
    );
    expect(asked).toEqual(["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"]);
  });

  it("keeps nothing that a server sends instead", async () => {
    const folder = await temporary();
    const server = createServer((_, response) => response.end(tiny(2).bytes)).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    onTestFinished(() => void server.close());
    const mirrors = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    await expect(fetchCifar10({ folder, mirrors })).rejects.toThrow("(what it sent is altered: the MD5 of ");
    expect(await readdir(join(folder, "cifar10"))).toEqual([]);
  });

  it.skipIf(!here)(`reads the real archive${why}`, async () => {
    const { shape, classes, classNames, train, test, checksum } = await cifar10({}, { folder });
    expect(classNames?.slice(0, 2)).toEqual(["airplane", "automobile"]);
    expect([shape, classes, train.length, test.length]).toEqual([[32, 32, 3], 10, 50_000, 10_000]);
    expect(checksum).toBe("4cf9e8254c35e2d4d8c0cc3460b3a1221eb70d3550ba0c4df5f1254a42189e9f");
    expect(new Set(counts(train))).toEqual(new Set([50_000 / classes]));
    expect(new Set(counts(test))).toEqual(new Set([10_000 / classes]));
  });
});

function counts(examples: Examples): number[] {
  const perClass = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < examples.length; i++) perClass[examples.label(i)]++;
  return perClass;
}
