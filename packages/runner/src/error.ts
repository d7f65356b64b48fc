import { DivergedError } from "@everlearn/contracts";

/** A run that cannot begin or go on, for a reason that its user can mend; the message is one sentence for them. */
export class RunError extends Error {
  override name = "RunError";

  /** Whether training left the finite numbers, which says nothing of other runs. */
  get diverged(): boolean {
    return this.cause instanceof DivergedError;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you have no permission; choose another folder with --out",
  EPERM: "you have no permission; choose another folder with --out",
  EROFS: "the file system is read-only; choose another folder with --out",
  ENOSPC: "the disk is full; free some space and go on with --resume",
  EDQUOT: "your disk quota is used up; free some space and go on with --resume",
  EFBIG: "the file would be larger than the system allows; go on with --resume elsewhere",
  ENOTDIR: "a part of the path is a file; choose another folder with --out",
  EEXIST: "a file is in the way; choose another folder with --out",
  EISDIR: "a folder is in the way; choose another folder with --out",
  EIO: "the device failed; go on with --resume when it works again",
};

/** Does what `act` does to the file at `path`; the system's refusals become sentences that name it. */
export function withFile<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
    if (reason === undefined) throw error;
    throw new RunError(`Cannot write "${path}": ${reason}.`, { cause: error });
  }
}
