import { describe, expect, it } from "vitest";
import { FormatError, idxBytes, readIdx } from "../src/index.js";

/** An IDX file of unsigned bytes that counts up, as its authors describe it. */
function idx(shape: readonly number[]): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length);
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  const size = shape.reduce((product, n) => product * n, 1);
  return Uint8Array.from([...header, ...Array.from({ length: size }, (_, i) => i)]);
}

const images = idx([2, 3, 4]);

describe("readIdx", () => {
  it("reads unsigned bytes of any sizes as a view of the file", () => {
    for (const shape of [[5], [2, 3, 4], [1, 2, 3, 4]]) {
      const file = idx(shape);
      expect(file).toHaveLength(idxBytes(shape));
      const found = readIdx(file);
      expect(found).toEqual({
        shape,
        values: Uint8Array.from({ length: file.length - 4 - 4 * shape.length }, (_, i) => i),
      });
      expect(found.values.buffer).toBe(file.buffer);
      expect(readIdx(file, shape)).toEqual(found);
    }
  });

  it.each([
    ["nothing", new Uint8Array(0), "is truncated: it ends after 0 bytes, within its header"],
    ["half a header", images.subarray(0, 10), "is truncated: it ends after 10 bytes, within its header"],
    ["half of the images", images.subarray(0, 39), "is truncated: it ends after 39 of 40 bytes"],
    ["more", Uint8Array.from([...images, 0]), "is too long: more bytes follow the 40 that its header announces"],
    ["floats", images.with(2, 0x0d), "is not an IDX file of unsigned bytes: it starts with 0x00000d03, not 0x00000803"],
    ["a web page", Buffer.from("<!doctype html>"), "is not an IDX file of unsigned bytes: it starts with 0x3c21646f"],
    ["a huge size", images.with(4, 255), "is truncated: it ends after 40 of 51338281000 bytes"],
  ])("says of a file with %s what is wrong", (_, file, problem) => {
    expect(() => readIdx(file)).toThrow(FormatError);
    expect(() => readIdx(file)).toThrow(problem);
  });

  it.each([
    ["labels", idx([40]), "is not an IDX file of images: it starts with 0x00000801, not 0x00000803"],
    ["images of another size", idx([3, 3, 4]), "has the wrong sizes: 3 × 3 × 4, not 2 × 3 × 4"],
    ["half of the images", images.subarray(0, 39), "is truncated: it ends after 39 of 40 bytes"],
  ])("refuses %s where a file has to have other sizes", (_, file, problem) => {
    expect(() => readIdx(file, [2, 3, 4])).toThrow(problem);
  });
});
