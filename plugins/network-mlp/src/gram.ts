import type { Vector } from "@everlearn/contracts";
import type { Frames } from "./frames.js";
import type { Layer } from "./layout.js";
import type { Memory } from "./memory.js";
import { KernelVector } from "./vector.js";

/** Bytes of the kernel's chunk, as in kernel/gram.ts. */
const CHUNK = 4096;
/** The most bytes of a segment: of a hundred vectors they fit the nearest cache. */
const SEGMENT = 512;

/** The inner products of vectors of a network with these layers. */
export function createGram(memory: Memory, layers: readonly Layer[]): (vectors: readonly Vector[]) => Float64Array {
  const ends = segmentEnds(layers);
  const endsAt = memory.take(ends.length * 4);
  memory.words.set(ends, endsAt / 4);
  let most = 0;
  let list = 0;
  let into = 0;
  let room = 0;
  return (vectors) => {
    const n = vectors.length;
    if (n > most) {
      most = 2 * n; // what was taken before stays behind: at most as much again
      list = memory.take(most * 4);
      into = memory.take(most * most * 8);
      room = memory.take(most * most * 16 + (most + 1) * 12);
    }
    const addresses = vectors.map((v) => KernelVector.addressOf(v, memory));
    memory.words.set(addresses, list / 4);
    memory.doubles.fill(0, into / 8, into / 8 + n * n);
    memory.words.fill(0, room / 4, room / 4 + n * n * 4);
    memory.kernel.gram(list, n, into, room, endsAt, ends.length);
    return symmetric(memory.doubles.slice(into / 8, into / 8 + n * n), n);
  };
}

/** n × n numbers that are given on and below the diagonal. */
function symmetric(products: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) products[i * n + j] = products[j * n + i];
  return products;
}

/** The inner products of the gradients in the first `n` frames, which hold their lists and δ. */
export function createGradientGram(
  memory: Memory,
  layers: readonly Layer[],
  frames: Frames,
): (n: number) => Float64Array {
  const dense = memory.take(Math.max(...layers.map(({ inputs }) => inputs)) * 4);
  let most = 0;
  let list = 0;
  let into = 0;
  return (n) => {
    if (n > most) {
      most = 2 * n;
      list = memory.take(most * 4);
      into = memory.take(most * most * 8);
    }
    for (let i = 0; i < n; i++) memory.words[list / 4 + i] = frames.at(i);
    memory.doubles.fill(0, into / 8, into / 8 + n * n);
    memory.kernel.gradientGram(list, n, into, dense);
    return symmetric(memory.doubles.slice(into / 8, into / 8 + n * n), n);
  };
}

/** Where the segments of a vector end, in bytes: each is of whole rows as far as these, its length and chunks allow. */
function segmentEnds(layers: readonly Layer[]): number[] {
  const ends: number[] = [];
  let start = 0;
  let row = 0;
  for (const { inputs, stride } of layers) {
    // The biases follow the weights as one more row.
    for (let i = 0; i <= inputs; i++) {
      const next = row + stride * 4;
      for (;;) {
        const limit = Math.min(start + SEGMENT, (Math.floor(start / CHUNK) + 1) * CHUNK);
        if (next <= limit) break;
        start = row > start && row <= limit ? row : limit;
        ends.push(start);
      }
      row = next;
    }
  }
  return [...ends, row];
}
