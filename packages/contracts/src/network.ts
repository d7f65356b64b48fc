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
 * What a network plugin must implement: a parametrised function whose parameters θ are one flat vector that changes in
 * place. The loss of a batch is the mean over its terms of weight · loss. Everything else that learners call is derived
 * from this, unless the plugin brings a `FastPath` of its own.
 */
export interface NetworkCore extends Stateful {
  /** The parameters themselves, not a copy. */
  readonly theta: Vector;
  /** The number of input values of an example. */
  readonly inputs: number;
  /** The number of output units. */
  readonly outputs: number;
  /** The number of parameters of each layer, in θ's canonical order, the inputs' layer first. */
  readonly layers: readonly number[];
  /** A new vector of zeros of θ's size, for a learner's own use. */
  vector(): Vector;
  /**
   * into ← ∇(the batch's loss)
   * @returns the batch's loss, in nats
   * @throws DivergedError where the loss is not finite
   */
  gradient(batch: readonly Term[], into: Vector): number;
  /** The logits of all output units, `outputs` numbers a query, one query after the other. */
  logits(queries: readonly Query[]): Float32Array;
  /** What the last layer sees: the same number of values for each query, one query after the other. */
  features(queries: readonly Query[]): Float32Array;
  /** Lets go of the memory that it holds outside of JavaScript's; it is then of no use. Twice is allowed. */
  dispose(): void;
}

/** What a network may compute faster than it is derived from its core. A fast path gives what the derived one gives. */
export interface FastPaths {
  /**
   * θ ← θ − rate · ∇(the batch's loss): one step of SGD, or of the optimizer that the run uses instead.
   * @returns the loss before the step, in nats
   * @throws DivergedError where the loss is not finite; θ is then worthless
   */
  descend(batch: readonly Term[], rate: number, options?: DescendOptions): number;
  /** `descend` with a gradient that the learner made; a vector of rates has one for each parameter. */
  step(gradient: Vector, rate: number | Vector): void;
  /** The loss of each term, its weight left out. */
  losses(batch: readonly Term[]): Float32Array;
  /** The most probable output unit of each query among its `outputs` (the first of equals). */
  predict(queries: readonly Query[]): Uint16Array;
  /** The inner products of n of its vectors: n × n, row by row. */
  gram(vectors: readonly Vector[]): Float64Array;
  /**
   * The inner products of the gradients of n terms, each of its own loss, its weight left out: n × n, row by row.
   * @throws DivergedError
   */
  gradientGram(batch: readonly Term[]): Float64Array;
}

/** Back-propagation of a loss of the learner's own: what no core can be asked for, and a network may offer. */
export interface Backward {
  /**
   * into ← ∂L/∂θ, for a loss L that the learner computed from this network's answers to `batch`.
   * @param logits ∂L/∂logits, `outputs` numbers a query; null: L does not depend on the logits
   * @param features ∂L/∂features, as many numbers a query as `features` answers; null: L does not depend on them
   * @param inputs where it is given, it is filled with ∂L/∂inputs, `inputs` numbers a query: what a network whose outputs
   * these inputs were takes as its own ∂L/∂logits. Of bytes, by byte/255.
   */
  backward(
    batch: readonly Query[],
    logits: Float32Array | null,
    features: Float32Array | null,
    into: Vector,
    inputs?: Float32Array,
  ): void;
}

/** A network as learners are handed it: whatever its plugin left out is derived. */
export interface Network extends NetworkCore, FastPaths {
  /** Back-propagation of a loss of the learner's own, where the network offers it: needs name "backward". */
  readonly backward?: Backward["backward"];
}

/** A network that a learner with a loss of its own is handed: its needs name "backward". */
export type DifferentiableNetwork = Network & Backward;

/** Training left the finite numbers; the learning rate is the usual suspect. */
export class DivergedError extends Error {
  override name = "DivergedError";
  constructor(loss: number) {
    super(`The loss became ${loss}: training diverged. Use a smaller learning rate, or clip the gradient.`);
  }
}
