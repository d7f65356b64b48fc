import type { Course, PrequentialProtocol } from "@everlearn/composition";
import type { Example, Experience, Query } from "@everlearn/contracts";
import { type Evaluation, QUERIES } from "./evaluation.js";
import { BudgetError, CellError } from "./failure.js";
import { probe } from "./probe.js";
import { countAnswer, initialPrequential, type PrequentialState } from "./prequential.js";
import type { Schedule } from "./schedule.js";
import type { LoopState } from "./state.js";
import type { EvaluationKind, Reply, Request, Step } from "./step.js";

/** The fields of a course that the loop uses. */
export type LoopCourse = Pick<Course, "name" | "seed" | "spec" | "batchSize" | "stream" | "scenario" | "boundaries">;

/** How much requests may hold where the learner is far away: each takes as long as its answer. */
export interface Ahead {
  /** The number of training examples in the next request; there is always one batch. */
  examples(): number;
  /** The number of queries in a request. */
  readonly queries: number;
}

/** For a learner that is near. */
const oneByOne: Ahead = { examples: () => 1, queries: QUERIES };

/** Everything that a loop needs. */
interface Run {
  readonly course: LoopCourse;
  readonly schedule: Schedule;
  readonly evaluation: Evaluation;
  readonly state: LoopState;
  readonly ahead: Ahead;
}

/** A loop under way. Each request is answered by `next(reply)`; after an event, `next()` goes on. */
export type Loop = Generator<Step, void, Reply | undefined>;

/**
 * Trains and evaluates a learner, experience by experience, starting from a given state. It yields requests to the
 * learner, whose replies it is resumed with, and events. It uses no file, clock or process, so that learners in this
 * process, in another one or on another machine go through the same loop.
 * @param state is kept up to date; after "trained" and "experienced" it may be saved, and a loop from there goes on
 * alike
 * @param ahead what requests may hold; what a run finds does not depend on it
 * @throws CellError where the learner fails, or uses more than the suite's budget grants
 */
export function* loop(
  course: LoopCourse,
  schedule: Schedule,
  evaluation: Evaluation,
  state: LoopState,
  ahead: Ahead = oneByOne,
): Loop {
  const run: Run = { course, schedule, evaluation, state, ahead };
  const { stream } = course;
  if (state.initial.length === 0) {
    if (schedule.rowAfter(null).length > 0) yield* evaluate(run, "initial");
    else state.initial = new Array<null>(stream.tasks).fill(null);
  }
  while (state.experience < stream.experiences) {
    yield* train(run);
    yield* endTask(course, schedule, state);
    yield* evaluate(run, "row");
    yield* measure(course, schedule, state);
    state.experience++;
    state.index = 0;
    if (state.prequential) state.prequential.asked = 0;
    yield { type: "experienced" };
  }
}

/** Hands the learner what is left of an experience, batch by batch. */
function* train(run: Run): Loop {
  const { course, schedule, state, ahead } = run;
  const { gradientsPerExample = Infinity } = course.spec.protocol?.budget ?? {};
  const mostGradients = gradientsPerExample * schedule.examplesUpTo(course.stream.experiences);
  const source = course.stream.train(state.experience);
  const { prequential } = schedule;
  if (prequential) state.prequential ??= initialPrequential(course.scenario.outputs);
  while (state.index < source.length) {
    // Before the batch: after it a run may stop, and a checkpoint be written that does not know of this evaluation.
    if (schedule.evaluatesAt(state.index)) yield* evaluate(run, "intermediate");
    if (prequential) yield* askBefore(run, source, prequential);
    const batches = nextBatches(course, schedule, source, state.index, prequential ? 1 : ahead.examples());
    const where = () => `${schedule.unit} ${state.experience}, example ${state.index}`;
    const { learned = [], gradients, error } = yield* ask({ type: "train", batches });
    if (error === undefined ? learned.length !== batches.length : learned.length >= batches.length) {
      const told = `The learner told of ${learned.length} batches when it was handed ${batches.length}.`;
      throw new CellError(course, where(), new RangeError(told));
    }
    const losses: { examples: number; loss?: number }[] = [];
    for (const [i, { loss, ...so }] of learned.entries()) {
      const batch = batches[i];
      state.gradients = so.gradients;
      state.taskLabels.training += labelledIn(batch);
      for (let at = 0; at < batch.length; at++) {
        const task = source.task(state.index + at);
        if (!state.come.includes(task)) state.come.push(task);
      }
      if (so.gradients > mostGradients)
        throw new CellError(course, where(), new BudgetError(so.gradients, mostGradients, "gradients"));
      state.index += batch.length;
      losses.push({ examples: batch.length, ...(loss === undefined ? {} : { loss }) });
    }
    if (error !== undefined) {
      // What the failing batch was handed counts too.
      const batch = batches[learned.length];
      state.taskLabels.training += labelledIn(batch);
      state.gradients = gradients;
      throw new CellError(course, where(), error);
    }
    yield { type: "trained", batches: losses };
  }
}

/**
 * Asks about the next batch's examples and those whose labels are told later than the batch's, as far as they have not been
 * asked about. At an experience's end all labels are told.
 */
function* askBefore(
  { course, schedule, state, ahead }: Run,
  source: Experience,
  { window, delay }: PrequentialProtocol,
): Loop {
  const { scenario, batchSize } = course;
  const found = state.prequential as PrequentialState;
  const end = Math.min(state.index + batchSize + delay, source.length);
  const where = `${schedule.unit} ${state.experience}, example ${state.index}, asked before`;
  while (found.asked < end) {
    const count = Math.min(ahead.queries, end - found.asked);
    const places = Array.from({ length: count }, (_, i) => found.asked + i);
    const queries = places.map((i) => scenario.query(source.task(i), source.input(i)));
    const { answers = [] } = yield* asking(course, state, where, { type: "answer", queries, ofTraining: true });
    if (answers.length !== count)
      throw new CellError(
        course,
        where,
        new RangeError(`The learner gave ${answers.length} answers to ${count} queries.`),
      );
    for (const [k, i] of places.entries()) {
      if (queries[k].task !== undefined) state.taskLabels.test++;
      found.asked++;
      const right = scenario.answer(source.task(i), source.label(i));
      if (countAnswer(found, answers[k], right, window)) yield { type: "prequential" };
    }
  }
}

/** The number of examples that carry their task's label. */
function labelledIn(batch: readonly Example[]): number {
  let labelled = 0;
  for (const { task } of batch) if (task !== undefined) labelled++;
  return labelled;
}

/** The batches from an experience's example `index` on, about `most` examples, up to the next evaluation within it. */
function nextBatches(
  { batchSize, scenario }: LoopCourse,
  schedule: Schedule,
  source: Experience,
  index: number,
  most: number,
): Example[][] {
  const batches: Example[][] = [];
  let at = index;
  do {
    const batch: Example[] = [];
    for (const to = Math.min(at + batchSize, source.length); at < to; at++)
      batch.push(scenario.example(source.task(at), source.input(at), source.label(at)));
    batches.push(batch);
  } while (at < source.length && at + batchSize <= index + most && !schedule.evaluatesAt(at));
  return batches;
}

/** Tells the learner that a task has ended, if this learner is told. */
function* endTask(course: LoopCourse, schedule: Schedule, state: LoopState): Loop {
  if (!course.boundaries) return;
  state.taskLabels.boundaries++;
  yield* asking(course, state, `end of ${schedule.unit} ${state.experience}`, { type: "endTask" });
}

/** Asks about the tasks that are due, and keeps what was found. */
function* evaluate(run: Run, kind: EvaluationKind): Loop {
  const { course, schedule, evaluation, state, ahead } = run;
  yield { type: "evaluating", kind };
  const examples = schedule.examplesUpTo(state.experience, state.index);
  const tasks =
    kind === "intermediate" ? [...state.come] : schedule.rowAfter(kind === "initial" ? null : state.experience);
  const where = `evaluation after ${examples} examples`;
  const { accuracy, predictions, labelled } = yield* saying(
    course,
    where,
    evaluation.ask(
      tasks,
      kind === "intermediate" ? "sample" : "all",
      (queries) => answersTo(course, state, where, queries),
      ahead.queries,
    ),
  );
  state.taskLabels.test += labelled;
  if (kind === "intermediate") state.intermediate.push({ examples, experience: state.experience, accuracy });
  else {
    state.predictions = predictions;
    if (kind === "row") {
      state.accuracy.push(accuracy);
      if (schedule.hasConfusion)
        state.confusion = [...(state.confusion ?? []), evaluation.confusion(tasks, predictions)];
      if (schedule.probe > 0) state.probe = [...(state.probe ?? []), yield* probed(run, tasks, where)];
    } else state.initial = accuracy;
  }
  yield { type: "evaluated", kind, tasks, accuracy };
}

/** What a linear probe of the network's features finds on those of the tasks that have come. */
function* probed(
  { course, schedule, state, ahead }: Run,
  tasks: readonly number[],
  where: string,
): Generator<Step, (number | null)[], Reply | undefined> {
  const occasion = {
    experience: state.experience,
    tasks: tasks.filter((task) => state.come.includes(task)),
    examples: schedule.probe,
    most: ahead.queries,
  };
  return yield* saying(
    course,
    where,
    probe(course, occasion, function* (queries) {
      const { features } = yield* asking(course, state, where, { type: "features", queries });
      return features ?? new Float32Array();
    }),
  );
}

function* answersTo(
  course: LoopCourse,
  state: LoopState,
  where: string,
  queries: readonly Query[],
): Generator<Step, Uint16Array, Reply | undefined> {
  const { answers } = yield* asking(course, state, where, { type: "answer", queries });
  return answers ?? new Uint16Array();
}

/** Delegates to other steps. Errors that do not say where they happened are rethrown as CellErrors that do. */
function* saying<T>(
  course: LoopCourse,
  where: string,
  steps: Generator<Step, T, Reply | undefined>,
): Generator<Step, T, Reply | undefined> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof CellError ? error : new CellError(course, where, error);
  }
}

/** Asks what the learner keeps, and holds it against the budget. */
function* measure(course: LoopCourse, schedule: Schedule, state: LoopState): Loop {
  const { bytes: most = Infinity } = course.spec.protocol?.budget ?? {};
  const where = `${schedule.unit} ${state.experience}`;
  const { bytes = 0 } = yield* asking(course, state, where, { type: "save" });
  state.bytes = Math.max(state.bytes, bytes);
  if (state.bytes > most) throw new CellError(course, where, new BudgetError(state.bytes, most, "bytes of state"));
}

/** Yields one request. @throws CellError where the learner fails: it says where that happened */
function* asking(
  course: LoopCourse,
  state: LoopState,
  where: string,
  request: Request,
): Generator<Step, Reply, Reply | undefined> {
  const reply = yield* ask(request);
  state.gradients = reply.gradients;
  if (reply.error !== undefined) throw new CellError(course, where, reply.error);
  return reply;
}

function* ask(request: Request): Generator<Step, Reply, Reply | undefined> {
  const reply = yield request;
  if (reply === undefined) throw new TypeError(`The loop's request "${request.type}" was not answered.`);
  return reply;
}
