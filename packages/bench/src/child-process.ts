import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Exit, exitOf, passLines } from "@everlearn/isolation";
import type { Listener } from "./executor.js";
import type { Message, Reply, Task, WorkerPlaces } from "./messages.js";

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

/** Starts a worker process, which ends when this one does. @returns its end, if that comes before it is ready */
export async function startChild(places: WorkerPlaces): Promise<Child | Exit> {
  // Without our own flags: a debugger's port cannot be shared. NODE_OPTIONS reaches it.
  const child = fork(entry, [], { stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"], execArgv: [] });
  let listener: Listener = {};
  let hear: (reply: Reply | Exit) => void = () => {};
  let used = false;
  let exit: Exit | undefined;
  child.on("disconnect", () => child.kill("SIGKILL")); // who hangs up is of no use any more
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
