import type { Example } from "@everlearn/contracts";
import type { Cell } from "@everlearn/composition";
import type { Evaluation } from "./evaluation.js";
import { BudgetError, CellError } from "./failure.js";
import type { Schedule } from "./schedule.js";
import type { LoopState } from "./state.js";
import type { EvaluationKind, Reply, Step } from "./step.js";

/** The parts of a cell that the loop uses. The learner is not among them: the loop's caller has it. */
export type Course = Pick<Cell, "name" | "seed" | "spec" | "batchSize" | "stream" | "scenario" | "boundaries">;

/** A loop under way. Each request is answered by `next(reply)`, or by `throw(error)` where the learner failed. */
export type Loop = Generator<Step, void, Reply>;

/**
 * Trains and evaluates a learner, experience by experience, starting from a given state. It yields requests to the
 * learner, whose replies it is resumed with, and events. It uses no file, clock or process, so that learners in this
 * process, in another one or on another machine go through the same loop.
 * @param state is kept up to date; after "trained" and "experienced" it may be saved, and a loop from there goes on
 * alike
 * @throws CellError where the learner fails, or uses more than the suite's budget grants
 */
export function* loop(course: Course, schedule: Schedule, evaluation: Evaluation, state: LoopState): Loop {
  const { stream } = course;
  if (state.initial.length === 0) yield* evaluate(course, schedule, evaluation, state, "initial");
  while (state.experience < stream.experiences) {
    yield* train(course, schedule, evaluation, state);
    yield* endTask(course, schedule, state);
    yield* evaluate(course, schedule, evaluation, state, "row");
    yield* measure(course, schedule, state);
    state.experience++;
    state.index = 0;
    yield { type: "experienced" };
  }
}

/** Hands the learner what is left of an experience, batch by batch. */
function* train(course: Course, schedule: Schedule, evaluation: Evaluation, state: LoopState): Loop {
  const { spec, batchSize, stream, scenario } = course;
  const { gradientsPerExample = Infinity } = spec.protocol?.budget ?? {};
  const mostGradients = gradientsPerExample * schedule.examplesUpTo(stream.experiences);
  const source = stream.train(state.experience);
  const come = new Set(state.come);
  while (state.index < source.length) {
    // Before the batch: after it a run may stop, and a checkpoint be written that does not know of this evaluation.
    if (schedule.evaluatesAt(state.index)) yield* evaluate(course, schedule, evaluation, state, "intermediate");
    const from = state.index;
    const to = Math.min(from + batchSize, source.length);
    const batch: Example[] = [];
    for (let i = from; i < to; i++) {
      const task = source.task(i);
      if (!come.has(task)) state.come.push(task);
      come.add(task);
      const example = scenario.example(task, source.input(i), source.label(i));
      if (example.task !== undefined) state.taskLabels.training++;
      batch.push(example);
    }
    const where = `${schedule.unit} ${state.experience}, example ${from}`;
    const { gradients = 0 } = yield* asking(course, where, { type: "train", batch });
    if (gradients > mostGradients)
      throw new CellError(course, where, new BudgetError(gradients, mostGradients, "gradients"));
    state.index = to;
    yield { type: "trained", examples: batch.length };
  }
}

/** Tells the learner that a task has ended, if this learner is told. */
function* endTask(course: Course, schedule: Schedule, state: LoopState): Loop {
  if (!course.boundaries) return;
  state.taskLabels.boundaries++;
  yield* asking(course, `end of ${schedule.unit} ${state.experience}`, { type: "endTask" });
}

/** Asks about the tasks that are due, and keeps what was found. */
function* evaluate(
  course: Course,
  schedule: Schedule,
  evaluation: Evaluation,
  state: LoopState,
  kind: EvaluationKind,
): Loop {
  yield { type: "evaluating", kind };
  const examples = schedule.examplesUpTo(state.experience, state.index);
  const tasks =
    kind === "intermediate" ? [...state.come] : schedule.rowAfter(kind === "initial" ? null : state.experience);
  const ask = evaluation.ask(tasks, kind === "intermediate" ? "sample" : "all");
  const { accuracy, predictions, labelled } = yield* failing(course, `evaluation after ${examples} examples`, ask);
  state.taskLabels.test += labelled;
  if (kind === "intermediate") state.intermediate.push({ examples, experience: state.experience, accuracy });
  else {
    state.predictions = predictions;
    if (kind === "row") state.accuracy.push(accuracy);
    else state.initial = accuracy as number[]; // all tasks were asked about: none is null
  }
  yield { type: "evaluated", kind, tasks, accuracy };
}

/** Asks what the learner keeps, and holds it against the budget. */
function* measure(course: Course, schedule: Schedule, state: LoopState): Loop {
  const { bytes: most = Infinity } = course.spec.protocol?.budget ?? {};
  const where = `${schedule.unit} ${state.experience}`;
  const { bytes = 0 } = yield* asking(course, where, { type: "measure" });
  state.bytes = Math.max(state.bytes, bytes);
  if (state.bytes > most) throw new CellError(course, where, new BudgetError(state.bytes, most, "bytes of state"));
}

/** Yields one request. Where an error is thrown in reply, it is rethrown as a CellError that says where it happened. */
function* asking(course: Course, where: string, step: Step): Generator<Step, Reply, Reply> {
  try {
    return yield step;
  } catch (error) {
    throw new CellError(course, where, error);
  }
}

/** Delegates to other steps. Their errors are rethrown as CellErrors that say where they happened. */
function* failing<T>(course: Course, where: string, steps: Generator<Step, T, Reply>): Generator<Step, T, Reply> {
  try {
    return yield* steps;
  } catch (error) {
    throw new CellError(course, where, error);
  }
}
