import type { Example, Query } from "./example.js";
import type { Stateful } from "./state.js";

/**
 * What to do with an example, and what to answer. `save` and `load` cover its own state only; its networks, buffer and
 * generator are saved by whoever handed them to it.
 */
export interface Learner extends Stateful {
  /** Learns from the next examples of the stream, usually one. It may keep them but not change them. */
  observe(batch: readonly Example[]): void;
  /**
   * Called after the last example of each task, if the stream has boundaries, the scenario does not withhold them, and
   * either the learner needs "boundaries" or its examples carry task labels.
   */
  endTask?(): void;
  /** The chosen output unit for each query. The learner learns nothing from queries and keeps none. */
  predict(queries: readonly Query[]): Uint16Array;
}
