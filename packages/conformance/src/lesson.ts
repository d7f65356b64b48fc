import type { Example, Query, Scenario, Stream } from "@everlearn/contracts";
import { toyScenario } from "./fixtures/scenario.js";

/** Something that a learner meets: examples, or a task's end. */
export type Step = readonly Example[] | "end of task";

/** How a lesson is taught. */
export interface Teaching {
  /** When examples carry their task's number. */
  readonly granted: Scenario["taskLabels"];
  /** The number of examples that come at a time. */
  readonly batch: number;
  /** Whether the learner is told where tasks end, if the stream has boundaries. */
  readonly ends: boolean;
}

/** All that a learner meets in a run. */
export interface Lesson {
  readonly scenario: Scenario;
  readonly steps: readonly Step[];
  /** The number of steps of the first experience, and its first example's task. */
  readonly first: { readonly steps: number; readonly task: number };
  /** Test queries of each task and their right answers. */
  readonly tests: readonly { readonly queries: readonly Query[]; readonly answers: readonly number[] }[];
}

/** The lesson that a stream makes. */
export function lessonOf(stream: Stream, count: number, { granted: taskLabels, batch, ends }: Teaching): Lesson {
  const scenario = toyScenario({ taskLabels }, { stream });
  const steps: Step[] = [];
  const tests: { queries: Query[]; answers: number[] }[] = [];
  let first: Lesson["first"] | undefined;
  for (let experience = 0; experience < stream.experiences; experience++) {
    const train = stream.train(experience);
    const examples = Array.from({ length: Math.min(count, train.length) }, (_, i) =>
      scenario.example(train.task(i), train.input(i), train.label(i)),
    );
    for (let i = 0; i < examples.length; i += batch) steps.push(examples.slice(i, i + batch));
    if (ends && stream.boundaries) steps.push("end of task");
    first ??= { steps: steps.length, task: train.task(0) };
  }
  for (let task = 0; task < stream.tasks; task++) {
    const test = stream.test(task);
    const places = Array.from({ length: Math.min(100, test.length) }, (_, i) => i);
    tests.push({
      queries: places.map((i) => scenario.query(task, test.input(i))),
      answers: places.map((i) => scenario.answer(task, test.label(i))),
    });
  }
  if (!first) throw new RangeError("A learner is tried on a stream with at least one experience.");
  return { scenario, steps, first, tests };
}

/** All of a lesson's queries. */
export const allQueries = ({ tests }: Lesson): Query[] => tests.flatMap(({ queries }) => queries);
