import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePng, FormatError } from "../src/index.js";
import { chunk, expected, file, header, perPixel, type Sampled, writePng } from "./png-writer.js";

const kinds = [0, 2, 3, 4, 6].flatMap((color) =>
  [1, 2, 4, 8, 16]
    .filter((depth) => depth === 8 || (color === 0 ? true : color === 3 ? depth < 8 : depth === 16))
    .map((depth) => ({ color: color as Sampled["color"], depth })),
);

const picture = (color: Sampled["color"], depth: number): fc.Arbitrary<Sampled> =>
  fc
    .record({
      columns: fc.integer({ min: 1, max: 19 }),
      rows: fc.integer({ min: 1, max: 19 }),
      interlaced: fc.boolean(),
      filters: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
      palette: fc
        .array(fc.nat(255), { minLength: 3 * 2 ** Math.min(depth, 8), maxLength: 3 * 2 ** Math.min(depth, 8) })
        .map((values) => (color === 3 ? values : [])),
    })
    .chain((rest) => {
      const length = rest.columns * rest.rows * perPixel[color];
      return fc
        .array(fc.nat(2 ** depth - 1), { minLength: length, maxLength: length })
        .map((samples) => ({ ...rest, color, depth, samples }));
    });

const sample: Sampled = {
  columns: 5,
  rows: 3,
  color: 2,
  depth: 8,
  interlaced: false,
  samples: Array.from({ length: 45 }, (_, i) => (i * 37) % 256),
  filters: [0, 1, 4],
  palette: [],
};

describe("decodePng", () => {
  it.each(kinds)(
    "reads colour type $color of $depth bits, plain and interlaced, with all filters",
    ({ color, depth }) => {
      fc.assert(
        fc.property(picture(color, depth), (written) => {
          const { rows, columns, channels, data } = decodePng(writePng(written));
          expect([rows, columns]).toEqual([written.rows, written.columns]);
          expect(channels).toBe(color === 0 || color === 4 ? 1 : 3);
          expect([...data]).toEqual(expected(written));
        }),
        { numRuns: 40 },
      );
    },
  );

  it("refuses every beginning of a file with a sentence", () => {
    const whole = writePng(sample);
    expect(decodePng(whole).data).toHaveLength(45);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodePng(whole.subarray(0, length))).toThrow(
        length < 8 ? "is no PNG file" : `is truncated: it ends after ${length} bytes`,
      );
  });

  it("never takes an altered file for another picture", () => {
    const whole = writePng(sample);
    for (let i = 0; i < whole.length; i++) {
      const altered = Buffer.from(whole);
      altered[i] ^= 1 << (i % 8);
      expect(() => decodePng(altered)).toThrow(FormatError);
    }
  });

  const part = (type: string, data: string | Uint8Array): Buffer => chunk(type, Buffer.from(data));
  it.each([
    ["a broken colour profile", part("iCCP", "x\0\0garbage")],
    [
      "a bomb for a colour profile",
      part("iCCP", Buffer.concat([Buffer.from("x\0\0"), deflateSync(Buffer.alloc(1e8))])),
    ],
    ["more transparent colours than it should have", part("tRNS", new Uint8Array(600))],
    ["text without a keyword", part("tEXt", "no keyword")],
    ["a part that nobody knows", part("abCd", "x")],
  ])("passes %s over", (_, passedOver) => {
    const whole = writePng(sample);
    const after = 8 + header(sample).length;
    expect(decodePng(Buffer.concat([whole.subarray(0, after), passedOver, whole.subarray(after)]))).toEqual(
      decodePng(whole),
    );
  });

  const pixels = (bytes: number): Buffer => chunk("IDAT", deflateSync(new Uint8Array(bytes)));
  const grey = { ...sample, color: 0 } as const;
  it.each([
    ["a bomb", file(header(grey), pixels(50_000_000)), "holds more bytes of pixels than the 18 that its header says"],
    ["too few pixels", file(header(grey), pixels(17)), "is truncated: it has 17 of 18 bytes of pixels"],
    ["none", file(header(grey)), "is truncated or altered: 0 bytes cannot hold 18 bytes of pixels"],
    [
      "a few bytes for a large image",
      file(header({ ...grey, columns: 8192, rows: 8192 }), pixels(18)),
      "is truncated or altered: 11 bytes cannot hold 67117056 bytes of pixels",
    ],
    [
      "pixels that take much memory",
      file(header({ ...sample, columns: 8192, rows: 8192, depth: 16 }), pixels(18)),
      "is too large: its pixels take 402661376 bytes, more than 134217728",
    ],
    [
      "garbage for pixels",
      file(header(grey), chunk("IDAT", Buffer.from("garbage"))),
      "has broken compressed data in pixels (",
    ],
    [
      "an unknown filter",
      file(header(grey), chunk("IDAT", deflateSync(new Uint8Array(18).fill(5)))),
      "has broken pixel data (Unsupported filter: 5)",
    ],
    ["no header", file(pixels(18)), "has no PNG header"],
    ["nothing", file(), "has no PNG header"],
    [
      "a huge size",
      file(header({ ...grey, columns: 2 ** 31, rows: 2 ** 31 }), pixels(18)),
      "is too large: 2147483648 × 2147483648 pixels, more than 67108864",
    ],
    ["no size", file(header({ ...grey, columns: 0 }), pixels(18)), "has no pixels: it is 0 × 3"],
    [
      "3 bits",
      file(header({ ...grey, depth: 3 }), pixels(18)),
      "has a PNG header that no PNG file has (colour type 0, 3 bits)",
    ],
    ["no palette", file(header({ ...grey, color: 3 }), pixels(18)), "has no palette for its colours"],
    [
      "a small palette",
      file(
        header({ ...grey, color: 3 }),
        chunk("PLTE", new Uint8Array(3)),
        chunk("IDAT", deflateSync(Buffer.alloc(18, 1))),
      ),
      "has a colour ",
    ],
    [
      "a part that matters",
      file(header(grey), chunk("ABCD", Buffer.from("x")), pixels(18)),
      'has a part "ABCD" without which it cannot be read',
    ],
  ])("says of a file with %s what is wrong", (_, bytes, problem) => {
    expect(() => decodePng(bytes)).toThrow(FormatError);
    expect(() => decodePng(bytes)).toThrow(problem);
  });
});
