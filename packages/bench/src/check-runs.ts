import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isSealed, seal, type Sealed, writeFile } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import pMap from "p-map";
import type { Executor } from "./executor.js";
import { type Honesty, isHonest } from "./honesty.js";
import type { BenchReport, CheckEnd, Overview, Running } from "./report.js";
import type { ScheduleOptions } from "./run-cells.js";
import type { Candidate, Entry } from "./suite.js";

/** The number of seeds from which a suite with a protocol is official, so that its runs are checked. */
const officialSeeds = 10;

/** How the runs of a suite are checked for honesty. */
export interface HonestyOptions extends Pick<ScheduleOptions, "out" | "signal" | "onChange" | "onOutput"> {
  readonly jobs: number;
  /** Whether to check; where absent, runs of a suite's protocol on ten seeds or more are. */
  readonly checks?: boolean | undefined;
  /** Hears of runs that were checked in this call. */
  readonly onCheck?: (end: CheckEnd) => void;
}

/** A run of which all cells have results, with the options that it ran with. */
interface CheckedRun {
  readonly entry: Entry;
  readonly candidate: Candidate;
}

type Cells = BenchReport["cells"];

/**
 * Checks the honesty of a suite's runs whose cells all have results, `jobs` at a time, and writes
 * OUT/<name>/checks.json. Runs that were checked before are not checked again.
 */
export async function checkRuns(
  entries: readonly Entry[],
  { cells }: { readonly cells: Cells },
  executor: Executor,
  options: HonestyOptions,
): Promise<{ readonly checks: readonly CheckEnd[]; readonly stopped: boolean }> {
  const { out, jobs, checks, signal, onCheck, onChange } = options;
  const runs = runsToCheck(entries, cells, checks);
  const ends = new Map<CheckedRun, CheckEnd>();
  const running = new Map<CheckedRun, Progress | null>();
  const look = () => overviewOf(entries, cells, running, { ended: ends.size, of: runs.length });
  const progressed = (run: CheckedRun, progress: Progress | null) => {
    running.set(run, progress);
    onChange?.(look);
  };

  for (const run of runs) {
    const honesty = checkedBefore(join(out, run.entry.name), run.candidate.planned.specId);
    if (honesty) ends.set(run, endOf(run.entry.name, honesty, true));
  }
  const waiting = runs.filter((run) => !ends.has(run));
  const check = async (run: CheckedRun): Promise<void> => {
    if (signal?.aborted) return;
    progressed(run, null);
    const end = await checkRun(run, executor, options, (progress) => progressed(run, progress));
    running.delete(run);
    if (!end) return;
    ends.set(run, end);
    onCheck?.(end);
  };
  await pMap(waiting, check, { concurrency: jobs });
  return { checks: runs.flatMap((run) => ends.get(run) ?? []), stopped: ends.size < runs.length };
}

/** The runs that have a result at each of their seeds, and are to be checked. */
function runsToCheck(entries: readonly Entry[], cells: Cells, checks: boolean | undefined): CheckedRun[] {
  return entries.flatMap((entry): CheckedRun[] => {
    const results = cells.flatMap(({ name, result }) => (name === entry.name && result ? [result] : []));
    const candidate = entry.candidates.find(({ planned }) => planned.specId === results[0]?.specId);
    const official = candidate?.planned.spec.protocol !== undefined && entry.seeds.length >= officialSeeds;
    return candidate && results.length === entry.seeds.length && (checks ?? official) ? [{ entry, candidate }] : [];
  });
}

/** @returns undefined where it was stopped */
async function checkRun(
  { entry, candidate }: CheckedRun,
  executor: Executor,
  { out, onOutput }: HonestyOptions,
  onProgress: (progress: Progress) => void,
): Promise<CheckEnd | undefined> {
  const { name } = entry;
  const { request, planned } = candidate;
  mkdirSync(join(out, name), { recursive: true });
  const found = await executor.check(
    { ...request, specId: planned.specId, directory: name },
    { onProgress, onOutput: (line) => onOutput?.(line, name) },
  );
  if (found.status === "stopped") return undefined;
  if (found.status !== "checked") return { name, ...found, earlier: false };
  writeFile(fileIn(join(out, name)), `${JSON.stringify(seal(found.honesty), null, 2)}\n`);
  return endOf(name, found.honesty, false);
}

function overviewOf(
  entries: readonly Entry[],
  cells: Cells,
  running: ReadonlyMap<CheckedRun, Progress | null>,
  checked: NonNullable<Overview["checked"]>,
): Overview {
  return {
    planned: entries.length,
    runs: entries.length,
    ended: cells.length,
    unfinished: cells.filter(({ status }) => status !== "finished").length,
    cells: cells.length,
    running: [...running].map(
      ([{ entry }, progress]): Running => ({ name: entry.name, seed: progress?.seed ?? 0, canary: true, progress }),
    ),
    checked,
    secondsLeft: null,
  };
}

function endOf(name: string, honesty: Honesty, earlier: boolean): CheckEnd {
  return { name, status: isHonest(honesty) ? "honest" : "dishonest", honesty, earlier };
}

const fileIn = (directory: string): string => join(directory, "checks.json");

/** The findings of an earlier check of the same run; undefined where there are none, or they cannot be read. */
function checkedBefore(directory: string, specId: string): Honesty | undefined {
  if (!existsSync(fileIn(directory))) return undefined;
  try {
    const record = JSON.parse(readFileSync(fileIn(directory), "utf8")) as Sealed<Honesty>;
    const { seal: _, ...honesty } = record;
    return isSealed(record) && honesty.specId === specId ? honesty : undefined;
  } catch {
    return undefined;
  }
}
