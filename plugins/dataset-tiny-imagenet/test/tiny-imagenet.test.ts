import { join } from "node:path";
import { checkDataset } from "@everlearn/conformance";
import { fetchFiles, loadPictures, publicationOfPictures, type Where } from "@everlearn/downloads";
import { describe, expect, it } from "vitest";
import { type Files, picture, placed, zipOf } from "../../../packages/downloads/test/pictures.js";
import { mirror, temporary } from "../../../packages/downloads/test/tiny.js";
import { archive, arrange } from "../src/archive.js";
import plugin, { fetchTinyImagenet, tinyImagenet } from "../src/index.js";

const ids = ["n02", "n01"];
const files: Files = {
  "wnids.txt": `${ids.join("\n")}\n`,
  "words.txt": "n00\tnothing\nn01\tgoldfish, Carassius auratus\nn02\teel\n",
  ...Object.fromEntries(
    ids.flatMap((id, c) =>
      [0, 1, 2].map((i) => [`train/${id}/images/${id}_${i}.JPEG`, picture(i === 1 ? 10 * c : [10 * c, i, 5], 8)]),
    ),
  ),
  "train/n01/n01_boxes.txt": "n01_0.JPEG\t0\t0\t8\t8\n",
  "val/val_annotations.txt": "val_0.JPEG\tn02\t0\t0\t8\t8\nval_1.JPEG\tn01\t0\t0\t8\t8\n",
  "val/images/val_0.JPEG": picture([1, 2, 3], 8),
  "val/images/val_1.JPEG": picture([4, 5, 6], 8),
  "test/images/test_0.JPEG": picture([7, 8, 9], 8),
};
const read = (where: Where) => loadPictures(archive, arrange, { color: "rgb", size: 4 }, where);

describe("tiny-imagenet", () => {
  it("conforms to the dataset contract", async () => {
    await checkDataset(plugin, { folder: await placed(archive, files, "zip"), options: { size: 4 } });
  });

  it.each(["zip", "folder"] as const)(
    "reads the %s: classes by identifier, validation as test, grey as colour",
    async (how) => {
      const folder = await placed(archive, files, how);
      const { shape, classes, classNames, train, test } = await tinyImagenet({ size: 8 }, { folder });
      expect([shape, classes, classNames]).toEqual([[8, 8, 3], 2, ["goldfish", "eel"]]);
      expect(Array.from({ length: train.length }, (_, i) => [train.label(i), ...train.input(i).slice(0, 3)])).toEqual([
        [0, 10, 0, 5],
        [0, 10, 10, 10],
        [0, 10, 2, 5],
        [1, 0, 0, 5],
        [1, 0, 0, 0],
        [1, 0, 2, 5],
      ]);
      expect([0, 1].map((i) => [test.label(i), ...test.input(i).slice(-3)])).toEqual([
        [1, 1, 2, 3],
        [0, 4, 5, 6],
      ]);
      expect((await read({ folder })).shape).toEqual([4, 4, 3]);
    },
  );

  it.each<[string, Files, string]>([
    ["no list of classes", { "wnids.txt": "n01\nn02\nn03\n" }, "holds no training pictures of n03; run `"],
    [
      "a class that is not listed",
      { "wnids.txt": "n01\n" },
      "holds train/n02/images/n02_0.JPEG, whose class is not in wnids.txt; run `",
    ],
    [
      "a test picture that is missing",
      { "val/val_annotations.txt": "val_7.JPEG\tn01\n" },
      "lists val_7.JPEG of n01 in val/val_annotations.txt, but holds no such picture; run `",
    ],
    [
      "a test class that is missing",
      { "val/val_annotations.txt": "val_0.JPEG\tn07\n" },
      "but holds no such class; run `",
    ],
    ["no test", { "val/val_annotations.txt": "" }, "holds no test pictures; run `"],
    [
      "a picture that is none",
      { "train/n01/images/n01_0.JPEG": "none" },
      "holds train/n01/images/n01_0.JPEG, which is no PNG or JPEG file",
    ],
  ])("refuses an archive with %s", async (_, change, problem) => {
    const folder = await placed(archive, { ...files, ...change }, "zip");
    await expect(tinyImagenet({}, { folder })).rejects.toThrow(problem);
  });

  it("says what is not there", async () => {
    const folder = await temporary();
    await expect(tinyImagenet({}, { folder })).rejects.toThrow(
      `dataset-tiny-imagenet found no tiny-imagenet-200.zip and no tiny-imagenet-200 in ${join(folder, "tiny-imagenet")} or ${folder}; put the original archive or its unpacked folder there, or run \`everlearn data fetch tiny-imagenet --data "${folder}"\`.`,
    );
    const { "wnids.txt": _, ...rest } = files;
    await expect(tinyImagenet({}, { folder: await placed(archive, rest, "folder") })).rejects.toThrow(
      "holds no wnids.txt",
    );
  });

  it("is fetched into an empty cache, and read from it", async () => {
    const { bytes, described } = zipOf(archive, files);
    const server = await mirror((_, response) => response.end(bytes));
    const cache = await temporary();
    const env = { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
    const publication = publicationOfPictures([described]);
    const { directory, downloaded } = await fetchFiles(publication, { env, mirrors: [server.url] });
    expect([directory, downloaded]).toEqual([join(cache, "everlearn", "tiny-imagenet"), [archive.file]]);
    const { checksum } = await read({ env });
    expect(checksum).toBe((await read({ folder: await placed(archive, files, "folder") })).checksum);
    await expect(fetchTinyImagenet({ env, mirrors: [server.url] })).rejects.toThrow(
      "(what it sent is altered: the MD5 of the archive is ",
    );
  });
});
