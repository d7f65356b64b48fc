import type { Stateful } from "./state.js";

/** A named source of random numbers; the only one that a plugin may use. */
export interface Random extends Stateful {
  /** A uniform integer in [0, bound); `bound` is an integer in [1, 2^32]. */
  integer(bound: number): number;
  /** A uniform number in [0, 1), a multiple of 2^-53. */
  uniform(): number;
  /** The first `count` (all `n` by default) of 0…n−1 in random order: draws without replacement. */
  permutation(n: number, count?: number): Uint32Array;
  /** An independent generator. It depends on this one's seed and name and on `name`, not on what was drawn so far. */
  fork(name: string | number): Random;
}
