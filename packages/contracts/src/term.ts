import type { Query } from "./example.js";

/**
 * What an input is to teach. Below, z are the logits of the outputs that take part: the query's `outputs`, or all. Arrays
 * have a value for each of the network's outputs; values of outputs that take no part are ignored.
 */
export type Target =
  /** Cross-entropy of a class: −log softmax(z)[y]. */
  | { readonly y: number }
  /** Cross-entropy of soft targets p: −Σ p log softmax(z / temperature); the temperature is 1 by default (Hinton et al. 2015). */
  | { readonly probabilities: Float32Array; readonly temperature?: number }
  /** Mean squared difference of logits: mean (z − logits)² (Buzzega et al. 2020). */
  | { readonly logits: Float32Array }
  /** Binary cross-entropy of each output: −Σ p log σ(z) + (1 − p) log(1 − σ(z)) (Rebuffi et al. 2017). */
  | { readonly sigmoids: Float32Array };

/**
 * One term of a batch's loss; an `Example` is one. Its weight is 1 by default. To weigh an example, write
 * `{ weight, ...example }`: in Node 20 the other order takes ten times as long, a quarter of a step.
 */
export type Term = Query & Target & { readonly weight?: number };
