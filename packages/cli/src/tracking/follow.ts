import { fork } from "node:child_process";
import { setPriority } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunSpec } from "@everlearn/host";
import { err } from "../color.js";
import { Failure } from "../failure.js";
import { displayPath } from "../display-path.js";
import type { Standing } from "./desk.js";
import { type Order, ordersOf } from "./orders.js";
import { behindOf } from "./send.js";

/** What the background process is asked: to show the runs in a folder to trackers. */
export interface Errand {
  readonly folder: string;
  readonly orders: readonly Order[];
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

/**
 * Starts to show the runs of specs, in the folder where their results go, to their trackers: in a process of its own,
 * since training leaves no room for anything else in this one.
 * @throws Failure where a tracker cannot be made
 */
export async function follow(specs: readonly RunSpec[], folder: string): Promise<Following> {
  const orders = ordersOf(specs);
  if (orders.length === 0) return { async end() {} };
  const child = fork(entry, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
  let standing: Standing | undefined;
  const ended = new Promise<"done" | "died">((resolve) => {
    child.on("message", (word: Word) => {
      if (word.type === "standing") standing = word.standing;
      if (word.type === "done") resolve("done");
    });
    child.on("exit", () => resolve("died"));
  });
  child.send({ folder: resolve(folder), orders } satisfies Errand);
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
    const command = `everlearn sync ${folder}${specsToName(specs)}`;
    if (how !== "done") process.stderr.write(`${err.red("everlearn:")} ${unsent(how, standing, command)}\n`);
  }
  return {
    end: () => (over ??= end()),
  };
}

function unsent(how: "died" | "late", standing: Standing | undefined, command: string): string {
  const what = standing ? behindOf(standing) : "Nothing was sent to the trackers";
  const why = standing?.problem ?? (how === "died" ? "their process ended early." : "it takes too long.");
  return `${what}: ${why}\nNothing is lost: the journals hold it all. Send what is missing with: ${command}`;
}

/** No journal says a tracker's options: whoever syncs later names the specs again, where they give some. */
function specsToName(specs: readonly RunSpec[]): string {
  const given = specs.filter(({ trackers }) => trackers.some((choice) => Object.keys(choice).length > 1));
  const files = new Set(
    given.flatMap(({ source }) => (source === undefined ? [] : [displayPath(resolve(source.file))])),
  );
  return files.size === 0 ? "" : ` --spec ${[...files].join(" ")}`;
}
