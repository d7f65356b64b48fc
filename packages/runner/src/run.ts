import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Cell, Course } from "@everlearn/composition";
import { RunError } from "@everlearn/contracts";
import { npy } from "@everlearn/formats";
import {
  accountOf,
  CellError,
  createEvaluation,
  createSchedule,
  type Evaluation,
  endedBy,
  finish,
  inThisProcess,
  isRequest,
  type LearnerHandle,
  type LoopState,
  loop,
  type LoopOutcome,
  type Schedule,
} from "@everlearn/loop";
import {
  acquire,
  deleteFile,
  type Lock,
  openJournal,
  packPredictions,
  readCheckpoint,
  readResult,
  type Result,
  runFiles,
  tidy,
  writeCheckpoint,
  writeResult,
  writeWeights,
} from "@everlearn/records";
import { taskClasses } from "./classes.js";
import { environment } from "./environment.js";
import type { RunOptions } from "./options.js";
import { createSession, type Session } from "./session.js";

/** A run's course and learner, and when which tasks are evaluated. */
interface Run {
  readonly course: Course;
  readonly learner: LearnerHandle;
  readonly schedule: Schedule;
  readonly evaluation: Evaluation;
}

/**
 * Trains a cell's learner on its stream, experience by experience, evaluates it before the first and after each, and
 * records everything. A run stopped at any moment and resumed gives the same digest as one that was not. One that
 * diverges or uses more than its suite's budget has a result too, which says so.
 * @throws RunError where the folder holds another run or an unfinished one (without `resume`) or cannot be written, the
 * spec's evaluation does not fit its stream, or the learner failed; LockedError where another process runs in it
 */
export function runCell(cell: Cell, options: RunOptions): Promise<Result> {
  return runCourse(cell, () => inThisProcess(cell), options);
}

/**
 * Does what `runCell` does with a learner that may be in another process: all that the run has of it is its handle.
 * @param start makes the learner, where there is anything left to do; it is disposed of
 */
export async function runCourse(
  course: Course,
  start: () => LearnerHandle | Promise<LearnerHandle>,
  options: RunOptions,
): Promise<Result> {
  const { directory } = options;
  const finished = finishedIn(directory, course);
  if (finished !== undefined) return finished;
  // An evaluation that the stream cannot answer is refused before anything is written.
  const schedule = createSchedule(course);
  const { tasks, examples } = course.evaluation;
  const evaluation = createEvaluation(course.stream, course.scenario, course.seed, examples, tasks !== "none");
  const release = await acquire(directory, { signal: options.signal, onWait: options.onWait });
  try {
    // Another process may have ended it meanwhile.
    const ended = finishedIn(directory, course);
    if (ended !== undefined) return ended;
    const learner = await start();
    try {
      return await runLocked({ course, learner, schedule, evaluation }, options, release);
    } finally {
      await learner.dispose?.();
    }
  } finally {
    release();
  }
}

/** The result that an earlier call came to; what a crash left beside it is removed. */
function finishedIn(directory: string, course: Course): Result | undefined {
  const result = readResult(directory, course);
  if (result !== undefined) tidy(directory);
  return result;
}

async function runLocked(run: Run, options: RunOptions, { assertHeld }: Lock): Promise<Result> {
  const { course, learner, schedule, evaluation } = run;
  const { directory, resume = false, commit, tuning } = options;
  const { name, seed, spec, specId, cellId, plugins, checksum } = course;
  const journal = openJournal(directory, cellId, assertHeld); // says so where it is another run's, before its checkpoint is judged
  try {
    if (!resume && existsSync(join(directory, runFiles.journal)))
      throw new RunError(
        `"${directory}" holds a run that was not finished; go on with --resume, or choose another folder with --out.`,
      );
    const from = resume ? readCheckpoint<LoopState>(directory, cellId) : undefined;
    if (from?.journal !== undefined) {
      journal.assertHeld(from.journal);
      if (journal.isNew) writeCheckpoint(directory, { ...from, journal: undefined }); // it was moved away
    }
    if (from) await learner.load(from.parts);
    const origin = commit === undefined ? {} : { commit };
    const source = { plugins, checksum, tasks: schedule.tasks, ...taskClasses(course), ...origin };
    journal.record({ type: "start", name, specId, cellId, seed, spec, ...source });
    const session = createSession({ course, learner, schedule, evaluation, journal, options, from });
    const { outcome, theta } = await drive(run, session).catch((error: unknown) => {
      if (error instanceof CellError) journal.record({ type: "failed", message: error.message });
      return { outcome: endedBy(error, accountOf(schedule, session.state)), theta: undefined };
    });
    const weights = theta ? { weights: writeWeights(directory, npy(theta)) } : {};
    if (outcome.status === "finished")
      journal.record({ type: "end", metrics: outcome.metrics, digest: outcome.digest });
    const usage = session.usage();
    const circumstances = {
      ...(usage && { usage }),
      ...{ chance: evaluation.chance, seconds: session.seconds(), ...origin, ...weights, ...(tuning && { tuning }) },
      journal: journal.sum(),
    };
    const result = writeResult(directory, resultOf(course, outcome, circumstances));
    deleteFile(join(directory, runFiles.checkpoint));
    session.report("finished");
    return result;
  } finally {
    journal.close();
  }
}

/** Runs the loop with the learner. @returns also the final θ, where there is a network @throws CellError, StoppedError */
async function drive(
  { course, learner, schedule, evaluation }: Run,
  session: Session,
): Promise<{ outcome: LoopOutcome; theta: Float32Array | undefined }> {
  const { state } = session;
  const steps = loop(course, schedule, evaluation, state, learner.ahead);
  for (let next = steps.next(); !next.done; ) {
    const step = next.value;
    if (isRequest(step)) {
      const reply = session.answer(step);
      next = steps.next(reply instanceof Promise ? await reply : reply);
    } else {
      const done = session.hear(step);
      if (done) await done;
      next = steps.next();
    }
    if ((step.type === "answer" && !step.ofTraining) || step.type === "features") {
      session.stopEvaluation();
      await session.pause("evaluating");
    }
    if (step.type === "trained") await session.pause("training");
  }
  const theta = await learner.theta();
  return { outcome: finish(course, accountOf(schedule, state), state, theta), theta };
}

/** The result of a run that has ended. */
function resultOf(
  course: Course,
  outcome: LoopOutcome,
  circumstances: Pick<Result, "chance" | "seconds" | "commit" | "weights" | "journal" | "tuning" | "usage">,
): Omit<Result, "seal"> {
  const { name, seed, specId, cellId, spec, suite, plugins, checksum } = course;
  const { status, taskLabels, accuracy, initial, tasks, intermediate, gradients, bytes, examples } = outcome;
  const { confusion, probe, prequential } = outcome;
  return {
    ...{ name, seed, specId, cellId, spec: spec as Result["spec"], plugins, checksum, taskLabels },
    ...(suite === undefined ? {} : { suite }),
    ...{ accuracy, initial, tasks, ...(confusion && { confusion }), ...(probe && { probe }), glances: intermediate },
    ...{ ...(prequential && { prequential }), gradients, bytes, examples, ...circumstances },
    ...taskClasses(course),
    environment: { ...environment(), ...course.environment },
    status,
    ...(outcome.status === "finished"
      ? { metrics: outcome.metrics, predictions: packPredictions(outcome.predictions), digest: outcome.digest }
      : { metrics: {}, message: outcome.message }),
  };
}
