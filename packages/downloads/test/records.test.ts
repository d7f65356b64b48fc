import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { createTar } from "nanotar";
import { describe, expect, it } from "vitest";
import { fetchFiles, loadRecords, publicationOf, type RecordArchive } from "../src/index.js";
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

function pack(files: Readonly<Record<string, readonly Picture[]>>): Uint8Array {
  return packBytes(
    Object.fromEntries(Object.entries(files).map(([name, all]) => [name, Uint8Array.from(all.flatMap(record))])),
  );
}

const packBytes = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  gzipSync(createTar(Object.entries(files).map(([name, data]) => ({ name, data }))));

const archiveOf = (bytes: Uint8Array): RecordArchive => ({
  name: "tiny",
  title: "Tiny",
  mirrors: [],
  file: "tiny.tar.gz",
  md5: createHash("md5").update(bytes).digest("hex"),
  limit: 2 ** 20,
  train: ["t/one.bin", "t/two.bin"],
  test: ["t/test.bin"],
  shape: [rows, columns, channels],
  labels: [
    { name: "coarse", classes: 2 },
    { name: "fine", classes: 5 },
  ],
});

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
        const bytes = pack({ "t/one.bin": one, "t/two.bin": two, "t/test.bin": test, "t/readme.txt": [one[0]] });
        await writeFile(path, bytes);
        for (const [place, label] of ["coarse", "fine"].entries()) {
          const found = await loadRecords(archiveOf(bytes), label, { folder });
          expect(found).toMatchObject({ shape: [rows, columns, channels], classes: [2, 5][place] });
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
    const bytes = pack({ "t/one.bin": some(2), "t/two.bin": some(1, 2), "t/test.bin": some(1) });
    const { train } = await loadRecords(archiveOf(bytes), "fine", { folder: await stored(bytes) });
    expect(train.input(1)).toEqual(Uint8Array.from(some(2)[1].pixels.flat(2)));
    expect(train.input(1).buffer).toBe(train.input(2).buffer);
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
        const bytes = pack(files);
        const { checksum } = await loadRecords(archiveOf(bytes), label, { folder: await stored(bytes) });
        expect(checksum).toMatch(/^[0-9a-f]{64}$/);
        sums.add(checksum);
      }
    expect(sums.size).toBe(6);
  });

  it("refuses an altered archive, and every beginning of one", async () => {
    const bytes = pack({ "t/one.bin": some(2), "t/two.bin": some(1), "t/test.bin": some(1) });
    const archive = archiveOf(bytes);
    const folder = await stored(bytes);
    const path = join(folder, "tiny", "tiny.tar.gz");
    const sentence = new RegExp(
      `^dataset-tiny: .*tiny\\.tar\\.gz is altered: the MD5 of the archive is [0-9a-f]{12}…, not ${archive.md5.slice(0, 12)}…; run \`everlearn data fetch tiny --data ".*"\` for a fresh copy\\.$`,
    );
    for (let length = 0; length < bytes.length; length += 7) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(loadRecords(archive, "fine", { folder })).rejects.toThrow(sentence);
    }
  });

  it.each([
    ["lacks a file", { "t/one.bin": Uint8Array.of(...some(1).flatMap(record)) }, "holds no t/two.bin;"],
    [
      "has half a record",
      { "t/one.bin": Uint8Array.of(1, 2, 3) },
      "has 3 bytes in t/one.bin, which are no whole records of 20;",
    ],
    [
      "has a label beyond its classes",
      { "t/one.bin": Uint8Array.from({ length: 20 }, () => 5) },
      "has the label 5 in t/one.bin, but there are 5 classes;",
    ],
  ])("refuses an archive that %s, were its MD5 right", async (_, files, problem) => {
    const bytes = packBytes(files);
    await expect(loadRecords(archiveOf(bytes), "fine", { folder: await stored(bytes) })).rejects.toThrow(problem);
  });

  it("reads what was fetched, and only fetches what its MD5 says", async () => {
    const bytes = pack({ "t/one.bin": some(2), "t/two.bin": some(1), "t/test.bin": some(1) });
    const publication = publicationOf(archiveOf(bytes));
    const [good, bad] = [
      await mirror((_, response) => response.end(bytes)),
      await mirror((_, response) => response.end(bytes.subarray(1))),
    ];
    const folder = await temporary();
    await expect(fetchFiles(publication, { folder, mirrors: [bad.url] })).rejects.toThrow(
      `dataset-tiny could not download tiny.tar.gz from ${bad.url} (what it sent is altered: the MD5 of the archive is `,
    );
    await expect(fetchFiles(publication, { folder })).rejects.toThrow("none was given");
    expect((await fetchFiles(publication, { folder, mirrors: [good.url] })).downloaded).toEqual(["tiny.tar.gz"]);
    expect((await loadRecords(archiveOf(bytes), "fine", { folder })).train.length).toBe(3);
    expect((await fetchFiles(publication, { folder, mirrors: [] })).kept).toEqual(["tiny.tar.gz"]);
  });
});
