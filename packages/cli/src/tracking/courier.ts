// What a background process runs: it shows a command's runs to its trackers while they go on.
import { setTimeout as wait } from "node:timers/promises";
import { type Assignment, createDesk } from "./desk.js";
import type { Errand, Word } from "./follow.js";
import { assignmentsOf } from "./orders.js";

/** Milliseconds between two passes, and the longest after passes that failed. */
const PAUSE = 1000;
const LONGEST = 10_000;

// A terminal tells all processes of a command to stop; here the parent says when.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
process.on("disconnect", () => process.exit()); // what is not sent stays in the journals
let finishing = false;
let wake = new AbortController();
process.on("message", (message: Errand | "finish") => {
  if (message !== "finish") void work(message);
  else {
    finishing = true;
    wake.abort();
  }
});

function tell(word: Word): void {
  process.send?.(word);
}

async function work({ folder, orders }: Errand): Promise<void> {
  let assignments: Assignment[];
  try {
    assignments = await assignmentsOf(orders);
  } catch (error) {
    tell({ type: "refused", message: error instanceof Error ? error.message : String(error) });
    return;
  }
  tell({ type: "ready" });
  const desk = createDesk(folder, assignments);
  for (let failures = 0; ; ) {
    const last = finishing;
    const standing = await desk.pass(last);
    tell({ type: "standing", standing });
    if (last && standing.pending === 0) break;
    failures = standing.problem === undefined ? 0 : failures + 1;
    if (finishing && !last) continue;
    wake = new AbortController();
    const pause = Math.min(PAUSE * 2 ** failures, finishing ? PAUSE : LONGEST);
    await wait(pause, undefined, { signal: wake.signal }).catch(() => {}); // woken
  }
  await desk.close();
  tell({ type: "done" });
}
