import { Unzlib } from "fflate";
import { joined } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { FormatError } from "./error.js";
import { checkSize, type DecodedImage } from "./image.js";
import { inflate } from "./inflate.js";
import { type PngHeader, readPixels, scanlineBytes, signature } from "./png-pixels.js";

/** By colour type, the bits that a sample may have. */
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** No image may take more bytes, decompressed; decoding takes five times as many. */
const most = 2 ** 27;

/** Whether a file starts as a PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/**
 * Decodes a PNG file (ISO/IEC 15948) to bytes: grey or, with a palette too, red, green and blue. Of 16 bits the upper
 * eight stay, fewer than eight are stretched to 0–255; transparency is dropped, colour profiles and gamma are passed over.
 * @throws FormatError where it is truncated, altered, too large or no PNG file
 */
export function decodePng(bytes: Uint8Array): DecodedImage {
  if (!isPng(bytes)) throw new FormatError("is no PNG file");
  let header: PngHeader | undefined;
  let palette: Uint8Array = new Uint8Array(0);
  const compressed: Uint8Array[] = [];
  for (const { type, data } of chunksOf(bytes)) {
    if (type === "IHDR") header = readHeader(data);
    else if (header === undefined) throw new FormatError("has no PNG header");
    else if (type === "PLTE") palette = data;
    else if (type === "IDAT") compressed.push(data);
    else if (/^[A-Z]/.test(type) && type !== "IEND")
      throw new FormatError(`has a part "${type}" without which it cannot be read`);
  }
  if (header === undefined) throw new FormatError("has no PNG header");
  if (header.color === 3 && (palette.length === 0 || palette.length % 3 !== 0))
    throw new FormatError("has no palette for its colours");
  const length = scanlineBytes(header);
  if (length > most) throw new FormatError(`is too large: its pixels take ${length} bytes, more than ${most}`);
  return readPixels(header, palette, inflate(Unzlib, joined(compressed), length, "pixels"));
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** The file's parts up to its end, each checked by its sum. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = signature.length; ; ) {
    if (at + 12 > bytes.length) throw new FormatError(`is truncated: it ends after ${bytes.length} bytes`);
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length)
      throw new FormatError(`is truncated: it ends after ${bytes.length} bytes, of ${end} or more`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) throw new FormatError("has broken PNG data");
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      throw new FormatError(`is altered: the sum of its part "${type}" is wrong`);
    yield { type, data: bytes.subarray(at + 8, end - 4) };
    if (type === "IEND") return;
    at = end;
  }
}

function readHeader(data: Uint8Array): PngHeader {
  if (data.length !== 13) throw new FormatError("has a broken PNG header");
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const [columns, rows] = [view.getUint32(0), view.getUint32(4)];
  const [depth, color, compression, filter, interlace] = data.subarray(8);
  if (!depths[color]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1)
    throw new FormatError(`has a PNG header that no PNG file has (colour type ${color}, ${depth} bits)`);
  checkSize(rows, columns);
  return { columns, rows, depth, color, interlaced: interlace === 1 };
}
