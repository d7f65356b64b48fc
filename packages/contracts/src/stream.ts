import type { Examples } from "./dataset.js";

/** The training examples between two evaluations, in the order in which they come. */
export interface Experience extends Examples {
  /** The task of example `i`. Its label is a place in the classes of this task. */
  task(i: number): number;
}

/** Which examples come, in which order, from which tasks. @throws RangeError if there is no such task or experience */
export interface Stream {
  /** The number of tasks, T. */
  readonly tasks: number;
  /** The number of experiences; T if task comes after task. */
  readonly experiences: number;
  /** Whether each experience is of one task, and the next of another. */
  readonly boundaries: boolean;
  /** The inputs' shape. */
  readonly shape: readonly number[];
  /** The number of distinct classes over the whole stream. */
  readonly classes: number;
  /** The classes of `task`, by their numbers in the whole stream. A label of the task is a place in this list. */
  classesOf(task: number): readonly number[];
  /** The training examples of one experience. */
  train(experience: number): Experience;
  /** The task's test examples. */
  test(task: number): Examples;
}
