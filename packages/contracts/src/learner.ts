import type { Example, Query } from "./example.js";
import type { Stateful } from "./state.js";

/**
 * What to do with an example, and what to answer. Its `save` and `load` speak of its own state only:
 * those who hand it its network, buffer and generator save them.
 */
export interface Learner extends Stateful {
  /** Learns from the next examples of the stream, usually one; it may keep them but not change them. */
  observe(batch: readonly Example[]): void;
  /** Called after an experience's last example, only where tasks have boundaries and the scenario grants task labels. */
  endTask?(): void;
  /** The chosen output unit for each query; it learns nothing from them and keeps none. */
  predict(queries: readonly Query[]): Uint16Array;
}
