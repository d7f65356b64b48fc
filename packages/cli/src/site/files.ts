import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type RunDraft, runPage, type Site } from "@everlearn/leaderboard";
import { write } from "./write.js";

/** Pages that a thread is sent at once, and from how many on there are threads. */
const BATCH = 50;
const MANY = 1000;

/** Writes all of a site's files; where there are many runs, their pages in threads. @throws RunError where one cannot be written */
export async function writeSite(site: Site, out: string): Promise<void> {
  const drafts: RunDraft[] = [];
  for (const one of site.drafts())
    if ("run" in one) drafts.push(one);
    else write(out, one);
  if (drafts.length < MANY) for (const draft of drafts) write(out, runPage(draft));
  else await Promise.all(Array.from({ length: availableParallelism() }, () => drawn(drafts, out)));
}

/** Has a thread of its own draw what nobody else took. */
async function drawn(drafts: RunDraft[], out: string): Promise<void> {
  const thread = new Worker(new URL("./thread.js", import.meta.url), { workerData: { out } });
  try {
    for (let batch = drafts.splice(-BATCH); batch.length > 0; batch = drafts.splice(-BATCH)) {
      thread.postMessage(batch);
      await once(thread, "message"); // or its error, which is thrown here
    }
  } finally {
    await thread.terminate();
  }
}
