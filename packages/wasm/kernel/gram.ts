// The inner products of many vectors with each other. They go through the caches a chunk at a time, and within a chunk by
// segments, about a row of weights each: in the gradient of a few examples whole rows are zeros, those of inputs that are
// zero in all of them. Leaving such a segment out leaves every sum as it is, to the bit.

import { sumLanes } from "./lanes";

/** Bytes of which every sum is taken in float32, four lanes side by side; chunk by chunk they go on in float64. */
const CHUNK: usize = 4096;

// @ts-ignore: decorator
@inline
function u32At(list: usize, i: usize): usize {
  return load<u32>(list + (i << 2));
}

/** A bit for each segment in which a vector has a number that is not zero. */
function occupied(vector: usize, from: usize, ends: usize, last: usize): u32 {
  let bits: u32 = 0;
  let at = vector + from;
  for (let segment = ends; segment < last; segment += 4) {
    let any = v128.load(at);
    at += 16;
    for (const end = vector + <usize>load<u32>(segment); at < end; at += 16) any = v128.or(any, v128.load(at));
    bits |= <u32>v128.any_true(any) << <u32>((segment - ends) >> 2);
  }
  return bits;
}

/**
 * Adds the products of bytes [from, to) to the sums of all pairs of the listed vectors, two by four at a time, so that
 * eight sums go on side by side. An entry of the list [first, end) is a u32 number and a u32 address. Where there is no
 * other vector to make up two or four, one is taken twice, which stores the same sums twice.
 */
function addProducts(first: usize, end: usize, count: usize, from: usize, to: usize, sums: usize): void {
  const last = end - 8;
  for (let p = first; p < end; p += 16) {
    const p1 = min(p + 8, last);
    const a0 = <usize>load<u32>(p, 4);
    const a1 = <usize>load<u32>(p1, 4);
    const row0 = sums + ((<usize>load<u32>(p) * count) << 4);
    const row1 = sums + ((<usize>load<u32>(p1) * count) << 4);
    for (let q = first; q <= p1; q += 32) {
      const q1 = min(q + 8, p1);
      const q2 = min(q + 16, p1);
      const q3 = min(q + 24, p1);
      const b0 = <usize>load<u32>(q, 4);
      const b1 = <usize>load<u32>(q1, 4);
      const b2 = <usize>load<u32>(q2, 4);
      const b3 = <usize>load<u32>(q3, 4);
      const c0 = <usize>load<u32>(q) << 4;
      const c1 = <usize>load<u32>(q1) << 4;
      const c2 = <usize>load<u32>(q2) << 4;
      const c3 = <usize>load<u32>(q3) << 4;
      let s00 = v128.load(row0 + c0), s01 = v128.load(row0 + c1), s02 = v128.load(row0 + c2), s03 = v128.load(row0 + c3);
      let s10 = v128.load(row1 + c0), s11 = v128.load(row1 + c1), s12 = v128.load(row1 + c2), s13 = v128.load(row1 + c3);
      for (let at = from; at < to; at += 16) {
        const x0 = v128.load(a0 + at);
        const x1 = v128.load(a1 + at);
        const y0 = v128.load(b0 + at);
        s00 = f32x4.add(s00, f32x4.mul(x0, y0));
        s10 = f32x4.add(s10, f32x4.mul(x1, y0));
        const y1 = v128.load(b1 + at);
        s01 = f32x4.add(s01, f32x4.mul(x0, y1));
        s11 = f32x4.add(s11, f32x4.mul(x1, y1));
        const y2 = v128.load(b2 + at);
        s02 = f32x4.add(s02, f32x4.mul(x0, y2));
        s12 = f32x4.add(s12, f32x4.mul(x1, y2));
        const y3 = v128.load(b3 + at);
        s03 = f32x4.add(s03, f32x4.mul(x0, y3));
        s13 = f32x4.add(s13, f32x4.mul(x1, y3));
      }
      v128.store(row0 + c0, s00);
      v128.store(row0 + c1, s01);
      v128.store(row0 + c2, s02);
      v128.store(row0 + c3, s03);
      v128.store(row1 + c0, s10);
      v128.store(row1 + c1, s11);
      v128.store(row1 + c2, s12);
      v128.store(row1 + c3, s13);
    }
  }
}

/**
 * The inner products of `count` vectors, whose addresses (u32) are at `list`: count × count float64 at `into`, which are
 * zeros before; on and below the diagonal.
 * @param room 16 · count² zero bytes, which are zeros again afterwards on and below the diagonal, then 12 · (count + 1)
 * @param ends the ends of all segments (u32), in bytes from a vector's beginning, at most 32 of them in a chunk; there is
 *   one at every end of a chunk
 */
export function gram(list: usize, count: usize, into: usize, room: usize, ends: usize, segments: usize): void {
  const occupancy = room + ((count * count) << 4);
  const some = occupancy + ((count + 1) << 2);
  const stop = ends + (segments << 2);
  let from: usize = 0;
  while (ends < stop) {
    let last = ends;
    while (last < stop && <usize>load<u32>(last) <= from + CHUNK) last += 4;
    for (let i: usize = 0; i < count; i++) store<u32>(occupancy + (i << 2), occupied(u32At(list, i), from, ends, last));
    for (let segment = ends, bit: u32 = 0; segment < last; segment += 4, bit++) {
      let entry = some;
      for (let i: usize = 0; i < count; i++) {
        store<u32>(entry, <u32>i);
        store<u32>(entry, <u32>u32At(list, i), 4);
        entry += ((u32At(occupancy, i) >> bit) & 1) << 3; // or else it is overwritten next
      }
      const to = <usize>load<u32>(segment);
      addProducts(some, entry, count, from, to, room);
      from = to;
    }
    ends = last;
    for (let i: usize = 0; i < count; i++) {
      for (let j: usize = 0; j <= i; j++) {
        const sum = room + ((i * count + j) << 4);
        const out = into + ((i * count + j) << 3);
        store<f64>(out, load<f64>(out) + <f64>sumLanes(v128.load(sum)));
        v128.store(sum, f32x4.splat(0));
      }
    }
  }
}
