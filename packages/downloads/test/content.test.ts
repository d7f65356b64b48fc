import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentSha256, DamagedFileError, fileMd5, readArchive } from "../src/index.js";
import { tar, tarOf } from "./tar.js";
import { temporary } from "./tiny.js";

async function file(bytes: Uint8Array): Promise<string> {
  const path = join(await temporary(), "file");
  await writeFile(path, bytes);
  return path;
}

describe("contentSha256", () => {
  it("stops at its limit", async () => {
    const path = await file(gzipSync(new Uint8Array(1_000_000)));
    await expect(contentSha256(path, 999_999)).rejects.toThrow("is too long: it holds more than 999999 bytes");
    await expect(contentSha256(path, 1_000_000)).resolves.toHaveLength(64);
  });
});

describe("fileMd5", () => {
  it("is of the file as it lies there", async () => {
    const bytes = gzipSync("content");
    expect(await fileMd5(await file(bytes))).toBe(createHash("md5").update(bytes).digest("hex"));
    await expect(fileMd5(join(await temporary(), "none"))).rejects.toThrow(DamagedFileError);
  });
});

describe("readArchive", () => {
  it("reads the files that are wanted, of any archive", async () => {
    const directory = await temporary();
    const path = join(directory, "a.tar.gz");
    const name = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}$/);
    const contents = fc.dictionary(name, fc.uint8Array({ minLength: 1, maxLength: 2000 }), { minKeys: 1 });
    await fc.assert(
      fc.asyncProperty(contents, fc.boolean(), async (files, compressed) => {
        const wanted = Object.keys(files).filter((_, i) => i % 2 === 0);
        await writeFile(path, compressed ? gzipSync(tarOf(files)) : tarOf(files));
        const found = await readArchive(path, [...wanted, "none"], 2 ** 20);
        expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted.map((one) => [one, files[one]])));
      }),
      { numRuns: 50 },
    );
  });

  it("reads files of many pieces, below folders and a leading ./", async () => {
    const data = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 7);
    const entries = [
      { name: "./a/", type: "5" },
      { name: "./a/b", data },
      { name: "c", data: Uint8Array.of(1) },
    ];
    const found = await readArchive(await file(gzipSync(tar(entries))), ["a/b", "c"], 2 ** 20);
    expect(found).toEqual(
      new Map([
        ["a/b", data],
        ["c", Uint8Array.of(1)],
      ]),
    );
  });

  it("refuses every beginning of an archive with a sentence", async () => {
    const path = join(await temporary(), "a.tar.gz");
    const whole = gzipSync(tarOf({ "a/b": Uint8Array.from({ length: 600 }, (_, i) => (i * 7919) % 251) }));
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const error = await readArchive(path, ["a/b"], 2 ** 20).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DamagedFileError);
      expect((error as DamagedFileError).message.startsWith(`${path} `)).toBe(true);
    }
  });

  it.each([
    ["is no archive", Buffer.from("<!doctype html>"), /has broken tar data|is truncated/],
    ["is not there", undefined, / cannot be read \(ENOENT/],
    ["holds zeros only", gzipSync(new Uint8Array(5000)), / has broken tar data \(/],
    ["holds no tar data", gzipSync(new Uint8Array(5000).fill(255)), / has broken tar data \(/],
    [
      "ends within a file",
      gzipSync(tarOf({ a: new Uint8Array(9000) }).subarray(0, 5000)),
      / is truncated: its tar data/,
    ],
    [
      "is too long",
      gzipSync(tarOf({ a: new Uint8Array(2 ** 20), b: new Uint8Array(9) })),
      /too long: it holds more than 1048576 /,
    ],
    [
      "has a path that leaves",
      gzipSync(tarOf({ "a/../../b": Uint8Array.of(1) })),
      / holds the path a\/\.\.\/\.\.\/b, which leads out of its folder\.$/,
    ],
    [
      "has a path of another disk",
      gzipSync(tarOf({ "/etc/passwd": Uint8Array.of(1) })),
      / holds the path \/etc\/passwd, which leads out/,
    ],
    [
      "has a symbolic link",
      gzipSync(tar([{ name: "a", type: "2", link: "/etc/passwd" }])),
      / holds a, which is a link to \/etc\/passwd, where only files belong\.$/,
    ],
    ["has a hard link", gzipSync(tar([{ name: "a", type: "1", link: "b" }])), / holds a, which is a link to b, where/],
    ["has a device", gzipSync(tar([{ name: "a", type: "3" }])), / holds a, which is no file, where only files belong/],
  ])("says of a file that it %s", async (_, bytes, sentence) => {
    const path = bytes === undefined ? join(await temporary(), "none") : await file(bytes);
    await expect(readArchive(path, ["a"], 2 ** 20)).rejects.toThrow(sentence);
  });
});
