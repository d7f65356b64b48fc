import type { Query } from "./example.js";
import type { Stateful } from "./state.js";
import type { Term } from "./term.js";
import type { Vector } from "./vector.js";

/** How a step of descent is limited. */
export interface DescendOptions {
  /** The largest L2 norm of the gradient (> 0); a longer one is scaled down to it. Absent: no limit. */
  clip?: number;
}

/**
 * A parametrised function whose parameters θ are one flat vector that changes in place. The loss of a batch is the mean
 * over its terms of weight · loss.
 */
export interface Network extends Stateful {
  /** The parameters themselves, not a copy. */
  readonly theta: Vector;
  /** The number of input values of an example. */
  readonly inputs: number;
  /** The number of output units. */
  readonly outputs: number;
  /** The loss that the latest `descend` or `gradient` found, in nats; NaN before the first. No part of the state. */
  readonly loss: number;
  /** The number of parameters of each layer, in θ's canonical order, the inputs' layer first. */
  readonly layers: readonly number[];
  /** A new vector of zeros of θ's size, for a learner's own use. */
  vector(): Vector;
  /** The inner products of n of its vectors: n × n, row by row. */
  gram(vectors: readonly Vector[]): Float64Array;
  /**
   * θ ← θ − rate · ∇(the batch's loss): a step of SGD, or of the optimizer that the run uses instead.
   * @returns the loss before the step, in nats.
   * @throws DivergedError where the loss is not finite; θ is then worthless.
   */
  descend(batch: readonly Term[], rate: number, options?: DescendOptions): number;
  /** into ← ∇(the batch's loss); `into` is a new vector where absent. @returns `into`. @throws DivergedError */
  gradient(batch: readonly Term[], into?: Vector): Vector;
  /**
   * The inner products of the gradients of n terms, each of its own loss, its weight left out: n × n, row by row.
   * @throws DivergedError
   */
  gradientGram(batch: readonly Term[]): Float64Array;
  /** `descend` with a gradient that the learner made; a vector of rates has one for each parameter. */
  step(gradient: Vector, rate: number | Vector): void;
  /** The loss of each term, its weight left out. */
  losses(batch: readonly Term[]): Float32Array;
  /** The most probable output unit of each query among its `outputs` (the first of equals). */
  predict(queries: readonly Query[]): Uint16Array;
  /** The logits of all output units, `outputs` numbers a query. */
  logits(queries: readonly Query[]): Float32Array;
  /** What the last layer sees: the same number of values for each query, one query after the other. */
  features(queries: readonly Query[]): Float32Array;
  /** Lets go of the memory that it holds outside of JavaScript's; it is then of no use. Twice is allowed. */
  dispose(): void;
}

/** Training left the finite numbers; the learning rate is the usual suspect. */
export class DivergedError extends Error {
  override name = "DivergedError";
  constructor(loss: number) {
    super(`The loss became ${loss}: training diverged. Use a smaller learning rate, or clip the gradient.`);
  }
}
