import { decode } from "jpeg-js";
import { checkSize, ProblemError, type Raster } from "./raster.js";

/** Whether a file starts as a JPEG file does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/**
 * Decodes a baseline or progressive JPEG file to bytes: grey where it has one component, else red, green and blue.
 * Orientation tags and colour profiles are passed over.
 * @throws ProblemError where it is truncated, altered, too large or no JPEG file
 */
export function decodeJpeg(bytes: Uint8Array): Raster {
  const { rows, columns, components } = frameOf(bytes);
  checkSize(rows, columns);
  let pixels: Uint8Array;
  try {
    ({ data: pixels } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxMemoryUsageInMB: 2048,
    }));
  } catch (error) {
    throw new ProblemError(`cannot be decoded (${(error as Error).message})`, { cause: error });
  }
  if (components > 1) return { rows, columns, channels: 3, data: pixels };
  return { rows, columns, channels: 1, data: Uint8Array.from({ length: rows * columns }, (_, i) => pixels[3 * i]) };
}

interface Frame {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
}

/** Walks from marker to marker to the end of the image, which the decoder would not miss. */
function frameOf(bytes: Uint8Array): Frame {
  if (!isJpeg(bytes)) throw new ProblemError("is no JPEG file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const truncated = (): ProblemError => new ProblemError(`is truncated: it ends after ${bytes.length} bytes`);
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
    // C4, C8 and CC are no frames: tables, and one for extensions.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (length < 8) throw new ProblemError("has a broken JPEG header");
      frame ??= { rows: view.getUint16(at + 5), columns: view.getUint16(at + 7), components: bytes[at + 9] };
    }
    at += 2 + length;
  }
  if (frame === undefined) throw new ProblemError("has no JPEG header");
  return frame;
}

/** A marker with a length, or the end's; fill bytes, zeros in compressed data and restarts are none. */
function isMarker(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1];
  return bytes[at] === 0xff && next !== undefined && next >= 0xc0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd8);
}
