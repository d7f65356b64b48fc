import { randomInt } from "node:crypto";
import { join } from "node:path";
import type { Check } from "@everlearn/composition";
import { RunError } from "@everlearn/contracts";
import { checker, makeFolder, readSealed, receiptIn, type Sealed, writeSealed } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import pMap from "p-map";
import { awaitTurn } from "./await-turn.js";
import type { Executor } from "./executor.js";
import { checkedResult } from "./honesty/trial.js";
import { type Honesty, isHonest } from "./honesty.js";
import type { BenchReport, CheckEnd, Overview, Running } from "./report.js";
import type { CheckRequest } from "./request.js";
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
  /** The result that the checks' own runs are compared with. */
  readonly result: CheckRequest["result"];
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
  const { out, jobs, checks, signal, onCheck, onChange, onOutput } = options;
  const runs = runsToCheck(entries, cells, checks);
  const ends = new Map<CheckedRun, CheckEnd>();
  const running = new Map<CheckedRun, Progress | null>();
  const look = () => overviewOf(entries, cells, running, { ended: ends.size, of: runs.length });
  const progressed = (run: CheckedRun, progress: Progress | null) => {
    running.set(run, progress);
    onChange?.(look);
  };

  for (const run of runs) {
    const { name } = run.entry;
    const honesty = checkedBefore(join(out, name), run.candidate.planned.specId, (line) => onOutput?.(line, name));
    if (honesty) ends.set(run, endOf(name, honesty, true));
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
    const ended = cells.flatMap(({ name, result, directory }) =>
      name === entry.name && result ? [{ result, directory }] : [],
    );
    const candidate = entry.candidates.find(({ planned }) => planned.specId === ended[0]?.result.specId);
    const official = candidate?.planned.spec.protocol !== undefined && entry.seeds.length >= officialSeeds;
    if (!candidate || ended.length !== entry.seeds.length || !(checks ?? official)) return [];
    const finished = ended.filter(({ result }) => result.status === "finished");
    const among = finished.length > 0 ? finished : ended;
    const { result, directory } = among[randomInt(among.length)]; // no learner knows at which seed it must behave
    const { predictions } = receiptIn(directory) ?? {};
    return [{ entry, candidate, result: checkedResult({ ...result, ...(predictions && { predictions }) }) }];
  });
}

/** @returns undefined where it was stopped */
async function checkRun(
  { entry, candidate, result }: CheckedRun,
  executor: Executor,
  { out, signal, ...options }: HonestyOptions,
  onProgress: (progress: Progress) => void,
): Promise<CheckEnd | undefined> {
  const { name } = entry;
  const { request, planned } = candidate;
  const onOutput = (line: string) => options.onOutput?.(line, name);
  const checkRequest = { ...request, specId: planned.specId, result, directory: name };
  const found = await awaitTurn(() => executor.check(checkRequest, { onProgress, onOutput }), signal, onOutput);
  if (found.status === "stopped") return undefined;
  if (found.status !== "checked") return { name, ...found, earlier: false };
  writeChecks(join(out, name), found.honesty);
  return endOf(name, found.honesty, false);
}

/** Writes the findings of a run's honesty checks, sealed, into its folder: `checks.json`. */
export function writeChecks(directory: string, honesty: Honesty): void {
  makeFolder(directory);
  writeSealed(fileIn(directory), honesty);
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

const kind = (fields: object) => ({
  type: "object",
  required: ["passed", ...Object.keys(fields)],
  properties: { passed: { type: "boolean" }, ...fields },
});
const number = { type: "number" };
const numberOrNull = { type: ["number", "null"] };
const numbers = { type: "array", items: number };

/** What is read of findings that were written before. */
const findingsSchema = {
  type: "object",
  required: ["specId", "canary", "resume", "batches", "stream", "taskLabels"],
  properties: {
    specId: { type: "string" },
    canary: kind({ seed: number, secret: number, taught: numberOrNull, untaught: numberOrNull, tolerance: number }),
    resume: kind({ seed: number, stoppedAfter: numberOrNull, digests: { type: "array" } }),
    batches: kind({ sizes: numbers, queries: number }),
    stream: kind({ sha256: { type: "array" } }),
    taskLabels: kind({ granted: { type: "string" }, handed: { type: "object" } }),
  },
};
let findingsCheck: Check | undefined;

const fileIn = (directory: string): string => join(directory, "checks.json");

/** The findings of an earlier check of the same run; undefined where there are none that can be believed, and then it is said why. */
function checkedBefore(directory: string, specId: string, say: (line: string) => void): Honesty | undefined {
  const path = fileIn(directory);
  let sealed: Sealed<object> | null | undefined;
  try {
    sealed = readSealed(path);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    sealed = null; // such as a folder or a pipe
  }
  if (sealed === undefined) return undefined;
  if (sealed === null) {
    say(`"${path}" is damaged or was edited: its seal does not match. The run is checked again.`);
    return undefined;
  }
  const { seal: _, ...found } = sealed as unknown as Honesty & { readonly seal: string };
  findingsCheck ??= checker(findingsSchema, "field");
  if (found.specId === specId && findingsCheck(found, "").length === 0) return found;
  say(`"${path}" is of another spec, or of another version of everlearn. The run is checked again.`);
  return undefined;
}
