import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DamagedFileError, locate } from "../src/index.js";
import { cachePlace } from "../src/places.js";
import { names, place, temporary, tiny } from "./tiny.js";

/** An environment of its own: a cache, perhaps a folder of data sets. */
async function environment(data?: string): Promise<{ env: Record<string, string>; cache: string }> {
  const root = await temporary();
  const env = { XDG_CACHE_HOME: root, LOCALAPPDATA: root, ...(data === undefined ? {} : { EVERLEARN_DATA: data }) };
  return { env, cache: join(root, "everlearn", "tiny") };
}

/** Where a file was found. */
const found = async (where: Parameters<typeof locate>[1]): Promise<string> =>
  (await locate(tiny, where)).read("two", async (path) => path);

describe("locate", () => {
  it("looks in the folder only, then in EVERLEARN_DATA, then in the cache", async () => {
    const [folder, data] = [await temporary(), await temporary()];
    const { env, cache } = await environment(data);
    await place(cache);
    expect(await found({ env })).toBe(join(cache, "two.gz")); // the empty EVERLEARN_DATA is passed over
    await place(join(data, "tiny"));
    expect(await found({ env })).toBe(join(data, "tiny", "two.gz"));
    await expect(found({ folder, env })).rejects.toThrow(
      `dataset-tiny found no ${names.join(", no ")} in ${join(folder, "tiny")} or ${folder}; put the original files there, or run \`everlearn data fetch tiny --data "${folder}"\`.`,
    );
    await place(folder);
    expect(await found({ folder, env })).toBe(join(folder, "two.gz"));
    await place(folder, (name) => name);
    expect(await found({ folder, env })).toBe(join(folder, "two")); // the preferred spelling
  });

  it("names the one file that a place lacks", async () => {
    const data = await temporary();
    await place(data);
    await rm(join(data, "four.gz"));
    const { env } = await environment(data);
    await expect(found({ env })).rejects.toThrow(`dataset-tiny found no four in ${join(data, "tiny")} or ${data};`);
  });

  it("says in one sentence what to do where nothing is found", async () => {
    const { env, cache } = await environment();
    await expect(found({ env })).rejects.toThrow(
      `dataset-tiny found no Tiny files (it looked in ${cache}); run \`everlearn data fetch tiny\`, or point --data or EVERLEARN_DATA at a folder that holds one.gz, two.gz, three.gz, four.gz, or use dataset "glyphs", which needs no download.`,
    );
  });

  it("says where a fresh copy of a damaged file comes from, and passes other errors on", async () => {
    const folder = await temporary();
    await place(folder);
    const located = await locate(tiny, { folder });
    const damaged = located.read("one", (path) => Promise.reject(new DamagedFileError(path, "is odd")));
    await expect(damaged).rejects.toThrow(
      `dataset-tiny: ${join(folder, "one.gz")} is odd; run \`everlearn data fetch tiny --data "${folder}"\` for a fresh copy.`,
    );
    await expect(located.read("one", () => Promise.reject(new TypeError("mine")))).rejects.toThrow(TypeError);
  });
});

describe("cachePlace", () => {
  it.each([
    ["linux", {}, join(homedir(), ".cache")],
    ["linux", { XDG_CACHE_HOME: "relative" }, join(homedir(), ".cache")],
    ["darwin", {}, join(homedir(), "Library", "Caches")],
    ["win32", {}, join(homedir(), "AppData", "Local")],
    ["win32", { LOCALAPPDATA: homedir() }, homedir()],
    ["linux", { XDG_CACHE_HOME: homedir() }, homedir()],
  ] as const)("is the user's on %s with %o", (platform, env, cache) => {
    expect(cachePlace(tiny, env, platform).directories).toEqual([join(cache, "everlearn", "tiny")]);
  });
});
