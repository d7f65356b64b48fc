import type { Input, Network, Query, Random, Term } from "@everlearn/contracts";
import { createFrames, GROUP, kernelEnd } from "./frames.js";
import { createGradientGram, createGram } from "./gram.js";
import { type Layer, layout } from "./layout.js";
import { createLosses } from "./loss.js";
import { createMemory } from "./memory.js";
import { KernelVector } from "./vector.js";

/**
 * A multilayer perceptron: ReLU layers, softmax cross-entropy over the outputs, batch-1 SGD without a gradient buffer.
 * Weights begin uniform in ±√3·√(2/(fan-in + fan-out)) (Glorot & Bengio 2010), biases at 0.
 * @param hidden the sizes of the hidden layers; none for a linear model
 */
export function mlp(
  { hidden = [100, 100] }: { hidden?: readonly number[] },
  { inputs, outputs, random }: { inputs: number; outputs: number; random: Random },
): Network {
  const { layers, length } = layout([inputs, ...hidden, outputs]);
  const memory = createMemory(kernelEnd(layers.length));
  const { kernel } = memory;
  const frames = createFrames(memory, layers);
  const losses = createLosses(memory, layers[layers.length - 1]);
  const gradientGram = createGradientGram(memory, layers, frames);
  const vector = () => new KernelVector(memory, layers, length);
  const bytes = memory.take(inputs + 64); // read up to a multiple of 64, where it stays zero
  const floats = memory.take(inputs * 4);
  const theta = vector();
  theta.fromArray(initialWeights(layers, random));
  let scratch: KernelVector | undefined;
  let latest = Number.NaN; // loss

  /** Takes an input into a frame. */
  function read(frame: number, x: Input): void {
    if (x.length !== inputs) throw new RangeError(`The network takes ${inputs} input values, not ${x.length}.`);
    if (x instanceof Uint8Array) {
      memory.bytes.set(x, bytes);
      kernel.readBytes(frame, bytes, inputs);
    } else {
      memory.floats.set(x, floats / 4);
      kernel.readFloats(frame, floats, inputs);
    }
  }

  /** Takes queries to their logits, `GROUP` at a time, in the frames that begin at `place(i)` for the first of them, i. */
  function forwardAll<Q extends Query>(
    queries: readonly Q[],
    place: (i: number) => number,
    answer: (query: Q, frame: number, i: number) => void,
  ): void {
    const { size } = frames;
    for (let from = 0; from < queries.length; from += GROUP) {
      const n = Math.min(GROUP, queries.length - from);
      const first = place(from);
      for (let i = 0; i < n; i++) read(first + i * size, queries[from + i].x);
      kernel.forward(theta.address, first, first + n * size, size);
      for (let i = 0; i < n; i++) answer(queries[from + i], first + i * size, from + i);
    }
  }

  /** The same frames again and again. */
  const firstFrames = (): number => frames.at(0);

  /** Each query's values of a layer, before ReLU. */
  function valuesOf(layer: number, queries: readonly Query[]): Float32Array {
    const { outputs: n } = layers[layer];
    const values = new Float32Array(queries.length * n);
    forwardAll(queries, firstFrames, (_, frame, i) => {
      const start = (frame + frames.outputs[layer]) / 4;
      values.set(memory.floats.subarray(start, start + n), i * n);
    });
    return values;
  }

  function descendOne(term: Term, rate: number, clip: number): number {
    const frame = frames.at(0);
    const { weight = 1 } = term;
    read(frame, term.x);
    kernel.forward(theta.address, frame, frame + 1, 1);
    const loss = losses.of(frame, term);
    if (clip === Infinity) kernel.descend(theta.address, frame, rate * weight);
    else {
      kernel.backward(theta.address, frame);
      kernel.update(theta.address, frame, rate * weight * shrink(weight * weight * kernel.squaredNorm(frame), clip));
    }
    return weight * loss;
  }

  /** All gradients are taken at the old θ, each in its frame, before the first of them changes it. */
  function descendAll(batch: readonly Term[], rate: number): number {
    let sum = 0;
    forwardAll(batch, frames.at, (term, frame) => {
      sum += (term.weight ?? 1) * losses.of(frame, term);
      kernel.backward(theta.address, frame);
    });
    batch.forEach(({ weight = 1 }, i) => {
      kernel.update(theta.address, frames.at(i), (rate * weight) / batch.length);
    });
    return sum / batch.length;
  }

  /** into ← ∇loss. @returns the loss */
  function gradient(batch: readonly Term[], into: KernelVector): number {
    into.clear();
    let sum = 0;
    forwardAll(batch, firstFrames, (term, frame) => {
      const { weight = 1 } = term;
      sum += weight * losses.of(frame, term);
      kernel.backward(theta.address, frame);
      kernel.update(into.address, frame, -weight / batch.length);
    });
    return sum / batch.length;
  }

  return {
    theta,
    inputs,
    outputs,
    get loss() {
      return latest;
    },
    layers: layers.map((layer) => (layer.inputs + 1) * layer.outputs),
    vector,
    gram: createGram(memory, layers),
    descend(batch, rate, { clip = Infinity } = {}) {
      if (batch.length === 0) throw new RangeError("A step needs at least one example.");
      if (batch.length === 1) latest = descendOne(batch[0], rate, clip);
      else if (clip === Infinity) latest = descendAll(batch, rate);
      else {
        scratch ??= vector();
        latest = gradient(batch, scratch);
        theta.add(scratch, -rate * shrink(scratch.dot(scratch), clip));
      }
      return latest;
    },
    gradient(batch, into = vector()) {
      if (batch.length === 0) throw new RangeError("A gradient needs at least one example.");
      if (!(into instanceof KernelVector)) throw new TypeError("The gradient goes into a vector of this network.");
      latest = gradient(batch, into);
      return into;
    },
    gradientGram(batch) {
      forwardAll(batch, frames.at, (term, frame) => {
        losses.of(frame, term);
        kernel.backward(theta.address, frame);
      });
      return gradientGram(batch.length);
    },
    step(gradient, rate) {
      if (typeof rate === "number") theta.add(gradient, -rate);
      else theta.addProduct(rate, gradient, -1);
    },
    losses(batch) {
      const values = new Float32Array(batch.length);
      forwardAll(batch, firstFrames, (term, frame, i) => {
        values[i] = losses.of(frame, term);
      });
      return values;
    },
    predict(queries) {
      const answers = new Uint16Array(queries.length);
      forwardAll(queries, firstFrames, (query, frame, i) => {
        answers[i] = kernel.predict(frame, losses.mask(query));
      });
      return answers;
    },
    logits: (queries) => valuesOf(layers.length - 1, queries),
    features(queries) {
      if (layers.length > 1) {
        const values = valuesOf(layers.length - 2, queries);
        for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i], 0);
        return values;
      }
      const values = new Float32Array(queries.length * inputs);
      queries.forEach(({ x }, i) => {
        values.set(x instanceof Uint8Array ? Float32Array.from(x, (byte) => byte / 255) : x, i * inputs);
      });
      return values;
    },
    save: () => theta.toArray(),
    load(state) {
      theta.fromArray(state as Float32Array);
    },
    dispose() {
      // The memory goes with the network, to the garbage collector.
    },
  };
}

/** The factor that brings a gradient of this squared norm down to the norm `clip`. */
function shrink(squaredNorm: number, clip: number): number {
  const norm = Math.sqrt(squaredNorm);
  return norm > clip ? clip / norm : 1;
}

function initialWeights(layers: readonly Layer[], random: Random): Float32Array {
  return Float32Array.from(
    layers.flatMap(({ inputs, outputs }) => {
      const bound = Math.sqrt(3) * Math.sqrt(2 / (inputs + outputs));
      const weights = Array.from({ length: inputs * outputs }, () => (2 * random.uniform() - 1) * bound);
      return [...weights, ...new Array<number>(outputs).fill(0)];
    }),
  );
}
