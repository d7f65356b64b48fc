const elsewhere = "choose another folder with --out";

/** What the system's errors mean, and what to do, as the end of a sentence about a file. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: `you have no permission; ${elsewhere}`,
  EPERM: `you have no permission; ${elsewhere}`,
  EROFS: `the file system is read-only; ${elsewhere}`,
  ENOSPC: "the disk is full; free some space and go on with --resume",
  EDQUOT: "your disk quota is used up; free some space and go on with --resume",
  EFBIG: "the file would be larger than the system allows; go on with --resume elsewhere",
  ENOENT: `its folder is gone; ${elsewhere}`,
  ENOTDIR: `a part of the path is a file; ${elsewhere}`,
  EEXIST: `a file is in the way; ${elsewhere}`,
  EISDIR: `a folder is in the way; ${elsewhere}`,
  ERR_FS_EISDIR: `a folder is in the way; ${elsewhere}`,
  ENOTEMPTY: `a folder that is not empty is in the way; ${elsewhere}`,
  ENXIO: `a pipe or a device is in the way; ${elsewhere}`,
  EIO: "the device failed; go on with --resume when it works again",
  ESTALE: "the file server has lost it; go on with --resume when it works again",
  EBUSY: "another program has it open; go on with --resume when it is closed",
  ETXTBSY: "another program has it open; go on with --resume when it is closed",
  EMFILE: "too many files are open; raise the limit (ulimit -n) and go on with --resume",
  ENFILE: "too many files are open on this machine; close some programs and go on with --resume",
  ENOMEM: "the system has no memory left; close some programs and go on with --resume",
  ENAMETOOLONG: `the path is longer than the system allows; ${elsewhere}`,
  ELOOP: `the links in the path lead in a circle; ${elsewhere}`,
  ERR_INVALID_ARG_VALUE: `the path has a character in it that no path may have, NUL; ${elsewhere}`,
};

/** The same where somebody else's file is only read. */
const ofReading: Readonly<Record<string, string>> = {
  EACCES: "you have no permission",
  EPERM: "you have no permission",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is a file",
  EISDIR: "it is a folder",
  ENXIO: "it is a pipe or a device",
  EIO: "the device failed",
  ESTALE: "the file server has lost it",
  EBUSY: "another program has it open",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
  ENFILE: "too many files are open on this machine; close some programs",
  ENOMEM: "the system has no memory left",
  ENAMETOOLONG: "the path is longer than the system allows",
  ELOOP: "the links in the path lead in a circle",
  ERR_INVALID_ARG_VALUE: "the path has a character in it that no path may have, NUL",
};

const unnamed = (code: string): string => `the system gives ${code} as the reason`;

/** Why a file of a run cannot be read, written or deleted, and what to do: the end of a sentence without its full stop. */
export function reasonOf(code: string): string {
  return reasons[code] ?? `${unnamed(code)}; ${elsewhere}`;
}

/** Why a file that somebody named cannot be read: the end of a sentence without its full stop. */
export function readingReasonOf(error: unknown): string {
  if (error instanceof UnreadableError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : (ofReading[code] ?? unnamed(code));
}

/** A file that the system would hand over, but that is none of ours; the message is the end of a sentence. */
export class UnreadableError extends Error {
  override name = "UnreadableError";
}
