import { crc32, inflateRawSync } from "node:zlib";
import { ProblemError } from "./raster.js";

/** No file in an archive may be larger, in bytes. */
const most = 2 ** 31;

/** Reads one file of an archive. @throws ProblemError where it is damaged */
export type ReadEntry = () => Uint8Array;

/**
 * The files in a zip archive, by name; each is uncompressed when it is asked for.
 * @throws ProblemError where it is truncated, altered or no zip archive
 */
export function readZip(bytes: Uint8Array): ReadonlyMap<string, ReadEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const within = (at: number, length: number): number => {
    if (at + length > bytes.length)
      throw new ProblemError("is truncated or altered: its directory leads beyond its end");
    return at;
  };
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  const files = new Map<string, ReadEntry>();
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (view.getUint32(within(at, 46), true) !== 0x02014b50) throw new ProblemError("has a broken zip directory");
    const entry = {
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      sum: view.getUint32(at + 16, true),
      compressed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      start: view.getUint32(at + 42, true),
    };
    if ([entry.compressed, entry.size, entry.start].includes(0xffffffff))
      throw new ProblemError("is a zip archive of more than 4 GB, which is too large");
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const name = new TextDecoder().decode(bytes.subarray(within(at + 46, nameLength), at + 46 + nameLength));
    files.set(name, () => {
      const { start } = entry;
      if (view.getUint32(within(start, 30), true) !== 0x04034b50)
        throw new ProblemError(`has broken zip data in ${name}`);
      const data = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
      return uncompressed(name, entry, bytes.subarray(within(data, entry.compressed), data + entry.compressed));
    });
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

interface Entry {
  readonly flags: number;
  readonly method: number;
  readonly sum: number;
  readonly size: number;
}

function uncompressed(name: string, { flags, method, sum, size }: Entry, data: Uint8Array): Uint8Array {
  if ((flags & 1) !== 0) throw new ProblemError(`is encrypted: ${name} cannot be read`);
  if (size > most) throw new ProblemError(`is too large: ${name} has more than ${most} bytes`);
  if (method !== 0 && method !== 8) throw new ProblemError(`has ${name} compressed in a way that is not known`);
  let content = data;
  if (method === 8)
    try {
      content = inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
    } catch (error) {
      throw new ProblemError(`has broken compressed data in ${name} (${(error as Error).message})`, { cause: error });
    }
  if (content.length !== size || crc32(content) !== sum)
    throw new ProblemError(`is altered: the sum of ${name} is wrong`);
  return content;
}

/** Where the record is that ends a zip archive: in its last 22 bytes, or before a comment. */
function endOf(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  throw new ProblemError("is truncated, or no zip archive: it has no directory at its end");
}
