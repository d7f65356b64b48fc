import { createHash } from "node:crypto";
import { contentOf, DamagedFileError } from "@everlearn/downloads";
import { FormatError, idxBytes, readIdx } from "@everlearn/formats";

/** An IDX file's unsigned bytes, flat, and the SHA-256 (hex) of its whole uncompressed content. */
export interface IdxFile {
  readonly data: Uint8Array;
  readonly sha256: string;
}

/**
 * Reads an IDX file of unsigned bytes, plain or gzip-compressed (told apart by content, not by name).
 * The memory it takes is the uncompressed content's, once; `data` is a view past the header.
 * @param shape the sizes that the file must have
 * @throws DamagedFileError if the file is truncated or too long, is no such IDX file or has other sizes.
 */
export async function readIdxFile(path: string, shape: readonly number[]): Promise<IdxFile> {
  const content = new Uint8Array(idxBytes(shape) + 1); // the last byte is for a file that is too long
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of contentOf(path)) {
    const taken = chunk.subarray(0, content.length - length);
    content.set(taken, length);
    hash.update(taken);
    length += taken.length;
    if (length === content.length) break;
  }
  try {
    return { data: readIdx(content.subarray(0, length), shape).values, sha256: hash.digest("hex") };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new DamagedFileError(path, error.message, { cause: error });
  }
}
