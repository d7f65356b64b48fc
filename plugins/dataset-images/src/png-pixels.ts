import type { PngHeader } from "./png.js";
import { ProblemError, type Raster } from "./raster.js";

/** A sub-image: every `dx`-th pixel of every `dy`-th row, from column `x` of row `y` on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const whole: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
const adam7: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** Samples of a pixel, by colour type. */
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The passes that have pixels, each with the size of its sub-image and the bytes of a row of it. */
function passesOf({ columns, rows, depth, color, interlaced }: PngHeader) {
  return (interlaced ? adam7 : whole)
    .map((pass) => {
      const width = Math.ceil((columns - pass.x) / pass.dx);
      const height = Math.ceil((rows - pass.y) / pass.dy);
      return { ...pass, width, height, bytes: Math.ceil((width * samples[color] * depth) / 8) };
    })
    .filter(({ width, height }) => width > 0 && height > 0);
}

/** How many bytes the pixels take, with the byte before each row that says how it is filtered. */
export function pixelBytes(header: PngHeader): number {
  return passesOf(header).reduce((sum, { height, bytes }) => sum + height * (1 + bytes), 0);
}

/** @param filtered `pixelBytes(header)` bytes, which are overwritten */
export function readPixels(header: PngHeader, palette: Uint8Array | undefined, filtered: Uint8Array): Raster {
  const { columns, rows, depth, color } = header;
  const channels = color === 0 || color === 4 ? 1 : 3;
  const data = new Uint8Array(rows * columns * channels);
  const perPixel = samples[color];
  const step = Math.max(1, (perPixel * depth) / 8); // how far back "the pixel before" is, in bytes
  const stretch = depth < 8 && color === 0 ? 255 / ((1 << depth) - 1) : 1;
  let at = 0;
  for (const { x, y, dx, dy, width, height, bytes } of passesOf(header)) {
    let above: Uint8Array = new Uint8Array(bytes);
    for (let j = 0; j < height; j++) {
      const row = filtered.subarray(at + 1, at + 1 + bytes);
      unfilter(filtered[at], row, above, step);
      for (let i = 0; i < width; i++) {
        const to = ((y + j * dy) * columns + x + i * dx) * channels;
        if (color === 3) {
          const from = 3 * sampleOf(row, i, depth);
          if (palette === undefined || from >= palette.length)
            throw new ProblemError(`has a colour ${from / 3} that its palette lacks`);
          for (let c = 0; c < 3; c++) data[to + c] = palette[from + c];
        } else for (let c = 0; c < channels; c++) data[to + c] = sampleOf(row, i * perPixel + c, depth) * stretch;
      }
      above = row;
      at += 1 + bytes;
    }
  }
  return { rows, columns, channels, data };
}

/** Sample i of a row: its bits, of sixteen the upper eight. */
function sampleOf(row: Uint8Array, i: number, depth: number): number {
  if (depth === 8) return row[i];
  if (depth === 16) return row[2 * i];
  const bit = i * depth;
  return (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** Undoes a row's filter in place: bytes were stored as differences from those before and above. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw new ProblemError(`has broken pixel data (filter ${filter})`);
  if (filter === 0) return;
  for (let i = 0; i < row.length; i++) {
    const a = i < step ? 0 : row[i - step];
    const b = above[i];
    const c = i < step ? 0 : above[i - step];
    row[i] += filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
  }
}

/** That of a, b and c which is nearest to a + b − c; the first of equals. */
function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}
