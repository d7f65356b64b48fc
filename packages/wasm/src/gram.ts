import type { Vector } from "@everlearn/contracts";
import type { Layout } from "./layout.js";
import type { Memory } from "./memory.js";
import { KernelVector } from "./vector.js";

/** Bytes of the kernel's chunk, as in kernel/gram.ts. */
const CHUNK = 4096;
/** The most bytes of a segment: of a hundred vectors they fit the nearest cache. */
const SEGMENT = 512;

/** Answers the inner products of vectors with this layout: n × n, row by row. */
export function createGram(memory: Memory, layout: Layout): (vectors: readonly Vector[]) => Float64Array {
  const ends = segmentEnds(layout);
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
    const addresses = vectors.map((v) => KernelVector.in(memory, v).address);
    memory.words.set(addresses, list / 4);
    memory.doubles.fill(0, into / 8, into / 8 + n * n);
    memory.words.fill(0, room / 4, room / 4 + n * n * 4);
    memory.kernel.gram(list, n, into, room, endsAt, ends.length);
    return mirrored(memory.doubles.slice(into / 8, into / 8 + n * n), n);
  };
}

/** n × n numbers that are given on and below the diagonal, made symmetric in place. */
export function mirrored(products: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) products[i * n + j] = products[j * n + i];
  return products;
}

/** Where the segments of a vector end, in bytes: each is of whole rows as far as these, its length and chunks allow. */
function segmentEnds({ length, blocks }: Layout): number[] {
  const ends: number[] = [];
  let start = 0; // of the segment
  let row = 0; // the end of the last whole row
  /** Goes on to where a row ends; closes segments that would become too long with it. */
  function proceed(next: number): void {
    for (;;) {
      const limit = Math.min(start + SEGMENT, (Math.floor(start / CHUNK) + 1) * CHUNK);
      if (next <= limit) break;
      start = row > start && row <= limit ? row : limit;
      ends.push(start);
    }
    row = next;
  }
  for (const { offset, rows, stride } of blocks)
    for (let i = 1; i <= rows; i++) proceed(Math.min(offset + i * stride, length) * 4);
  proceed(length * 4);
  return [...ends, row];
}
