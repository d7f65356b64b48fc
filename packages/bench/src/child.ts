import { type ChildProcess, fork } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Progress } from "@everlearn/runner";
import type { Reply, Request } from "./message.js";

/** How a process ended that should have answered. */
export interface Death {
  readonly type: "died";
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
  /** The bytes of memory for which it ended itself. */
  readonly memory?: number;
}

export type Answer = Exclude<Reply, { type: "ready" | "progress" }> | Death;

/** Who hears a process while it works. */
export interface Listener {
  /** Hears how far its cell is. */
  readonly onProgress?: (progress: Progress) => void;
  /** Hears each line that plugins write. */
  readonly onOutput?: (line: string) => void;
}

/** A worker process. */
export interface Child {
  readonly type: "alive";
  /** Whether it has been asked anything yet. */
  readonly used: boolean;
  /** Asks for one thing, and the next only when that is answered. */
  ask(request: Request, listener: Listener): Promise<Answer>;
  /** Asks it to stop what it does. */
  stop(): void;
  /** Ends it at once. @returns when it has ended */
  kill(): Promise<void>;
}

// From the folder of sources too, where tests run: a process needs what is built.
const entry = fileURLToPath(new URL("../dist/worker.js", import.meta.url));

/** How much of standard error is kept, in characters. */
const KEPT = 16_384;
/** Milliseconds for which what a dead process wrote is waited for: its own children may hold its pipes. */
const LAST_WORDS = 1000;
/** With these begins what V8 says when it gives up: much, and for its own developers. */
const fatal = /^(?:<--- Last few GCs|FATAL ERROR|#$)/;

/** Starts a worker process, which ends when this one does. @returns how it died, where it did so before it was ready */
export async function startChild(): Promise<Child | Death> {
  // Without our own flags: a debugger's port cannot be shared. NODE_OPTIONS reaches it.
  const child = fork(entry, [], { stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"], execArgv: [] });
  let listener: Listener = {};
  let hear: (reply: Reply | Death) => void = () => {};
  let used = false;
  let death: Death | undefined;
  const dead = deathOf(child).then((how) => {
    death = how;
    hear(how);
    return how;
  });
  for (const stream of [child.stdout, child.stderr]) if (stream) passLines(stream, (line) => listener.onOutput?.(line));
  child.on("message", (reply: Reply) => hear(reply));

  const started = await new Promise<Reply | Death>((resolve) => {
    hear = resolve;
  });
  if (started.type === "died") return started;
  const send = (request: Request) => {
    if (child.connected) child.send(request, () => {}); // where it has just died, its death is the answer
  };
  return {
    type: "alive",
    get used() {
      return used;
    },
    ask(request, listening) {
      used = true;
      listener = listening;
      return new Promise((resolve) => {
        if (death) return resolve(death);
        hear = (reply) => {
          if (reply.type === "progress") listener.onProgress?.(reply.progress);
          else if (reply.type !== "ready") resolve(reply);
        };
        send(request);
      });
    },
    stop: () => send({ type: "stop" }),
    async kill() {
      child.kill("SIGKILL");
      await dead;
    },
  };
}

function deathOf(child: ChildProcess): Promise<Death> {
  let stderr = "";
  let memory = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-KEPT);
  });
  (child.stdio[4] as Duplex)
    .setEncoding("utf8")
    .on("data", (text: string) => (memory += text))
    .on("error", () => {}); // it ends with the process
  return new Promise((resolve) => {
    let how: Pick<Death, "code" | "signal"> = { code: null, signal: null };
    const end = () => resolve({ type: "died", ...how, stderr, ...(memory === "" ? {} : { memory: Number(memory) }) });
    child.on("error", (error) => {
      stderr += error.message;
      if (child.pid === undefined) end(); // it did not even start
    });
    child.on("disconnect", () => child.kill("SIGKILL")); // who hangs up is of no use any more
    child.on("exit", (code, signal) => {
      how = { code, signal };
      setTimeout(end, LAST_WORDS).unref();
    });
    child.on("close", end);
  });
}

function passLines(stream: Readable, pass: (line: string) => void): void {
  let rest = "";
  let dying = false;
  const passLine = (line: string) => {
    dying ||= fatal.test(line);
    if (!dying && line.trim() !== "") pass(line);
  };
  stream.setEncoding("utf8").on("data", (text: string) => {
    const whole = (rest + text).split("\n");
    rest = (whole.pop() ?? "").slice(-KEPT);
    whole.forEach(passLine);
  });
  stream.on("end", () => passLine(rest));
}
