import { type ChildProcess, fork } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Listener } from "./executor.js";
import type { Message, Reply, Task, WorkerPlaces } from "./messages.js";

/** The end of a process that did not answer. */
export interface Exit {
  readonly type: "exited";
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
  /** The bytes of memory that it had when it ended itself for exceeding its limit. */
  readonly memory?: number;
}

/** The answer to a task, or the end of its process. */
export type Answer = Exclude<Reply, { type: "ready" | "progress" }> | Exit;

/** A worker process. */
export interface Child {
  readonly type: "alive";
  /** Whether it has been asked anything yet. */
  readonly used: boolean;
  /** Has a task done. The next may be asked for once this one is answered. */
  ask(task: Task, listener: Listener): Promise<Answer>;
  /** Asks it to stop its task. */
  stop(): void;
  /** Kills it, and waits until it has ended. */
  kill(): Promise<void>;
}

// From the folder of sources too, where tests run: a process needs what is built.
const entry = fileURLToPath(new URL("../dist/worker.js", import.meta.url));

/** The number of characters of standard error that are kept. */
const KEPT = 16_384;
/** Milliseconds for which output of a process that has ended is waited for: its own children may hold its pipes. */
const FINAL_OUTPUT = 1000;
/** The first lines of V8's report when it gives up, which is long and meant for its developers. */
const fatal = /^(?:<--- Last few GCs|FATAL ERROR|#$)/;

/** Starts a worker process, which ends when this one does. @returns its end, if that comes before it is ready */
export async function startChild(places: WorkerPlaces): Promise<Child | Exit> {
  // Without our own flags: a debugger's port cannot be shared. NODE_OPTIONS reaches it.
  const child = fork(entry, [], { stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"], execArgv: [] });
  let listener: Listener = {};
  let hear: (reply: Reply | Exit) => void = () => {};
  let used = false;
  let exit: Exit | undefined;
  const dead = exitOf(child).then((how) => {
    exit = how;
    hear(how);
    return how;
  });
  for (const stream of [child.stdout, child.stderr]) if (stream) passLines(stream, (line) => listener.onOutput?.(line));
  child.on("message", (reply: Reply) => hear(reply));

  const started = await new Promise<Reply | Exit>((resolve) => {
    hear = resolve;
  });
  if (started.type === "exited") return started;
  const send = (message: Message) => {
    if (child.connected) child.send(message, () => {}); // where it has just ended, that is the answer
  };
  send({ type: "places", places });
  return {
    type: "alive",
    get used() {
      return used;
    },
    ask(task, listening) {
      used = true;
      listener = listening;
      return new Promise((resolve) => {
        if (exit) return resolve(exit);
        hear = (reply) => {
          if (reply.type === "progress") listener.onProgress?.(reply.progress);
          else if (reply.type !== "ready") resolve(reply);
        };
        send(task);
      });
    },
    stop: () => send({ type: "stop" }),
    async kill() {
      child.kill("SIGKILL");
      await dead;
    },
  };
}

function exitOf(child: ChildProcess): Promise<Exit> {
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
    let how: Pick<Exit, "code" | "signal"> = { code: null, signal: null };
    const end = () => resolve({ type: "exited", ...how, stderr, ...(memory === "" ? {} : { memory: Number(memory) }) });
    child.on("error", (error) => {
      stderr += error.message;
      if (child.pid === undefined) end(); // it did not even start
    });
    child.on("disconnect", () => child.kill("SIGKILL")); // who hangs up is of no use any more
    child.on("exit", (code, signal) => {
      how = { code, signal };
      setTimeout(end, FINAL_OUTPUT).unref();
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
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(-KEPT);
    lines.forEach(passLine);
  });
  stream.on("end", () => passLine(rest));
}
