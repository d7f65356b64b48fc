import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Cell } from "@everlearn/composition";
import { RunError } from "@everlearn/contracts";
import { npy } from "@everlearn/formats";
import {
  accountOf,
  advance,
  CellError,
  createEvaluation,
  createSchedule,
  type Evaluation,
  endedBy,
  finish,
  isRequest,
  type LoopState,
  loop,
  type LoopOutcome,
  type Schedule,
} from "@everlearn/loop";
import {
  lock,
  openJournal,
  packPredictions,
  readCheckpoint,
  readResult,
  type Result,
  runFiles,
  tidy,
  writeFile,
  writeResult,
} from "@everlearn/records";
import { environment } from "./environment.js";
import type { RunOptions } from "./options.js";
import { createSession, type Session } from "./session.js";

/**
 * Trains a cell's learner on its stream, experience by experience, evaluates it before the first and after each, and
 * records everything. A run stopped at any moment and resumed gives the same digest as one that was not. One that
 * diverges or uses more than its suite's budget has a result too, which says so.
 * @throws RunError where the folder holds another run or an unfinished one (without `resume`) or cannot be written, the
 * spec's evaluation does not fit its stream, or the learner failed; LockedError where another process runs in it
 */
export async function runCell(cell: Cell, options: RunOptions): Promise<Result> {
  const { directory } = options;
  const finished = readResult(directory, cell.cellId);
  if (finished !== undefined) {
    tidy(directory);
    return finished;
  }
  // An evaluation that the stream cannot answer is refused before anything is written.
  const schedule = createSchedule(cell);
  const evaluation = createEvaluation(cell.stream, cell.scenario, cell.seed, cell.evaluation.examples);
  const release = lock(directory);
  try {
    return await runLocked(cell, schedule, evaluation, options);
  } finally {
    release();
  }
}

async function runLocked(cell: Cell, schedule: Schedule, evaluation: Evaluation, options: RunOptions): Promise<Result> {
  const { directory, resume = false, commit, tuning } = options;
  const { name, seed, spec, specId, cellId, plugins, checksum } = cell;
  if (existsSync(join(directory, runFiles.journal))) {
    openJournal(directory, cellId).close(); // says so where it is another run's, before its checkpoint is judged
    if (!resume)
      throw new RunError(
        `"${directory}" holds a run that was not finished; go on with --resume, or choose another folder with --out.`,
      );
  }
  const from = resume ? readCheckpoint<LoopState>(directory, cellId) : undefined;
  for (const [place, state] of Object.entries(from?.parts ?? {})) cell.parts[place].load(state);
  const journal = openJournal(directory, cellId);
  try {
    const session = createSession({ cell, schedule, evaluation, journal, options, from });
    const origin = commit === undefined ? {} : { commit };
    const source = { plugins, checksum, tasks: schedule.tasks, ...origin };
    journal.record({ type: "start", name, specId, cellId, seed, spec, ...source });
    session.recordAgain();
    const outcome = await drive(cell, schedule, evaluation, session).catch((error: unknown) => {
      if (error instanceof CellError) journal.record({ type: "failed", message: error.message });
      return endedBy(error, accountOf(schedule, session.state, cell.gradients()));
    });
    if (outcome.status === "finished") {
      if (cell.network) writeFile(join(directory, runFiles.weights), npy(outcome.theta));
      journal.record({ type: "end", metrics: outcome.metrics, digest: outcome.digest });
    }
    const { chance } = evaluation;
    const result = writeResult(
      directory,
      resultOf(cell, outcome, { chance, seconds: session.seconds(), ...origin, ...(tuning && { tuning }) }),
    );
    rmSync(join(directory, runFiles.checkpoint), { force: true });
    session.report("finished");
    return result;
  } finally {
    journal.close();
  }
}

/** Runs the loop with the learner, which is in this process. @throws CellError, StoppedError */
async function drive(cell: Cell, schedule: Schedule, evaluation: Evaluation, session: Session): Promise<LoopOutcome> {
  const { state } = session;
  const steps = loop(cell, schedule, evaluation, state);
  for (let next = steps.next({}); !next.done; ) {
    const step = next.value;
    if (isRequest(step)) next = advance(steps, () => session.answer(step));
    else {
      session.hear(step);
      next = steps.next({});
    }
    if (step.type === "answer") {
      session.stopEvaluation();
      await session.pause("evaluating");
    }
    if (step.type === "trained") await session.pause("training");
  }
  return finish(
    cell,
    accountOf(schedule, state, cell.gradients()),
    state,
    cell.network?.theta.toArray() ?? new Float32Array(),
  );
}

/** The result of a run that has ended. */
function resultOf(
  cell: Cell,
  outcome: LoopOutcome,
  circumstances: Pick<Result, "chance" | "seconds" | "commit" | "tuning">,
): Omit<Result, "seal"> {
  const { name, seed, specId, cellId, spec, suite, plugins, checksum } = cell;
  const { status, taskLabels, accuracy, initial, tasks, intermediate, gradients, bytes, examples } = outcome;
  return {
    ...{ name, seed, specId, cellId, spec: spec as Result["spec"], plugins, checksum, taskLabels },
    ...(suite === undefined ? {} : { suite }),
    ...{ accuracy, initial, tasks, glances: intermediate, gradients, bytes, examples, ...circumstances },
    environment: { ...environment(), ...cell.environment },
    status,
    ...(outcome.status === "finished"
      ? { metrics: outcome.metrics, predictions: packPredictions(outcome.predictions), digest: outcome.digest }
      : { metrics: {}, message: outcome.message }),
  };
}
