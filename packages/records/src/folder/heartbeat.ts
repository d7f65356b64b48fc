import { Worker } from "node:worker_threads";

/** Touches files every so often while this process lives, however busy it is. */
export interface Heartbeat {
  add(path: string): void;
  delete(path: string): void;
}

/** Beats from a thread of its own, which does not keep the process from ending. @param milliseconds between two beats */
export function createHeartbeat(milliseconds: number): Heartbeat {
  let thread: Worker | undefined;

  function tell(act: "add" | "delete", path: string): void {
    thread ??= start(milliseconds);
    thread.postMessage({ act, path });
  }

  return { add: (path) => tell("add", path), delete: (path) => tell("delete", path) };
}

function start(milliseconds: number): Worker {
  // From the sources too: a thread needs what is built.
  const entry = new URL("../../dist/folder/beat.js", import.meta.url);
  const thread = new Worker(entry, { workerData: milliseconds, execArgv: [], stdout: false, stderr: false });
  thread.on("error", () => {}); // then others may take the lock over, which its process finds out
  thread.unref();
  return thread;
}
