import { createHash } from "node:crypto";
import { encode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import { decodeJpeg } from "../src/jpeg.js";
import { decodePng } from "../src/png.js";
import { ProblemError, toGrey } from "../src/raster.js";
import { columns, luma, pictures, rows } from "./fixtures.js";

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

  it("are turned to grey as by that program", () => {
    const colour = pictures.find(({ kind, name }) => kind === "png" && name === "colour");
    expect([...toGrey(decodePng(bytes(colour?.file ?? ""))).data]).toEqual([...bytes(luma)]);
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
          expect(error).toBeInstanceOf(ProblemError);
        }
      }
  });

  it("refuses a huge one before it takes the memory", () => {
    const whole = Buffer.from(encode({ width: 8, height: 8, data: new Uint8Array(256) }, 90).data);
    const frame = whole.indexOf(Buffer.from([0xff, 0xc0]));
    whole.writeUInt16BE(65_535, frame + 5);
    whole.writeUInt16BE(65_535, frame + 7);
    expect(() => decodeJpeg(whole)).toThrow("is too large: 65535 × 65535 pixels, more than 67108864");
    whole.writeUInt16BE(0, frame + 5);
    expect(() => decodeJpeg(whole)).toThrow("has no pixels: it is 65535 × 0");
  });
});
