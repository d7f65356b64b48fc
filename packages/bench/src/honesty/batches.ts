import type { Query } from "@everlearn/contracts";
import type { Trial } from "./trial.js";

/** Whether answers depend on how many are asked for at once. */
export interface BatchFinding {
  readonly passed: boolean;
  readonly sizes: readonly number[];
  readonly queries: number;
}

const sizes = [1, 7, 256];
/** Test examples of a task that the learner is asked about in batches of each size, and training examples before. */
const ASKED = 100;
const TAUGHT = 500;

/** Teaches a learner the beginning of the stream, and asks it the same in batches of several sizes. */
export async function checkBatches(trial: Trial, seed: number): Promise<BatchFinding> {
  const course = await trial.course(seed);
  const { stream, scenario, batchSize } = course;
  const learner = await trial.start(course);
  try {
    const source = stream.train(0);
    const examples = Array.from({ length: Math.min(TAUGHT, source.length) }, (_, i) =>
      scenario.example(source.task(i), source.input(i), source.label(i)),
    );
    const batches = [];
    for (let i = 0; i < examples.length; i += batchSize) batches.push(examples.slice(i, i + batchSize));
    await learner.request({ type: "train", batches });
    const queries = Array.from({ length: stream.tasks }, (_, task): Query[] => {
      const test = stream.test(task);
      return Array.from({ length: Math.min(ASKED, test.length) }, (_, i) => scenario.query(task, test.input(i)));
    }).flat();
    const answers: number[][] = [];
    for (const size of sizes) {
      const all: number[] = [];
      for (let i = 0; i < queries.length; i += size)
        all.push(...((await learner.request({ type: "answer", queries: queries.slice(i, i + size) })).answers ?? []));
      answers.push(all);
    }
    const passed = answers.every((one) => one.every((answer, i) => answer === answers[0][i]));
    return { passed, sizes, queries: queries.length };
  } finally {
    await learner.dispose?.();
    await course.dispose();
  }
}
