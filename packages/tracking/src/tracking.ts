import { type ChildProcess, fork } from "node:child_process";
import { setPriority } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Assignment } from "./assignment.js";
import type { Reply, Request } from "./messages.js";
import type { SyncStatus } from "./syncer.js";

/** The trackers of a command's runs cannot be started. */
export class TrackerError extends Error {
  override name = "TrackerError";
}

/** Runs that are shown to their trackers while they train. */
export interface Tracking {
  /**
   * Waits up to half a minute for everything to arrive, then ends the tracker process. A second call gives the same answer.
   * @returns what has not arrived; undefined where everything has
   */
  finish(): Promise<Unsent | undefined>;
}

/** Why a command stopped waiting for its trackers before everything had arrived. */
export interface Unsent {
  readonly reason: "process ended" | "timeout";
  /** As of the last pass; absent where there was none. */
  readonly status?: SyncStatus;
}

/** The most milliseconds that `finish` waits. */
const PATIENCE = 30_000;
/** How far the tracker process yields the processor to training, from 0 to 19. */
const NICE = 10;

// Run from the sources too, since a process needs what is built.
const entry = fileURLToPath(new URL("../dist/tracker-process.js", import.meta.url));

/**
 * Shows the runs in a folder to their trackers while they train: in a process of its own, since training leaves this one
 * no time for anything else. Without an assignment there is no process.
 * @throws TrackerError where a tracker cannot be created, or the process cannot be started
 */
export async function trackRuns(assignments: readonly Assignment[], folder: string): Promise<Tracking> {
  if (assignments.length === 0) return { finish: async () => undefined };
  const child = fork(entry, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
  let status: SyncStatus | undefined;
  const ended = new Promise<"done" | "process ended">((resolve) => {
    child.on("message", (reply: Reply) => {
      if (reply.type === "status") status = reply.status;
      if (reply.type === "done") resolve("done");
    });
    child.on("exit", () => resolve("process ended"));
  });
  await start(child, { type: "start", folder: resolve(folder), assignments });
  keepAlive(child, false);

  async function finish(): Promise<Unsent | undefined> {
    keepAlive(child, true);
    if (child.connected) child.send({ type: "finish" } satisfies Request, () => {}); // it may end at this moment
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<"timeout">((resolve) => {
      timer = setTimeout(resolve, PATIENCE, "timeout" as const);
    });
    const reason = await Promise.race([ended, timeout]);
    clearTimeout(timer);
    child.kill("SIGKILL");
    return reason === "done" ? undefined : { reason, ...(status && { status }) };
  }
  let finished: Promise<Unsent | undefined> | undefined;
  return { finish: () => (finished ??= finish()) };
}

/** Waits until the process has created its trackers. */
async function start(child: ChildProcess, request: Request): Promise<void> {
  child.send(request);
  const refusal = await new Promise<string | undefined>((resolve) => {
    child.on("message", (reply: Reply) => {
      if (reply.type === "ready") resolve(undefined);
      if (reply.type === "refused") resolve(reply.message);
    });
    child.on("error", (error) => resolve(`The tracker process cannot be started: ${error.message}`));
    child.on("exit", () => resolve("The tracker process ended before its trackers were created."));
  });
  if (refusal !== undefined) {
    child.kill("SIGKILL");
    throw new TrackerError(refusal);
  }
  try {
    setPriority(child.pid ?? 0, NICE); // it mostly waits for the network: training comes first
  } catch {
    // Where the system does not allow it, the process has our own priority.
  }
}

/** Whether a child keeps this process from ending by itself. */
function keepAlive(child: ChildProcess, alive: boolean): void {
  const act = alive ? "ref" : "unref";
  child[act]();
  child.channel?.[act]();
}
