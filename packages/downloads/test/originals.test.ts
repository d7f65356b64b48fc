import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checksumOfOriginals, loadOriginals as load } from "../src/index.js";
import { temporary } from "./tiny.js";
import { contents, names, place, tiny } from "./tiny-idx.js";

/** An environment of its own: a cache, perhaps a folder of data sets. */
async function environment(data?: string): Promise<{ env: Record<string, string>; cache: string }> {
  const root = await temporary();
  const env = { XDG_CACHE_HOME: root, LOCALAPPDATA: root, ...(data === undefined ? {} : { EVERLEARN_DATA: data }) };
  return { env, cache: join(root, "everlearn", "mnist") };
}

describe("loadOriginals", () => {
  it("answers labels and inputs", async () => {
    const folder = await temporary();
    await place(folder);
    const { shape, classes, train, test, checksum } = await load(tiny, { folder });
    expect([shape, classes, train.length, test.length]).toEqual([[2, 2, 1], 10, 3, 2]);
    expect([0, 1, 2].map((i) => train.label(i))).toEqual([7, 8, 9]);
    expect(train.input(1)).toEqual(Uint8Array.of(4, 5, 6, 7));
    expect(train.input(1).buffer).toBe(train.input(2).buffer);
    const bytes = new Uint8Array(4);
    expect(test.input(1, bytes)).toBe(bytes);
    expect(bytes).toEqual(Uint8Array.of(104, 105, 106, 107));
    expect(train.input(0, new Float32Array(4))).toEqual(Float32Array.of(0, 1 / 255, 2 / 255, 3 / 255));
    expect(checksum).toBe(checksumOfOriginals(tiny));
    for (const i of [-1, 3, 0.5]) {
      expect(() => train.label(i)).toThrow(RangeError);
      expect(() => train.input(i)).toThrow(`dataset-mnist has no example ${i}; examples are numbered from 0 to 2.`);
    }
  });

  it.each([
    ["plain", (name: string) => name],
    ["dotted", (name: string) => name.replace("-idx", ".idx")],
    ["dotted and compressed", (name: string) => `${name.replace("-idx", ".idx")}.gz`],
  ])("finds files with %s names", async (_, rename) => {
    const folder = await temporary();
    await place(join(folder, "mnist"), rename);
    expect((await load(tiny, { folder })).train.length).toBe(3);
  });

  it("looks in the folder only, then in EVERLEARN_DATA, then in the cache", async () => {
    const [folder, data] = [await temporary(), await temporary()];
    const { env, cache } = await environment(data);
    await place(cache);
    await load(tiny, { env }); // the empty EVERLEARN_DATA is passed over
    await place(join(data, "mnist"));
    await writeFile(join(cache, `${names[0]}.gz`), "altered");
    await load(tiny, { env });
    await expect(load(tiny, { folder, env })).rejects.toThrow(
      `dataset-mnist found no ${names.join(", no ")} in ${join(folder, "mnist")} or ${folder}; put the original files there, or run \`everlearn data fetch mnist --data "${folder}"\`.`,
    );
    await place(folder);
    await writeFile(join(data, "mnist", `${names[0]}.gz`), "altered");
    await load(tiny, { folder, env });
    await expect(load(tiny, { env })).rejects.toThrow(join(data, "mnist", names[0]));
  });

  it("names the one file that a place lacks", async () => {
    const data = await temporary();
    await place(data);
    await rm(join(data, `${names[3]}.gz`));
    const { env } = await environment(data);
    await expect(load(tiny, { env })).rejects.toThrow(`dataset-mnist found no ${names[3]} in ${data}`);
  });

  it("says in one sentence what to do where nothing is found", async () => {
    const { env, cache } = await environment();
    await expect(load(tiny, { env })).rejects.toThrow(
      `dataset-mnist found no MNIST files (it looked in ${cache}); run \`everlearn data fetch mnist\`, or point --data or EVERLEARN_DATA at a folder that holds ${names.map((name) => `${name}.gz`).join(", ")}, or use dataset "glyphs", which needs no download.`,
    );
  });

  it("says of files that are another data set's whose they are", async () => {
    const folder = await temporary();
    await place(folder);
    const { sha256 } = tiny.trainLabels;
    const other = {
      ...tiny,
      trainLabels: { ...tiny.trainLabels, sha256: "0" },
      mistaken: { [sha256]: "is Tiny's; use it" },
    };
    await expect(load(other, { folder })).rejects.toThrow(
      `dataset-mnist: ${join(folder, `${names[1]}.gz`)} is Tiny's; use it; run \`everlearn data fetch mnist --data`,
    );
  });

  it("refuses an altered file", async () => {
    const folder = await temporary();
    await place(folder, (name) => name);
    const altered = Uint8Array.from(contents[names[2]]);
    altered[20] ^= 1;
    const path = join(folder, names[2]);
    await writeFile(path, altered);
    await expect(load(tiny, { folder })).rejects.toThrow(
      new RegExp(
        `^dataset-mnist: .*${names[2]} is altered: the SHA-256 of its content is [0-9a-f]{12}…, not ${tiny.testImages.sha256.slice(0, 12)}…; run \`everlearn data fetch mnist --data ".*"\` for a fresh copy\\.$`,
      ),
    );
    await writeFile(path, altered.subarray(0, 20));
    await expect(load(tiny, { folder })).rejects.toThrow(`dataset-mnist: ${path} is truncated: it ends after 20 of 24`);
  });
});
