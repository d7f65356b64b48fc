import { join } from "node:path";
import { checkDataset } from "@everlearn/conformance";
import { fetchFiles, loadPictures, publicationOfPictures, type Where } from "@everlearn/downloads";
import { describe, expect, it } from "vitest";
import { type Files, picture, placed, zipOf } from "../../../packages/downloads/test/pictures.js";
import { mirror, temporary } from "../../../packages/downloads/test/tiny.js";
import { archives, arrange } from "../src/archives.js";
import plugin, { fetchOmniglot, omniglot } from "../src/index.js";

const archive = archives.background;
/** Two alphabets with two and one characters, each drawn by four people. */
const files: Files = Object.fromEntries(
  ["Greek/character01", "Greek/character02", "Latin/character01"].flatMap((character, c) =>
    [1, 2, 3, 4].map((drawer) => [`${character}/000${c}_0${drawer}.png`, picture(10 * c + drawer, 6)]),
  ),
);
const read = (where: Where) =>
  loadPictures(archive, (lists) => arrange(lists, "character", 1), { color: "grey", size: 6 }, where);

const data = process.env.EVERLEARN_DATA;
const here =
  data !== undefined && (await omniglot({ set: "background-small1" }, { folder: data }).then(() => true, missing));
const why = here ? "" : " (skipped: EVERLEARN_DATA does not hold omniglot)";
if (!here)
  console.warn("dataset-omniglot: the test with real drawings is skipped, as EVERLEARN_DATA does not hold them.");

/** Only what is not there is skipped; what is wrong fails. */
function missing(error: Error): boolean {
  if (error.message.includes("found no")) return false;
  throw error;
}

describe("omniglot", () => {
  it("conforms to the dataset contract", async () => {
    const folder = await placed(archive, files, "zip");
    await checkDataset(plugin, { folder, options: { testDrawings: 1, size: 6 } });
    await checkDataset(plugin, { folder, options: { testDrawings: 2, size: 3, labels: "alphabet" } });
  });

  it.each(["zip", "folder"] as const)("reads the %s drawer by drawer, the last ones for test", async (how) => {
    const folder = await placed(archive, files, how);
    const { shape, classNames, train, test } = await omniglot({ testDrawings: 1, size: 6 }, { folder });
    expect([shape, train.length, test.length]).toEqual([[6, 6, 1], 9, 3]);
    expect(classNames).toEqual(["Greek/character01", "Greek/character02", "Latin/character01"]);
    for (let i = 0; i < 9; i++)
      expect([train.label(i), train.input(i)[0]]).toEqual([i % 3, 10 * (i % 3) + 1 + Math.floor(i / 3)]);
    expect([0, 1, 2].map((i) => test.input(i)[35])).toEqual([4, 14, 24]);
    const alphabets = await omniglot({ testDrawings: 1, labels: "alphabet" }, { folder });
    expect([alphabets.shape, alphabets.classNames]).toEqual([
      [28, 28, 1],
      ["Greek", "Latin"],
    ]);
    expect([0, 1, 2].map((i) => alphabets.train.label(i))).toEqual([0, 0, 1]);
  });

  it("refuses what is no Omniglot, and a test that leaves nothing", async () => {
    const folder = await placed(archive, files, "zip");
    await expect(omniglot({ testDrawings: 4 }, { folder })).rejects.toThrow(
      "holds 4 drawings of a character, fewer than a test of 4 needs",
    );
    await expect(omniglot({}, { folder: await placed(archive, { "a.txt": "" }, "zip") })).rejects.toThrow(
      "images_background.zip holds no drawings, such as Greek/character01/0394_01.png; run `",
    );
    await expect(omniglot({ set: "evaluation" }, { folder })).rejects.toThrow(
      "dataset-omniglot found no images_evaluation.zip and no images_evaluation in ",
    );
  });

  it.skipIf(!here)(`reads real drawings${why}`, async () => {
    const { shape, classes, classNames, train, test } = await omniglot({ set: "background-small1" }, { folder: data });
    expect([shape, classes, train.length, test.length]).toEqual([[28, 28, 1], 136, 136 * 15, 136 * 5]);
    expect(classNames?.[0]).toBe("Balinese/character01");
    let ink = 0;
    for (let i = 0; i < train.length; i++) for (const byte of train.input(i)) ink += 1 - byte / 255;
    const share = ink / (train.length * 784); // thin dark lines on white
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.15);
  });

  it("is fetched into an empty cache, and read from it", async () => {
    const { bytes, described } = zipOf(archive, files);
    const server = await mirror((_, response) => response.end(bytes));
    const cache = await temporary();
    const env = { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
    const publication = publicationOfPictures([described]);
    const { directory, downloaded } = await fetchFiles(publication, { env, mirrors: [server.url] });
    expect([directory, downloaded]).toEqual([join(cache, "everlearn", "omniglot"), [archive.file]]);
    const { checksum } = await read({ env });
    expect(checksum).toBe((await read({ folder: await placed(archive, files, "folder") })).checksum);
    await expect(fetchOmniglot({ env, mirrors: [server.url] })).rejects.toThrow(
      "(what it sent is altered: the MD5 of the archive is ",
    );
  });
});
