import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { RunError } from "@everlearn/contracts";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you have no permission; choose another folder with --out",
  EPERM: "you have no permission; choose another folder with --out",
  EROFS: "the file system is read-only; choose another folder with --out",
  ENOSPC: "the disk is full; free some space and go on with --resume",
  EDQUOT: "your disk quota is used up; free some space and go on with --resume",
  EFBIG: "the file would be larger than the system allows; go on with --resume elsewhere",
  ENOENT: "its folder is gone; choose another one with --out",
  ENOTDIR: "a part of the path is a file; choose another folder with --out",
  EEXIST: "a file is in the way; choose another folder with --out",
  EISDIR: "a folder is in the way; choose another folder with --out",
  EIO: "the device failed; go on with --resume when it works again",
};

/** Reads or writes a file by `act`. The system's errors become messages that name the file and say what to do. */
export function withFile<T>(verb: "read" | "write", path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = reasons[code] ?? `the system says ${code}; choose another folder with --out`;
    throw new RunError(`Cannot ${verb} "${path}": ${reason}.`, { cause: error });
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

/** Replaces the file whole: a crash leaves the old one or the new one. @throws RunError where it cannot be written */
export function writeFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.part`;
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
  });
}
