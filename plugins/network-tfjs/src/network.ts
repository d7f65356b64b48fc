import { type Network, type Query, type Random, type State, type Term } from "@everlearn/contracts";
import * as tf from "@tensorflow/tfjs-core";
import { type Anatomy, valueOf } from "./anatomy.js";
import { type Backend, translated, useBackend } from "./backend.js";
import { drawingFrom } from "./chance.js";
import { checkOutputs, checkTerm, judge, lossesOf } from "./loss.js";
import { densePasses, tapePasses } from "./passes.js";
import { type Cell, createCell, createVectors, productsOf } from "./vector.js";

/** Queries go through the model so many at a time, filled up with zeros: an answer's bits depend on how many there are. */
const QUERIES = 16;

/** A gradient is taken over so many terms at a time, so that memory does not grow with a buffer. */
const TERMS = 256;

type Saved = { readonly theta: Float32Array; readonly statistics: readonly Float32Array[]; readonly random: State };

/**
 * A model as a network.
 * @param random draws what training draws, such as dropout's masks
 */
export function createNetwork(
  anatomy: Anatomy,
  { backend, inputs, outputs, random }: { backend: Backend; inputs: number; outputs: number; random: Random },
): Network {
  const { layers, shape, statistics, dense } = anatomy;
  const length = layers.reduce((sum, count) => sum + count, 0);
  const passes = dense ? densePasses(anatomy, dense) : tapePasses(anatomy);
  const together = statistics.length > 0; // a batch's examples are normalised with each other
  const chance = random.fork("training");
  const vectors = createVectors(length, run);
  const cell = createCell(
    run(() => tf.keep(tf.concat1d(anatomy.weights.map((weight) => tf.reshape(valueOf(weight), [-1]))))),
  );
  let stale = true; // the model's parameters are not θ's
  let latest = Number.NaN; // loss
  let disposed = false;
  const parameters: Cell = {
    ...cell,
    write(tensor) {
      cell.write(tensor);
      stale = true;
    },
  };
  const theta = vectors.over(parameters);

  function run<T>(compute: () => T): T {
    useBackend(backend);
    try {
      return tf.tidy(compute as () => tf.TensorContainer) as T;
    } catch (error) {
      throw translated(error);
    }
  }

  function refresh(): void {
    if (stale) passes.set(cell.read());
    stale = false;
  }

  /** Inputs as the model takes them, `rows` of them. */
  function tensorOf(queries: readonly Query[], rows = queries.length): tf.Tensor {
    const values = new Float32Array(rows * inputs);
    queries.forEach(({ x }, i) => {
      if (x.length !== inputs) throw new RangeError(`The network takes ${inputs} input values, not ${x.length}.`);
      const at = i * inputs;
      if (x instanceof Uint8Array) for (let j = 0; j < inputs; j++) values[at + j] = x[j] / 255;
      else values.set(x, at);
    });
    return tf.tensor(values, [rows, ...shape]);
  }

  /** The gradient of the loss times `scale`; remembers the loss. */
  function differentiate(batch: readonly Term[], scale: number): tf.Tensor1D {
    for (const term of batch) checkTerm(term, outputs);
    refresh();
    const size = together ? batch.length : TERMS;
    let [sum, total]: [number, tf.Tensor1D | undefined] = [0, undefined];
    for (let from = 0; from < batch.length; from += size) {
      const part = batch.slice(from, from + size);
      const share = part.length / batch.length;
      const gradient = tf.tidy(() =>
        drawingFrom(chance, () =>
          passes.differentiate(tensorOf(part), (logits) => {
            const { loss, delta } = judge(part, logits, outputs, scale * share);
            sum += share * loss;
            return delta;
          }),
        ),
      );
      total = total ? tf.add(total, gradient) : gradient;
    }
    latest = sum;
    return total as tf.Tensor1D;
  }

  /** What the model makes of queries, part by part. */
  function answers(queries: readonly Query[], wanted: "features" | "logits"): Float32Array {
    let all: Float32Array | undefined;
    for (let from = 0; from < queries.length; from += QUERIES) {
      const part = queries.slice(from, from + QUERIES);
      const values = run(() => {
        refresh();
        return passes.answer(tensorOf(part, QUERIES))[wanted].dataSync<"float32">().slice();
      });
      const width = values.length / QUERIES;
      all ??= new Float32Array(queries.length * width);
      all.set(values.subarray(0, part.length * width), from * width);
    }
    return all ?? new Float32Array();
  }

  return {
    theta,
    inputs,
    outputs,
    get loss() {
      return latest;
    },
    layers,
    vector: vectors.create,
    gram: vectors.gram,
    descend(batch, rate, { clip = Infinity } = {}) {
      if (batch.length === 0) throw new RangeError("A step needs at least one example.");
      run(() => {
        let change = differentiate(batch, clip === Infinity ? rate : 1);
        if (clip !== Infinity) {
          const norm = tf.sqrt(tf.sum(tf.square(change)));
          change = tf.mul(change, tf.mul(rate, tf.div(clip, tf.maximum(norm, clip))));
        }
        parameters.write(tf.keep(tf.sub(cell.read(), change)));
      });
      return latest;
    },
    gradient(batch, into = vectors.create()) {
      if (batch.length === 0) throw new RangeError("A gradient needs at least one example.");
      const target = vectors.cellOf(into);
      run(() => target.write(tf.keep(differentiate(batch, 1))));
      return into;
    },
    gradientGram(batch) {
      const before = latest;
      const products = run(() => productsOf(batch.map((term) => differentiate([{ ...term, weight: 1 }], 1))));
      latest = before;
      return products;
    },
    step(gradient, rate) {
      if (typeof rate === "number") theta.add(gradient, -rate);
      else theta.addProduct(rate, gradient, -1);
    },
    losses(batch) {
      for (const term of batch) checkTerm(term, outputs);
      return lossesOf(batch, answers(batch, "logits"), outputs);
    },
    predict(queries) {
      for (const query of queries) checkOutputs(query, outputs);
      const logits = answers(queries, "logits");
      return Uint16Array.from(queries, ({ outputs: chosen }, i) => best(logits, i * outputs, outputs, chosen));
    },
    logits: (queries) => answers(queries, "logits"),
    features: (queries) => answers(queries, "features"),
    save: (): Saved => ({
      theta: theta.toArray(),
      statistics: run(() => statistics.map((weight) => valueOf(weight).dataSync<"float32">().slice())),
      random: chance.save(),
    }),
    load(state) {
      const saved = state as Saved;
      theta.fromArray(saved.theta);
      run(() =>
        statistics.forEach((weight, i) => {
          const variable = valueOf(weight);
          variable.assign(tf.tensor(saved.statistics[i].slice(), variable.shape));
        }),
      );
      chance.load(saved.random);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      run(() => {
        vectors.dispose();
        cell.dispose();
        passes.dispose();
      });
    },
  };
}

/** The first of the largest logits of a query's outputs, which begin `at`. */
function best(logits: Float32Array, at: number, outputs: number, chosen: readonly number[] | undefined): number {
  if (chosen !== undefined) return chosen.reduce((top, o) => (logits[at + o] > logits[at + top] ? o : top));
  let top = 0;
  for (let o = 1; o < outputs; o++) if (logits[at + o] > logits[at + top]) top = o;
  return top;
}
