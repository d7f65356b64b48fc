// The entry point of the tracker process: shows the runs in a folder to their trackers while the runs go on.
import { setTimeout as wait } from "node:timers/promises";
import { createTrackers } from "./assignment.js";
import type { Reply, Request } from "./messages.js";
import { type AssignedTracker, createSyncer } from "./syncer.js";

/** Milliseconds between two passes, and the most after passes that failed. */
const PAUSE = 1000;
const LONGEST = 10_000;

// A terminal sends its signals to every process of a command; this one ends when its parent says so.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
process.on("disconnect", () => process.exit()); // the journals still hold whatever was not sent
let finishing = false;
let pause = new AbortController();
process.on("message", (request: Request) => {
  if (request.type === "start") void track(request);
  else {
    finishing = true;
    pause.abort();
  }
});

function reply(message: Reply): void {
  process.send?.(message);
}

async function track({ folder, assignments }: Extract<Request, { type: "start" }>): Promise<void> {
  let trackers: AssignedTracker[];
  try {
    trackers = await createTrackers(assignments);
  } catch (error) {
    reply({ type: "refused", message: error instanceof Error ? error.message : String(error) });
    return;
  }
  reply({ type: "ready" });
  const syncer = createSyncer(folder, trackers);
  for (let failures = 0; ; ) {
    const last = finishing;
    const status = await syncer.pass(last);
    reply({ type: "status", status });
    if (last && status.pending === 0) break;
    failures = status.problem === undefined ? 0 : failures + 1;
    if (finishing && !last) continue;
    pause = new AbortController();
    const milliseconds = Math.min(PAUSE * 2 ** failures, finishing ? PAUSE : LONGEST);
    await wait(milliseconds, undefined, { signal: pause.signal }).catch(() => {}); // "finish" cuts it short
  }
  await syncer.close();
  reply({ type: "done" });
}
