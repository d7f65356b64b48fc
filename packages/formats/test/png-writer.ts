import { crc32, deflateSync } from "node:zlib";

/** A picture as a PNG file holds it: samples row by row, as many for each pixel as its colour type has. */
export interface Sampled {
  readonly columns: number;
  readonly rows: number;
  readonly color: 0 | 2 | 3 | 4 | 6;
  readonly depth: number;
  readonly interlaced: boolean;
  readonly samples: readonly number[];
  /** The filter of each row, as often as it takes. */
  readonly filters: readonly number[];
  readonly palette: readonly number[];
}

export const perPixel: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

export const header = ({
  columns,
  rows,
  depth,
  color,
  interlaced,
}: Omit<Sampled, "samples" | "filters" | "palette">) => {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(columns, 0);
  data.writeUInt32BE(rows, 4);
  data.set([depth, color, 0, 0, interlaced ? 1 : 0], 8);
  return chunk("IHDR", data);
};

export const file = (...chunks: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...chunks, chunk("IEND", new Uint8Array(0))]);

/** Writes the file bit by bit, in the plainest way. */
export function writePng(picture: Sampled): Buffer {
  const data = deflateSync(Uint8Array.from(filtered(picture)));
  const cut = Math.floor(data.length / 2);
  const palette = picture.color === 3 ? [chunk("PLTE", Uint8Array.from(picture.palette))] : [];
  return file(
    header(picture),
    chunk("tEXt", Buffer.from("Comment\0a part that readers pass over")),
    ...palette,
    chunk("IDAT", data.subarray(0, cut)),
    chunk("IDAT", data.subarray(cut)),
  );
}

function filtered({ columns, rows, color, depth, interlaced, samples, filters }: Sampled): number[] {
  const each = perPixel[color];
  const bytes: number[] = [];
  let written = 0;
  for (const [x, y, dx, dy] of interlaced ? passes : [[0, 0, 1, 1]]) {
    let above: number[] = [];
    for (let row = y; row < rows; row += dy) {
      let bits = "";
      for (let column = x; column < columns; column += dx)
        for (let s = 0; s < each; s++)
          bits += samples[(row * columns + column) * each + s].toString(2).padStart(depth, "0");
      if (bits === "") continue;
      const raw = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
      const filter = filters[written++ % filters.length];
      const back = Math.max(1, (each * depth) / 8);
      const at = (line: readonly number[], i: number): number => line[i] ?? 0;
      const predicted = [
        () => 0,
        (i: number) => at(raw, i - back),
        (i: number) => at(above, i),
        (i: number) => Math.floor((at(raw, i - back) + at(above, i)) / 2),
        (i: number) => {
          const [a, b, c] = [at(raw, i - back), at(above, i), at(above, i - back)];
          const distances = [a, b, c].map((value) => Math.abs(a + b - c - value));
          return [a, b, c][distances.indexOf(Math.min(...distances))];
        },
      ][filter];
      bytes.push(filter, ...raw.map((byte, i) => (byte - predicted(i) + 256) % 256));
      above = raw;
    }
  }
  return bytes;
}

/** The bytes that a reader is to answer: grey, or red, green and blue. */
export function expected({ color, depth, samples, palette }: Sampled): number[] {
  const byte = (sample: number): number =>
    depth === 16 ? Math.floor(sample / 256) : (sample * 255) / (2 ** depth - 1);
  if (color === 3) return samples.flatMap((place) => palette.slice(3 * place, 3 * place + 3));
  const [each, kept] = [perPixel[color], color === 0 || color === 4 ? 1 : 3];
  return samples.filter((_, i) => i % each < kept).map(byte);
}
