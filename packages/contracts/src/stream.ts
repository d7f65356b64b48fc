import type { Examples } from "./dataset.js";

/** Which examples come, in which order, from which tasks. @throws RangeError for a task that is not there */
export interface Stream {
  /** The number of tasks, T. */
  readonly tasks: number;
  /** The inputs' shape. */
  readonly shape: readonly number[];
  /** The number of distinct classes over the whole stream. */
  readonly classes: number;
  /** The stream-wide numbers of the classes in `task`; a label of the task is a place in this list. */
  classesOf(task: number): readonly number[];
  /** The task's training examples in the order in which they come. */
  train(task: number): Examples;
  /** The task's test examples. */
  test(task: number): Examples;
}
