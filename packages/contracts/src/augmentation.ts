import type { Input, Query } from "./example.js";

/**
 * Another view of an input, such as an image cut out elsewhere. It keeps nothing from one input to the next, and draws
 * only from the generator that it was handed.
 */
export interface Augmentation {
  /** Whether queries are seen through it too; it then draws nothing at random. False where it is left out. */
  readonly atTest?: boolean;
  /** Whether it computes with real numbers: a byte b comes as b/255. Where it is left out, bytes stay bytes. */
  readonly real?: boolean;
  /**
   * Writes a view of an input.
   * @param x stays as it is; a Float32Array where `real` is true, otherwise of the data set's type or of an earlier part's
   * @param into another array of the same type and length, whose old values say nothing; all of it is written
   */
  apply(x: Input, into: Input): void;
}

/**
 * The run's augmentation as its learner may use it: examples come as fresh views, and so do draws from a buffer, which
 * itself keeps originals. A learner with a memory of its own, or one that wants several views, asks for them here. Each
 * method returns an example with everything that the given one has but its input, or the given one itself.
 */
export interface Views {
  /** A fresh view of an example, or of the original of a view, as training sees it. */
  view<Q extends Query>(example: Q): Q;
  /** The same as a query is seen: without what happens in training only. */
  plain<Q extends Query>(example: Q): Q;
  /** The original of a view, which is what to keep; an example that is no view is its own. */
  original<Q extends Query>(example: Q): Q;
}

const same = <Q extends Query>(example: Q): Q => example;

/** The views of a run without augmentation: each example is its own. */
export const unaugmented: Views = { view: same, plain: same, original: same };
