import { createHash } from "node:crypto";
import { FormatError, idxBytes, readIdx } from "@everlearn/formats";
import { contentOf } from "./content.js";
import { DamagedFileError } from "./publication.js";

/** An IDX file's sizes and unsigned bytes, flat, and the SHA-256 (hex) of its whole uncompressed content. */
export interface IdxFile {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  readonly sha256: string;
}

/** No content may be larger, in bytes. */
const most = 2 ** 31 - 1;

/**
 * Reads an IDX file of unsigned bytes, plain or gzip-compressed (told apart by content, not by name).
 * The memory it takes is the uncompressed content's, once; `data` is a view past the header.
 * @param shape the sizes that the file must have; any where absent
 * @throws DamagedFileError if the file is truncated or too long, is no such IDX file or has other sizes.
 */
export async function readIdxFile(path: string, shape?: readonly number[]): Promise<IdxFile> {
  const hash = createHash("sha256");
  let content: Uint8Array = new Uint8Array(shape === undefined ? 0 : idxBytes(shape) + 1); // 1: for a file that is too long
  let length = 0;
  try {
    for await (const chunk of contentOf(path)) {
      if (content.length === 0) content = new Uint8Array(announced(chunk) + 1);
      const taken = chunk.subarray(0, content.length - length);
      content.set(taken, length);
      hash.update(taken);
      length += taken.length;
      if (length === content.length) break;
    }
    const { shape: found, values } = readIdx(content.subarray(0, length), shape);
    return { shape: found, data: values, sha256: hash.digest("hex") };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new DamagedFileError(path, error.message, { cause: error });
  }
}

/** How many bytes a file has by its header; of what is no such header as many as there are. */
function announced(start: Uint8Array): number {
  const dimensions = start[3];
  const header = 4 + 4 * dimensions;
  if (start.length < header) return start.length;
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  const bytes = idxBytes(Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i)));
  if (view.getUint32(0) >>> 8 !== 0x08) return start.length; // readIdx says so
  if (bytes > most) throw new FormatError(`is too large: its header announces ${bytes} bytes, more than ${most}`);
  return bytes;
}
