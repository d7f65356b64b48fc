/** What a run's evaluations showed. Accuracies are fractions in [0, 1]. */
export interface Evaluations {
  /** R[i][j]: test accuracy on task j after training on task i, T × T (Lopez-Paz & Ranzato 2017). */
  readonly accuracy: readonly (readonly number[])[];
  /** b[j]: test accuracy on task j before any training. */
  readonly initial: readonly number[];
}

/** One number of a run; null where it is not defined (forward transfer of a single task). */
export type Metric = (evaluations: Evaluations) => number | null;
