import type { Example } from "./example.js";
import type { Stateful } from "./state.js";

/**
 * Which past examples stay, and which come back. `E` is what it keeps: examples in a run, items of any type elsewhere;
 * `save` returns them as they are.
 */
export interface Buffer<E = Example> extends Stateful {
  /** The most examples that it can hold. */
  readonly capacity: number;
  /** The number of examples that it holds now, |M|. */
  readonly size: number;
  /** Offers one example; the buffer decides whether it stays and what leaves. */
  add(example: E): void;
  /** min(count, |M|) independent uniform draws with replacement; none from an empty buffer. */
  sample(count: number): E[];
  /** Everything that it holds, in no particular order; a new array. */
  all(): E[];
}
