import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DamagedFileError, readIdxFile } from "../src/index.js";
import { temporary } from "./tiny.js";
import { idx } from "./tiny-idx.js";

const images = idx([2, 3, 4]);

async function file(bytes: Uint8Array): Promise<string> {
  const path = join(await temporary(), "images");
  await writeFile(path, bytes);
  return path;
}

describe("readIdxFile", () => {
  it.each([
    ["plain", images],
    ["compressed", gzipSync(images)],
  ])("reads a %s file whatever its name", async (_, bytes) => {
    const { data, sha256 } = await readIdxFile(await file(bytes), [2, 3, 4]);
    expect(data).toEqual(Uint8Array.from({ length: 24 }, (_, i) => i));
    expect(data.constructor).toBe(Uint8Array);
    expect(sha256).toBe(createHash("sha256").update(images).digest("hex"));
  });

  it("reads files of many pieces", async () => {
    const many = idx([700, 20, 20]);
    for (const bytes of [many, gzipSync(many)]) {
      const { data } = await readIdxFile(await file(bytes), [700, 20, 20]);
      expect(Buffer.compare(data, many.subarray(16))).toBe(0);
    }
  });

  it.each([
    ["empty", new Uint8Array(0), "is truncated: it ends after 0 bytes, within its header."],
    ["cut in its header", images.subarray(0, 10), "is truncated: it ends after 10 bytes, within its header."],
    ["cut in its images", images.subarray(0, 39), "is truncated: it ends after 39 of 40 bytes."],
    ["cut and compressed", gzipSync(images.subarray(0, 39)), "is truncated: it ends after 39 of 40 bytes."],
    ["compressed and cut", gzipSync(images).subarray(0, -9), "is truncated: its gzip data end too early."],
    ["compressed and altered", damage(gzipSync(images)), "has broken gzip data (incorrect data check)."],
    ["too long", Uint8Array.from([...images, 0]), "is too long: more bytes follow the 40 that its header announces."],
    ["one of labels", idx([40]), "is not an IDX file of images: it starts with 0x00000801, not 0x00000803."],
    [
      "a web page",
      Buffer.from("<!doctype html>"),
      "is not an IDX file of images: it starts with 0x3c21646f, not 0x00000803.",
    ],
    ["of other sizes", idx([3, 3, 4]), "has the wrong sizes: 3 × 3 × 4, not 2 × 3 × 4."],
  ])("refuses a file that is %s", async (_, bytes, problem) => {
    const path = await file(bytes);
    await expect(readIdxFile(path, [2, 3, 4])).rejects.toThrow(new DamagedFileError(path, problem.slice(0, -1)));
  });

  it("reads a file of any sizes, if none are asked for", async () => {
    for (const shape of [[5], [2, 3, 4], [2, 3, 4, 3]])
      for (const bytes of [idx(shape), gzipSync(idx(shape))]) {
        const found = await readIdxFile(await file(bytes));
        expect(found.shape).toEqual(shape);
        expect(found.data).toEqual(idx(shape).subarray(4 + 4 * shape.length));
      }
    const [many, cut] = [idx([700, 20, 20]), idx([700, 20, 20]).subarray(0, 70_000)];
    expect((await readIdxFile(await file(many))).data.length).toBe(280_000);
    await expect(readIdxFile(await file(cut))).rejects.toThrow("is truncated: it ends after 70000 of 280016 bytes");
    await expect(readIdxFile(await file(Uint8Array.from([...images, 0])))).rejects.toThrow("is too long: more bytes");
    await expect(readIdxFile(await file(Buffer.from("<!doctype")))).rejects.toThrow(
      "is not an IDX file of unsigned bytes",
    );
    const floats = idx([2, 3, 4]);
    floats[2] = 0x0d;
    await expect(readIdxFile(await file(floats))).rejects.toThrow("is not an IDX file of unsigned bytes");
    await expect(readIdxFile(await file(new Uint8Array(0)))).rejects.toThrow("is truncated: it ends after 0 bytes");
    await expect(
      readIdxFile(await file(Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255))),
    ).rejects.toThrow("is too large: its header announces 18446744065119617000 bytes");
  });

  it("says why a file cannot be read", async () => {
    const path = join(await temporary(), "nothing");
    await expect(readIdxFile(path, [1])).rejects.toThrow(`${path} cannot be read (ENOENT`);
  });
});

/** Another byte in the sum at the end of gzip data. */
function damage(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 8] ^= 1;
  return copy;
}
