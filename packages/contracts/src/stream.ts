import type { Examples } from "./dataset.js";

/** The training examples between two evaluations, in the order in which they come. */
export interface Experience extends Examples {
  /** The task of example `i`, within whose classes its label is a place. */
  task(i: number): number;
}

/** Which examples come, in which order, from which tasks. @throws RangeError for a task or experience that is not there */
export interface Stream {
  /** The number of tasks, T. */
  readonly tasks: number;
  /** The number of experiences; of a stream of task after task, T. */
  readonly experiences: number;
  /** Whether each experience is of one task, and the next of another. */
  readonly boundaries: boolean;
  /** The inputs' shape. */
  readonly shape: readonly number[];
  /** The number of distinct classes over the whole stream. */
  readonly classes: number;
  /** The stream-wide numbers of the classes in `task`; a label of the task is a place in this list. */
  classesOf(task: number): readonly number[];
  /** The training examples of one experience. */
  train(experience: number): Experience;
  /** The task's test examples. */
  test(task: number): Examples;
}
