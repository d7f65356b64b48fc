import { setImmediate as turn } from "node:timers/promises";
import type { Cell } from "@everlearn/composition";
import { type State, StoppedError } from "@everlearn/contracts";
import {
  createEvaluation,
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
import { Pace, type Progress } from "./progress.js";

/** Milliseconds between two reports of progress, when other work of the process gets its turn too. */
const REPORT = 100;

/**
 * A cell under way in this process: answers the loop's requests, and records, reports and checkpoints what happens.
 * @param from where an earlier call stopped
 */
export function createSession(
  cell: Cell,
  schedule: Schedule,
  journal: Journal,
  options: RunOptions,
  from: Checkpoint<LoopState> | undefined,
) {
  const { directory, checkpointEvery = 10, signal, onProgress = () => {} } = options;
  const { name, seed, cellId, stream } = cell;
  const total = schedule.examplesUpTo(stream.experiences);
  const evaluation = createEvaluation(stream, cell.scenario, seed, cell.evaluation.examples);
  /** What is asked about in the rows of R from this one on. */
  const questionsFrom: number[] = [0];
  for (let row = stream.experiences - 1; row >= 0; row--)
    questionsFrom.unshift(questionsFrom[0] + evaluation.questions(schedule.rowAfter(row)));
  const state: LoopState = from?.loop ?? initialState();
  const pace = new Pace();
  const meter = createMeter(total, from?.losses);
  const began = performance.now();
  let [reported, saved] = [began, began];
  let started = began; // the work that is timed
  let gradients = cell.gradients();
  let latest: number[] = []; // accuracies of the last evaluation
  let measured: Record<string, State> | undefined; // what the parts saved when their bytes were counted

  const seconds = () => (from?.seconds ?? 0) + (performance.now() - began) / 1000;
  const examples = () => schedule.examplesUpTo(state.experience, state.index);

  function checkpoint(parts = saveParts(cell)): void {
    writeCheckpoint(directory, { cellId, loop: state, losses: meter.losses, seconds: seconds(), parts });
    saved = performance.now();
  }

  function report(phase: Progress["phase"]): void {
    const done = examples();
    onProgress({
      ...{ name, seed, phase, unit: schedule.unit, total, examples: done, seconds: seconds() },
      experience: Math.min(state.experience, stream.experiences - 1),
      experiences: stream.experiences,
      examplesPerSecond: pace.examplesPerSecond,
      secondsLeft: pace.secondsLeft(total - done, questionsFrom[state.accuracy.length]),
      accuracy: latest.length > 0 ? latest.reduce((sum, a) => sum + a, 0) / latest.length : null,
    });
  }

  /** After a batch: its loss and speed to the journal now and then, and a checkpoint where one is due. @throws StoppedError */
  function trained(count: number): void {
    const now = performance.now();
    const elapsed = (now - started) / 1000;
    pace.trained(count, elapsed);
    const loss = cell.gradients() > gradients ? cell.loss() : undefined;
    const record = meter.trained(count, examples(), elapsed, loss);
    if (record) journal.record({ ...record, experience: state.experience });
    if (signal?.aborted) {
      checkpoint();
      throw new StoppedError();
    }
    if (now - saved >= checkpointEvery * 1000) checkpoint();
  }

  function evaluated({ kind, tasks, accuracy }: Extract<LoopEvent, { type: "evaluated" }>): void {
    const elapsed = (performance.now() - started) / 1000;
    latest = accuracy.filter((a, task): a is number => a !== null && state.come.includes(task));
    if (kind === "intermediate") {
      pace.intermediate(elapsed);
      recordIntermediate(state.intermediate.length - 1);
    } else {
      pace.evaluated(evaluation.questions(tasks), elapsed);
      recordRow(kind === "initial" ? null : state.experience);
    }
  }

  /** Records R[after], or b. */
  function recordRow(after: number | null): void {
    const accuracy = after === null ? state.initial : state.accuracy[after];
    journal.record({
      type: "evaluation",
      after,
      examples: after === null ? 0 : schedule.examplesUpTo(after + 1),
      accuracy,
    });
  }

  function recordIntermediate(i: number): void {
    journal.record({ type: "glance", ...state.intermediate[i] });
  }

  /** Records what the state knows: it is in the journal already, unless the user moved a damaged journal away. */
  function recordAgain(): void {
    if (state.initial.length > 0) recordRow(null);
    for (let row = 0; row <= state.accuracy.length; row++) {
      for (const [i, { experience }] of state.intermediate.entries()) if (experience === row) recordIntermediate(i);
      if (row < state.accuracy.length) recordRow(row);
    }
  }

  return {
    state,
    evaluation,
    seconds,
    report,
    recordAgain,
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
        if (event.kind !== "intermediate") report("evaluating");
        started = performance.now();
      }
    },
    /** Gives other work of the process its turn now and then, and reports progress then; undefined where it is not due. */
    pause(phase: Progress["phase"]): Promise<void> | undefined {
      if (performance.now() - reported < REPORT) return undefined;
      reported = performance.now();
      report(phase);
      return turn();
    },
  };
}
