import { closeSync, existsSync, fstatSync, openSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { RunError, StoppedError } from "@everlearn/contracts";
import { deleteFile, makeFolder, withFile } from "./file.js";
import { createHeartbeat } from "./heartbeat.js";
import { lockName, type Owner, own, ownerOf, stateOf } from "./owner.js";

/** Another process is at work in a folder. */
export class LockedError extends RunError {
  override name = "LockedError";
  /** Whether it cannot be told yet if that process still lives: whoever tries again until the lease is over will know. */
  readonly undecided: boolean;
  constructor(message: string, undecided = false) {
    super(message);
    this.undecided = undecided;
  }
}

/** What lets go of a folder; a second call does nothing. */
export interface Lock {
  (): void;
  /** @throws LockedError where another process took the folder over, because this one seemed dead */
  assertHeld(): void;
}

/** Milliseconds between two signs of life of a lock. */
const BEAT = 30_000;
/**
 * Milliseconds for which a lock, of whose process nothing else is known, must be seen unchanged before it is taken over: several
 * times what a beat takes, and what file servers keep from each other (a minute).
 */
const LEASE = 180_000;
/** Milliseconds between two looks at a lock. */
const LOOK = 1000;

const heartbeat = createHeartbeat(BEAT);
/** The locks of whose processes nothing is known: when each was last touched, and since when by our clock it has not been. */
const watched = new Map<string, { readonly touched: number; readonly since: number; readonly beats: boolean }>();

/**
 * Keeps other processes out of a folder, which is made where it is missing, until it is let go of or this process ends.
 * A lock is an empty file whose name says whose it is, so that it is there whole or not at all, and nobody takes away
 * another's. Whoever comes leaves theirs before they look for others', so that of two who come at once both may be turned
 * away, but never both get in.
 * @param lease milliseconds, see `acquire`
 * @throws LockedError where another process has it, RunError where the folder cannot be written
 */
export function lock(directory: string, lease = LEASE): Lock {
  const name = lockName(own);
  const path = join(directory, name);
  makeFolder(directory);
  assertFree(directory, lease, name);
  withFile("write", directory, () => {
    try {
      closeSync(openSync(path, "wx"));
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? locked(directory, own) : error;
    }
  });
  const release = () => {
    heartbeat.delete(path);
    deleteFile(path);
  };
  try {
    assertFree(directory, lease, name);
  } catch (error) {
    deleteFile(path);
    throw error;
  }
  heartbeat.add(path);
  return Object.assign(release, {
    assertHeld() {
      if (!existsSync(path))
        throw new LockedError(
          `"${directory}" was taken over by another process, since this one gave no sign of life for ${LEASE / 60_000} minutes; go on with --resume when that has ended.`,
        );
    },
  });
}

/** How a lock is waited for. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined;
  /** Called once, with a sentence, where it has to be waited. */
  readonly onWait?: ((sentence: string) => void) | undefined;
  /** Milliseconds (180,000) without a sign of life after which a lock is taken over, of whose process nothing else is known. */
  readonly lease?: number;
}

/**
 * The same, but where it cannot be told whether the owner of a lock still lives, as on another machine, it waits until that
 * gives a sign of life or the lease is over.
 * @throws LockedError where another process has it and lives; StoppedError where the signal aborts
 */
export async function acquire(directory: string, { signal, onWait, lease }: Waiting = {}): Promise<Lock> {
  for (let told = false; ; told = true)
    try {
      return lock(directory, lease);
    } catch (error) {
      if (!(error instanceof LockedError && error.undecided)) throw error;
      if (!told) onWait?.(error.message);
      const pause = Math.min(LOOK, lease ?? LOOK) * (0.5 + Math.random()); // two who wait do not go on in step
      await wait(pause, undefined, { signal }).catch(() => {
        throw new StoppedError();
      });
    }
}

/** Removes the locks of processes that have ended, as far as that can be told at once. */
export function releaseDead(directory: string): void {
  for (const [path, owner] of locksIn(directory)) if (stateOf(owner) === "dead") deleteFile(path);
}

/** Whether a process holds the lock of a folder. Where it cannot be told whether that still lives, it is taken that it does. */
export function isLocked(directory: string): boolean {
  return locksIn(directory).some(([, owner]) => stateOf(owner) !== "dead");
}

function locksIn(directory: string): [path: string, owner: Owner][] {
  return withFile("read", directory, () => readdirSync(directory)).flatMap((name): [string, Owner][] => {
    const owner = ownerOf(name);
    return owner ? [[join(directory, name), owner]] : [];
  });
}

/** Removes the locks of the dead. @param but the name of a lock that does not count @throws LockedError where another is left */
function assertFree(directory: string, lease: number, but: string): void {
  for (const [path, owner] of locksIn(directory)) {
    if (lockName(owner) === but) continue;
    const state = stateOf(owner);
    if (state === "alive") throw locked(directory, owner);
    if (state === "unknown" && !isAbandoned(path, lease)) throw locked(directory, owner, watched.get(path)?.beats);
    deleteFile(path);
    watched.delete(path);
  }
}

/**
 * Whether a lock has not been touched for a lease. When it was touched is compared with nothing but when it was touched at an
 * earlier look, and the time between by our own clock: clocks of other machines may be wrong.
 */
function isAbandoned(path: string, lease: number): boolean {
  const touched = lastTouched(path);
  if (touched === undefined) return true; // it was let go of
  const before = watched.get(path);
  const now = performance.now();
  if (before?.touched !== touched) {
    watched.set(path, { touched, since: now, beats: before !== undefined });
    return false;
  }
  return now - before.since >= lease;
}

/** Undefined where the lock is gone. It is opened, and not only looked at: file servers then tell what is true now. */
function lastTouched(path: string): number | undefined {
  try {
    const file = openSync(path, "r");
    try {
      return fstatSync(file).mtimeMs;
    } finally {
      closeSync(file);
    }
  } catch {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs; // another user's may be looked at only
  }
}

/** @param beats whether the owner is known to live */
function locked(directory: string, owner: Owner, beats = true): LockedError {
  const { pid, host, boot } = owner;
  const here = host === own.host && boot === own.boot;
  const where = !here
    ? ` on ${host.replace(/\.\w+$/, "")}`
    : stateOf(owner) === "unknown"
      ? " of another container"
      : "";
  const lease = beats ? "" : `; it is taken over if that gives no sign of life for ${LEASE / 60_000} minutes`;
  return new LockedError(
    `"${directory}" is in use by process ${pid}${where}: wait until it has ended, or choose another folder with --out${lease}.`,
    !beats,
  );
}
