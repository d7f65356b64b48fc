// A thread that draws runs' pages and writes them, as many at once as it is sent.
import { parentPort, workerData } from "node:worker_threads";
import { type RunDraft, runPage } from "@everlearn/leaderboard";
import { write } from "./write.js";

const { out } = workerData as { out: string };
parentPort?.on("message", (drafts: readonly RunDraft[]) => {
  for (const draft of drafts) write(out, runPage(draft));
  parentPort?.postMessage(null);
});
