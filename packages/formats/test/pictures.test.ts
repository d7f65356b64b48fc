import { createHash } from "node:crypto";
import { encode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import { decodeJpeg, decodePng, FormatError } from "../src/index.js";
import { columns, pictures, rows } from "./fixtures.js";

const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const jpegs = pictures.filter(({ kind }) => kind === "jpeg");

describe("files that another program wrote", () => {
  it.each(pictures)("are read as by that program: $kind, $name", ({ kind, file, channels, pixels }) => {
    const image = kind === "png" ? decodePng(bytes(file)) : decodeJpeg(bytes(file));
    const theirs = bytes(pixels);
    expect(image).toMatchObject({ rows, columns, channels });
    expect(image.data).toHaveLength(theirs.length);
    // JPEG leaves rounding, and how smaller planes of colour are enlarged, to the reader.
    const [each, mean] = kind === "png" ? [0, 0] : file === jpegs[2].file ? [24, 8] : [2, 0.6];
    const differences = Array.from(image.data, (value, i) => Math.abs(value - theirs[i]));
    expect(Math.max(...differences)).toBeLessThanOrEqual(each);
    expect(differences.reduce((sum, d) => sum + d, 0) / differences.length).toBeLessThanOrEqual(mean);
  });

  it("give the same bytes on every machine", () => {
    const hash = createHash("sha256");
    for (const { kind, file } of pictures)
      hash.update((kind === "png" ? decodePng(bytes(file)) : decodeJpeg(bytes(file))).data);
    expect(hash.digest("hex")).toBe("7e0f9289a9136bf276221cf27a8bb1e1188c5f315861c8ef500745a0a4a2b1ea");
  });
});

describe("decodeJpeg", () => {
  it.each(jpegs)("refuses every beginning of a file: $name", ({ file }) => {
    const whole = bytes(file);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeJpeg(whole.subarray(0, length))).toThrow(
        length < 2 ? "is no JPEG file" : `is truncated: it ends after ${length} bytes`,
      );
    expect(decodeJpeg(Buffer.concat([whole, Buffer.from("behind the end")])).data).toEqual(decodeJpeg(whole).data);
  });

  it("answers pixels or a problem, whatever is altered", () => {
    const whole = bytes(jpegs[1].file);
    for (let i = 2; i < whole.length; i++)
      for (const bit of [0, 7]) {
        const altered = Uint8Array.from(whole);
        altered[i] ^= 1 << bit;
        try {
          const image = decodeJpeg(altered);
          expect(image.data.length).toBe(image.rows * image.columns * image.channels);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
  });

  describe("of a header that is not true", () => {
    const file = Buffer.from(encode({ width: 8, height: 8, data: new Uint8Array(256) }, 90).data);
    const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
    /** The file with a header of so many rows and columns, and bytes that nobody reads behind its image. */
    const claiming = (rows: number, columns: number, more = 0): Buffer => {
      const altered = Buffer.concat([file, Buffer.alloc(more)]);
      altered.writeUInt16BE(rows, frame + 5);
      altered.writeUInt16BE(columns, frame + 7);
      return altered;
    };

    it.each([
      ["a huge size", claiming(65_535, 65_535), "is too large: 65535 × 65535 pixels, more than 67108864"],
      ["no rows", claiming(0, 65_535), "has no pixels: it is 65535 × 0"],
      [
        "more pixels than its bytes can hold",
        claiming(8192, 8192),
        `is truncated or altered: ${file.length} bytes cannot hold its 8192 × 8192 pixels`,
      ],
      [
        "pixels that take much memory",
        claiming(8192, 8192, 2 ** 20),
        /^is too large: 8192 × 8192 pixels take \d+ bytes to decode, more than 536870912$/,
      ],
    ])("refuses %s before it takes the memory", (_, altered, problem) => {
      expect(() => decodeJpeg(altered)).toThrow(FormatError);
      expect(() => decodeJpeg(altered)).toThrow(problem);
    });

    it("gives the decoder no more memory than the header needs that was checked", () => {
      // A second header, of a huge image, behind the first one.
      const end = frame + 2 + file.readUInt16BE(frame + 2);
      const second = Buffer.from(file.subarray(frame, end));
      second.writeUInt16BE(8000, 5);
      second.writeUInt16BE(8000, 7);
      const two = Buffer.concat([file.subarray(0, end), second, file.subarray(end)]);
      expect(() => decodeJpeg(two)).toThrow("cannot be decoded (maxMemoryUsageInMB limit exceeded");
    });

    it("refuses components that no JPEG file has", () => {
      for (const [place, value] of [
        [9, 0],
        [9, 200],
        [11, 0x01],
        [11, 0x10],
        [11, 0x51],
      ]) {
        const altered = Buffer.from(file);
        altered[frame + place] = value;
        expect(() => decodeJpeg(altered)).toThrow("has a broken JPEG header");
      }
    });
  });
});
