import { type Examples, type Input, type Query, RunError, type Scenario, type Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { Reply, Step } from "./step.js";

/** A learner's answers in one evaluation, and how many of them are right. */
export interface Answers {
  /** The fraction of right answers for each task; null for those that were not asked about. */
  readonly accuracy: (number | null)[];
  /** The chosen output of every test example, task by task, in the tasks' own order; 0 for those not asked about. */
  readonly predictions: Uint16Array;
  /** The number of queries that carried their task's label. */
  readonly labelled: number;
}

/** Asks learners about the test examples of a stream. */
export interface Evaluation {
  /**
   * Asks about all test examples of the tasks, or about a sample of them that is always the same.
   * @param answer has queries answered, one answer each; their inputs are valid until then
   * @param most how many queries it may be handed at once (256)
   */
  ask(
    tasks: readonly number[],
    which: "all" | "sample",
    answer: (queries: readonly Query[]) => Generator<Step, Uint16Array, Reply | undefined>,
    most?: number,
  ): Generator<Step, Answers, Reply | undefined>;
  /** How often each output was answered where each was right, by the answers of all test examples of the tasks. */
  confusion(tasks: readonly number[], predictions: Uint16Array): number[][];
  /** The number of test examples of the tasks. */
  questions(tasks: readonly number[]): number;
  /** The accuracy that guessing has among the allowed outputs of each task, as a mean over tasks. */
  readonly chance: number;
}

/** How many queries a learner answers at once. */
export const QUERIES = 256;

/**
 * Prepares questions about test examples, those of all tasks shuffled together, so that an example's place in a batch says
 * nothing of its task.
 * @param sample how many of each task the sample has, at most; 0: all
 * @param isAsked whether anything is going to be asked; if not, tasks need no test examples
 * @throws RunError where a task has no test examples
 */
export function createEvaluation(
  stream: Stream,
  scenario: Scenario,
  seed: number,
  sample: number,
  isAsked = true,
): Evaluation {
  const tests: Examples[] = Array.from({ length: stream.tasks }, (_, task) => stream.test(task));
  const untested = tests.findIndex((test) => test.length === 0);
  if (untested >= 0 && isAsked)
    throw new RunError(
      `Task ${untested} has no test examples, without which it has no accuracy; use a data set with more of them, or other tasks.`,
    );
  const starts = [0];
  for (const test of tests) starts.push(starts[starts.length - 1] + test.length);
  const total = starts[stream.tasks];
  const taskOf = new Uint16Array(total);
  tests.forEach((_, task) => taskOf.fill(task, starts[task], starts[task + 1]));
  const order = random(seed, "evaluation").permutation(total);
  const drawn = drawnOf(tests, starts, seed, sample);
  const sampled = order.filter((place) => drawn.has(place));
  const first = (untested < 0 ? tests[0] : stream.train(0)).input(0);
  const inputs: Input[] = []; // used again by each request

  const queryAt = (place: number, input: Input): Query => {
    const task = taskOf[place];
    return scenario.query(task, tests[task].input(place - starts[task], input));
  };
  const isRight = (place: number, answer: number): boolean => {
    const task = taskOf[place];
    return answer === scenario.answer(task, tests[task].label(place - starts[task]));
  };
  const guesses = tests.map(
    (test, task) =>
      1 / (scenario.query(task, test.length > 0 ? test.input(0) : first).outputs?.length ?? scenario.outputs),
  );

  return {
    chance: guesses.reduce((sum, guess) => sum + guess, 0) / stream.tasks,
    confusion: (tasks, predictions) =>
      confusionOf(
        tasks.map((task) => ({ task, test: tests[task], answers: predictions.subarray(starts[task]) })),
        scenario,
      ),
    questions: (tasks) => tasks.reduce((sum, task) => sum + tests[task].length, 0),
    *ask(tasks, which, answer, most = QUERIES) {
      const wanted = new Set(tasks);
      const selected = (which === "all" ? order : sampled).filter((place) => wanted.has(taskOf[place]));
      const asked = new Uint32Array(stream.tasks);
      const right = new Uint32Array(stream.tasks);
      const predictions = new Uint16Array(total);
      let labelled = 0;
      for (let from = 0; from < selected.length; from += most) {
        const places = selected.subarray(from, from + most);
        while (inputs.length < places.length) inputs.push(first.slice());
        const queries: Query[] = [];
        for (let i = 0; i < places.length; i++) {
          const query = queryAt(places[i], inputs[i]);
          if (query.task !== undefined) labelled++;
          queries.push(query);
        }
        const answers = yield* answer(queries);
        if (answers.length !== queries.length)
          throw new RangeError(`The learner gave ${answers.length} answers to ${queries.length} queries.`);
        for (let i = 0; i < places.length; i++) {
          const place = places[i];
          predictions[place] = answers[i];
          asked[taskOf[place]]++;
          if (isRight(place, answers[i])) right[taskOf[place]]++;
        }
      }
      const accuracy = Array.from(right, (n, task) => (wanted.has(task) ? n / asked[task] : null));
      return { accuracy, predictions, labelled };
    },
  };
}

/** The places of test examples that are always in the sample: at most so many of each task; all, if that is 0. */
function drawnOf(tests: readonly Examples[], starts: readonly number[], seed: number, sample: number): Set<number> {
  const drawn = new Set<number>();
  tests.forEach(({ length }, task) => {
    const count = Math.min(sample || length, length);
    for (const i of random(seed, "glance").fork(task).permutation(length, count)) drawn.add(starts[task] + i);
  });
  return drawn;
}

function confusionOf(
  answered: readonly { readonly task: number; readonly test: Examples; readonly answers: Uint16Array }[],
  scenario: Scenario,
): number[][] {
  const none = () => Array.from({ length: scenario.outputs }, () => 0);
  const counts = none().map(none);
  for (const { task, test, answers } of answered)
    for (let i = 0; i < test.length; i++)
      if (answers[i] < scenario.outputs) counts[scenario.answer(task, test.label(i))][answers[i]]++;
  return counts;
}
