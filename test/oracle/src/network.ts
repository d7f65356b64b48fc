import type { Input, Query, Term } from "@everlearn/contracts";
import { softmax, termLoss } from "./loss.js";
import { range } from "./range.js";

/**
 * A dense ReLU network as a textbook has it: plain loops in double precision. θ is an argument, in network-mlp's order:
 * for each layer its weights [inputs][outputs], then its biases.
 */
export interface DenseNetwork {
  /** What the last layer sees. */
  features(theta: Float64Array, x: Input): number[];
  logits(theta: Float64Array, x: Input): number[];
  /** The output of the highest logit among the query's own. */
  predict(theta: Float64Array, query: Query): number;
  /** The mean of the terms' weighted losses. */
  loss(theta: Float64Array, batch: readonly Term[]): number;
  /** The gradient of that mean. */
  gradient(theta: Float64Array, batch: readonly Term[]): Float64Array;
}

/** @param sizes the number of inputs, of each hidden layer's units, and of outputs */
export function denseNetwork(...sizes: readonly number[]): DenseNetwork {
  const depth = sizes.length - 1;
  const starts = range(depth).map((l) => range(l).reduce((sum, k) => sum + (sizes[k] + 1) * sizes[k + 1], 0));
  /** The place in θ of layer l's weight from its input i to its output j; the bias is that of input `sizes[l]`. */
  const at = (l: number, i: number, j: number) => starts[l] + i * sizes[l + 1] + j;

  /** What each layer sees, and the logits last. */
  function forward(theta: Float64Array, x: Input): number[][] {
    const values = [Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v))];
    for (let l = 0; l < depth; l++) {
      const next: number[] = [];
      for (let j = 0; j < sizes[l + 1]; j++) {
        let sum = theta[at(l, sizes[l], j)];
        for (let i = 0; i < sizes[l]; i++) sum += values[l][i] * theta[at(l, i, j)];
        next.push(l + 1 < depth ? Math.max(sum, 0) : sum);
      }
      values.push(next);
    }
    return values;
  }

  /** into ← into + scale · ∇loss */
  function add(theta: Float64Array, term: Term, scale: number, into: Float64Array): void {
    const values = forward(theta, term.x);
    let delta = termLoss(term, values[depth]).delta;
    for (let l = depth - 1; l >= 0; l--) {
      const below: number[] = [];
      for (let i = 0; i <= sizes[l]; i++) {
        const value = i < sizes[l] ? values[l][i] : 1;
        let back = 0;
        for (let j = 0; j < sizes[l + 1]; j++) {
          into[at(l, i, j)] += scale * value * delta[j];
          back += theta[at(l, i, j)] * delta[j];
        }
        if (i < sizes[l]) below.push(value > 0 ? back : 0);
      }
      delta = below;
    }
  }

  const logits = (theta: Float64Array, x: Input) => forward(theta, x)[depth];
  const share = ({ weight = 1 }: Term, batch: readonly Term[]) => weight / batch.length;
  return {
    features: (theta, x) => forward(theta, x)[depth - 1],
    logits,
    predict(theta, { x, outputs }) {
      const p = softmax(logits(theta, x), outputs);
      return p.indexOf(Math.max(...p));
    },
    loss: (theta, batch) =>
      batch.reduce((sum, term) => sum + share(term, batch) * termLoss(term, logits(theta, term.x)).loss, 0),
    gradient(theta, batch) {
      const into = new Float64Array(theta.length);
      for (const term of batch) add(theta, term, share(term, batch), into);
      return into;
    },
  };
}
