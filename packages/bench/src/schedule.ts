import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Progress, RunError, writeFile } from "@everlearn/runner";
import { officialCells, resultIn, type SuiteCell, trialCells } from "./cell.js";
import { createEstimates } from "./estimates.js";
import { writeHeatMap } from "./heat-map.js";
import type { CellResult } from "./message.js";
import type { Pool } from "./pool.js";
import type { BenchReport, CellEnd, Overview, Refusal } from "./report.js";
import { clearStatus, type Ending, writeStatus } from "./status.js";
import type { Entry } from "./suite.js";
import { chosen } from "./tuning.js";

/** Where cells go, how many at once, and who hears of them. */
export interface ScheduleOptions {
  /** Where results go: OUT/<name>/seed-<n>/, those of a search OUT/tuning/<name>/<point>/seed-<n>/. */
  readonly out: string;
  /** Seconds of work between checkpoints within an experience (10). */
  readonly checkpointEvery?: number | undefined;
  /** The source's commit, to be recorded. */
  readonly commit?: string | undefined;
  /** Once aborted, all cells stop at a checkpoint; a later call goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of cells that came to an end in this call. */
  readonly onEnd?: (end: CellEnd) => void;
  /** Hears often that something changed; `look` says where all is, and costs nothing until it is called. */
  readonly onChange?: (look: () => Overview) => void;
  /** Hears each line that plugins write, and of which run. */
  readonly onOutput?: (line: string, name: string) => void;
}

/**
 * Runs the cells of planned runs that have no result yet, so many at once, those that take longest first.
 * @throws RunError where a folder holds others' results or cannot be written
 */
export async function runCells(
  entries: readonly Entry[],
  pool: Pool,
  options: ScheduleOptions & { readonly jobs: number },
): Promise<Omit<BenchReport, "checks">> {
  const { out, jobs, checkpointEvery, commit, signal, onEnd, onChange, onOutput } = options;
  const estimates = createEstimates();
  const waiting = new Set<SuiteCell>();
  const running = new Map<SuiteCell, Progress | null>();
  const ends = new Map<SuiteCell, CellEnd>();
  const refused: Refusal[] = [];
  /** In the suite's order. */
  const official = new Map<Entry, readonly SuiteCell[]>();
  const trials = new Map<Entry, readonly SuiteCell[]>();

  function add(cells: readonly SuiteCell[]): void {
    const problems: string[] = [];
    for (const cell of cells)
      try {
        const result = resultIn(cell);
        if (result) conclude(cell, { status: result.status, result }, true);
        else waiting.add(cell);
      } catch (error) {
        if (!(error instanceof RunError)) throw error;
        problems.push(error.message);
      }
    if (problems.length > 0) throw new RunError(problems.join("\n"));
  }

  /** Keeps how a cell ended, on the disk too. */
  function conclude(cell: SuiteCell, ending: Exclude<Ending, { status: "stopped" }>, earlier: boolean): void {
    const { entry, seed, directory, trial } = cell;
    const whose = { name: entry.name, seed, directory, ...(trial && { trial: trial.options }), earlier };
    if ("result" in ending) {
      const { status, result } = ending;
      const { message } = result;
      estimates.ended(cell, result.seconds);
      clearStatus(directory);
      if (earlier) writeHeatMap(directory, result); // a crash may have come between the two
      ends.set(cell, { ...whose, status, result, ...(message === undefined ? {} : { message }) });
    } else {
      writeStatus(directory, ending.status, ending.message);
      ends.set(cell, { ...whose, ...ending });
    }
  }

  /** Chooses a run's options when all its trials have ended. */
  function settle(entry: Entry): void {
    const tried = trials.get(entry) ?? [];
    const { tuning, name, candidates } = entry;
    if (!tuning || !tried.every((cell) => ends.has(cell)) || official.get(entry)?.length !== 0) return;
    const failing = tried.filter((cell) => !ends.get(cell)?.result);
    if (failing.length > 0) {
      const message = `${failing.length} of the ${tried.length} trials of ${name} came to no result, so that its options are not chosen yet.`;
      refused.push({ name, message });
      return;
    }
    const { search, points } = tuning;
    const results = points.map((point) =>
      tried.filter((cell) => cell.trial === point).map((cell) => ends.get(cell)?.result as CellResult),
    );
    const withIds = points.map((point, i) => ({ ...point, specId: candidates[i].planned.specId }));
    const choice = chosen(withIds, results, { name, search });
    mkdirSync(join(out, name), { recursive: true });
    writeFile(join(out, name, "tuning.json"), `${JSON.stringify(choice, null, 2)}\n`);
    const cells = officialCells(entry, candidates[choice.chosen], out);
    official.set(entry, cells);
    try {
      add(cells);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      refused.push({ name, message: error.message });
    }
  }

  /** Which cell is next: one of which nobody knows how long it takes, then the longest. */
  function next(): SuiteCell | undefined {
    const probed = new Set([...running.keys()].map(({ specId }) => specId));
    const urgency = (cell: SuiteCell) =>
      estimates.measured(cell) ?? (probed.has(cell.specId) ? (estimates.expected(cell) ?? 0) : Infinity);
    let [best, most]: [SuiteCell | undefined, number] = [undefined, -1];
    for (const cell of waiting) {
      const seconds = urgency(cell);
      if (seconds < most || (seconds === most && best && cell.examples <= best.examples)) continue;
      [best, most] = [cell, seconds];
    }
    return best;
  }

  /** All shared out among the processes; but none is done before its longest cell is. */
  function secondsLeft(): number | null {
    let [sum, longest] = [0, 0];
    for (const cell of [...running.keys(), ...waiting]) {
      const seconds = running.get(cell)?.secondsLeft ?? estimates.expected(cell);
      if (seconds === null) return null;
      sum += seconds;
      longest = Math.max(longest, seconds);
    }
    return Math.max(longest, sum / jobs);
  }

  function overview(): Overview {
    const all = [...ends.values()];
    const runs = entries.reduce((sum, { candidates }) => sum + candidates.length, 0);
    return {
      planned: runs,
      runs,
      ended: all.length,
      unfinished: all.filter(({ status }) => status !== "finished").length,
      cells: all.length + waiting.size + running.size,
      running: [...running].map(([{ entry, seed, trial }, progress]) => ({
        name: entry.name,
        seed,
        ...(trial && { trial: trial.options }),
        progress,
      })),
      checked: null,
      secondsLeft: secondsLeft(),
    };
  }

  async function run(cell: SuiteCell): Promise<void> {
    const { candidate, trial, entry, specId, seed, directory } = cell;
    const { spec, ...where } = candidate.request;
    // What a result shows as its seeds are those on which it is compared.
    const seeds = trial && entry.tuning ? entry.tuning.search.seeds : spec.seeds;
    const request = { spec: { ...spec, seeds }, ...where, specId, seed, directory, checkpointEvery, commit };
    const onProgress = (progress: Progress) => {
      running.set(cell, progress);
      if (progress.secondsLeft !== null) estimates.foretold(cell, progress.seconds + progress.secondsLeft);
      onChange?.(overview);
    };
    const ending = await pool.run(request, { onProgress, onOutput: (line) => onOutput?.(line, entry.name) });
    running.delete(cell);
    if (ending.status === "stopped") {
      waiting.add(cell);
      return;
    }
    // Whatever came to its process after the result was safe.
    const result = "result" in ending || ending.status === "failed" ? undefined : resultIn(cell);
    conclude(cell, result ? { status: result.status, result } : ending, false);
    const end = ends.get(cell);
    if (end) onEnd?.(end);
    settle(entry);
  }

  for (const entry of entries) {
    const cells = entry.tuning ? [] : officialCells(entry, entry.candidates[0], out);
    official.set(entry, cells);
    trials.set(entry, trialCells(entry, out));
  }
  add([...trials.values(), ...official.values()].flat());
  for (const entry of entries) settle(entry);

  await new Promise<void>((resolve, reject) => {
    const due = () => (running.size < jobs && !signal?.aborted ? next() : undefined);
    const fill = () => {
      for (let cell = due(); cell; cell = due()) {
        waiting.delete(cell);
        running.set(cell, null);
        run(cell).then(fill, reject);
      }
      onChange?.(overview);
      if (running.size === 0) resolve();
    };
    fill();
  });

  const ended = (cells: Iterable<readonly SuiteCell[]>) => [...cells].flat().flatMap((cell) => ends.get(cell) ?? []);
  return {
    cells: ended(official.values()),
    trials: ended(trials.values()),
    refused,
    stopped: signal?.aborted === true && waiting.size > 0,
  };
}
