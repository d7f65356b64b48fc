import type { Example, Query } from "./example.js";
import type { Stateful } from "./state.js";

/** As many numbers as a network has parameters; they live where the network computes (float32). */
export interface Vector {
  /** this ← v */
  set(v: Vector): void;
  /** this ← this + scale · v; `scale` is 1 by default. */
  add(v: Vector, scale?: number): void;
  /** this ← from + t · (this − from), computed so: at t = 1 it is this up to rounding, as in the papers' code. */
  lerp(from: Vector, t: number): void;
  /** this ← this ⊙ v (elementwise), or scale · this */
  times(v: Vector | number): void;
  /** this ← f(this), elementwise */
  map(f: (value: number) => number): void;
  /** Σ this · v */
  dot(v: Vector): number;
  /** A copy in the network's canonical order, which does not depend on how it is laid out in memory. */
  toArray(): Float32Array;
  /** Takes the values of an array in the canonical order. */
  fromArray(values: Float32Array): void;
}

export interface DescendOptions {
  /** The largest L2 norm of the gradient (> 0); a longer one is scaled down to it. Absent: no limit. */
  clip?: number;
}

/** A parametrised function whose parameters θ are one flat vector that changes in place. */
export interface Network extends Stateful {
  /** The parameters themselves, not a copy. */
  readonly theta: Vector;
  /** The number of input values of an example. */
  readonly inputs: number;
  /** The number of output units. */
  readonly outputs: number;
  /** A new vector of zeros of θ's size, for a learner's own use. */
  vector(): Vector;
  /**
   * θ ← θ − rate · ∇(mean cross-entropy of the batch), each example's softmax taken over its `outputs`.
   * @returns the mean loss before the step, in nats.
   * @throws DivergedError where the loss is not finite; θ is then worthless.
   */
  descend(batch: readonly Example[], rate: number, options?: DescendOptions): number;
  /** into ← ∇(mean cross-entropy of the batch); `into` is a new vector where absent. @returns `into`. */
  gradient(batch: readonly Example[], into?: Vector): Vector;
  /** The most probable output unit of each query among its `outputs` (the first of equals). */
  predict(queries: readonly Query[]): Uint16Array;
  /** The logits of all output units, `outputs` numbers a query. */
  logits(queries: readonly Query[]): Float32Array;
  dispose(): void;
}

/** Training left the finite numbers; the learning rate is the usual suspect. */
export class DivergedError extends Error {
  override name = "DivergedError";
  constructor(loss: number) {
    super(`The loss became ${loss}: training diverged. Use a smaller learning rate, or clip the gradient.`);
  }
}
