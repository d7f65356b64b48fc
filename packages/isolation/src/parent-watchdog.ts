// A thread of each worker process: ends it when its parent has ended, however busy the learner is, or when it takes too much
// memory, and with it the processes that it has started.
import { Socket } from "node:net";
import { parentPort } from "node:worker_threads";
import { treeUsage } from "./descendants.js";

/** Milliseconds between two looks at the process's memory. */
const LOOK = 50;

const end = () => {
  try {
    process.kill(-process.pid, "SIGKILL"); // its group, where it leads one
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
};
const parent = new Socket({ fd: 4 }).on("error", end).on("close", end).resume();
let looking: NodeJS.Timeout | undefined;

/** Receives the most bytes of memory that the process may have; null: no limit. */
parentPort?.on("message", (most: number | null) => {
  clearInterval(looking);
  if (most === null) return;
  looking = setInterval(() => {
    const bytes = treeUsage(process.pid)?.bytes ?? process.memoryUsage.rss();
    if (bytes <= most) return;
    clearInterval(looking);
    parent.write(String(bytes), end);
  }, LOOK);
});
