import { fork } from "node:child_process";
import { setPriority } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Choice, RunSpec } from "@everlearn/host";
import { err } from "../color.js";
import { Failure } from "../failure.js";
import { home } from "../home.js";
import type { Standing } from "./desk.js";
import { behindOf } from "./send.js";

/** What the background process is asked: to show the runs in a folder to trackers. */
export interface Order {
  readonly folder: string;
  readonly trackers: readonly { readonly choice: Choice; readonly from: readonly string[]; readonly runs: string[] }[];
}

/** What it answers. */
export type Word =
  | { readonly type: "ready" }
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "standing"; readonly standing: Standing }
  | { readonly type: "done" };

/** Runs that are shown to their trackers while they go on. */
export interface Following {
  /**
   * Waits, for half a minute at most, until all has arrived; then says what has not, and how to send it. A second call
   * does nothing.
   */
  end(): Promise<void>;
}

/** Milliseconds that a command waits in the end. */
const PATIENCE = 30_000;
/** How much less of the processor's time the background process asks for, from 0 to 19. */
const NICE = 10;

// From the folder of sources too: a process needs what is built.
const entry = fileURLToPath(new URL("../../dist/tracking/courier.js", import.meta.url));

/** A command's runs also go to a tracker that it names. */
export function trackedBy(specs: readonly RunSpec[], names: readonly string[] = []): readonly RunSpec[] {
  return specs.map((spec) => {
    const more = names.filter((name) => !spec.trackers.some(({ use }) => use === name)).map((use) => ({ use }));
    return { ...spec, trackers: [...spec.trackers, ...more] };
  });
}

/**
 * Starts to show the runs of specs, in the folder where their results go, to their trackers: in a process of its own,
 * since training leaves no room for anything else in this one.
 * @throws Failure where a tracker cannot be made
 */
export async function follow(specs: readonly RunSpec[], folder: string): Promise<Following> {
  const trackers = ordersOf(specs);
  if (trackers.length === 0) return { async end() {} };
  const child = fork(entry, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
  let standing: Standing | undefined;
  const ended = new Promise<"done" | "died">((resolve) => {
    child.on("message", (word: Word) => {
      if (word.type === "standing") standing = word.standing;
      if (word.type === "done") resolve("done");
    });
    child.on("exit", () => resolve("died"));
  });
  child.send({ folder: resolve(folder), trackers } satisfies Order);
  const refusal = await new Promise<string | undefined>((resolve) => {
    child.on("message", (word: Word) => {
      if (word.type === "ready") resolve(undefined);
      if (word.type === "refused") resolve(word.message);
    });
    child.on("error", (error) => resolve(`The trackers' process cannot be started: ${error.message}`));
    child.on("exit", () => resolve("The trackers' process ended before it began."));
  });
  if (refusal !== undefined) {
    child.kill("SIGKILL");
    throw new Failure(refusal);
  }
  try {
    setPriority(child.pid ?? 0, NICE); // it waits for the network most of the time: training comes first
  } catch {
    // Where the system does not let us, it is as urgent as we are.
  }
  child.unref();
  child.channel?.unref();

  let over: Promise<void> | undefined;
  async function end(): Promise<void> {
    child.ref();
    child.channel?.ref();
    if (child.connected) child.send("finish", () => {});
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, PATIENCE, "late" as const);
    });
    const how = await Promise.race([ended, late]);
    clearTimeout(timer);
    child.kill("SIGKILL");
    if (how !== "done") process.stderr.write(`${err.red("everlearn:")} ${unsent(how, standing, folder)}\n`);
  }
  return {
    end: () => (over ??= end()),
  };
}

function unsent(how: "died" | "late", standing: Standing | undefined, folder: string): string {
  const what = standing ? behindOf(standing) : "Nothing was sent to the trackers";
  const why = standing?.problem ?? (how === "died" ? "their process ended early." : "it takes too long.");
  return `${what}: ${why}\nNothing is lost: the journals hold it all. Send what is missing with: everlearn sync ${folder}`;
}

/** Each tracker once for all runs that use it with the same options. */
function ordersOf(specs: readonly RunSpec[]): Order["trackers"] {
  const orders = new Map<string, Order["trackers"][number]>();
  for (const { name, trackers, source } of specs)
    for (const choice of trackers) {
      const from = [dirname(resolve(source?.file ?? ".")), process.cwd(), home];
      const key = JSON.stringify([choice, from]);
      const order = orders.get(key) ?? { choice, from, runs: [] };
      order.runs.push(name);
      orders.set(key, order);
    }
  return [...orders.values()];
}
