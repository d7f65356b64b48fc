import { setTimeout as wait } from "node:timers/promises";
import type { Unstarted } from "./status.js";

/** Milliseconds between two attempts at what another process is at. */
const PAUSE = 1000;

/**
 * Asks for something again and again while another process is at it, such as one of another call into the same folder: what that
 * comes to is then found, or done in its place if it ends without.
 * @param onLocked hears once what is waited for
 */
export async function awaitTurn<O extends { readonly status: string }>(
  ask: () => Promise<O | Unstarted>,
  signal: AbortSignal | undefined,
  onLocked: (sentence: string) => void,
): Promise<Exclude<O, { status: "locked" }> | { readonly status: "stopped" }> {
  for (let told = false; ; told = true) {
    const outcome = await ask();
    if (outcome.status !== "locked") return outcome as Exclude<O, { status: "locked" }>;
    if (!told) onLocked((outcome as Extract<Unstarted, { status: "locked" }>).message);
    await wait(PAUSE, undefined, { signal }).catch(() => {});
    if (signal?.aborted) return { status: "stopped" };
  }
}
