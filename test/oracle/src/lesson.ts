import type { Example, Query, TaskLabels } from "@everlearn/contracts";
import { range } from "./range.js";

const classes = 4;
const testsPerTask = 60;

export interface LessonOptions {
  /** The number of tasks, 2 by default: each has all four classes, in inputs that are moved on by a place from task to task. */
  readonly tasks?: number;
  /** The classes of each task, where tasks are to have different ones; inputs then stay in place. */
  readonly classes?: readonly (readonly number[])[];
  /** The number of training examples of each task, 100 by default. */
  readonly examples?: number;
  /** Where examples carry their task's number, "never" by default. If "always", each task has outputs of its own. */
  readonly taskLabels?: TaskLabels;
}

/** What a learner is taught in a test. */
export interface Lesson {
  /** The training examples, task by task. */
  readonly tasks: Example[][];
  /** The same, one task after the other. */
  readonly examples: Example[];
  /** 60 questions on each task. */
  readonly queries: Query[][];
  /** Their right answers. */
  readonly answers: number[][];
  /** The number of outputs that a network needs. */
  readonly outputs: number;
}

/**
 * A lesson that a small network can learn, the same at every call: 16 bytes of noise, of which every fourth is bright, and
 * the class says which.
 */
export function lesson({
  tasks: count = 2,
  classes: own,
  examples = 100,
  taskLabels = "never",
}: LessonOptions = {}): Lesson {
  const draw = generator();
  const heads =
    own ?? range(count).map((task) => range(classes).map((c) => (taskLabels === "always" ? classes * task + c : c)));
  const show = (task: number, isTest: boolean): Example => {
    const head = heads[task];
    const y = head[draw(head.length)];
    const move = own ? 0 : task;
    const x = Uint8Array.from({ length: 16 }, (_, i) => ((i + move) % classes === y % classes ? 130 : 0) + draw(126));
    return {
      x,
      y,
      ...((isTest ? taskLabels === "always" : taskLabels !== "never") && { task }),
      ...(taskLabels === "always" && { outputs: head }),
    };
  };
  const tasks = heads.map((_, task) => range(examples).map(() => show(task, false)));
  const tests = heads.map((_, task) => range(testsPerTask).map(() => show(task, true)));
  return {
    tasks,
    examples: tasks.flat(),
    queries: tests.map((one) => one.map(queryOf)),
    answers: tests.map((one) => one.map(({ y }) => y)),
    outputs: Math.max(...heads.flat()) + 1,
  };
}

/** Integers below a bound, from a linear congruential generator. */
function generator(): (bound: number) => number {
  let state = 1;
  return (bound) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** An example without its answer. */
export function queryOf({ x, task, outputs }: Example): Query {
  return { x, ...(task !== undefined && { task }), ...(outputs && { outputs }) };
}

/** Examples in batches of the given sizes by turns; the last one has what is left. */
export function batches<E>(examples: readonly E[], ...sizes: readonly number[]): E[][] {
  const all: E[][] = [];
  for (let start = 0; start < examples.length; start += sizes[(all.length - 1) % sizes.length])
    all.push(examples.slice(start, start + sizes[all.length % sizes.length]));
  return all;
}

/** A batch's examples task by task, tasks in the order in which they first come. */
export function byTask(batch: readonly Example[]): { task: number; part: Example[] }[] {
  const tasks = [...new Set(batch.map(({ task }) => task ?? -1))];
  return tasks.map((task) => ({ task, part: batch.filter((example) => example.task === task) }));
}
