import { inThreads } from "@everlearn/records";
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
  else {
    const written = inThreads(new URL("./thread.js", import.meta.url), batches(drafts), { out });
    for await (const _ of written);
  }
}

function* batches(drafts: readonly RunDraft[]): Generator<readonly RunDraft[]> {
  for (let i = 0; i < drafts.length; i += BATCH) yield drafts.slice(i, i + BATCH);
}
