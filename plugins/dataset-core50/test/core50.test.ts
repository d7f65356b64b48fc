import { join } from "node:path";
import { checkDataset } from "@everlearn/conformance";
import { fetchFiles, loadPictures, publicationOfPictures, type Where } from "@everlearn/downloads";
import { describe, expect, it } from "vitest";
import { type Files, picture, placed, zipOf } from "../../../packages/downloads/test/pictures.js";
import { mirror, temporary } from "../../../packages/downloads/test/tiny.js";
import { archive, arrange } from "../src/archive.js";
import plugin, { core50, fetchCore50 } from "../src/index.js";

const two = (n: number): string => String(n).padStart(2, "0");
/** Sessions 1, 2, 3 and 10, all objects, one picture of each. */
const files: Files = Object.fromEntries(
  [1, 2, 3, 10].flatMap((s) =>
    Array.from({ length: 50 }, (_, o) => [`s${s}/o${o + 1}/C_${two(s)}_${two(o + 1)}_000.png`, picture([s, o, 7], 4)]),
  ),
);
const read = (where: Where) =>
  loadPictures(archive, (lists) => arrange(lists, "object"), { color: "rgb", size: 4 }, where);

describe("core50", () => {
  it("conforms to the dataset contract", async () => {
    const folder = await placed(archive, files, "zip");
    await checkDataset(plugin, { folder, options: { size: 4 } });
    await checkDataset(plugin, { folder, options: { size: 2, labels: "category" } });
  });

  it.each(["zip", "folder"] as const)(
    "reads the %s session after session, with sessions 3, 7 and 10 for test",
    async (how) => {
      const folder = await placed(archive, files, how);
      const { shape, classes, classNames, train, test } = await core50({}, { folder });
      expect([shape, classes, train.length, test.length]).toEqual([[32, 32, 3], 50, 100, 100]);
      expect([classNames?.[0], classNames?.[49]]).toEqual(["plug adapter 1", "remote control 5"]);
      for (const [examples, sessions] of [
        [train, [1, 2]],
        [test, [3, 10]],
      ] as const)
        for (let i = 0; i < 100; i++)
          expect([examples.label(i), ...examples.input(i).slice(0, 3)]).toEqual([
            i % 50,
            sessions[i < 50 ? 0 : 1],
            i % 50,
            7,
          ]);
    },
  );

  it("has ten categories of five objects each", async () => {
    const folder = await placed(archive, files, "zip");
    const { classes, classNames, train } = await core50({ labels: "category", size: 4 }, { folder });
    expect([classes, classNames?.[3]]).toEqual([10, "light bulb"]);
    for (let i = 0; i < 100; i++) expect(train.label(i)).toBe(Math.floor((i % 50) / 5));
  });

  it("refuses what is no CORe50", async () => {
    const change = { "s1/o51/C_01_51_000.png": picture([1, 2, 3], 4) };
    await expect(core50({}, { folder: await placed(archive, { ...files, ...change }, "zip") })).rejects.toThrow(
      "holds s1/o51/C_01_51_000.png, but CORe50's objects are o1 to o50; run `everlearn data fetch core50 --data",
    );
    await expect(core50({}, { folder: await placed(archive, { "readme.txt": "" }, "zip") })).rejects.toThrow(
      "holds no training pictures of plug adapter 1; run `",
    );
  });

  it("is fetched into an empty cache, and read from it", async () => {
    const { bytes, described } = zipOf(archive, files);
    const server = await mirror((_, response) => response.end(bytes));
    const cache = await temporary();
    const env = { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
    const publication = publicationOfPictures([described]);
    const { directory, downloaded } = await fetchFiles(publication, { env, mirrors: [server.url] });
    expect([directory, downloaded]).toEqual([join(cache, "everlearn", "core50"), [archive.file]]);
    const { checksum } = await read({ env });
    expect(checksum).toBe((await read({ folder: await placed(archive, files, "folder") })).checksum);
    await expect(fetchCore50({ env, mirrors: [server.url] })).rejects.toThrow(
      "(what it sent is altered: the MD5 of the archive is ",
    );
  });
});
