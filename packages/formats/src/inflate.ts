import type { Inflate, Unzlib } from "fflate";
import { FormatError } from "./error.js";

/** Deflate writes at best 258 bytes as two bits. */
const bestRatio = 1032;

/** How much is decompressed at a time: a slice grows to 16 MiB at most. */
const slice = 2 ** 14;

/**
 * Decompresses to exactly `length` bytes, and never takes much more memory than that, whatever the data turn out to be.
 * @param what what is decompressed, for messages: `pixels`
 * @throws FormatError where the data are broken, or decompress to fewer or more bytes
 */
export function inflate(
  Stream: typeof Inflate | typeof Unzlib,
  compressed: Uint8Array,
  length: number,
  what: string,
): Uint8Array {
  if (length > compressed.length * bestRatio)
    throw new FormatError(`is truncated or altered: ${compressed.length} bytes cannot hold ${length} bytes of ${what}`);
  const content = new Uint8Array(length);
  let filled = 0;
  const stream = new Stream((piece) => {
    if (filled + piece.length > length)
      throw new FormatError(`holds more bytes of ${what} than the ${length} that its header says`);
    content.set(piece, filled);
    filled += piece.length;
  });
  try {
    for (let at = 0; at < compressed.length; at += slice)
      stream.push(compressed.subarray(at, at + slice), at + slice >= compressed.length);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`has broken compressed data in ${what} (${(error as Error).message})`, { cause: error });
  }
  if (filled < length) throw new FormatError(`is truncated: it has ${filled} of ${length} bytes of ${what}`);
  return content;
}
