import { existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** The numbers of a process's children; none where there is no /proc. */
export function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  return text === "" ? [] : text.split(" ").map(Number);
}

/** Its children, theirs, and so on. */
export const descendantsOf = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

/** Whether a process still does something: one that was killed stays until somebody asks how it ended. */
export function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  try {
    return !readFileSync(path, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}

/** Waits until none of the processes does anything. */
export async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await wait(10);
}
