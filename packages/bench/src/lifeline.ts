// A thread of each worker that lives while the parent lives and no longer, however busy the learner is.
import { Socket } from "node:net";
import { parentPort } from "node:worker_threads";

/** Milliseconds between two looks at the process's memory. */
const LOOK = 50;

let most = Infinity;
const end = () => process.kill(process.pid, "SIGKILL");
const parent = new Socket({ fd: 4 }).on("error", end).on("close", end).resume();
parentPort?.on("message", (memory: number | null) => {
  most = memory ?? Infinity;
});
const look = setInterval(() => {
  const bytes = process.memoryUsage.rss();
  if (bytes <= most) return;
  clearInterval(look);
  parent.write(String(bytes), end);
}, LOOK);
