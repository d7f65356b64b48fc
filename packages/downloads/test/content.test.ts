import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { createTar } from "nanotar";
import { describe, expect, it } from "vitest";
import { contentSha256, DamagedFileError, fileMd5, readArchive } from "../src/index.js";
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
  const tar = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
    createTar(Object.entries(files).map(([name, data]) => ({ name, data })));

  it("reads any files back", async () => {
    const directory = await temporary();
    const path = join(directory, "a.tar.gz");
    const name = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, fc.uint8Array({ minLength: 1, maxLength: 2000 }), { minKeys: 1 }),
        async (files) => {
          await writeFile(path, gzipSync(tar(files)));
          expect(Object.fromEntries(await readArchive(path, 2 ** 20))).toEqual({ ...files });
        },
      ),
      { numRuns: 50 },
    );
  });

  it("refuses every beginning of an archive with a sentence", async () => {
    const path = join(await temporary(), "a.tar.gz");
    const whole = gzipSync(tar({ "a/b": Uint8Array.from({ length: 600 }, (_, i) => (i * 7919) % 251) }));
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const error = await readArchive(path, 2 ** 20).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DamagedFileError);
      expect((error as DamagedFileError).message.startsWith(`${path} `)).toBe(true);
    }
  });

  it("takes no more memory than its limit, whatever the archive says", async () => {
    const bomb = gzipSync(new Uint8Array(10_000_000));
    await expect(readArchive(await file(bomb), 1_000_000)).rejects.toThrow(
      /is too long: it holds 10000000 bytes, more than 1000000\.$/,
    );
    new DataView(bomb.buffer, bomb.byteOffset).setUint32(bomb.length - 4, 5000, true); // it says that it holds less
    await expect(readArchive(await file(bomb), 1_000_000)).rejects.toThrow(
      /is too long: it holds more than the 5000 bytes that it announces\.$/,
    );
  });

  it.each([
    ["is no archive", Buffer.from("<!doctype html>"), / is no gzip file\.$/],
    ["is not there", undefined, / cannot be read \(ENOENT/],
    ["holds no tar data", gzipSync(new Uint8Array(5000).fill(255)), / holds no files\.$/],
    [
      "names more than there is",
      gzipSync(tar({ a: new Uint8Array(9000) }).subarray(0, 5000)),
      / has broken tar data \(/,
    ],
  ])("says of a file that it %s", async (_, bytes, sentence) => {
    const path = bytes === undefined ? join(await temporary(), "none") : await file(bytes);
    await expect(readArchive(path, 2 ** 20)).rejects.toThrow(sentence);
  });
});
