import { crc32, inflateSync } from "node:zlib";
import { pixelBytes, readPixels } from "./png-pixels.js";
import { checkSize, ProblemError, type Raster } from "./raster.js";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Whether a file starts as a PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

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

const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/**
 * Decodes a PNG file (ISO/IEC 15948) to bytes: grey or, with a palette too, red, green and blue. Of 16 bits the upper
 * eight stay, fewer than eight are stretched to 0–255; transparency is dropped, colour profiles and gamma are passed over.
 * @throws ProblemError where it is truncated, altered, too large or no PNG file
 */
export function decodePng(bytes: Uint8Array): Raster {
  if (!isPng(bytes)) throw new ProblemError("is no PNG file");
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  const compressed: Uint8Array[] = [];
  for (const { type, data } of chunksOf(bytes)) {
    if (type === "IHDR") header = readHeader(data);
    else if (header === undefined) throw new ProblemError("has no PNG header");
    else if (type === "PLTE") palette = data;
    else if (type === "IDAT") compressed.push(data);
    else if (/^[A-Z]/.test(type) && type !== "IEND")
      throw new ProblemError(`has a part "${type}" without which it cannot be read`);
  }
  if (header === undefined) throw new ProblemError("has no PNG header");
  if (header.color === 3 && (palette === undefined || palette.length % 3 !== 0))
    throw new ProblemError("has no palette for its colours");
  return readPixels(header, palette, inflated(compressed, pixelBytes(header)));
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** The file's parts up to its end, each checked by its sum. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = signature.length; ; ) {
    if (at + 12 > bytes.length) throw new ProblemError(`is truncated: it ends after ${bytes.length} bytes`);
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length)
      throw new ProblemError(`is truncated: it ends after ${bytes.length} bytes, of ${end} or more`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) throw new ProblemError("has broken PNG data");
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      throw new ProblemError(`is altered: the sum of its part "${type}" is wrong`);
    yield { type, data: bytes.subarray(at + 8, end - 4) };
    if (type === "IEND") return;
    at = end;
  }
}

function readHeader(data: Uint8Array): PngHeader {
  if (data.length !== 13) throw new ProblemError("has a broken PNG header");
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const [columns, rows] = [view.getUint32(0), view.getUint32(4)];
  const [depth, color, compression, filter, interlace] = data.subarray(8);
  if (!depths[color]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1)
    throw new ProblemError(`has a PNG header that no PNG file has (colour type ${color}, ${depth} bits)`);
  checkSize(rows, columns);
  return { columns, rows, depth, color, interlaced: interlace === 1 };
}

function inflated(compressed: readonly Uint8Array[], expected: number): Uint8Array {
  let pixels: Uint8Array;
  try {
    pixels = inflateSync(Buffer.concat(compressed), { maxOutputLength: expected });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new ProblemError("holds more pixels than its header says");
    throw new ProblemError(`has broken pixel data (${message})`, { cause: error });
  }
  if (pixels.length < expected)
    throw new ProblemError(`is truncated: it has ${pixels.length} of ${expected} bytes of pixels`);
  return pixels;
}
