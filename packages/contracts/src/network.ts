import type { Query } from "./example.js";
import type { Stateful } from "./state.js";
import type { Term } from "./term.js";
import type { Vector } from "./vector.js";

/** Limits of a step of descent. */
export interface DescendOptions {
  /** The largest L2 norm of the gradient (> 0); a longer gradient is scaled down to it. Absent: no limit. */
  clip?: number;
}

/** A part of one layer's parameters: a run of θ's canonical order, row by row. */
export interface Tensor {
  /** Weights or biases of units or channels; a normalisation's scales, shifts, running means and running variances. */
  readonly kind: "weights" | "biases" | "scales" | "shifts" | "means" | "variances";
  /** Its layer's place in `layers`. */
  readonly layer: number;
  /** Its size is the product of these. */
  readonly shape: readonly number[];
  /** The dimension of `shape` along which the layer's outputs lie, its units or channels. */
  readonly axis: number;
  /** Whether training leaves it as it began; absent: it does not. */
  readonly frozen?: boolean;
}

/**
 * What a network plugin must implement: a function whose parameters θ are one flat vector that changes in place. The loss of
 * a batch is the mean over its terms of weight · loss. Everything else that learners call is derived from this, unless the
 * plugin has a fast path of its own.
 */
export interface NetworkCore extends Stateful {
  /**
   * The parameters θ themselves, not a copy. All that training changes in the network's answers is in θ, such as running
   * statistics, so that it goes along when a learner keeps, mixes or restores θ.
   */
  readonly theta: Vector;
  /** The number of input values of an example. */
  readonly inputs: number;
  /** The number of output units. */
  readonly outputs: number;
  /** The number of parameters of each layer, in θ's canonical order, beginning with the layer at the inputs. */
  readonly layers: readonly number[];
  /** What θ consists of, in canonical order, for learners that prune or gate. A network may leave it out. */
  readonly tensors?: readonly Tensor[];
  /** A new vector of θ's size, filled with zeros, for a learner's own use. */
  vector(): Vector;
  /**
   * A new vector with 1 for each parameter that gradients train and 0 for the others, such as running statistics and frozen
   * layers, so that an optimizer can leave these alone. Absent: all are trained.
   */
  trained?(): Vector;
  /**
   * into ← ∇(the batch's loss). It moves running statistics, if the network has some; their gradient is 0.
   * @returns the batch's loss, in nats
   * @throws DivergedError if the loss is not finite
   */
  gradient(batch: readonly Term[], into: Vector): number;
  /** The logits of all output units, `outputs` numbers a query, one query after the other. */
  logits(queries: readonly Query[]): Float32Array;
  /** The inputs of the last layer: the same number of values for each query, one query after the other. */
  features(queries: readonly Query[]): Float32Array;
  /** Frees memory outside of JavaScript's heap; the network is unusable afterwards. May be called twice. */
  dispose(): void;
}

/** Members that can be derived from the core, and that a network may compute faster. Both must give the same result. */
export interface FastPaths {
  /**
   * θ ← θ − rate · ∇(the batch's loss): one step of SGD, or of the run's optimizer.
   * @returns the loss before the step, in nats
   * @throws DivergedError if the loss is not finite; θ is then worthless
   */
  descend(batch: readonly Term[], rate: number, options?: DescendOptions): number;
  /** The step of `descend` along a gradient that the learner made; a vector of rates has one for each parameter. */
  step(gradient: Vector, rate: number | Vector): void;
  /** The loss of each term, without its weight. */
  losses(batch: readonly Term[]): Float32Array;
  /** The most probable output unit of each query among its `outputs` (the first of equals). */
  predict(queries: readonly Query[]): Uint16Array;
  /** The inner products of n of its vectors: n × n, row by row. */
  gram(vectors: readonly Vector[]): Float64Array;
  /**
   * The inner products of the gradients of n terms, each of its own loss without its weight: n × n, row by row.
   * @throws DivergedError
   */
  gradientGram(batch: readonly Term[]): Float64Array;
}

/** Back-propagation of a loss that the learner computes itself. It cannot be derived from the core; a network may offer it. */
export interface Backward {
  /**
   * into ← ∂L/∂θ, for a loss L that the learner computed from this network's logits and features of `batch`.
   * @param logits ∂L/∂logits, `outputs` numbers per query; null if L does not depend on the logits
   * @param features ∂L/∂features, as many numbers per query as `features` returns; null if L does not depend on them
   * @param inputs if given, it is filled with ∂L/∂inputs, `inputs` numbers per query. A network whose outputs these inputs
   * were takes that as its own ∂L/∂logits. For bytes, the derivative is by byte/255.
   */
  backward(
    batch: readonly Query[],
    logits: Float32Array | null,
    features: Float32Array | null,
    into: Vector,
    inputs?: Float32Array,
  ): void;
}

/** A network as learners receive it: whatever its plugin left out is derived. */
export interface Network extends NetworkCore, FastPaths {
  /** Back-propagation of a loss of the learner's own, if the network offers it. A learner that uses it needs "backward". */
  readonly backward?: Backward["backward"];
}

/** A network with `backward`, as a learner that needs "backward" receives it. */
export type DifferentiableNetwork = Network & Backward;

/** The loss is no longer finite; the learning rate is the usual suspect. */
export class DivergedError extends Error {
  override name = "DivergedError";
  constructor(loss: number) {
    super(`The loss became ${loss}: training diverged. Use a smaller learning rate, or clip the gradient.`);
  }
}
