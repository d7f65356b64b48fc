import type { Query } from "@everlearn/contracts";
import type { Memory } from "@everlearn/wasm";
import type { ConvnetKernel } from "./kernel.js";
import type { Placed } from "./room.js";

/** Ways of numbers between JavaScript and a kernel's images. */
export interface Transfer {
  /** Takes a query's input to example `i` of an image. @throws RangeError where it has another size */
  read(query: Query, to: Placed, i: number): void;
  /** Values of an image or derivatives by them, row by row, channels last, for `n` examples. */
  valuesOf(from: Placed, n: number, what: "values" | "deltas"): Float32Array;
  /** Adds derivatives to those that are there. */
  addDeltas(values: Float32Array, to: Placed, n: number): void;
}

export function createTransfer(memory: Memory<ConvnetKernel>, inputs: number): Transfer {
  const { kernel } = memory;
  const bytes = memory.take(inputs);
  const numbers = memory.take(inputs * 4);
  let room = 0;
  let floats = 0; // that have room there

  function roomFor(n: number): number {
    if (n > floats) {
      floats = 2 * n; // what was taken before stays behind: at most as much again
      room = memory.take(floats * 4);
    }
    return room;
  }

  return {
    read({ x }, to, i) {
      if (x.length !== inputs) throw new RangeError(`The network takes ${inputs} input values, not ${x.length}.`);
      const pixel = to.values + i * to.bytes;
      if (x instanceof Uint8Array) {
        memory.bytes.set(x, bytes);
        kernel.readBytes(to.record, pixel, bytes, to.image.channels);
      } else {
        memory.floats.set(x, numbers / 4);
        kernel.readFloats(to.record, pixel, numbers, to.image.channels);
      }
    },
    valuesOf(from, n, what) {
      const { height, width, channels } = from.image;
      const each = height * width * channels;
      const address = roomFor(n * each);
      kernel.flatten(from.record, from[what], address, each, channels, n);
      return memory.floats.slice(address / 4, address / 4 + n * each);
    },
    addDeltas(values, to, n) {
      const address = roomFor(values.length);
      memory.floats.set(values, address / 4);
      kernel.flattenBackward(to.record, to.deltas, address, values.length / n, to.image.channels, n);
    },
  };
}
