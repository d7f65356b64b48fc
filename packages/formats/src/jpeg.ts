import { decode, type RawImageData } from "jpeg-js";
import { FormatError } from "./error.js";
import { checkSize, type DecodedImage } from "./image.js";

/** No image may take more memory to decode, in bytes. */
const most = 2 ** 29;

/** Whether a file starts as a JPEG file does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/**
 * Decodes a baseline or progressive JPEG file to bytes: grey where it has one component, else red, green and blue.
 * Orientation tags and colour profiles are passed over.
 * @throws FormatError where it is truncated, altered, too large or no JPEG file
 */
export function decodeJpeg(bytes: Uint8Array): DecodedImage {
  const frame = frameOf(bytes);
  const { rows, columns, components } = frame;
  checkSize(rows, columns);
  const { width, height, data } = decoded(bytes, memoryFor(frame, bytes.length));
  if (width !== columns || height !== rows) throw new FormatError("has a broken JPEG header");
  if (components.length > 1) return { rows, columns, channels: 3, data };
  return { rows, columns, channels: 1, data: Uint8Array.from({ length: rows * columns }, (_, i) => data[3 * i]) };
}

function decoded(bytes: Uint8Array, memory: number): RawImageData<Uint8Array> {
  const maxMemoryUsageInMB = memory / 2 ** 20;
  try {
    return decode(bytes, { useTArray: true, formatAsRGBA: false, tolerantDecoding: false, maxMemoryUsageInMB });
  } catch (error) {
    throw new FormatError(`cannot be decoded (${(error as Error).message})`, { cause: error });
  }
}

interface Frame {
  readonly rows: number;
  readonly columns: number;
  /** How densely each is sampled, across and down. */
  readonly components: readonly { readonly across: number; readonly down: number }[];
}

/**
 * What the decoder needs for a frame, in bytes; it is given no more, so that it takes no more even where it finds another
 * frame in a damaged file than the one that was checked.
 * @throws FormatError where that is too much, or more than a file of so many bytes can be about
 */
function memoryFor({ rows, columns, components }: Frame, fileBytes: number): number {
  const across = Math.max(...components.map((component) => component.across));
  const down = Math.max(...components.map((component) => component.down));
  let coded = 0; // blocks of 8 × 8 samples, of which each takes a bit of the file at least
  let padded = 0; // with those that fill the last row and column up
  for (const component of components) {
    coded += Math.ceil((columns * component.across) / across / 8) * Math.ceil((rows * component.down) / down / 8);
    padded += Math.ceil(columns / across / 8) * component.across * Math.ceil(rows / down / 8) * component.down;
  }
  if (coded > 8 * fileBytes)
    throw new FormatError(`is truncated or altered: ${fileBytes} bytes cannot hold its ${columns} × ${rows} pixels`);
  // A block's coefficients and samples; each component's pixels and those that come out; tables.
  const memory = padded * (256 + 64) + rows * columns * (components.length + 3) + 4 * fileBytes;
  if (memory > most)
    throw new FormatError(
      `is too large: ${columns} × ${rows} pixels take ${memory} bytes to decode, more than ${most}`,
    );
  return memory;
}

/** Walks from marker to marker to the end of the image, which the decoder would not miss. */
function frameOf(bytes: Uint8Array): Frame {
  if (!isJpeg(bytes)) throw new FormatError("is no JPEG file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const truncated = (): FormatError => new FormatError(`is truncated: it ends after ${bytes.length} bytes`);
  let frame: Frame | undefined;
  for (let at = 2; ; ) {
    // What is no marker is compressed data, or what some programs leave between the parts.
    while (at < bytes.length && !isMarker(bytes, at)) at++;
    if (at + 2 > bytes.length) throw truncated();
    const marker = bytes[at + 1];
    if (marker === 0xd9) break;
    if (at + 4 > bytes.length) throw truncated();
    const length = view.getUint16(at + 2);
    if (at + 2 + length > bytes.length) throw truncated();
    if (isFrame(marker)) frame ??= readFrame(bytes.subarray(at + 4, at + 2 + length));
    at += 2 + length;
  }
  if (frame === undefined) throw new FormatError("has no JPEG header");
  return frame;
}

/** A marker with a length, or the end's; fill bytes, zeros in compressed data and restarts are none. */
function isMarker(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1];
  return bytes[at] === 0xff && next !== undefined && next >= 0xc0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd8);
}

/** C4, C8 and CC are no frames: tables, and one for extensions. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function readFrame(data: Uint8Array): Frame {
  const count = data[5];
  if (data.length < 6 + 3 * count || count === 0) throw new FormatError("has a broken JPEG header");
  const components = Array.from({ length: count }, (_, i) => {
    const sampling = data[7 + 3 * i];
    return { across: sampling >> 4, down: sampling & 15 };
  });
  if (components.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4))
    throw new FormatError("has a broken JPEG header");
  return { rows: (data[1] << 8) | data[2], columns: (data[3] << 8) | data[4], components };
}
