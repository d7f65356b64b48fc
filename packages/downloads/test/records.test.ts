import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fetchRecords, loadRecords, type RecordArchive } from "../src/index.js";
import { tarOf } from "./tar.js";
import { mirror, temporary } from "./tiny.js";

interface Picture {
  readonly labels: readonly [number, number];
  /** rows × columns × channels */
  readonly pixels: readonly (readonly (readonly number[])[])[];
}

const [rows, columns, channels] = [2, 3, 3];
const picture: fc.Arbitrary<Picture> = fc.record({
  labels: fc.tuple(fc.nat(1), fc.nat(4)),
  pixels: fc.array(
    fc.array(fc.array(fc.nat(255), { minLength: channels, maxLength: channels }), {
      minLength: columns,
      maxLength: columns,
    }),
    { minLength: rows, maxLength: rows },
  ),
});

/** As the archives have it: the labels, then all of the first channel, and so on. */
const record = ({ labels, pixels }: Picture): number[] => [
  ...labels,
  ...[0, 1, 2].flatMap((c) => pixels.flatMap((row) => row.map((pixel) => pixel[c]))),
];

const bytesOf = (pictures: readonly Picture[]): Uint8Array => Uint8Array.from(pictures.flatMap(record));

type Files = Readonly<Record<string, readonly Picture[]>>;

function pack(files: Files): Uint8Array {
  return gzipSync(tarOf(Object.fromEntries(Object.entries(files).map(([name, all]) => [name, bytesOf(all)]))));
}

const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

/** The archive of files, each of bytes. */
function described(files: Readonly<Record<string, Uint8Array>>): RecordArchive {
  const own = (names: readonly string[]) =>
    names.map((name) => ({ name, md5: md5(files[`t/${name}`] ?? Uint8Array.of(0)) }));
  return {
    name: "tiny",
    title: "Tiny",
    mirrors: [],
    file: "tiny.tar.gz",
    md5: md5(gzipSync(tarOf(files))),
    limit: 2 ** 20,
    folder: "t",
    train: own(["one.bin", "two.bin"]),
    test: own(["test.bin"]),
    others: { "tiny-python.tar.gz": "the version for Python", "tiny-py": "the version for Python, unpacked" },
    shape: [rows, columns, channels],
    labels: [
      { name: "coarse", classNames: ["a", "b"] },
      { name: "fine", classNames: ["a1", "a2", "a3", "b1", "b2"] },
    ],
  };
}

const archiveOf = (files: Files): RecordArchive =>
  described(Object.fromEntries(Object.entries(files).map(([name, all]) => [name, bytesOf(all)])));

async function stored(bytes: Uint8Array): Promise<string> {
  const folder = await temporary();
  await mkdir(join(folder, "tiny"));
  await writeFile(join(folder, "tiny", "tiny.tar.gz"), bytes);
  return folder;
}

const some = (count: number, first = 0): Picture[] =>
  Array.from({ length: count }, (_, i) => ({
    labels: [(first + i) % 2, (first + i) % 5],
    pixels: Array.from({ length: rows }, (_, y) =>
      Array.from({ length: columns }, (_, x) => [first + i, 10 * y + x, 255 - x]),
    ),
  }));

describe("loadRecords", () => {
  it("answers what was written, pixel by pixel", async () => {
    const folder = await temporary();
    const path = join(folder, "tiny.tar.gz");
    const pictures = fc.array(picture, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(pictures, pictures, pictures, async (one, two, test) => {
        const files = { "t/one.bin": one, "t/two.bin": two, "t/test.bin": test, "t/readme.txt": [one[0]] };
        const bytes = pack(files);
        await writeFile(path, bytes);
        for (const [place, label] of ["coarse", "fine"].entries()) {
          const found = await loadRecords(archiveOf(files), label, { folder });
          expect(found).toMatchObject({ shape: [rows, columns, channels], classes: [2, 5][place] });
          expect(found.classNames).toHaveLength([2, 5][place]);
          for (const [part, expected] of [
            [found.train, [...one, ...two]],
            [found.test, test],
          ] as const) {
            expect(part.length).toBe(expected.length);
            for (const [i, { labels, pixels }] of expected.entries()) {
              expect(part.label(i)).toBe(labels[place]);
              expect([...part.input(i)]).toEqual(pixels.flat(2));
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("writes bytes or fractions, and refuses what is not there", async () => {
    const files = { "t/one.bin": some(2), "t/two.bin": some(1, 2), "t/test.bin": some(1) };
    const { train } = await loadRecords(archiveOf(files), "fine", { folder: await stored(pack(files)) });
    expect(train.input(1)).toEqual(Uint8Array.from(some(2)[1].pixels.flat(2)));
    expect(train.input(0).buffer).toBe(train.input(1).buffer);
    const copy = new Uint8Array(18);
    expect(train.input(2, copy)).toBe(copy);
    expect(copy).toEqual(train.input(2));
    expect(train.input(2, new Float32Array(18))).toEqual(Float32Array.from(copy, (byte) => byte / 255));
    for (const i of [-1, 3, 0.5]) {
      expect(() => train.label(i)).toThrow(RangeError);
      expect(() => train.input(i)).toThrow(`dataset-tiny has no example ${i}; examples are numbered from 0 to 2.`);
    }
  });

  it("has a checksum that knows the label and every byte", async () => {
    const sums = new Set<string>();
    const [one, two, test] = [some(2), some(1, 2), some(1)];
    const altered = [{ ...test[0], pixels: test[0].pixels.map((row) => row.toReversed()) }];
    for (const files of [
      { "t/one.bin": one, "t/two.bin": two, "t/test.bin": test },
      { "t/one.bin": one, "t/two.bin": two, "t/test.bin": altered },
      { "t/one.bin": one, "t/two.bin": some(1, 4), "t/test.bin": test },
    ])
      for (const label of ["coarse", "fine"]) {
        const { checksum } = await loadRecords(archiveOf(files), label, { folder: await stored(pack(files)) });
        expect(checksum).toMatch(/^[0-9a-f]{64}$/);
        sums.add(checksum);
      }
    expect(sums.size).toBe(6);
  });

  const files = { "t/one.bin": some(2), "t/two.bin": some(1, 2), "t/test.bin": some(1) };

  it("reads the unpacked files alike, in the archive's folder or beside each other", async () => {
    const archive = archiveOf(files);
    const packed = await loadRecords(archive, "fine", { folder: await stored(pack(files)) });
    for (const place of ["t", "tiny/t", "tiny", "."]) {
      const folder = await temporary();
      await mkdir(join(folder, place), { recursive: true });
      for (const [name, all] of Object.entries(files))
        await writeFile(join(folder, place, name.slice(2)), bytesOf(all));
      const found = await loadRecords(archive, "fine", { folder });
      expect(found.checksum).toBe(packed.checksum);
      expect(found.train.input(2)).toEqual(packed.train.input(2));
      expect((await fetchRecords(archive, { folder })).kept).toEqual(["one.bin", "two.bin", "test.bin"]);

      const path = join(folder, place, "two.bin");
      await writeFile(path, bytesOf(some(1, 3)));
      await expect(loadRecords(archive, "fine", { folder })).rejects.toThrow(
        new RegExp(
          `^dataset-tiny: .*two\\.bin is altered: the MD5 is [0-9a-f]{12}…, not ${archive.train[1].md5.slice(0, 12)}…; run `,
        ),
      );
      await rm(path);
      await expect(loadRecords(archive, "fine", { folder })).rejects.toThrow(
        /^dataset-tiny found no two\.bin in .*, where others of its files are; put all of them there, or run `/,
      );
    }
  });

  it("takes an archive that was packed again, with the same files in it", async () => {
    const archive = { ...archiveOf(files), md5: "of another packing" };
    const folder = await stored(pack({ "t/readme.txt": [], ...files }));
    const { checksum } = await loadRecords(archive, "fine", { folder });
    expect(checksum).toBe(
      (await loadRecords(archiveOf(files), "fine", { folder: await stored(pack(files)) })).checksum,
    );
    expect((await fetchRecords(archive, { folder, mirrors: [] })).kept).toEqual(["tiny.tar.gz"]);
  });

  it.each([
    ["tiny-python.tar.gz", "the version for Python"],
    ["tiny-py", "the version for Python, unpacked"],
  ])("says that it found %s instead", async (name, version) => {
    const folder = await temporary();
    await writeFile(join(folder, name), "");
    const sentence = `dataset-tiny found ${name} in ${folder}, which is ${version}, and reads the binary version only; run \`everlearn data fetch tiny --data "${folder}"\`, or put tiny.tar.gz or its unpacked files there.`;
    await expect(loadRecords(archiveOf(files), "fine", { folder })).rejects.toThrow(sentence);
    const env = { EVERLEARN_DATA: folder, XDG_CACHE_HOME: folder, LOCALAPPDATA: folder };
    await expect(loadRecords(archiveOf(files), "fine", { env })).rejects.toThrow(
      `dataset-tiny found ${name} in ${folder}`,
    );
  });

  it("refuses an altered archive, and every beginning of one", async () => {
    const bytes = pack(files);
    const archive = archiveOf(files);
    const folder = await stored(bytes);
    const path = join(folder, "tiny", "tiny.tar.gz");
    for (let length = 0; length < bytes.length; length += 7) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(loadRecords(archive, "fine", { folder })).rejects.toThrow(
        /^dataset-tiny: .*tiny\.tar\.gz (is truncated|has broken|holds no).*; run `everlearn data fetch tiny --data ".*"` for a fresh copy\.$/,
      );
    }
    await writeFile(path, pack({ ...files, "t/two.bin": some(1, 3) }));
    await expect(loadRecords(archive, "fine", { folder })).rejects.toThrow(
      /tiny\.tar\.gz is altered: the MD5 of t\/two\.bin is [0-9a-f]{12}…, not [0-9a-f]{12}…; run `/,
    );
    await writeFile(path, pack({ "other/one.bin": some(1) }));
    await expect(loadRecords(archive, "fine", { folder })).rejects.toThrow(
      "tiny.tar.gz holds no t/one.bin, so that it is no tiny.tar.gz; run `",
    );
  });

  it.each([
    ["has half a record", Uint8Array.of(1, 2, 3), "has 3 bytes in one.bin, which are no whole records of 20;"],
    [
      "has a label beyond its classes",
      Uint8Array.from({ length: 20 }, () => 5),
      "has the label 5 in one.bin, but there are 5 classes;",
    ],
  ])("refuses an archive that %s, were its MD5 right", async (_, one, problem) => {
    const all = { "t/one.bin": one, "t/two.bin": bytesOf(some(1)), "t/test.bin": bytesOf(some(1)) };
    const folder = await stored(gzipSync(tarOf(all)));
    await expect(loadRecords(described(all), "fine", { folder })).rejects.toThrow(problem);
  });

  it("reads what was fetched into an empty cache, and only fetches what its MD5 says", async () => {
    const bytes = pack(files);
    const archive = archiveOf(files);
    const [good, bad] = [
      await mirror((_, response) => response.end(bytes)),
      await mirror((_, response) => response.end(bytes.subarray(1))),
    ];
    const cache = await temporary();
    const env = { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
    await expect(fetchRecords(archive, { env, mirrors: [bad.url] })).rejects.toThrow(
      `dataset-tiny could not download tiny.tar.gz from ${bad.url} (what it sent `,
    );
    await expect(fetchRecords(archive, { env })).rejects.toThrow("none was given");
    expect((await fetchRecords(archive, { env, mirrors: [good.url] })).downloaded).toEqual(["tiny.tar.gz"]);
    expect((await loadRecords(archive, "fine", { env })).train.length).toBe(3);
    expect((await fetchRecords(archive, { env, mirrors: [] })).kept).toEqual(["tiny.tar.gz"]);
  });
});
