import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TrackedRun, Tracker } from "@everlearn/contracts";
import { isLocked, LockedError, lock } from "@everlearn/runner";
import { createReader, type JournalReader, runFolders, traceOf } from "./runs.js";

/** A tracker and the runs that it is for. */
export interface Assignment {
  /** What users know it by. */
  readonly name: string;
  readonly tracker: Tracker;
  /** The runs' names; absent: all runs. */
  readonly runs?: readonly string[] | undefined;
}

/** How things stand after a pass. */
export interface Standing {
  /** How many runs there are. */
  readonly runs: number;
  /** How many things have not arrived, of how many runs. */
  readonly pending: number;
  readonly behind: number;
  readonly problem?: string;
}

/** Shows the runs of a folder to trackers. */
export interface Desk {
  /** Shows what changed since the pass before. `last`: no run is about to start. */
  pass(last: boolean): Promise<Standing>;
  /** Lets go of the runs and of the trackers. */
  close(): Promise<void>;
}

interface Tray {
  readonly reader: JournalReader;
  readonly release: () => void;
  /** For each assignment, at what sight all had arrived. */
  readonly seen: Map<Assignment, string>;
}

/** One process at a time sends a run: it holds the lock of the folder `sync` in the run's folder. */
export function createDesk(folder: string, assignments: readonly Assignment[]): Desk {
  const trays = new Map<string, Tray>();

  /** @throws LockedError where another process sends it */
  function trayOf(directory: string): Tray {
    const known = trays.get(directory);
    if (known) return known;
    const own = join(directory, "sync");
    mkdirSync(own, { recursive: true });
    const tray = { reader: createReader(directory), release: lock(own), seen: new Map<Assignment, string>() };
    trays.set(directory, tray);
    return tray;
  }

  return {
    async pass(last) {
      let [pending, behind] = [0, 0];
      const problems: string[] = [];
      const shown: { run: TrackedRun; name: string; sight: string; tray: Tray }[] = [];
      for (const directory of runFolders(folder))
        try {
          // In this order: what a run leaves behind is there before it lets go of its folder.
          const running = isLocked(directory);
          const sight = `${running} ${traceOf(directory)}`;
          const tray = trayOf(directory);
          const records = tray.reader.read();
          const [start] = records;
          if (start?.type === "start")
            shown.push({ run: { directory, records, running }, name: start.name, sight, tray });
        } catch (error) {
          if (!(error instanceof LockedError)) throw error;
          pending++;
          behind++;
          problems.push(error.message);
        }
      for (const one of assignments) {
        const own = shown.filter(({ name }) => one.runs?.includes(name) ?? true);
        const news = own.filter(({ tray, sight }) => tray.seen.get(one) !== sight);
        if (news.length === 0 && !last) continue;
        const delivery = await one.tracker
          .sync(
            news.map(({ run }) => run),
            { last },
          )
          .catch((error: unknown) => ({ pending: news.length, problem: messageOf(error) }));
        if (delivery.problem !== undefined) problems.push(delivery.problem);
        if (delivery.pending === 0) for (const { tray, sight } of news) tray.seen.set(one, sight);
        else behind += Math.max(1, news.length);
        pending += delivery.pending;
      }
      return { runs: shown.length, pending, behind, ...(problems.length > 0 && { problem: problems[0] }) };
    },
    async close() {
      for (const { release } of trays.values()) release();
      trays.clear();
      for (const { tracker } of assignments) await tracker.dispose?.();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
