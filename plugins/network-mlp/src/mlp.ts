import { DivergedError, type Example, type Input, type Network, type Query, type Random } from "@everlearn/contracts";
import { type Layer, layout } from "./layout.js";
import { createMemory, type Memory } from "./memory.js";
import { KernelVector } from "./vector.js";

// As in kernel/layout.ts.
const TABLE = 3328;
const LAYER = 32;
const LIST_HEAD = 16;

/** Queries that go through the layers together. */
const GROUP = 8;

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
  const memory = createMemory(TABLE + layers.length * LAYER);
  const { kernel } = memory;
  const frames = createFrames(memory, layers);
  const masks = createMasks(memory, layers[layers.length - 1]);
  const vector = () => new KernelVector(memory, layers, length);
  const bytes = memory.take(inputs + 64); // read up to a multiple of 64, where it stays zero
  const floats = memory.take(inputs * 4);
  const theta = vector();
  theta.fromArray(initialWeights(layers, random));
  let scratch: KernelVector | undefined;

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

  /** Takes queries to their logits, as many at a time as there are frames in the group. */
  function forwardAll(queries: readonly Query[], answer: (i: number, frame: number) => void): void {
    const { group, size } = frames;
    for (let from = 0; from < queries.length; from += GROUP) {
      const n = Math.min(GROUP, queries.length - from);
      for (let i = 0; i < n; i++) read(group + i * size, queries[from + i].x);
      kernel.forward(theta.address, group, group + n * size, size);
      for (let i = 0; i < n; i++) answer(from + i, group + i * size);
    }
  }

  /** Takes an example into a frame, up to the last layer's δ. @returns its loss */
  function lossOf(frame: number, example: Example): number {
    if (!(example.y >= 0 && example.y < outputs && Number.isInteger(example.y)))
      throw new RangeError(`The network has outputs 0 to ${outputs - 1}; an example's y is ${example.y}.`);
    if (example.outputs !== undefined && !example.outputs.includes(example.y))
      throw new RangeError(
        `An example's y is ${example.y}, which is not among its outputs ${example.outputs.join(", ")}.`,
      );
    read(frame, example.x);
    kernel.forward(theta.address, frame, frame + 1, 1);
    const loss = kernel.loss(frame, example.y, masks.of(example));
    if (!Number.isFinite(loss)) throw new DivergedError(loss);
    return loss;
  }

  /** into ← ∇(mean loss). @returns the mean loss */
  function gradient(batch: readonly Example[], into: KernelVector): number {
    const frame = frames.at(0);
    into.times(0);
    let sum = 0;
    for (const example of batch) {
      sum += lossOf(frame, example);
      kernel.backward(theta.address, frame);
      kernel.update(into.address, frame, -1 / batch.length);
    }
    return sum / batch.length;
  }

  function descendOne(example: Example, rate: number, clip: number): number {
    const frame = frames.at(0);
    const loss = lossOf(frame, example);
    if (clip === Infinity) kernel.descend(theta.address, frame, rate);
    else {
      kernel.backward(theta.address, frame);
      kernel.update(theta.address, frame, rate * shrink(kernel.squaredNorm(frame), clip));
    }
    return loss;
  }

  /** All gradients are taken at the old θ, each in its frame, before the first of them changes it. */
  function descendAll(batch: readonly Example[], rate: number): number {
    let sum = 0;
    batch.forEach((example, i) => {
      const frame = frames.at(i);
      sum += lossOf(frame, example);
      kernel.backward(theta.address, frame);
    });
    for (let i = 0; i < batch.length; i++) kernel.update(theta.address, frames.at(i), rate / batch.length);
    return sum / batch.length;
  }

  return {
    theta,
    inputs,
    outputs,
    vector,
    descend(batch, rate, { clip = Infinity } = {}) {
      if (batch.length === 0) throw new RangeError("A step needs at least one example.");
      if (batch.length === 1) return descendOne(batch[0], rate, clip);
      if (clip === Infinity) return descendAll(batch, rate);
      scratch ??= vector();
      const loss = gradient(batch, scratch);
      theta.add(scratch, -rate * shrink(scratch.dot(scratch), clip));
      return loss;
    },
    gradient(batch, into = vector()) {
      if (!(into instanceof KernelVector)) throw new TypeError("The gradient goes into a vector of this network.");
      gradient(batch, into);
      return into;
    },
    predict(queries) {
      const answers = new Uint16Array(queries.length);
      forwardAll(queries, (i, frame) => {
        answers[i] = kernel.predict(frame, masks.of(queries[i]));
      });
      return answers;
    },
    logits(queries) {
      const logits = new Float32Array(queries.length * outputs);
      forwardAll(queries, (i, frame) => {
        const start = (frame + frames.logits) / 4;
        logits.set(memory.floats.subarray(start, start + outputs), i * outputs);
      });
      return logits;
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

interface Frames {
  /** Bytes of a frame. */
  readonly size: number;
  /** Where in a frame the logits are. */
  readonly logits: number;
  /** The first of GROUP frames side by side. */
  readonly group: number;
  /** The address of frame `i`, for batches of any size. */
  at(i: number): number;
}

/** Describes the layers to the kernel, and takes a frame's room when it is first asked for. */
function createFrames(memory: Memory, layers: readonly Layer[]): Frames {
  let size = 0;
  const place = (bytes: number): number => {
    const offset = size;
    size += Math.ceil(bytes / 16) * 16;
    return offset;
  };
  let logits = 0;
  layers.forEach(({ inputs, stride, weights, biases }, i) => {
    const list = place(LIST_HEAD + (inputs + 4) * 8); // a list may be written four entries beyond its end
    logits = place(stride * 4);
    memory.words.set([weights * 4, biases * 4, stride * 4, list, logits, place(stride * 4)], (TABLE + i * LAYER) / 4);
  });
  memory.kernel.init(layers.length);
  const frames: number[] = [];
  return {
    size,
    logits,
    group: memory.take(GROUP * size),
    at(i) {
      while (frames.length <= i) frames.push(memory.take(size));
      return frames[i];
    },
  };
}

/** Lanes of ones for the outputs that take part: for most examples all of them. */
function createMasks(memory: Memory, { outputs, stride }: Layer): { of(query: Query): number } {
  const all = memory.take(stride * 4);
  const some = memory.take(stride * 4);
  memory.words.fill(0xffffffff, all / 4, all / 4 + outputs);
  return {
    of({ outputs: chosen }) {
      if (chosen === undefined) return all;
      memory.words.fill(0, some / 4, some / 4 + stride);
      for (const output of chosen) {
        if (!(output >= 0 && output < outputs && Number.isInteger(output)))
          throw new RangeError(`The network has outputs 0 to ${outputs - 1}, not ${output}.`);
        memory.words[some / 4 + output] = 0xffffffff;
      }
      return some;
    },
  };
}
