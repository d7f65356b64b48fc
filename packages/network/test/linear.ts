import type { NetworkCore, Query, Term } from "@everlearn/contracts";
import { arrayVector, termLoss } from "../src/index.js";

/** Softmax regression without biases, and nothing but what a network must have: row o of θ has the weights of output o. */
export class Linear implements NetworkCore {
  readonly #values: Float32Array;
  readonly #vectors: object[] = [];
  readonly inputs: number;
  readonly outputs: number;
  readonly layers: readonly number[];
  theta;
  disposed = 0;

  constructor(values: ArrayLike<number>, outputs: number) {
    this.#values = Float32Array.from(values);
    this.theta = arrayVector(this.#values);
    this.inputs = values.length / outputs;
    this.outputs = outputs;
    this.layers = [values.length];
  }

  /** The vectors that it has made. */
  get vectors(): number {
    return this.#vectors.length;
  }

  vector() {
    const vector = arrayVector(new Float32Array(this.#values.length));
    this.#vectors.push(vector);
    return vector;
  }

  logits(queries: readonly Query[]) {
    const { inputs, outputs } = this;
    return Float32Array.from({ length: queries.length * outputs }, (_, at) => {
      const { x } = queries[Math.floor(at / outputs)];
      let z = 0;
      for (let i = 0; i < inputs; i++) z += this.#values[(at % outputs) * inputs + i] * x[i];
      return z;
    });
  }

  gradient(batch: readonly Term[], into: NetworkCore["theta"]) {
    const gradient = new Float32Array(this.#values.length);
    let loss = 0;
    for (const term of batch) {
      const share = (term.weight ?? 1) / batch.length;
      const delta = new Float64Array(this.outputs);
      loss += share * termLoss(term, this.logits([term]), delta);
      gradient.forEach((g, at) => {
        gradient[at] = g + share * delta[Math.floor(at / this.inputs)] * term.x[at % this.inputs];
      });
    }
    into.fromArray(gradient);
    return loss;
  }

  features(queries: readonly Query[]) {
    return Float32Array.from(queries.flatMap(({ x }) => [...x]));
  }

  save() {
    return this.#values.slice();
  }

  load(state: ReturnType<NetworkCore["save"]>) {
    this.#values.set(state as Float32Array);
  }

  dispose() {
    this.disposed++;
  }
}

/** A network of two inputs and three outputs. */
export const linear = (): Linear => new Linear([0.5, -1, 2, 0.25, -0.75, 1], 3);

/** One term with each kind of target, with masks and weights among them. */
export const terms: readonly Term[] = [
  { x: Float32Array.of(1, -2), y: 2 },
  { x: Float32Array.of(0.5, 1), y: 0, outputs: [0, 2], weight: 3 },
  { x: Float32Array.of(-1, 0.25), probabilities: Float32Array.of(0.2, 0.3, 0.5), temperature: 2, weight: 0.5 },
  { x: Float32Array.of(2, 1), logits: Float32Array.of(1, 0, -1), outputs: [1, 2] },
  { x: Float32Array.of(-0.5, -1), sigmoids: Float32Array.of(0, 1, 0.5) },
];
