import type { Example, Query } from "./example.js";
import type { Stateful } from "./state.js";

/**
 * What to do with an example, and what to answer. Its `save` and `load` speak of its own state only: whoever hands it
 * networks, a buffer and a generator saves those.
 */
export interface Learner extends Stateful {
  /** Learns from the next examples of the stream, usually one; it may keep them but not change them. */
  observe(batch: readonly Example[]): void;
  /**
   * Called after the last example of each task, if the stream has boundaries and either the learner's needs name
   * "boundaries" or its examples carry task labels.
   */
  endTask?(): void;
  /** The chosen output unit for each query; it learns nothing from them and keeps none. */
  predict(queries: readonly Query[]): Uint16Array;
}
