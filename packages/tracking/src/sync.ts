import { setTimeout as wait } from "node:timers/promises";
import { type AssignedTracker, createSyncer, type SyncStatus } from "./syncer.js";

/** How many passes in a row may bring nothing over, and the milliseconds between two passes. */
const ATTEMPTS = 3;
const PAUSE = 1000;

/**
 * Sends trackers whatever they do not have yet of the runs in a folder, for as long as that makes progress, or it is not known
 * yet whether another process sends one of them, and disposes
 * of the trackers. @returns the status when it ended
 */
export async function syncRuns(folder: string, trackers: readonly AssignedTracker[]): Promise<SyncStatus> {
  const syncer = createSyncer(folder, trackers);
  try {
    for (let [failures, fewest] = [0, Infinity]; ; ) {
      const status = await syncer.pass(true);
      failures = status.pending < fewest ? 0 : failures + 1;
      fewest = Math.min(fewest, status.pending);
      if (status.pending === 0 || (failures >= ATTEMPTS && !status.undecided)) return status;
      await wait(PAUSE);
    }
  } finally {
    await syncer.close();
  }
}
