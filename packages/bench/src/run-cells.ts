import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { makeFolder, type Sealed, type Tuned, writeSealed } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import { awaitTurn } from "./await-turn.js";
import { endingIn, endingOf, officialCells, type SuiteCell, trialCells } from "./cell.js";
import { createEstimates, type Estimates } from "./estimates.js";
import type { Executor } from "./executor.js";
import { type CellQueue, createQueue } from "./queue.js";
import type { BenchReport, CellEnd, CellResult, Overview, Refusal } from "./report.js";
import { type CellEnding, type CellOutcome, clearStatus, writeStatus } from "./status.js";
import type { Entry } from "./suite.js";
import { chooseOptions } from "./tuning.js";

/** Options of a suite's cells: where their results go, how they are stopped, and who is told of them. */
export interface ScheduleOptions {
  /** The folder for results: OUT/<name>/seed-<n>/; for those of a search OUT/tuning/<name>/<point>/seed-<n>/. */
  readonly out: string;
  /** Seconds of work between checkpoints within an experience (10). */
  readonly checkpointEvery?: number | undefined;
  /** The source's commit, to be recorded. */
  readonly commit?: string | undefined;
  /** Once aborted, all cells stop at a checkpoint; a later call goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each cell that ends in this call. */
  readonly onEnd?: (end: CellEnd) => void;
  /** Called often, whenever something has changed. `look` gives an overview, which costs nothing until it is called. */
  readonly onChange?: (look: () => Overview) => void;
  /** Called with each line that plugins write, and the name of their run. */
  readonly onOutput?: (line: string, name: string) => void;
}

/**
 * Runs the cells that have no result yet, `jobs` at a time, those that take longest first.
 * @throws RunError where a folder holds others' results or cannot be written
 */
export async function runCells(
  entries: readonly Entry[],
  executor: Executor,
  options: ScheduleOptions & { readonly jobs: number },
): Promise<Omit<BenchReport, "checks">> {
  const suite = createSuiteRun(entries, options);
  suite.begin();
  const { jobs, signal, onChange } = options;
  await new Promise<void>((resolve, reject) => {
    const due = () => (suite.running() < jobs && !signal?.aborted ? suite.take() : undefined);
    const fill = () => {
      for (let cell = due(); cell; cell = due()) runCell(suite, cell, executor, options).then(fill, reject);
      onChange?.(suite.overview);
      if (suite.running() === 0) resolve();
    };
    fill();
  });
  return suite.report();
}

type SuiteRun = ReturnType<typeof createSuiteRun>;

async function runCell(suite: SuiteRun, cell: SuiteCell, executor: Executor, options: ScheduleOptions): Promise<void> {
  const { candidate, trial, entry, specId, seed, tuning } = cell;
  const { checkpointEvery, commit, signal, onChange } = options;
  const onOutput = (line: string) => options.onOutput?.(line, entry.name);
  const { spec, folder } = candidate.request;
  // What a result shows as its seeds are those on which it is compared.
  const seeds = trial && entry.tuning ? entry.tuning.search.seeds : spec.seeds;
  const directory = cell.path;
  const request = { spec: { ...spec, seeds }, folder, specId, seed, directory, checkpointEvery, commit, tuning };
  const onProgress = (progress: Progress) => {
    suite.progressed(cell, progress);
    onChange?.(suite.overview);
  };
  const ask = () => executor.run(request, { onProgress, onOutput });
  suite.ended(cell, await awaitTurn(ask, signal, onOutput));
}

/** The state of a suite's cells: which wait, which run, and how the others ended. */
interface Progression {
  readonly estimates: Estimates;
  readonly queue: CellQueue;
  readonly running: Map<SuiteCell, Progress | null>;
  readonly ends: Map<SuiteCell, CellEnd>;
}

function createSuiteRun(
  entries: readonly Entry[],
  { out, jobs, signal, onEnd }: ScheduleOptions & { readonly jobs: number },
) {
  const estimates = createEstimates();
  const progression: Progression = { estimates, queue: createQueue(estimates), running: new Map(), ends: new Map() };
  const { queue, running, ends } = progression;
  const refused: Refusal[] = [];
  const choices: Tuned[] = [];
  /** In the suite's order. */
  const official = new Map<Entry, readonly SuiteCell[]>();
  const trials = new Map<Entry, readonly SuiteCell[]>();

  /**
   * Adds cells to the suite: those without a result to the queue. @throws RunError where a folder holds others' results
   */
  function add(cells: readonly SuiteCell[]): void {
    for (const [cell, ending] of earlierEndings(cells))
      if (ending) conclude(cell, ending, true);
      else queue.add(cell);
  }

  function conclude(cell: SuiteCell, ending: CellEnding, earlier: boolean): void {
    const end = endOf(cell, ending, earlier);
    if (end.result) {
      estimates.ended(cell, end.result.seconds);
      queue.update(cell);
    }
    ends.set(cell, end);
    if (!earlier) onEnd?.(end);
  }

  /** Chooses a run's options when all its trials have ended. */
  function choose(entry: Entry): void {
    const tried = trials.get(entry) ?? [];
    if (!entry.tuning || !tried.every((cell) => ends.has(cell)) || official.get(entry)?.length !== 0) return;
    try {
      const choice = chooseAmong(entry, tried, ends, out);
      choices.push(choice);
      const cells = officialCells(entry, entry.candidates[choice.chosen], out, choice.seal);
      official.set(entry, cells);
      add(cells);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      refused.push({ name: entry.name, message: error.message });
    }
  }

  const ended = (cells: Iterable<readonly SuiteCell[]>) => [...cells].flat().flatMap((cell) => ends.get(cell) ?? []);
  return {
    /** Finds out what has ended before. @throws RunError where a folder holds others' results */
    begin(): void {
      for (const entry of entries) {
        official.set(entry, entry.tuning ? [] : officialCells(entry, entry.candidates[0], out));
        trials.set(entry, trialCells(entry, out));
      }
      add([...trials.values(), ...official.values()].flat());
      for (const entry of entries) choose(entry);
    },
    running: () => running.size,
    take(): SuiteCell | undefined {
      const cell = queue.take();
      if (cell) running.set(cell, null);
      return cell;
    },
    progressed(cell: SuiteCell, progress: Progress): void {
      running.set(cell, progress);
      if (progress.secondsLeft === null) return;
      // The queue asks for it whenever it is asked: a cell of this spec runs.
      estimates.predicted(cell, progress.seconds + progress.secondsLeft);
    },
    ended(cell: SuiteCell, outcome: Exclude<CellOutcome, { status: "locked" }>): void {
      running.delete(cell);
      queue.release(cell);
      if (outcome.status === "stopped") {
        queue.add(cell);
        return;
      }
      conclude(cell, endingOf(cell, outcome), false);
      choose(cell.entry);
    },
    overview: () => overviewOf(progression, entries, jobs),
    report: (): Omit<BenchReport, "checks"> => ({
      cells: ended(official.values()),
      trials: ended(trials.values()),
      choices,
      refused,
      stopped: signal?.aborted === true && queue.size > 0,
    }),
  };
}

function overviewOf(progression: Progression, entries: readonly Entry[], jobs: number): Overview {
  const { queue, running, ends } = progression;
  const all = [...ends.values()];
  const runs = entries.reduce((sum, { candidates }) => sum + candidates.length, 0);
  return {
    planned: runs,
    runs,
    ended: all.length,
    unfinished: all.filter(({ status }) => status !== "finished").length,
    cells: all.length + queue.size + running.size,
    running: [...running].map(([{ entry, seed, trial }, progress]) => ({
      name: entry.name,
      seed,
      ...(trial && { trial: trial.options }),
      progress,
    })),
    checked: null,
    secondsLeft: secondsLeft(progression, jobs),
  };
}

/**
 * Estimates the seconds left: all work divided by the jobs, but no less than the longest cell takes. Null where nothing
 * is known yet.
 */
function secondsLeft({ queue, running, estimates }: Progression, jobs: number): number | null {
  const waiting = queue.expected();
  if (waiting === null) return null;
  let { sum, longest } = waiting;
  for (const [cell, progress] of running) {
    const seconds = progress?.secondsLeft ?? estimates.expected(cell);
    if (seconds === null) return null;
    sum += seconds;
    longest = Math.max(longest, seconds);
  }
  return Math.max(longest, sum / jobs);
}

/** Reads the results in the cells' folders; of one that is damaged it is told. @throws RunError where one holds others' results */
function earlierEndings(cells: readonly SuiteCell[]): [SuiteCell, CellEnding | undefined][] {
  const problems: string[] = [];
  const found = cells.flatMap((cell): [SuiteCell, CellEnding | undefined][] => {
    try {
      return [[cell, endingIn(cell)]];
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  if (problems.length > 0) throw new RunError(problems.join("\n"));
  return found;
}

/** Reports the end of a cell, and writes its status where it has no result. */
function endOf(cell: SuiteCell, ending: CellEnding, earlier: boolean): CellEnd {
  const { entry, seed, directory, trial } = cell;
  const whose = { name: entry.name, seed, directory, ...(trial && { trial: trial.options }), earlier };
  if (!("result" in ending)) {
    if (ending.status !== "damaged") writeStatus(directory, ending.status, ending.message);
    return { ...whose, status: ending.status, message: ending.message };
  }
  clearStatus(directory);
  const { predictions: _, ...result } = ending.result;
  const { status, message } = result;
  return { ...whose, status, result, ...(message === undefined ? {} : { message }) };
}

/**
 * Chooses the options with the best trials, and writes the choice, sealed, to tuning.json. @returns it
 * @throws RunError where a trial has no result
 */
function chooseAmong(
  { name, tuning, candidates, trials }: Entry,
  tried: readonly SuiteCell[],
  ends: ReadonlyMap<SuiteCell, CellEnd>,
  out: string,
): Sealed<Tuned> {
  const failing = tried.filter((cell) => !ends.get(cell)?.result);
  if (failing.length > 0 || !tuning)
    throw new RunError(
      `${failing.length} of the ${tried.length} trials of ${name} have no result, so its options cannot be chosen yet.`,
    );
  const { search, points } = tuning;
  const results = points.map((point) =>
    tried.filter((cell) => cell.trial === point).map((cell) => ends.get(cell)?.result as CellResult),
  );
  const withIds = points.map((point, i) => ({
    ...point,
    specId: candidates[i].planned.specId,
    trialSpecId: trials[i].planned.specId,
  }));
  const choice = chooseOptions(withIds, results, { name, search });
  makeFolder(join(out, name));
  writeSealed(join(out, name, "tuning.json"), choice);
  return choice;
}
