import type { Input, Query, Term } from "@everlearn/contracts";
import { createLosses, createMemory, KernelVector, type Layout, type Losses, type Memory } from "@everlearn/wasm";
import { createFrames, type Frames, GROUP } from "./frames.js";
import { kernel as code } from "./kernel.wasm.js";
import type { MlpKernel } from "./kernel.js";
import type { Layer } from "./layout.js";

/** A kernel with the layers described to it: what all that a network computes has in common. */
export interface Engine {
  readonly memory: Memory<MlpKernel>;
  readonly layers: readonly Layer[];
  readonly frames: Frames;
  readonly losses: Losses;
  readonly theta: KernelVector;
  /** A query's logits, in frame 0. @returns its address */
  forward(query: Query): number;
  /** Takes queries to their logits, `GROUP` at a time, in the frames that begin at `place(i)` for the first of them, i. */
  forwardAll<Q extends Query>(
    queries: readonly Q[],
    place: (i: number) => number,
    visit: (query: Q, frame: number, i: number) => void,
  ): void;
  /** into ← what `add` adds up in it, for one query after the other, from their frames: gradients. */
  sum<Q extends Query>(
    into: KernelVector,
    queries: readonly Q[],
    add: (query: Q, frame: number, i: number) => void,
  ): void;
  /** A place for `forwardAll`: the same frames again and again. */
  reused(): number;
  /** The loss of a term whose logits are in a frame, its weight left out; fills the last layer's δ there. */
  loss(term: Term, frame: number): number;
}

/** Starts a kernel for these layers; θ is zeros. */
export function createEngine(layers: readonly Layer[], layout: Layout): Engine {
  const [{ inputs }] = layers;
  const { outputs } = layers[layers.length - 1];
  const memory = createMemory<MlpKernel>(code);
  const { kernel } = memory;
  const frames = createFrames(memory, layers);
  const { network } = frames;
  const losses = createLosses(memory, outputs);
  const bytes = memory.take(inputs + 64); // read up to a multiple of 64, where it stays zero
  const floats = memory.take(inputs * 4); // and these up to a multiple of 4
  const theta = new KernelVector(memory, layout);
  const marks = memory.take(inputs); // of the inputs that are not zero in all queries
  const logits = frames.outputs[layers.length - 1];

  /** Takes an input into a frame. */
  function read(frame: number, x: Input): void {
    if (x.length !== inputs) throw new RangeError(`The network takes ${inputs} input values, not ${x.length}.`);
    if (x instanceof Uint8Array) {
      memory.bytes.set(x, bytes);
      kernel.readBytes(network, frame, bytes, inputs);
    } else {
      memory.floats.set(x, floats / 4);
      kernel.readFloats(network, frame, floats, inputs);
    }
  }

  const reused = () => frames.at(0);

  const forwardAll: Engine["forwardAll"] = (queries, place, visit) => {
    const { size } = frames;
    for (let from = 0; from < queries.length; from += GROUP) {
      const n = Math.min(GROUP, queries.length - from);
      const first = place(from);
      for (let i = 0; i < n; i++) read(first + i * size, queries[from + i].x);
      kernel.forward(network, theta.address, first, first + n * size, size);
      for (let i = 0; i < n; i++) visit(queries[from + i], first + i * size, from + i);
    }
  };

  return {
    memory,
    layers,
    frames,
    losses,
    theta,
    forward({ x }) {
      const frame = frames.at(0);
      read(frame, x);
      kernel.forward(network, theta.address, frame, frame + 1, 1);
      return frame;
    },
    forwardAll,
    sum(into, queries, add) {
      into.clear();
      forwardAll(queries, reused, (query, frame, i) => {
        add(query, frame, i);
        kernel.mark(network, frame, marks);
      });
      into.confine((inputs / 2 + 2) * 8, (runs) => kernel.runs(network, marks, inputs, layout.length * 4, runs));
    },
    reused,
    loss: (term, frame) => losses.loss(term, frame + logits, frame + frames.delta),
  };
}
