import type { Examples, Input, Learner, Query, Scenario, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { RunError } from "./error.js";

export interface Answers {
  /** The fraction of right answers for each task; null for those that were not asked about. */
  readonly accuracy: (number | null)[];
  /** The chosen output of every test example, task by task, in the tasks' own order; 0 for those not asked about. */
  readonly predictions: Uint16Array;
  /** The questions that carried their task's label. */
  readonly labelled: number;
}

/** Asks about `tasks`; `pause` is awaited between batches. */
type Ask = (learner: Learner, tasks: readonly number[], pause: () => Promise<void> | undefined) => Promise<Answers>;

export interface Evaluation {
  /** Asks about all test examples of the tasks. */
  readonly evaluate: Ask;
  /** Asks about some of them, always the same. */
  readonly glance: Ask;
  /** The number of test examples of the tasks. */
  questions(tasks: readonly number[]): number;
  /** The accuracy of guessing among the outputs that a task's examples are judged among, mean over tasks. */
  readonly chance: number;
}

const BATCH = 256;

/**
 * Asks a learner about test examples, those of all tasks shuffled together, so that an example's place in a batch says
 * nothing of its task.
 * @param examples how many of each task a glance asks about, at most; 0: all
 * @throws RunError where a task has no test examples
 */
export function createEvaluation(stream: Stream, scenario: Scenario, seed: number, examples: number): Evaluation {
  const tests: Examples[] = Array.from({ length: stream.tasks }, (_, task) => stream.test(task));
  const untested = tests.findIndex((test) => test.length === 0);
  if (untested >= 0)
    throw new RunError(
      `Task ${untested} has no test examples, without which it has no accuracy; use a data set with more of them, or other tasks.`,
    );
  const starts = [0];
  for (const test of tests) starts.push(starts[starts.length - 1] + test.length);
  const total = starts[stream.tasks];
  const taskOf = new Uint16Array(total);
  tests.forEach((_, task) => taskOf.fill(task, starts[task], starts[task + 1]));
  const order = random(seed, "evaluation").permutation(total);
  const drawn = new Set<number>();
  tests.forEach(({ length }, task) => {
    const count = Math.min(examples || length, length);
    for (const i of random(seed, "glance").fork(task).permutation(length, count)) drawn.add(starts[task] + i);
  });
  const glanced = order.filter((place) => drawn.has(place));
  const first = tests[0].input(0);
  const inputs: Input[] = Array.from({ length: BATCH }, () => first.slice());

  const asking = (all: Uint32Array): Ask =>
    async function ask(learner, tasks, pause) {
      const wanted = new Set(tasks);
      const chosen = all.filter((place) => wanted.has(taskOf[place]));
      const asked = new Uint32Array(stream.tasks);
      const right = new Uint32Array(stream.tasks);
      const predictions = new Uint16Array(total);
      let labelled = 0;
      for (let from = 0; from < chosen.length; from += BATCH) {
        const places = chosen.subarray(from, from + BATCH);
        const queries: Query[] = [];
        for (let i = 0; i < places.length; i++) {
          const task = taskOf[places[i]];
          const query = scenario.query(task, tests[task].input(places[i] - starts[task], inputs[i]));
          if (query.task !== undefined) labelled++;
          queries.push(query);
        }
        const answers = learner.predict(queries);
        if (answers.length !== queries.length)
          throw new RangeError(`The learner gave ${answers.length} answers to ${queries.length} queries.`);
        for (let i = 0; i < places.length; i++) {
          const task = taskOf[places[i]];
          predictions[places[i]] = answers[i];
          asked[task]++;
          if (answers[i] === scenario.answer(task, tests[task].label(places[i] - starts[task]))) right[task]++;
        }
        await pause();
      }
      const accuracy = Array.from(right, (n, task) => (wanted.has(task) ? n / asked[task] : null));
      return { accuracy, predictions, labelled };
    };

  const guesses = tests.map(
    (test, task) => 1 / (scenario.query(task, test.input(0)).outputs?.length ?? scenario.outputs),
  );
  return {
    chance: guesses.reduce((sum, guess) => sum + guess, 0) / stream.tasks,
    evaluate: asking(order),
    glance: asking(glanced),
    questions: (tasks) => tasks.reduce((sum, task) => sum + tests[task].length, 0),
  };
}
