import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { DivergedError, type Example, type Glance, type State } from "@everlearn/contracts";
import { npy } from "@everlearn/formats";
import type { Cell } from "@everlearn/host";
import { bytesOf } from "./bytes.js";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { BudgetError, RunError } from "./error.js";
import { type Answers, createEvaluation, type Evaluation } from "./evaluation.js";
import { openJournal } from "./journal.js";
import { writeFile } from "./file.js";
import { lock, releaseDead } from "./lock.js";
import { createMeter } from "./meter.js";
import { metrics as usualMetrics } from "./metrics.js";
import { Pace, type Progress } from "./progress.js";
import { digestOf, environment, packed, type Result, readResult, writeResult } from "./result.js";
import { createSchedule, type Schedule } from "./schedule.js";
import { WEIGHTS } from "./weights.js";

/** Where a run's files go, and how it is stopped, resumed and watched. */
export interface RunOptions {
  /** Where `journal.jsonl`, `checkpoint.bin` and `result.json` go; made where it is missing. */
  readonly directory: string;
  /** Go on where an earlier call for the same cell stopped. */
  readonly resume?: boolean;
  /** Seconds of work after which a checkpoint is written in the middle of an experience (10); 0: after every batch. */
  readonly checkpointEvery?: number;
  /** Once aborted, the run throws a StoppedError: in training at a checkpoint after the batch under way. */
  readonly signal?: AbortSignal;
  /** Hears some ten times a second how far the run is. */
  readonly onProgress?: (progress: Progress) => void;
  /** The source's commit, to be recorded. */
  readonly commit?: string | undefined;
}

/** The run was stopped on request; resumed, it goes on from its last checkpoint. */
export class StoppedError extends Error {
  override name = "StoppedError";
  constructor() {
    super("The run was stopped; go on with resume.");
  }
}

const CHECKPOINT = "checkpoint.bin";

/** Milliseconds between two looks at the world: progress, requests to stop. */
const LOOK = 100;

/**
 * Trains a cell's learner on its stream, experience by experience, evaluates it before the first and after each, and
 * records everything. A run stopped at any moment and resumed gives the same digest as one that was not. One that
 * diverges or uses more than its suite's budget has a result too, which says so.
 * @throws RunError where the folder holds another run or an unfinished one (without `resume`) or cannot be written, the
 * spec's evaluation does not fit its stream, or the learner failed; LockedError where another process runs in it
 */
export async function run(cell: Cell, options: RunOptions): Promise<Result> {
  const { directory } = options;
  const finished = readResult(directory, cell);
  if (finished !== undefined) {
    tidy(directory);
    return finished;
  }
  const schedule = createSchedule(cell);
  const release = lock(directory);
  try {
    return await runAlone(cell, schedule, options);
  } finally {
    release();
  }
}

/** Takes away what a crash left beside a result, since it came before the run's end: a checkpoint, the lock of who is gone. */
export function tidy(directory: string): void {
  rmSync(join(directory, CHECKPOINT), { force: true });
  releaseDead(directory);
}

async function runAlone(cell: Cell, schedule: Schedule, options: RunOptions): Promise<Result> {
  const { directory, resume = false, checkpointEvery = 10, signal, onProgress = () => {}, commit } = options;
  const { name, seed, spec, specId, cellId, plugins, checksum } = cell;
  const { batchSize, stream, scenario, learner, network } = cell;
  const journalPath = join(directory, "journal.jsonl");
  const checkpointPath = join(directory, CHECKPOINT);

  if (!resume && existsSync(journalPath)) {
    openJournal(journalPath, cellId).close(); // says so where it is another run's
    throw new RunError(
      `"${directory}" holds a run that was not finished; go on with --resume, or choose another folder with --out.`,
    );
  }
  const from = resume ? readCheckpoint(checkpointPath, cellId) : undefined;

  const { tasks, unit } = schedule;
  /** The examples of the first so many experiences, and `more`. */
  const upTo = (experiences: number, more = 0) =>
    schedule.lengths.slice(0, experiences).reduce((sum, length) => sum + length, more);
  const total = upTo(stream.experiences);
  const { gradientsPerExample = Infinity, bytes: mostBytes = Infinity } = spec.protocol?.budget ?? {};
  const mostGradients = gradientsPerExample * total;
  const { evaluate, glance, questions, chance } = createEvaluation(stream, scenario, seed, cell.evaluation.examples);
  /** What is asked about in the rows of R from this one on. */
  const questionsFrom: number[] = [0];
  for (let row = stream.experiences - 1; row >= 0; row--)
    questionsFrom.unshift(questionsFrom[0] + questions(schedule.rowAfter(row)));
  const pace = new Pace();
  const meter = createMeter(total, from?.losses);
  let experience = from?.experience ?? 0;
  let index = from?.index ?? 0;
  let initial: readonly number[] = from?.initial ?? [];
  let predictions = from?.predictions ?? new Uint16Array();
  let bytes = from?.bytes ?? 0;
  const taskLabels = { ...(from?.taskLabels ?? { training: 0, test: 0, boundaries: 0 }) };
  let latest: number[] = [];
  const come = new Set(from?.come);
  const accuracy = [...(from?.accuracy ?? [])];
  const glances = [...(from?.glances ?? [])];
  for (const [part, state] of Object.entries(from?.parts ?? {})) cell.parts[part].load(state);
  let examples = upTo(experience, index);

  const journal = openJournal(journalPath, cellId);

  const began = performance.now();
  const seconds = () => (from?.seconds ?? 0) + (performance.now() - began) / 1000;
  let looked = began;
  let saved = began;

  /** Records R[after], or b. */
  function recordRow(after: number | null, accuracy: readonly (number | null)[]): void {
    journal.record({ type: "evaluation", after, examples: after === null ? 0 : upTo(after + 1), accuracy });
  }

  function recordGlance({ experience, examples, accuracy }: Glance): void {
    journal.record({ type: "glance", experience, examples, accuracy });
  }

  /** What a checkpoint knows is in the journal already, unless the user moved a damaged journal away. */
  function recordAgain(): void {
    for (let row = 0; row <= accuracy.length; row++) {
      for (const glance of glances) if (glance.experience === row) recordGlance(glance);
      if (row < accuracy.length) recordRow(row, accuracy[row]);
    }
  }

  /** Records that the learner failed. @returns the error that says where */
  function failure(where: string, cause: unknown): RunError {
    const message = `${name}, seed ${seed}, ${where}: ${cause instanceof Error ? cause.message : String(cause)}`;
    journal.record({ type: "failed", message });
    return new RunError(message, { cause });
  }

  function save(): Record<string, State> {
    return Object.fromEntries(Object.entries(cell.parts).map(([part, stateful]) => [part, stateful.save()]));
  }

  function checkpoint(parts = save()): void {
    const place = { cellId, experience, index, come: [...come], seconds: seconds(), losses: meter.losses };
    const state: Checkpoint = { ...place, accuracy, initial, glances, predictions, bytes, taskLabels, parts };
    writeCheckpoint(checkpointPath, state);
    saved = performance.now();
  }

  function report(phase: Progress["phase"]): void {
    onProgress({
      name,
      seed,
      phase,
      experience: Math.min(experience, stream.experiences - 1),
      experiences: stream.experiences,
      unit,
      examples,
      total,
      examplesPerSecond: pace.examplesPerSecond,
      seconds: seconds(),
      secondsLeft: pace.secondsLeft(total - examples, questionsFrom[accuracy.length]),
      accuracy: latest.length > 0 ? latest.reduce((sum, a) => sum + a, 0) / latest.length : null,
    });
  }

  /** Lets the world in now and then: signals, timers. */
  function pause(phase: Progress["phase"]): Promise<void> | undefined {
    if (performance.now() - looked < LOOK) return undefined;
    looked = performance.now();
    report(phase);
    return turn();
  }

  /** What the learner answers about these tasks, and how many seconds that took. */
  async function asked(ask: Evaluation["evaluate"], about: readonly number[]): Promise<Answers & { took: number }> {
    const start = performance.now();
    const answers = await ask(learner, about, () => {
      // An evaluation is repeated from its beginning, after what came between it and the checkpoint before it.
      if (signal?.aborted) throw new StoppedError();
      return pause("evaluating");
    }).catch((error: unknown) => {
      throw error instanceof StoppedError ? error : failure(`evaluation after ${examples} examples`, error);
    });
    taskLabels.test += answers.labelled;
    latest = answers.accuracy.filter((a, task): a is number => a !== null && come.has(task));
    return { ...answers, took: (performance.now() - start) / 1000 };
  }

  async function evaluated(about: readonly number[]): Promise<(number | null)[]> {
    report("evaluating");
    const answers = await asked(evaluate, about);
    pace.evaluated(questions(about), answers.took);
    predictions = answers.predictions;
    return answers.accuracy;
  }

  async function glanced(): Promise<void> {
    const { accuracy, took } = await asked(glance, [...come]);
    pace.glanced(took);
    glances.push({ examples, experience, accuracy });
    recordGlance(glances[glances.length - 1]);
  }

  async function train(): Promise<void> {
    const source = stream.train(experience);
    while (index < source.length) {
      // Here and not after the batch: there a run may stop, and a checkpoint be written that does not know of it.
      if (schedule.glanceAt(index)) await glanced();
      const start = performance.now();
      const batch: Example[] = [];
      for (const end = Math.min(index + batchSize, source.length); index < end; index++) {
        const task = source.task(index);
        come.add(task);
        const example = scenario.example(task, source.input(index), source.label(index));
        if (example.task !== undefined) taskLabels.training++;
        batch.push(example);
      }
      const before = cell.gradients();
      try {
        learner.observe(batch);
        if (cell.gradients() > mostGradients) throw new BudgetError(cell.gradients(), mostGradients, "gradients");
      } catch (error) {
        throw failure(`${unit} ${experience}, example ${index - batch.length}`, error);
      }
      examples += batch.length;
      const now = performance.now();
      pace.trained(batch.length, (now - start) / 1000);
      const loss = cell.gradients() > before ? network.loss : undefined;
      const training = meter.trained(batch.length, examples, (now - start) / 1000, loss);
      if (training) journal.record({ ...training, experience });
      if (signal?.aborted) {
        checkpoint();
        throw new StoppedError();
      }
      if (now - saved >= checkpointEvery * 1000) checkpoint();
      await pause("training");
    }
    if (!stream.boundaries || scenario.taskLabels === "never") return;
    taskLabels.boundaries++;
    try {
      learner.endTask?.();
    } catch (error) {
      throw failure(`end of ${unit} ${experience}`, error);
    }
  }

  /** All there is to say at the end, but how it ended. */
  const account = () => ({
    ...{ name, seed, specId, cellId, spec, plugins, checksum, chance, taskLabels },
    ...{ accuracy, initial, tasks, glances, gradients: cell.gradients(), bytes },
    ...{ examples, seconds: seconds(), ...(commit === undefined ? {} : { commit }) },
    environment: { ...environment(), ...cell.environment },
  });

  function ended(result: Result): Result {
    rmSync(checkpointPath, { force: true });
    report("finished");
    return result;
  }

  try {
    const source = { plugins, checksum, tasks, ...(commit === undefined ? {} : { commit }) };
    journal.record({ type: "start", name, specId, cellId, seed, spec, ...source });
    // All tasks are asked about: none is null.
    if (initial.length === 0) initial = (await evaluated(schedule.rowAfter(stream.experiences - 1))) as number[];
    recordRow(null, initial);
    recordAgain();
    while (experience < stream.experiences) {
      await train();
      accuracy.push(await evaluated(schedule.rowAfter(experience)));
      recordRow(experience, accuracy[experience]);
      const parts = save();
      bytes = Math.max(bytes, bytesOf([parts.network, parts.buffer ?? null, parts.learner]));
      if (bytes > mostBytes)
        throw failure(`${unit} ${experience}`, new BudgetError(bytes, mostBytes, "bytes of state"));
      experience++;
      index = 0;
      checkpoint(parts);
    }
    const evaluations = account();
    const metrics = Object.fromEntries(
      Object.entries({ ...usualMetrics, ...cell.metrics }).map(([key, metric]) => [key, metric(evaluations)]),
    );
    // JSON has no such numbers, and the bits of a NaN differ between machines.
    for (const [key, value] of Object.entries(metrics))
      if (value !== null && !Number.isFinite(value))
        throw failure(`metric ${key}`, new RangeError(`it is ${value}; answer a finite number, or null.`));
    const theta = network.theta.toArray();
    if (!theta.every((value) => Number.isFinite(value))) throw failure("the end", new DivergedError(Number.NaN));
    const digest = digestOf(theta, accuracy, predictions, glances);
    writeFile(join(directory, WEIGHTS), npy(theta));
    journal.record({ type: "end", metrics, digest });
    const found = { status: "finished", metrics, predictions: packed(predictions), digest } as const;
    return ended(writeResult(directory, { ...account(), ...found }));
  } catch (error) {
    const status = error instanceof RunError ? error.verdict : undefined;
    if (status === undefined) throw error;
    const { message } = error as RunError;
    return ended(writeResult(directory, { ...account(), status, message, metrics: {} }));
  } finally {
    journal.close();
  }
}
