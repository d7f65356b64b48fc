import { setImmediate as turn } from "node:timers/promises";
import type { Course } from "@everlearn/composition";
import { type State, StoppedError } from "@everlearn/contracts";
import {
  type Evaluation,
  initialState,
  type LearnerHandle,
  type LoopEvent,
  type LoopState,
  type Reply,
  type Request,
  type Schedule,
  type Usage,
} from "@everlearn/loop";
import { type Checkpoint, type Journal, writeCheckpoint } from "@everlearn/records";
import { createMeter } from "./meter.js";
import type { RunOptions } from "./options.js";
import type { Progress } from "./progress.js";
import { createRecorder } from "./recorder.js";
import { createReporter, type Evaluated } from "./reporter.js";

/** Milliseconds between two reports of progress, when other work of the process gets its turn too. */
const REPORT = 100;

/** The same reply, of which something is kept when it is there. */
function heard(reply: Reply | Promise<Reply>, keep: (reply: Reply) => void): Reply | Promise<Reply> {
  if (reply instanceof Promise) return reply.then((come) => heard(come, keep));
  keep(reply);
  return reply;
}

/** What two processes of a learner took, one after the other. */
function together(before: Usage | undefined, now: Usage | undefined): Usage | undefined {
  if (!before || !now) return before ?? now;
  const peakBytes = Math.max(before.peakBytes, now.peakBytes);
  return { cpuSeconds: before.cpuSeconds + now.cpuSeconds, peakBytes };
}

/** A course and its learner, the run's journal, and the checkpoint that it starts from. */
interface SessionSetup {
  readonly course: Course;
  readonly learner: LearnerHandle;
  readonly schedule: Schedule;
  readonly evaluation: Evaluation;
  readonly journal: Journal;
  readonly options: RunOptions;
  /** The checkpoint at which an earlier call stopped. */
  readonly from: Checkpoint<LoopState> | undefined;
}

export type Session = ReturnType<typeof createSession>;

/** Passes the loop's requests to a learner, and records, reports and checkpoints what happens. */
export function createSession({ course, learner, schedule, evaluation, journal, options, from }: SessionSetup) {
  const { directory, checkpointEvery = 10, signal } = options;
  const { cellId, stream } = course;
  const total = schedule.examplesUpTo(stream.experiences);
  const state: LoopState = from?.loop ?? initialState();
  const recorder = createRecorder(journal, schedule, state);
  const meter = createMeter(total, from?.losses);
  const began = performance.now();
  let [reported, saved] = [began, began];
  let started = began; // the work that is timed
  let measured: Reply["parts"]; // what the parts saved when their bytes were counted

  const seconds = () => (from?.seconds ?? 0) + (performance.now() - began) / 1000;
  const usage = () => together(from?.usage, learner.usage?.());
  const reporter = createReporter(course, schedule, evaluation, state, seconds, options.onProgress ?? (() => {}));

  function checkpoint(parts: Readonly<Record<string, State>>): void {
    const circumstances = { cellId, journal: journal.sum(), seconds: seconds(), usage: usage() };
    writeCheckpoint(directory, { ...circumstances, loop: state, losses: meter.losses, parts });
    saved = performance.now();
  }

  async function saveAll(): Promise<void> {
    const { parts, error } = await learner.request({ type: "save" });
    if (parts === undefined) throw error ?? new TypeError("The learner saved nothing.");
    checkpoint(parts);
  }

  /** After batches: loss and speed to the journal now and then, and a checkpoint where one is due. @throws StoppedError */
  function trained(batches: Extract<LoopEvent, { type: "trained" }>["batches"]): Promise<void> | undefined {
    const now = performance.now();
    const share = (now - started) / 1000 / batches.length;
    let examples = schedule.examplesUpTo(state.experience, state.index) - batches.reduce((n, b) => n + b.examples, 0);
    for (const batch of batches) {
      examples += batch.examples;
      reporter.trained(batch.examples, share);
      const record = meter.trained(batch.examples, examples, share, batch.loss);
      if (record) journal.record({ ...record, experience: state.experience });
    }
    if (signal?.aborted)
      return saveAll().then(() => {
        throw new StoppedError();
      });
    return now - saved >= checkpointEvery * 1000 ? saveAll() : undefined;
  }

  function evaluated(event: Evaluated): void {
    reporter.evaluated(event, (performance.now() - started) / 1000);
    if (event.kind === "intermediate") recorder.intermediate(state.intermediate.length - 1);
    else recorder.row(event.kind === "initial" ? null : state.experience);
  }

  recorder.everything(); // what an earlier call recorded

  return {
    state,
    seconds,
    usage,
    report: (phase: Progress["phase"]) => reporter.report(phase),
    /** Ends an evaluation that is under way where that was asked for: it is repeated from its beginning. @throws StoppedError */
    stopEvaluation(): void {
      if (signal?.aborted) throw new StoppedError();
    },
    /** Has a request of the loop answered. */
    answer(request: Request): Reply | Promise<Reply> {
      if (request.type === "train") started = performance.now();
      const reply = learner.request(request);
      return request.type === "save" ? heard(reply, ({ parts }) => (measured = parts)) : reply;
    },
    /** Keeps what happened. @throws StoppedError where that was asked for */
    hear(event: LoopEvent): Promise<void> | undefined {
      if (event.type === "trained") return trained(event.batches);
      if (event.type === "evaluated") evaluated(event);
      else if (event.type === "prequential") recorder.window((state.prequential?.windows.length ?? 0) - 1);
      else if (event.type === "experienced" && measured) checkpoint(measured);
      else if (event.type === "evaluating") {
        if (event.kind !== "intermediate") reporter.report("evaluating");
        started = performance.now();
      }
      return undefined;
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
