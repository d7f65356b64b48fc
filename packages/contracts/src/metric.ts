/** The accuracies of one evaluation in the middle of an experience. */
export interface IntermediateEvaluation {
  /** Training examples of the stream so far. */
  readonly examples: number;
  /** The experience under way. */
  readonly experience: number;
  /** Test accuracy on each task; null for tasks that have not come yet. */
  readonly accuracy: readonly (number | null)[];
}

/** What a run's evaluations and its accounts showed. Accuracies are fractions in [0, 1]. */
export interface Evaluations {
  /**
   * R[i][j]: test accuracy on task j after experience i, experiences × tasks (Lopez-Paz & Ranzato 2017); null where the
   * spec's evaluation leaves it out, never in the last row.
   */
  readonly accuracy: readonly (readonly (number | null)[])[];
  /** b[j]: test accuracy on task j before any training. */
  readonly initial: readonly number[];
  /** The tasks that each experience has examples of, ascending: one where the stream has boundaries. */
  readonly tasks: readonly (readonly number[])[];
  /** Evaluations within experiences, as often and on as many test examples as the spec says; by default none. */
  readonly intermediate: readonly IntermediateEvaluation[];
  /** Gradients of one example's loss that were computed. */
  readonly gradients: number;
  /** The most bytes that networks, optimizer, buffer and learner had to keep from one example to the next. */
  readonly bytes: number;
}

/** One number of a run; null where it is not defined (forward transfer of a single task). */
export type Metric = (evaluations: Evaluations) => number | null;
