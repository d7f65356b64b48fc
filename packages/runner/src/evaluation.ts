import type { Examples, Input, Learner, Query, Random, Scenario, Stream } from "@everlearn/contracts";
import { RunError } from "./error.js";

export interface Evaluation {
  /** The fraction of right answers for each task. */
  readonly accuracy: number[];
  /** The chosen output of every test example: task by task, in the tasks' own order. */
  readonly predictions: Uint16Array;
}

const BATCH = 256;

/**
 * Asks a learner about the test examples of all tasks, shuffled together, so that an example's place in a batch says
 * nothing of its task. `pause` is awaited between batches.
 * @throws RunError where a task has no test examples
 */
export function createEvaluation(
  stream: Stream,
  scenario: Scenario,
  random: Random,
): (learner: Learner, pause: () => Promise<void> | undefined) => Promise<Evaluation> {
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
  const order = random.permutation(total);
  const first = tests[0].input(0);
  const inputs: Input[] = Array.from({ length: BATCH }, () => first.slice());

  return async (learner, pause) => {
    const right = new Uint32Array(stream.tasks);
    const predictions = new Uint16Array(total);
    for (let from = 0; from < total; from += BATCH) {
      const places = order.subarray(from, from + BATCH);
      const queries: Query[] = [];
      for (let i = 0; i < places.length; i++) {
        const task = taskOf[places[i]];
        queries.push(scenario.query(task, tests[task].input(places[i] - starts[task], inputs[i])));
      }
      const answers = learner.predict(queries);
      if (answers.length !== queries.length)
        throw new RangeError(`The learner gave ${answers.length} answers to ${queries.length} queries.`);
      for (let i = 0; i < places.length; i++) {
        const task = taskOf[places[i]];
        predictions[places[i]] = answers[i];
        if (answers[i] === scenario.answer(task, tests[task].label(places[i] - starts[task]))) right[task]++;
      }
      await pause();
    }
    return { accuracy: Array.from(right, (n, task) => n / tests[task].length), predictions };
  };
}
