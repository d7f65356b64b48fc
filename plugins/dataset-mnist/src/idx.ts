import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";

const CHUNK = 65_536; // bytes

/** A file is not what it should be. */
export class DamagedFileError extends Error {
  override name = "DamagedFileError";
  readonly path: string;
  /** What is wrong, as a predicate of the file: `is truncated …`. */
  readonly problem: string;
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}.`, options);
    this.path = path;
    this.problem = problem;
  }
}

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
 * @throws DamagedFileError where the file is truncated or too long, is no such IDX file or has other sizes.
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

/**
 * The SHA-256 (hex) of a file's content, uncompressed where it is gzip.
 * @throws DamagedFileError where there are more than `limit` bytes, or the gzip data are broken.
 */
export async function contentSha256(path: string, limit: number): Promise<string> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of contentOf(path)) {
    hash.update(chunk);
    length += chunk.length;
    if (length > limit) throw new DamagedFileError(path, `is too long: it holds more than ${limit} bytes`);
  }
  return hash.digest("hex");
}

/** How a wrong sum is told: enough digits to compare by eye. */
export function alteredProblem(expected: string, found: string): string {
  return `is altered: the SHA-256 of its content is ${found.slice(0, 12)}…, not ${expected.slice(0, 12)}…`;
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

/** A file's content piece by piece, uncompressed where it starts as gzip does. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const file = await open(path);
    try {
      const start = new Uint8Array(2);
      await file.read(start, 0, 2, 0);
      const raw = file.createReadStream({ start: 0, highWaterMark: CHUNK });
      if (start[0] !== 0x1f || start[1] !== 0x8b) yield* raw;
      else yield* pipeline(raw, createGunzip({ chunkSize: CHUNK }), () => {}); // its errors come out of the iteration
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new DamagedFileError(path, problemOf(error as NodeJS.ErrnoException), { cause: error });
  }
}

function problemOf({ code = "", message }: NodeJS.ErrnoException): string {
  if (code === "Z_BUF_ERROR") return "is truncated: its gzip data end too early";
  if (code.startsWith("Z_")) return `has broken gzip data (${message})`;
  return `cannot be read (${message})`;
}
