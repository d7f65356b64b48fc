// Flat operations over n float32, n a multiple of 4; sixteen at a time, so that counting costs little.

import { product2 } from "./lanes";

export function copy(to: usize, from: usize, n: usize): void {
  memory.copy(to, from, n << 2);
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

/** a ← a + scale · b */
export function add(a: usize, b: usize, scale: f32, n: usize): void {
  const s = f32x4.splat(scale);
  const end = a + (n << 2);
  for (const most = a + sixteens(n); a < most; a += 64, b += 64) {
    add4(a, b, s);
    add4(a + 16, b + 16, s);
    add4(a + 32, b + 32, s);
    add4(a + 48, b + 48, s);
  }
  for (; a < end; a += 16, b += 16) add4(a, b, s);
}

// @ts-ignore: decorator
@inline
function addProduct4(a: usize, b: usize, c: usize, s: v128): void {
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, f32x4.mul(v128.load(b), v128.load(c)))));
}

/** a ← a + scale · (b ⊙ c) */
export function addProduct(a: usize, b: usize, c: usize, scale: f32, n: usize): void {
  const s = f32x4.splat(scale);
  const end = a + (n << 2);
  for (const most = a + sixteens(n); a < most; a += 64, b += 64, c += 64) {
    addProduct4(a, b, c, s);
    addProduct4(a + 16, b + 16, c + 16, s);
    addProduct4(a + 32, b + 32, c + 32, s);
    addProduct4(a + 48, b + 48, c + 48, s);
  }
  for (; a < end; a += 16, b += 16, c += 16) addProduct4(a, b, c, s);
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
 * Σ a · b in double precision: lanes 0, 1 and 2, 3 of every four summed apart, then lane by lane. Each sum waits for the one
 * before it, so sixteen numbers of a vector that are all zeros are left out: in the gradient of an example most are.
 */
export function dot(a: usize, b: usize, n: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = a + (n << 2);
  for (const most = a + sixteens(n); a < most; a += 64, b += 64) {
    const x = v128.or(v128.or(v128.load(a), v128.load(a, 16)), v128.or(v128.load(a, 32), v128.load(a, 48)));
    if (!v128.any_true(x)) continue;
    const y = v128.or(v128.or(v128.load(b), v128.load(b, 16)), v128.or(v128.load(b, 32), v128.load(b, 48)));
    if (!v128.any_true(y)) continue;
    low = f64x2.add(low, product2(a, b));
    high = f64x2.add(high, product2(a + 8, b + 8));
    low = f64x2.add(low, product2(a + 16, b + 16));
    high = f64x2.add(high, product2(a + 24, b + 24));
    low = f64x2.add(low, product2(a + 32, b + 32));
    high = f64x2.add(high, product2(a + 40, b + 40));
    low = f64x2.add(low, product2(a + 48, b + 48));
    high = f64x2.add(high, product2(a + 56, b + 56));
  }
  for (; a < end; a += 16, b += 16) {
    low = f64x2.add(low, product2(a, b));
    high = f64x2.add(high, product2(a + 8, b + 8));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
