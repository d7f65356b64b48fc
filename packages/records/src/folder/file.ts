import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { RunError } from "@everlearn/contracts";
import { printable } from "../printable.js";
import { reasonOf, UnreadableError } from "./reasons.js";

/** Reads, writes or deletes a file by `act`. The system's errors become messages that name the file and say what to do. */
export function withFile<T>(verb: "read" | "write" | "delete", path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = error instanceof UnreadableError ? `${error.message}; choose another folder with --out` : undefined;
    if (code === undefined && reason === undefined) throw error;
    throw new RunError(`Cannot ${verb} "${printable(path)}": ${reason ?? reasonOf(code ?? "")}.`, { cause: error });
  }
}

/** Bytes that are read at once behind the size that a file says it has. */
const chunk = 64 * 1024;

/**
 * The bytes of a regular file. A pipe is not waited for, and a device not read for ever.
 * @throws the system's error; UnreadableError where it is no regular file, or has more bytes than `most`
 */
export function readBytes(path: string, most = Infinity): Buffer {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    if (found.isDirectory()) throw new UnreadableError("it is a folder");
    if (!found.isFile()) throw new UnreadableError("it is a pipe or a device");
    const chunks: Buffer[] = [];
    let length = 0;
    // To its end and not to its size: it may grow, and the files of /proc have none.
    for (let size = found.size + 1; ; size = chunk) {
      const bytes = Buffer.allocUnsafe(Math.max(1, Math.min(size, most + 1 - length)));
      const count = readSync(file, bytes, 0, bytes.length, length);
      length += count;
      if (length > most)
        throw new UnreadableError(`it is larger than ${most / 2 ** 20} MiB, the most that such a file may have`);
      if (count === 0) return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      chunks.push(bytes.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

/** Bytes as text. @returns undefined where they are no UTF-8 */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Writes all of the content, although the system may accept only a part of it at a time. It is on the disk when this
 * returns, unless `now` is false.
 */
export function writeAll(file: number, content: string | Uint8Array, now = true): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  if (now) fsyncSync(file);
}

/**
 * Replaces the file whole: a crash leaves the old one or the new one, and the new one is on the disk when this returns.
 * @param temporary what it is called until it is whole; of a file that several processes may write, a name of its own for each
 * @throws RunError where it cannot be written
 */
export function writeFile(path: string, content: string | Uint8Array, temporary = `${path}.part`): void {
  withFile("write", path, () => {
    const file = openSync(temporary, "w");
    try {
      try {
        writeAll(file, content);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
  });
}

/** Deletes a file, if it is there. @throws RunError where that is refused */
export function deleteFile(path: string): void {
  withFile("delete", path, () => rmSync(path, { force: true }));
}

/** Makes a folder and those above it, where they are missing, so that a crash does not lose them. @throws RunError */
export function makeFolder(path: string): void {
  withFile("write", path, () => {
    const first = mkdirSync(path, { recursive: true });
    if (first === undefined) return;
    const top = dirname(resolve(first));
    for (let at = dirname(resolve(path)); at.length >= top.length; at = dirname(at)) {
      syncFolder(at);
      if (at === top) break;
    }
  });
}

/** What systems and file systems answer that cannot put a folder on the disk, or do so unasked. */
const unable = new Set(["EPERM", "EACCES", "EISDIR", "EINVAL", "ENOTSUP", "EBADF", "ENOSYS"]);

/** Puts the names in a folder on the disk: a file that was made, renamed or deleted in it stays so after a crash. */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!unable.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
