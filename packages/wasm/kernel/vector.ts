// Flat operations over n float32, n a multiple of 4; sixteen at a time, so that counting costs little. Those that add up go
// through runs [runs, end) instead, each an u32 place and an u32 length in bytes: outside of them every term is zero, and
// leaving it out leaves every sum as it is.

import { product2 } from "./lanes";

export function copy(to: usize, from: usize, n: usize): void {
  memory.copy(to, from, n << 2);
}

/** Where a run begins, in bytes from a vector's beginning. */
// @ts-ignore: decorator
@inline
function place(run: usize): usize {
  return <usize>load<u32>(run);
}

/** Its length in bytes, a multiple of 16. */
// @ts-ignore: decorator
@inline
function length(run: usize): usize {
  return <usize>load<u32>(run, 4);
}

/** a ← 0 in the runs */
export function clear(a: usize, runs: usize, end: usize): void {
  for (; runs < end; runs += 8) memory.fill(a + place(runs), 0, length(runs));
}

/** What is left of n float32 behind the last sixteen, in bytes from the beginning: where sixteen at a time end. */
// @ts-ignore: decorator
@inline
function sixteens(n: usize): usize {
  return (n << 2) & ~63;
}

// @ts-ignore: decorator
@inline
function add4(a: usize, b: usize, s: v128): void {
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, v128.load(b))));
}

/** a ← a + scale · b, where b is zero outside of the runs */
export function add(a: usize, b: usize, scale: f32, runs: usize, end: usize): void {
  const s = f32x4.splat(scale);
  for (; runs < end; runs += 8) {
    let to = a + place(runs);
    let from = b + place(runs);
    const stop = to + length(runs);
    for (const most = to + (length(runs) & ~63); to < most; to += 64, from += 64) {
      add4(to, from, s);
      add4(to + 16, from + 16, s);
      add4(to + 32, from + 32, s);
      add4(to + 48, from + 48, s);
    }
    for (; to < stop; to += 16, from += 16) add4(to, from, s);
  }
}

// @ts-ignore: decorator
@inline
function addProduct4(a: usize, b: usize, c: usize, s: v128): void {
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, f32x4.mul(v128.load(b), v128.load(c)))));
}

/** a ← a + scale · (b ⊙ c), where b or c is zero outside of the runs */
export function addProduct(a: usize, b: usize, c: usize, scale: f32, runs: usize, end: usize): void {
  const s = f32x4.splat(scale);
  for (; runs < end; runs += 8) {
    let to = a + place(runs);
    let left = b + place(runs);
    let right = c + place(runs);
    const stop = to + length(runs);
    for (const most = to + (length(runs) & ~63); to < most; to += 64, left += 64, right += 64) {
      addProduct4(to, left, right, s);
      addProduct4(to + 16, left + 16, right + 16, s);
      addProduct4(to + 32, left + 32, right + 32, s);
      addProduct4(to + 48, left + 48, right + 48, s);
    }
    for (; to < stop; to += 16, left += 16, right += 16) addProduct4(to, left, right, s);
  }
}

// @ts-ignore: decorator
@inline
function between4(a: usize, b: usize, t: v128): v128 {
  const from = v128.load(b);
  return f32x4.add(from, f32x4.mul(t, f32x4.sub(v128.load(a), from)));
}

/** a ← b + t · (a − b) */
export function lerp(a: usize, b: usize, t: f32, n: usize): void {
  const s = f32x4.splat(t);
  const end = a + (n << 2);
  for (const most = a + sixteens(n); a < most; a += 64, b += 64) {
    v128.store(a, between4(a, b, s));
    v128.store(a, between4(a + 16, b + 16, s), 16);
    v128.store(a, between4(a + 32, b + 32, s), 32);
    v128.store(a, between4(a + 48, b + 48, s), 48);
  }
  for (; a < end; a += 16, b += 16) v128.store(a, between4(a, b, s));
}

// @ts-ignore: decorator
@inline
function lerpBoth4(a: usize, b: usize, t: v128): void {
  const value = between4(a, b, t);
  v128.store(a, value);
  v128.store(b, value);
}

/** a and b ← b + t · (a − b) */
export function lerpBoth(a: usize, b: usize, t: f32, n: usize): void {
  const s = f32x4.splat(t);
  const end = a + (n << 2);
  for (const most = a + sixteens(n); a < most; a += 64, b += 64) {
    lerpBoth4(a, b, s);
    lerpBoth4(a + 16, b + 16, s);
    lerpBoth4(a + 32, b + 32, s);
    lerpBoth4(a + 48, b + 48, s);
  }
  for (; a < end; a += 16, b += 16) lerpBoth4(a, b, s);
}

/** a ← scale · a */
export function scale(a: usize, scale: f32, n: usize): void {
  const s = f32x4.splat(scale);
  for (let end = a + (n << 2); a < end; a += 16) v128.store(a, f32x4.mul(s, v128.load(a)));
}

/** a ← a ⊙ b */
export function multiply(a: usize, b: usize, n: usize): void {
  for (let end = a + (n << 2); a < end; a += 16, b += 16) v128.store(a, f32x4.mul(v128.load(a), v128.load(b)));
}

/** a ← a ⊘ b; what is 0 stays 0. */
export function divide(a: usize, b: usize, n: usize): void {
  for (let end = a + (n << 2); a < end; a += 16, b += 16) {
    const x = v128.load(a);
    v128.store(a, v128.andnot(f32x4.div(x, v128.load(b)), f32x4.eq(x, f32x4.splat(0))));
  }
}

/** a ← √a */
export function sqrt(a: usize, n: usize): void {
  for (let end = a + (n << 2); a < end; a += 16) v128.store(a, f32x4.sqrt(v128.load(a)));
}

/**
 * Σ a · b in double precision, where a or b is zero outside of the runs: lanes 0, 1 and 2, 3 of every four summed apart, then
 * lane by lane. Each sum waits for the one before it, so sixteen numbers of a vector that are all zeros are left out too.
 */
export function dot(a: usize, b: usize, runs: usize, end: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; runs < end; runs += 8) {
    let at = a + place(runs);
    let other = b + place(runs);
    const stop = at + length(runs);
    for (const most = at + (length(runs) & ~63); at < most; at += 64, other += 64) {
      if (zeros16(at) || zeros16(other)) continue;
      low = f64x2.add(low, product2(at, other));
      high = f64x2.add(high, product2(at + 8, other + 8));
      low = f64x2.add(low, product2(at + 16, other + 16));
      high = f64x2.add(high, product2(at + 24, other + 24));
      low = f64x2.add(low, product2(at + 32, other + 32));
      high = f64x2.add(high, product2(at + 40, other + 40));
      low = f64x2.add(low, product2(at + 48, other + 48));
      high = f64x2.add(high, product2(at + 56, other + 56));
    }
    for (; at < stop; at += 16, other += 16) {
      low = f64x2.add(low, product2(at, other));
      high = f64x2.add(high, product2(at + 8, other + 8));
    }
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Whether sixteen numbers are all zeros. */
// @ts-ignore: decorator
@inline
function zeros16(a: usize): bool {
  const low = v128.or(v128.load(a), v128.load(a, 16));
  return !v128.any_true(v128.or(low, v128.or(v128.load(a, 32), v128.load(a, 48))));
}
