import { FormatError } from "./error.js";

/** An image row by row, each pixel's channels side by side. */
export interface DecodedImage {
  readonly rows: number;
  readonly columns: number;
  /** 1 is grey; 3 is red, green and blue. */
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** No image may have more pixels. */
const mostPixels = 2 ** 26;

/** @throws FormatError where an image of this size has no pixels or too many */
export function checkSize(rows: number, columns: number): void {
  if (rows === 0 || columns === 0) throw new FormatError(`has no pixels: it is ${columns} × ${rows}`);
  if (rows * columns > mostPixels)
    throw new FormatError(`is too large: ${columns} × ${rows} pixels, more than ${mostPixels}`);
}
