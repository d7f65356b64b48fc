import { join } from "node:path";
import { type Delivery, RunError, type TrackedRun, type Tracker } from "@everlearn/contracts";
import { createJournalReader, isLocked, LockedError, lock, receiptIn, runFiles, runFolders } from "@everlearn/records";
import { fingerprint } from "./fingerprint.js";

/** A tracker and the runs that it is for. */
export interface AssignedTracker {
  readonly tracker: Tracker;
  /** The names of the runs; absent: all runs. */
  readonly runs?: readonly string[] | undefined;
}

/** How much of a folder's runs has reached their trackers. */
export interface SyncStatus {
  /** How many runs were read. */
  readonly runs: number;
  /** How many values and files have not arrived. */
  readonly pending: number;
  /** How many runs these belong to. */
  readonly incomplete: number;
  /** Why they have not arrived: a sentence for the user. */
  readonly problem?: string;
  /** Present where another process may be sending a run, and will be known to have ended after some more passes. */
  readonly undecided?: true;
}

/** Shows the runs in a folder to trackers, again and again while the runs go on. */
export interface Syncer {
  /** Shows the trackers every run that has changed since they last took it all. `last`: no other run will start. */
  pass(last: boolean): Promise<SyncStatus>;
  /** Lets go of the runs and disposes of the trackers. */
  close(): Promise<void>;
}

/** A run that this process has locked for sending. */
interface OpenRun {
  readonly reader: ReturnType<typeof createJournalReader>;
  readonly release: () => void;
  /** The run's fingerprint when each tracker last had all of it. */
  readonly synced: Map<Tracker, string>;
}

const remedy = `nothing of this run is sent. Delete the journal, and ${runFiles.result} beside it, and --resume makes both again.`;

/** A run as one pass finds it. */
interface Snapshot {
  readonly name: string;
  readonly run: TrackedRun;
  readonly fingerprint: string;
  readonly synced: OpenRun["synced"];
}

/** Only one process at a time sends a run: the one that holds the lock of the folder `sync` in the run's folder. */
export function createSyncer(folder: string, trackers: readonly AssignedTracker[]): Syncer {
  const openRuns = new Map<string, OpenRun>();

  /** @throws LockedError where another process sends the run */
  function open(directory: string): OpenRun {
    const known = openRuns.get(directory);
    if (known) return known;
    const own = join(directory, "sync");
    const run = { reader: createJournalReader(directory), release: lock(own), synced: new Map<Tracker, string>() };
    openRuns.set(directory, run);
    return run;
  }

  /** @throws LockedError where another process sends the run, RunError where a file of it is damaged */
  function snapshot(directory: string): Snapshot | undefined {
    // In this order: whatever a run leaves behind is there before it releases its lock.
    const running = isLocked(directory);
    const seen = `${running} ${fingerprint(directory)}`;
    const { reader, synced } = open(directory);
    const known = [...synced.values()].includes(seen);
    const receipt = known ? undefined : receiptIn(directory);
    const records = reader.read();
    if (reader.damage !== undefined) throw new RunError(`${reader.damage}; ${remedy}`);
    if (receipt?.journal !== undefined && reader.sums.at(-1) !== receipt.journal)
      throw new RunError(
        `"${join(directory, runFiles.journal)}" is not the journal of which ${runFiles.result} beside it has the checksum; ${remedy}`,
      );
    const [start] = records;
    if (start?.type !== "start") return undefined;
    return { name: start.name, run: { directory, records, running }, fingerprint: seen, synced };
  }

  /** The runs in the folder, and what is to be said of those that are damaged, or that another process sends. */
  function snapshots(): { found: Snapshot[]; unsent: RunError[] } {
    const found: Snapshot[] = [];
    const unsent: RunError[] = [];
    for (const directory of runFolders(folder))
      try {
        found.push(...[snapshot(directory) ?? []].flat());
      } catch (error) {
        if (!(error instanceof RunError)) throw error;
        unsent.push(error);
      }
    return { found, unsent };
  }

  return {
    async pass(last) {
      const { found, unsent } = snapshots();
      const problems = unsent.map(({ message }) => message);
      let [pending, incomplete] = [unsent.length, unsent.length];
      for (const { tracker, runs } of trackers) {
        const assigned = runs === undefined ? found : found.filter(({ name }) => runs.includes(name));
        const changed = assigned.filter(({ fingerprint: now, synced }) => synced.get(tracker) !== now);
        if (changed.length === 0 && !last) continue;
        const delivery = await deliver(tracker, changed, last);
        if (delivery.problem !== undefined) problems.push(delivery.problem);
        if (delivery.pending === 0) for (const { fingerprint: now, synced } of changed) synced.set(tracker, now);
        else incomplete += Math.max(1, changed.length);
        pending += delivery.pending;
      }
      const undecided = unsent.some((error) => error instanceof LockedError && error.undecided);
      return {
        ...{ runs: found.length, pending, incomplete },
        ...(problems.length > 0 && { problem: problems[0] }),
        ...(undecided && { undecided }),
      };
    },
    async close() {
      for (const { release } of openRuns.values()) release();
      openRuns.clear();
      for (const { tracker } of trackers) await tracker.dispose?.();
    },
  };
}

/** Where a tracker throws, none of the runs has arrived. */
async function deliver(tracker: Tracker, changed: readonly Snapshot[], last: boolean): Promise<Delivery> {
  const runs = changed.map(({ run }) => run);
  try {
    return await tracker.sync(runs, { last });
  } catch (error) {
    return { pending: runs.length, problem: error instanceof Error ? error.message : String(error) };
  }
}
