import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";

/** The most that is read of a module, and of a file that only holds data. */
const most = { code: 16 * 1024 ** 2, data: 1024 ** 3 };

/** What a file holds. */
export interface Content {
  readonly size: number;
  /** SHA-256, hex. */
  readonly digest: string;
  /** Of code alone. */
  readonly text: string;
}

/** Why a file is not read: the end of a sentence that begins with its path. */
export class UnfitFileError extends Error {
  override name = "UnfitFileError";
}

/**
 * Reads a module, or a file of data.
 * @throws UnfitFileError where it is a device, a pipe, a folder or too large; the system's error where it cannot be read
 */
export function contentOf(path: string, kind: "code" | "data"): Content {
  if (!statSync(path).isFile()) throw new UnfitFileError("is not a regular file"); // opening a pipe would wait for its writer
  const hash = createHash("sha256");
  const kept: Uint8Array[] = [];
  const file = openSync(path, "r");
  let size = 0;
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(1024 ** 2);
      const read = readSync(file, chunk);
      if (read === 0) break;
      size += read;
      // A file may grow, and some say that they are empty: what counts is what comes.
      if (size > most[kind])
        throw new UnfitFileError(`is larger than ${most[kind] / 1024 ** 2} MiB, the most that is read of ${kind}`);
      hash.update(chunk.subarray(0, read));
      if (kind === "code") kept.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return { size, digest: hash.digest("hex"), text: new TextDecoder().decode(Buffer.concat(kept)) };
}
