/** An image row by row, a pixel's channels side by side; bytes from 0 to 255, or floats. */
export interface Raster {
  readonly rows: number;
  readonly columns: number;
  /** 1 is grey, 3 is red, green and blue. */
  readonly channels: number;
  readonly data: Uint8Array | Float32Array;
}

/** Bytes are rounded, halves up; floats stay. */
const fitting = ({ data }: Raster): ((value: number) => number) =>
  data instanceof Uint8Array ? (value) => Math.floor(value + 0.5) : (value) => value;

const like = ({ data }: Raster, length: number): Uint8Array | Float32Array =>
  data instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);

/** One channel: the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, with weights in 65536ths. Grey stays. */
export function toGrey(image: Raster): Raster {
  if (image.channels === 1) return image;
  const fit = fitting(image);
  const from = image.data;
  const data = like(image, from.length / 3);
  for (let i = 0; i < data.length; i++)
    data[i] = fit((from[3 * i] * 19_595 + from[3 * i + 1] * 38_470 + from[3 * i + 2] * 7471) / 65_536);
  return { ...image, channels: 1, data };
}

/** Three channels: grey is written to each of them. */
export function toRgb(image: Raster): Raster {
  if (image.channels === 3) return image;
  const data = like(image, 3 * image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = image.data[Math.floor(i / 3)];
  return { ...image, channels: 3, data };
}

/**
 * The image stretched to `size` × `size` pixels: each is the mean of the area that it covers, parts of pixels counted as
 * parts. The areas are counted in integers, so that bytes come out the same on every machine.
 */
export function scaled(image: Raster, size: number): Raster {
  const { rows, columns, channels, data: from } = image;
  if (rows === size && columns === size) return image;
  const fit = fitting(image);
  const across = covered(columns, size);
  const down = covered(rows, size);
  const data = like(image, size * size * channels);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (const [row, height] of down[y])
          for (const [column, width] of across[x])
            sum += from[(row * columns + column) * channels + c] * height * width;
        data[(y * size + x) * channels + c] = fit(sum / (rows * columns));
      }
  return { rows: size, columns: size, channels, data };
}

/** For each of `size` pixels the source's pixels that it covers, each with the part of it, in `size`ths of a pixel. */
function covered(source: number, size: number): (readonly [place: number, part: number])[][] {
  return Array.from({ length: size }, (_, i) => {
    const [start, end] = [i * source, (i + 1) * source]; // in units of which a source pixel has `size`
    const parts: [number, number][] = [];
    for (let place = Math.floor(start / size); place * size < end; place++)
      parts.push([place, Math.min(end, (place + 1) * size) - Math.max(start, place * size)]);
    return parts;
  });
}
