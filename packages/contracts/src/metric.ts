/** The accuracies of one evaluation within an experience. */
export interface IntermediateEvaluation {
  /** Training examples of the stream so far. */
  readonly examples: number;
  /** The experience under way. */
  readonly experience: number;
  /** Test accuracy on each task; null for tasks that have not begun. */
  readonly accuracy: readonly (number | null)[];
}

/** How often each output was answered (columns) where each output was right (rows). */
export type Confusion = readonly (readonly number[])[];
/** How well a part of a stream was answered before it was taught. */
export interface PrequentialScore {
  /** Training examples of the stream up to and with this part. */
  readonly examples: number;
  /** The fraction of right answers. */
  readonly accuracy: number;
  /** Cohen's κ against answers at random with the same frequencies; null where those are always right. */
  readonly kappa: number | null;
  /** κ_m against the most frequent class of this part; null where that is always right. */
  readonly kappaM: number | null;
}

/** A prequential evaluation: each training example was asked about before it was taught (Gama, Sebastião & Rodrigues 2013). */
export interface Prequential extends PrequentialScore {
  /** For each output how many examples it was right for, how often it was answered, and how often rightly. */
  readonly classes: readonly { readonly examples: number; readonly answers: number; readonly right: number }[];
  /** Each whole window of examples, in order. */
  readonly windows: readonly PrequentialScore[];
}

/** What a run's evaluations found, and what the run cost. Accuracies are fractions in [0, 1]. */
export interface Evaluations {
  /**
   * R[i][j]: test accuracy on task j after experience i, experiences × tasks (Lopez-Paz & Ranzato 2017). It is null where
   * the spec's evaluation leaves it out; in the last row only where it asks about no task at all.
   */
  readonly accuracy: readonly (readonly (number | null)[])[];
  /** b[j]: test accuracy on task j before any training; null where the spec's evaluation asks about no task then. */
  readonly initial: readonly (number | null)[];
  /** The tasks that each experience has examples of, ascending: one where the stream has boundaries. */
  readonly tasks: readonly (readonly number[])[];
  /** Evaluations within experiences, as the spec asks for them; by default none. */
  readonly intermediate: readonly IntermediateEvaluation[];
  /**
   * confusion[i][y][a]: the number of test examples that were answered with output a after experience i where output y was
   * right, of the tasks of R's row i; experiences × outputs × outputs. Absent where the spec does not ask for it.
   */
  readonly confusion?: readonly Confusion[];
  /**
   * probe[i][j]: test accuracy on task j, after experience i, of a linear classifier on the network's features, trained on
   * training examples of all tasks so far; null for tasks that have not come. Absent where the spec does not ask for it.
   */
  readonly probe?: readonly (readonly (number | null)[])[];
  /** Present where the spec asks for it. */
  readonly prequential?: Prequential;
  /** How many gradients of one example's loss were computed. */
  readonly gradients: number;
  /** The most bytes that networks, optimizer, buffer and learner had to keep from one example to the next. */
  readonly bytes: number;
}

/** A number computed from a run's evaluations; null if it is not defined, such as forward transfer with a single task. */
export type Metric = (evaluations: Evaluations) => number | null;
