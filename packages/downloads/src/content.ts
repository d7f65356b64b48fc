import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { DamagedFileError } from "./publication.js";

const CHUNK = 65_536; // bytes

/**
 * A file's content piece by piece, uncompressed where it starts as gzip does (its name says nothing).
 * @throws DamagedFileError where it cannot be read or its gzip data are broken.
 */
export async function* contentOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const file = await open(path);
    try {
      const raw = file.createReadStream({ start: 0, highWaterMark: CHUNK });
      if (!(await startsAsGzip(file))) yield* raw;
      else yield* pipeline(raw, createGunzip({ chunkSize: CHUNK }), () => {}); // its errors come out of the iteration
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new DamagedFileError(path, problemOf(error as NodeJS.ErrnoException), { cause: error });
  }
}

/**
 * The SHA-256 (hex) of a file's content, uncompressed where it is gzip.
 * @throws DamagedFileError where there are more than `limit` bytes, or the file or its gzip data are broken.
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

/**
 * The MD5 (hex) of a file as it lies there.
 * @throws DamagedFileError where it cannot be read.
 */
export async function fileMd5(path: string): Promise<string> {
  const hash = createHash("md5");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  } catch (error) {
    throw new DamagedFileError(path, problemOf(error as NodeJS.ErrnoException), { cause: error });
  }
  return hash.digest("hex");
}

async function startsAsGzip(file: FileHandle): Promise<boolean> {
  const start = new Uint8Array(2);
  await file.read(start, 0, 2, 0);
  return start[0] === 0x1f && start[1] === 0x8b;
}

function problemOf({ code = "", message }: NodeJS.ErrnoException): string {
  if (code === "Z_BUF_ERROR") return "is truncated: its gzip data end too early";
  if (code.startsWith("Z_")) return `has broken gzip data (${message})`;
  return `cannot be read (${message})`;
}
