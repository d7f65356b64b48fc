import { setImmediate as turn } from "node:timers/promises";
import type { Cell } from "@everlearn/composition";
import { type State, StoppedError } from "@everlearn/contracts";
import {
  type Evaluation,
  initialState,
  keptBytes,
  type LoopEvent,
  type LoopState,
  type Reply,
  type Request,
  respond,
  type Schedule,
  saveParts,
} from "@everlearn/loop";
import { type Checkpoint, type Journal, writeCheckpoint } from "@everlearn/records";
import { createMeter } from "./meter.js";
import type { RunOptions } from "./options.js";
import type { Progress } from "./progress.js";
import { createRecorder } from "./recorder.js";
import { createReporter, type Evaluated } from "./reporter.js";

/** Milliseconds between two reports of progress, when other work of the process gets its turn too. */
const REPORT = 100;

/** A cell to be run, its journal, and the checkpoint that it starts from. */
interface SessionSetup {
  readonly cell: Cell;
  readonly schedule: Schedule;
  readonly evaluation: Evaluation;
  readonly journal: Journal;
  readonly options: RunOptions;
  /** The checkpoint at which an earlier call stopped. */
  readonly from: Checkpoint<LoopState> | undefined;
}

export type Session = ReturnType<typeof createSession>;

/**
 * Runs a cell's learner in this process: answers the loop's requests, and records, reports and checkpoints what
 * happens.
 */
export function createSession({ cell, schedule, evaluation, journal, options, from }: SessionSetup) {
  const { directory, checkpointEvery = 10, signal } = options;
  const { cellId, stream } = cell;
  const total = schedule.examplesUpTo(stream.experiences);
  const state: LoopState = from?.loop ?? initialState();
  const recorder = createRecorder(journal, schedule, state);
  const meter = createMeter(total, from?.losses);
  const began = performance.now();
  let [reported, saved] = [began, began];
  let started = began; // the work that is timed
  let gradients = cell.gradients();
  let measured: Record<string, State> | undefined; // what the parts saved when their bytes were counted

  const seconds = () => (from?.seconds ?? 0) + (performance.now() - began) / 1000;
  const reporter = createReporter(cell, schedule, evaluation, state, seconds, options.onProgress ?? (() => {}));

  function checkpoint(parts = saveParts(cell)): void {
    const circumstances = { cellId, journal: journal.sum(), seconds: seconds() };
    writeCheckpoint(directory, { ...circumstances, loop: state, losses: meter.losses, parts });
    saved = performance.now();
  }

  /** After a batch: its loss and speed to the journal now and then, and a checkpoint where one is due. @throws StoppedError */
  function trained(count: number): void {
    const now = performance.now();
    const elapsed = (now - started) / 1000;
    reporter.trained(count, elapsed);
    const loss = cell.gradients() > gradients ? cell.loss() : undefined;
    const record = meter.trained(count, schedule.examplesUpTo(state.experience, state.index), elapsed, loss);
    if (record) journal.record({ ...record, experience: state.experience });
    if (signal?.aborted) {
      checkpoint();
      throw new StoppedError();
    }
    if (now - saved >= checkpointEvery * 1000) checkpoint();
  }

  function evaluated(event: Evaluated): void {
    reporter.evaluated(event, (performance.now() - started) / 1000);
    if (event.kind === "intermediate") recorder.intermediate(state.intermediate.length - 1);
    else recorder.row(event.kind === "initial" ? null : state.experience);
  }

  return {
    state,
    seconds,
    report: (phase: Progress["phase"]) => reporter.report(phase),
    /** Records again what an earlier call recorded. */
    recordAgain: () => recorder.everything(),
    /** Ends an evaluation that is under way where that was asked for: it is repeated from its beginning. @throws StoppedError */
    stopEvaluation(): void {
      if (signal?.aborted) throw new StoppedError();
    },
    /** Answers a request of the loop. */
    answer(request: Request): Reply {
      if (request.type === "train") {
        started = performance.now();
        gradients = cell.gradients();
      }
      if (request.type !== "measure") return respond(cell, request);
      measured = saveParts(cell);
      return { bytes: keptBytes(measured) };
    },
    /** Keeps what happened. @throws StoppedError where that was asked for */
    hear(event: LoopEvent): void {
      if (event.type === "trained") trained(event.examples);
      else if (event.type === "evaluated") evaluated(event);
      else if (event.type === "experienced") checkpoint(measured);
      else {
        if (event.kind !== "intermediate") reporter.report("evaluating");
        started = performance.now();
      }
    },
    /**
     * Every 100 milliseconds: reports progress, and gives other work of the process its turn. Otherwise it returns
     * undefined.
     */
    pause(phase: Progress["phase"]): Promise<void> | undefined {
      if (performance.now() - reported < REPORT) return undefined;
      reported = performance.now();
      reporter.report(phase);
      return turn();
    },
  };
}
