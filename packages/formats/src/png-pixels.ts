import { decode } from "fast-png";
import { strToU8, zlibSync } from "fflate";
import { joined } from "./bytes.js";
import { FormatError } from "./error.js";
import type { DecodedImage } from "./image.js";

export const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** What a PNG file says of its pixels. */
export interface PngHeader {
  readonly columns: number;
  readonly rows: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0: grey, 2: RGB, 3: places in a palette, 4: grey and alpha, 6: RGB and alpha. */
  readonly color: number;
  /** Whether the pixels come in Adam7's seven passes. */
  readonly interlaced: boolean;
}

/** Samples of a pixel, by colour type. */
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Sub-images: every `dx`-th pixel of every `dy`-th row, from column `x` of row `y` on. */
const whole = [{ x: 0, y: 0, dx: 1, dy: 1 }];
const adam7 = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** The passes that have pixels, each with its size and the bytes of its scanlines: a filter's number, then a row. */
function passesOf({ columns, rows, depth, color, interlaced }: PngHeader) {
  return (interlaced ? adam7 : whole)
    .map((pass) => {
      const width = Math.ceil((columns - pass.x) / pass.dx);
      const height = Math.ceil((rows - pass.y) / pass.dy);
      return { ...pass, width, height, bytes: height * (1 + Math.ceil((width * samples[color] * depth) / 8)) };
    })
    .filter(({ width, height }) => width > 0 && height > 0);
}

/** How many bytes the scanlines of all passes take. */
export function scanlineBytes(header: PngHeader): number {
  return passesOf(header).reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Decodes scanlines to bytes without transparency.
 * @param scanlines `scanlineBytes(header)` bytes
 * @throws FormatError where a filter is unknown, or the palette lacks a colour
 */
export function readPixels(header: PngHeader, palette: Uint8Array, scanlines: Uint8Array): DecodedImage {
  const { columns, rows, color } = header;
  const channels = color === 0 || color === 4 ? 1 : 3;
  const data = new Uint8Array(rows * columns * channels);
  let start = 0;
  // Passes of fewer than eight bits a sample are beyond fast-png; as images of their own, it reads them all.
  for (const { x, y, dx, dy, width, height, bytes } of passesOf(header)) {
    const pass = { ...header, columns: width, rows: height };
    const sample = samplesOf(pass, scanlines.subarray(start, start + bytes));
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const to = ((y + row * dy) * columns + x + column * dx) * channels;
        if (color === 3) {
          const place = sample(row, column);
          if (3 * place >= palette.length) throw new FormatError(`has a colour ${place} that its palette lacks`);
          for (let c = 0; c < 3; c++) data[to + c] = palette[3 * place + c];
        } else for (let c = 0; c < channels; c++) data[to + c] = sample(row, column * samples[color] + c);
      }
    start += bytes;
  }
  return { rows, columns, channels, data };
}

/** What tells sample `i` of a row of an image that is not interlaced: a byte, or a place in the palette. */
function samplesOf(header: PngHeader, scanlines: Uint8Array): (row: number, i: number) => number {
  const data = decoded(header, scanlines);
  const { rows, color, depth } = header;
  const length = data.length / rows;
  if (depth === 16) return (row, i) => data[row * length + i] >> 8;
  if (depth === 8) return (row, i) => data[row * length + i];
  const last = (1 << depth) - 1;
  const stretch = color === 3 ? 1 : 255 / last;
  return (row, i) => {
    const bit = i * depth;
    return ((data[row * length + (bit >> 3)] >> (8 - depth - (bit & 7))) & last) * stretch;
  };
}

/** What fast-png makes of a file of nothing but these scanlines, uncompressed; it does not look at sums of parts. */
function decoded({ columns, rows, depth, color }: PngHeader, scanlines: Uint8Array): ArrayLike<number> {
  const part = (type: string, data: Uint8Array) => [bigEndian(data.length), strToU8(type), data, bigEndian(0)];
  const file = joined([
    signature,
    ...part("IHDR", joined([bigEndian(columns), bigEndian(rows), Uint8Array.of(depth, color, 0, 0, 0)])),
    ...part("IDAT", zlibSync(scanlines, { level: 0 })),
    ...part("IEND", new Uint8Array(0)),
  ]);
  try {
    return decode(file).data;
  } catch (error) {
    throw new FormatError(`has broken pixel data (${(error as Error).message})`, { cause: error });
  }
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
