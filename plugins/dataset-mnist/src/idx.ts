import { createHash } from "node:crypto";
import { contentOf, DamagedFileError } from "@everlearn/downloads";

/** An IDX file's unsigned bytes, flat, and the SHA-256 (hex) of its whole uncompressed content. */
export interface Idx {
  readonly data: Uint8Array;
  readonly sha256: string;
}

/** The number of bytes of an IDX file of unsigned bytes with these sizes, uncompressed. */
export function idxBytes(shape: readonly number[]): number {
  return headerBytes(shape) + shape.reduce((product, size) => product * size, 1);
}

/**
 * Reads an IDX file of unsigned bytes, plain or gzip-compressed (told apart by content, not by name).
 * The memory it takes is the uncompressed content's, once; `data` is a view past the header.
 * @param shape the sizes that the file must have
 * @throws DamagedFileError if the file is truncated or too long, is no such IDX file or has other sizes.
 */
export async function readIdx(path: string, shape: readonly number[]): Promise<Idx> {
  const content = new Uint8Array(idxBytes(shape));
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of contentOf(path)) {
    content.set(chunk.subarray(0, content.length - length), length);
    hash.update(chunk);
    length += chunk.length;
    if (length > content.length) break;
  }
  checkHeader(path, content.subarray(0, Math.min(length, headerBytes(shape))), shape);
  if (length < content.length)
    throw new DamagedFileError(path, `is truncated: it ends after ${length} of ${content.length} bytes`);
  if (length > content.length)
    throw new DamagedFileError(path, `is too long: more bytes follow the ${content.length} that its header announces`);
  return { data: content.subarray(headerBytes(shape)), sha256: hash.digest("hex") };
}

function headerBytes(shape: readonly number[]): number {
  return 4 + 4 * shape.length;
}

function checkHeader(path: string, header: Uint8Array, shape: readonly number[]): void {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const magic = 0x0800 + shape.length; // 0x08: unsigned bytes
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
  if (header.length >= 4 && view.getUint32(0) !== magic)
    throw new DamagedFileError(
      path,
      `is not an IDX file of ${shape.length === 1 ? "labels" : "images"}: it starts with ${hex(view.getUint32(0))}, not ${hex(magic)}`,
    );
  if (header.length < headerBytes(shape))
    throw new DamagedFileError(path, `is truncated: it ends after ${header.length} bytes, within its header`);
  const sizes = shape.map((_, i) => view.getUint32(4 + 4 * i));
  if (sizes.some((size, i) => size !== shape[i]))
    throw new DamagedFileError(path, `has the wrong sizes: ${sizes.join(" × ")}, not ${shape.join(" × ")}`);
}
