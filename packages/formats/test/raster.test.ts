import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Raster, scaled, toGrey, toRgb } from "../src/raster.js";
import { colour, luma } from "./fixtures.js";

const raster = (channels: number): fc.Arbitrary<Raster> =>
  fc
    .record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) })
    .chain(({ rows, columns }) =>
      fc
        .uint8Array({ minLength: rows * columns * channels, maxLength: rows * columns * channels })
        .map((data) => ({ rows, columns, channels, data })),
    );

/** Each source pixel repeated `size` times both ways: then every area is a whole number of those. */
function byRepetition({ rows, columns, channels, data }: Raster, size: number): number[] {
  const pixels: number[] = [];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let v = y * rows; v < (y + 1) * rows; v++)
          for (let u = x * columns; u < (x + 1) * columns; u++)
            sum += data[(Math.floor(v / size) * columns + Math.floor(u / size)) * channels + c];
        pixels.push(Math.round(sum / (rows * columns)));
      }
  return pixels;
}

describe("scaled", () => {
  it("has in each pixel the mean of the area that it covers", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 3).chain(raster), fc.integer({ min: 1, max: 12 }), (image, size) => {
        const found = scaled(image, size);
        expect(found).toMatchObject({ rows: size, columns: size, channels: image.channels });
        expect([...found.data]).toEqual(byRepetition(image, size));
      }),
    );
  });

  it("keeps floats floats", () => {
    const image = { rows: 2, columns: 2, channels: 1, data: Float32Array.of(0, 0.25, -1, 1) };
    expect(scaled(image, 1).data).toEqual(Float32Array.of(0.0625));
    expect(scaled(image, 2)).toBe(image);
  });
});

describe("colours", () => {
  it("are turned to grey as Pillow turns them", () => {
    const [data, theirs] = [colour, luma].map((text) => Uint8Array.from(Buffer.from(text, "base64")));
    expect(toGrey({ rows: 10, columns: 12, channels: 3, data }).data).toEqual(theirs);
  });

  it("come and go: grey to colour and back is the same", () => {
    fc.assert(
      fc.property(raster(1), (image) => {
        const colored = toRgb(image);
        expect(colored.channels).toBe(3);
        expect([...colored.data]).toEqual([...image.data].flatMap((value) => [value, value, value]));
        expect(toGrey(colored)).toEqual(image);
        expect([toGrey(image), toRgb(colored)]).toEqual([image, colored]);
      }),
    );
  });
});
