import type { Examples, Input, Learner, Query, Random, Scenario, Stream } from "@everlearn/contracts";

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
 */
export function createEvaluation(
  stream: Stream,
  scenario: Scenario,
  random: Random,
): (learner: Learner, pause: () => Promise<void> | undefined) => Promise<Evaluation> {
  const tests: Examples[] = Array.from({ length: stream.tasks }, (_, task) => stream.test(task));
  const starts = [0];
  for (const test of tests) starts.push(starts[starts.length - 1] + test.length);
  const total = starts[stream.tasks];
  const taskOf = new Uint16Array(total);
  tests.forEach((_, task) => taskOf.fill(task, starts[task], starts[task + 1]));
  const order = random.permutation(total);
  const empty = tests.find((test) => test.length > 0)?.input(0);
  const inputs: Input[] = Array.from({ length: BATCH }, () =>
    empty instanceof Float32Array ? new Float32Array(empty.length) : new Uint8Array(empty?.length ?? 0),
  );

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
