import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { withFile } from "./file.js";

/** Another process is at work in a folder. */
export class LockedError extends RunError {
  override name = "LockedError";
}

/**
 * Keeps other processes out of a folder, which is made where it is missing, until it is let go of or this process ends.
 * A lock is an empty file whose name says whose it is, so that it is there whole or not at all, and nobody takes away
 * another's: `lock.<pid>.<start>.<host>`. Whoever comes leaves theirs before they look for others', so that of two who
 * come at once both may be turned away, but never both get in.
 * @returns what lets go of it; a second call does nothing
 * @throws LockedError where another process has it, RunError where the folder cannot be written
 */
export function lock(directory: string): () => void {
  const own = `lock.${process.pid}.${startOf(process.pid) ?? 0}.${here}`;
  const path = join(directory, own);
  withFile("write", directory, () => {
    mkdirSync(directory, { recursive: true });
    try {
      closeSync(openSync(path, "wx"));
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? locked(directory, process.pid, here) : error;
    }
  });
  const release = () => rmSync(path, { force: true });
  releaseDead(directory);
  for (const name of readdirSync(directory)) {
    const [, pid, , host] = pattern.exec(name) ?? [];
    if (pid === undefined || name === own) continue;
    release();
    throw locked(directory, Number(pid), host);
  }
  return release;
}

/** Removes the locks of processes of this host that have ended. */
export function releaseDead(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, pid, start, host] = pattern.exec(name) ?? [];
    if (host === here && startOf(Number(pid)) !== start) rmSync(join(directory, name), { force: true });
  }
}

/** Whether a process holds the lock of a folder. On another host's word it is taken that it does. */
export function isLocked(directory: string): boolean {
  return readdirSync(directory).some((name) => {
    const [, pid, start, host] = pattern.exec(name) ?? [];
    return pid !== undefined && (host !== here || startOf(Number(pid)) === start);
  });
}

const pattern = /^lock\.(\d+)\.(\d+)\.(.+)$/;
const here = hostname();

function locked(directory: string, pid: number, host: string): LockedError {
  const where = host === here ? "" : ` on ${host}`;
  const remedy = host === here ? "" : `; where that is gone, delete the file "lock.${pid}…" in it`;
  return new LockedError(
    `"${directory}" is in use by process ${pid}${where}: wait until it has ended, or choose another folder with --out${remedy}.`,
  );
}

/** When a process began, in the system's ticks: with its number it names one process. "0" where the system does not say, undefined where it has ended. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18]; // a killed process stays until its parent asks
  } catch {
    return process.platform !== "linux" && isAlive(pid) ? "0" : undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
