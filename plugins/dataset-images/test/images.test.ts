import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkDataset } from "@everlearn/conformance";
import { zipSync } from "fflate";
import { encode } from "fast-png";
import { describe, expect, it, onTestFinished } from "vitest";
import plugin, { images } from "../src/index.js";
import { jpeg as grey } from "./fixtures.js";

const jpeg = Buffer.from(grey, "base64");
const here = fileURLToPath(new URL(".", import.meta.url));

/** A PNG file that another program writes, whose pixels count up from `first`. */
const png = (first: number, { width = 3, height = 2, channels = 1 } = {}): Uint8Array =>
  encode({
    width,
    height,
    channels,
    data: Uint8Array.from({ length: width * height * channels }, (_, i) => first + i),
  });

/** A new folder with these files, which goes when the test ends. */
async function folder(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "everlearn-images-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), bytes);
  }
  return root;
}

const apart = {
  "train/b/1.png": png(10),
  "train/a/2.PNG": png(20),
  "train/a/1.png": png(30),
  "test/b/1.png": png(40),
  "test/a/.DS_Store": Buffer.from("nothing"),
};

describe("images", () => {
  it("reads train and test, classes and files in the order of their names", async () => {
    const { shape, classes, classNames, train, test } = await images({ path: await folder(apart) });
    expect([shape, classes, classNames]).toEqual([[2, 3, 1], 2, ["a", "b"]]);
    expect([0, 1, 2].map((i) => [train.label(i), train.input(i)[0]])).toEqual([
      [0, 30],
      [0, 20],
      [1, 10],
    ]);
    expect([test.length, test.label(0), ...test.input(0)]).toEqual([1, 1, 40, 41, 42, 43, 44, 45]);
    const bytes = new Uint8Array(6);
    expect(train.input(1, bytes)).toBe(bytes);
    expect(bytes).toEqual(train.input(1));
    expect(train.input(2, new Float32Array(6))[1]).toBe(Math.fround(11 / 255));
    for (const i of [-1, 3, 0.5])
      expect(() => train.input(i)).toThrow(`dataset-images has no example ${i}; examples are numbered from 0 to 2.`);
  });

  it("takes of each class every so-many-th file for test, where nothing else is said", async () => {
    const names = ["01", "02", "03", "04", "05", "06", "07"];
    const files = Object.fromEntries(
      ["cat", "dog"].flatMap((name, c) => names.map((file, i) => [`${name}/${file}.png`, png(100 * c + i)])),
    );
    const path = await folder(files);
    const tested = async (testEvery?: number): Promise<number[]> => {
      const { test } = await images({ path, ...(testEvery && { testEvery }) });
      return Array.from({ length: test.length }, (_, i) => test.input(i)[0]);
    };
    expect(await tested()).toEqual([4, 104]);
    expect(await tested(3)).toEqual([2, 5, 102, 105]);
    await expect(tested(8)).rejects.toThrow(
      `dataset-images: ${path} leaves no test examples, as no class has 8; use a smaller "testEvery".`,
    );
  });

  it("is within the folder of data sets, if its path is not absolute", async () => {
    const root = await folder(Object.fromEntries(Object.entries(apart).map(([name, file]) => [`mine/${name}`, file])));
    expect((await images({ path: "mine" }, { folder: root })).train.length).toBe(3);
    await expect(images({ path: "other" }, { folder: root })).rejects.toThrow(
      `dataset-images found nothing at ${join(root, "other")}; "path" is absolute, or within the folder that --data or EVERLEARN_DATA names.`,
    );
  });

  it("makes sizes and colours alike where it is told to", async () => {
    const path = await folder({
      ...apart,
      "train/a/3.png": png(0, { width: 4, height: 4, channels: 3 }),
      "test/a/1.jpg": jpeg,
    });
    const { shape, train } = await images({ path, size: 2, color: "rgb" });
    expect([shape, train.length]).toEqual([[2, 2, 3], 4]);
    // The means of 0, 3, 12, 15 and so on: pixels count up in steps of three, rows in steps of twelve.
    expect([...train.input(2)]).toEqual([8, 9, 10, 14, 15, 16, 32, 33, 34, 38, 39, 40]);
    expect((await images({ path, size: 2, color: "grey" })).shape).toEqual([2, 2, 1]);
    await expect(images({ path, color: "grey" })).rejects.toThrow(
      `dataset-images: ${join(path, "train/a/3.png")} has 4 × 4 pixels, but ${join(path, "train/a/1.png")} 3 × 2; set "size" to scale all to one size.`,
    );
    await expect(images({ path, size: 2 })).rejects.toThrow(
      `dataset-images: ${join(path, "train/a/3.png")} is in colour, but ${join(path, "train/a/1.png")} grey; set "color" to "grey" or "rgb" to have all alike.`,
    );
  });

  it.each([
    [
      "a damaged file",
      { ...apart, "train/a/3.png": png(0).subarray(0, 40) },
      "train/a/3.png is truncated: it ends after 40 bytes.",
    ],
    [
      "an altered file",
      { ...apart, "test/a/3.jpeg": jpeg.subarray(0, 200) },
      "test/a/3.jpeg is truncated: it ends after 200 bytes.",
    ],
    ["an empty file", { ...apart, "train/a/3.png": Buffer.alloc(0) }, "train/a/3.png is empty."],
    [
      "a file of another kind",
      { ...apart, "train/a/3.png": Buffer.from("GIF89a") },
      "train/a/3.png is no PNG or JPEG file, whatever its name says",
    ],
    [
      "a file of another name",
      { ...apart, "train/a/notes.txt": Buffer.from("x") },
      "train/a/notes.txt is no PNG or JPEG file by its name;",
    ],
    [
      "a folder in a class",
      { ...apart, "train/a/more.png/3.png": png(0) },
      "train/a/more.png is no PNG or JPEG file by its name;",
    ],
    ["a class for test only", { ...apart, "test/c/1.png": png(0) }, "test/c is of a class without training examples;"],
    [
      "one class",
      { "train/a/1.png": png(0), "test/a/1.png": png(0) },
      "train has one folder in it, where each class has one, two at least;",
    ],
    ["no folder", { "1.png": png(0) }, "has no folders in it, where each class has one"],
    ["train without test", { "train/a/1.png": png(0), "b/1.png": png(0) }, "has a folder train and none called test;"],
    [
      "an empty class",
      { ...apart, "train/c/.keep": Buffer.alloc(0) },
      "train/c is a class folder without images; add some, or remove it.",
    ],
  ])("says of %s what is wrong, and names it", async (_, files, problem) => {
    const path = await folder(files);
    const error = await images({ path }).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toMatch(/^dataset-images: .*\.$/);
    expect(error?.message).toContain(`dataset-images: ${path}`);
    expect(error?.message.replaceAll("\\", "/")).toContain(problem);
  });

  it("says that there are no test images", async () => {
    const path = await folder({ ...apart, "test/b/1.png": png(1) });
    await rm(join(path, "test/b/1.png"));
    await expect(images({ path })).rejects.toThrow("dataset-images found no test images; add some to");
  });

  it("reads .npz files, and says what else is not one", async () => {
    const file = await readFile(join(here, "six.npz"));
    const root = await folder({ "a.npz": file, "b.npz": file.subarray(0, -9), "c.txt": file });
    const { shape, train, test } = await images({ path: "a.npz" }, { folder: root });
    expect([shape, train.length, test.length, train.label(4)]).toEqual([[2, 2, 1], 6, 3, 1]);
    await expect(images({ path: join(root, "b.npz") })).rejects.toThrow(
      `dataset-images: ${join(root, "b.npz")} is truncated, or no zip archive: it has no directory at its end.`,
    );
    await expect(images({ path: join(root, "c.txt") })).rejects.toThrow(
      `dataset-images: ${join(root, "c.txt")} is neither a folder of class folders nor an .npz file; name one of these.`,
    );
  });

  it("gives floats as floats, and never as bytes", async () => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }\n";
    const x = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00", "latin1"),
      Buffer.of(header.length, 0),
      Buffer.from(header),
      Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6, 7, -8).buffer),
    ]);
    const labels = "{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }\n";
    const y = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00", "latin1"),
      Buffer.of(labels.length, 0),
      Buffer.from(labels),
      Buffer.of(0, 1, 0, 1),
    ]);
    const root = await folder({ "f.npz": zipSync({ "x.npy": x, "y.npy": y }) });
    const { shape, test } = await images({ path: "f.npz", testEvery: 2 }, { folder: root });
    expect(shape).toEqual([2]);
    expect(test.input(1)).toEqual(Float32Array.of(7, -8));
    expect(test.input(0, new Float32Array(2))).toEqual(Float32Array.of(5, 6));
    expect(() => test.input(0, new Uint8Array(2))).toThrow("ask for them as floats");
  });

  it("has a checksum of what it reads, not of where or how it lies there", async () => {
    const sum = async (files: Readonly<Record<string, Uint8Array>>): Promise<string> =>
      (await images({ path: await folder(files) })).checksum;
    const before = await sum(apart);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await sum({ ...apart, "test/a/.DS_Store": Buffer.from("else") })).toBe(before);
    const altered = [
      { ...apart, "train/b/1.png": png(11) },
      { ...apart, "test/b/1.png": png(41) },
      { ...apart, "train/b/2.png": png(10) },
      Object.fromEntries(Object.entries(apart).map(([name, bytes]) => [name.replace("test/b", "test/a"), bytes])),
    ];
    const sums = new Set([before]);
    for (const files of altered) sums.add(await sum(files));
    expect(sums.size).toBe(1 + altered.length);
  });

  it("has the checksum that its README describes", async () => {
    const { checksum } = await images({ path: await folder(apart) });
    const hash = createHash("sha256").update('{"shape":[2,3,1],"classes":2}\n');
    const bytes = (first: number) => Uint8Array.from({ length: 6 }, (_, i) => first + i);
    hash
      .update("Uint8Array 3\n")
      .update(Uint8Array.of(0, 0, 0))
      .update(Uint8Array.of(0, 0, 1));
    for (const first of [30, 20, 10]) hash.update(bytes(first));
    hash.update("Uint8Array 1\n").update(Uint8Array.of(0)).update(Uint8Array.of(1)).update(bytes(40));
    expect(checksum).toBe(hash.digest("hex"));
  });

  it("does what a dataset must do", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 24 }, (_, i) => [`${i % 3}/${i}.png`, png(10 * i, { channels: 3 })]),
    );
    await checkDataset(plugin, {
      folder: await folder({ "unused/x": Buffer.alloc(1) }),
      options: { path: await folder(files) },
    });
    await checkDataset(plugin, { folder: here, options: { path: "six.npz", size: 3, color: "rgb" } });
  });

  const allPowerful = process.platform === "win32" || process.getuid?.() === 0;
  if (allPowerful) console.warn("dataset-images: the test with an unreadable file is skipped; this user may read it.");
  it.skipIf(allPowerful)(
    `names a file that it may not read${allPowerful ? " (skipped: this user may read all)" : ""}`,
    async () => {
      const path = await folder(apart);
      await chmod(join(path, "train/a/1.png"), 0);
      await expect(images({ path })).rejects.toThrow(join(path, "train/a/1.png"));
    },
  );
});
