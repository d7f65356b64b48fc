import type { Memory } from "@everlearn/wasm";
import type { MlpKernel } from "./kernel.js";
import type { Layer } from "./layout.js";

/** Bytes of a list before its first entry, as in kernel/layout.h. */
const LIST_HEAD = 16;

/** Queries that go through the layers together. */
export const GROUP = 8;

/** Room for what one example needs in each layer: its list of inputs, outputs and δ. */
export interface Frames {
  /** The address of the table that describes the layers to the kernel. */
  readonly network: number;
  /** Bytes of a frame. */
  readonly size: number;
  /** Where in a frame each layer's outputs are, before ReLU. */
  readonly outputs: readonly number[];
  /** Where in a frame the last layer's δ is. */
  readonly delta: number;
  /** The address of frame `i`, for batches of any size; GROUP at a time, from a multiple of it on, are side by side. */
  at(i: number): number;
}

/** Describes the layers to the kernel, and takes a frame's room when it is first asked for. */
export function createFrames(memory: Memory<MlpKernel>, layers: readonly Layer[]): Frames {
  let size = 0;
  const place = (bytes: number): number => {
    const offset = size;
    size += Math.ceil(bytes / 16) * 16;
    return offset;
  };
  const outputs: number[] = [];
  const table = [layers.length];
  let delta = 0;
  layers.forEach(({ inputs, stride, weights, biases }, i) => {
    const list = place(LIST_HEAD + (inputs + 4) * 8); // a list may be written four entries beyond its end
    outputs.push(place(stride * 4));
    delta = place(stride * 4);
    table.push(weights * 4, biases * 4, stride * 4, list, outputs[i], delta);
  });
  const network = memory.take(table.length * 4);
  memory.words.set(table, network / 4);
  const frames: number[] = [];
  return {
    network,
    size,
    outputs,
    delta,
    at(i) {
      while (frames.length <= i) {
        const first = memory.take(GROUP * size);
        for (let j = 0; j < GROUP; j++) frames.push(first + j * size);
      }
      return frames[i];
    },
  };
}
