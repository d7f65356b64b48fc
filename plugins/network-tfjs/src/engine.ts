import type { Query, Random, Vector } from "@everlearn/contracts";
import * as tf from "@tensorflow/tfjs-core";
import { type Anatomy, valueOf } from "./anatomy.js";
import { type Backend, translated, useBackend } from "./backend.js";
import { densePasses, type Passes, tapePasses } from "./passes.js";
import { type Cell, createCell, createVectors, type Run, type Vectors } from "./vector.js";

/** What a network is made for. */
export interface Setting {
  readonly backend: Backend;
  readonly inputs: number;
  readonly outputs: number;
  readonly random: Random;
}

/** A model on its backend: what all that a network computes has in common. */
export interface Engine {
  readonly anatomy: Anatomy;
  readonly inputs: number;
  readonly outputs: number;
  readonly vectors: Vectors;
  readonly theta: Vector;
  /** The numbers of θ. */
  readonly parameters: Cell;
  readonly run: Run;
  /** The model's passes, at θ as it is now; within `run`. */
  passes(): Passes;
  /** Inputs as the model takes them, `rows` of them, what there is no query for filled with zeros; within `run`. */
  tensorOf(queries: readonly Query[], rows?: number): tf.Tensor;
  /** Lets go of all tensors. Twice is allowed. */
  dispose(): void;
}

/** Takes a model's weights over as θ. */
export function createEngine(anatomy: Anatomy, { backend, inputs, outputs }: Setting): Engine {
  const { layers, shape, dense } = anatomy;
  const passes = dense ? densePasses(anatomy, dense) : tapePasses(anatomy);
  const vectors = createVectors(
    layers.reduce((sum, count) => sum + count, 0),
    run,
  );
  const cell = createCell(
    run(() => tf.keep(tf.concat1d(anatomy.weights.map((weight) => tf.reshape(valueOf(weight), [-1]))))),
  );
  let stale = true; // the model's parameters are not θ's
  let disposed = false;
  const parameters: Cell = {
    ...cell,
    write(tensor) {
      cell.write(tensor);
      stale = true;
    },
  };

  function run<T>(compute: () => T): T {
    useBackend(backend);
    try {
      return tf.tidy(compute as () => tf.TensorContainer) as T;
    } catch (error) {
      throw translated(error);
    }
  }

  return {
    anatomy,
    inputs,
    outputs,
    vectors,
    theta: vectors.over(parameters),
    parameters,
    run,
    passes() {
      if (stale) passes.set(cell.read());
      stale = false;
      return passes;
    },
    tensorOf(queries, rows = queries.length) {
      const values = new Float32Array(rows * inputs);
      queries.forEach(({ x }, i) => {
        if (x.length !== inputs) throw new RangeError(`The network takes ${inputs} input values, not ${x.length}.`);
        const at = i * inputs;
        if (x instanceof Uint8Array) for (let j = 0; j < inputs; j++) values[at + j] = x[j] / 255;
        else values.set(x, at);
      });
      return tf.tensor(values, [rows, ...shape]);
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
