// Flat operations over n float32, n a multiple of 4.

import { sumLanes } from "./layout";

export function copy(to: usize, from: usize, n: usize): void {
  memory.copy(to, from, n << 2);
}

/** a ← a + scale · b */
export function add(a: usize, b: usize, scale: f32, n: usize): void {
  const s = f32x4.splat(scale);
  for (let end = a + (n << 2); a < end; a += 16, b += 16) {
    v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, v128.load(b))));
  }
}

/** a ← a + scale · (b ⊙ c) */
export function addProduct(a: usize, b: usize, c: usize, scale: f32, n: usize): void {
  const s = f32x4.splat(scale);
  for (let end = a + (n << 2); a < end; a += 16, b += 16, c += 16) {
    v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, f32x4.mul(v128.load(b), v128.load(c)))));
  }
}

/** a ← b + t · (a − b) */
export function lerp(a: usize, b: usize, t: f32, n: usize): void {
  const s = f32x4.splat(t);
  for (let end = a + (n << 2); a < end; a += 16, b += 16) {
    const from = v128.load(b);
    v128.store(a, f32x4.add(from, f32x4.mul(s, f32x4.sub(v128.load(a), from))));
  }
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

/** Σ a · b in double precision: lanes 0, 1 and 2, 3 of every four summed apart, then lane by lane. */
export function dot(a: usize, b: usize, n: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let end = a + (n << 2); a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
    const xh = v128.shuffle<i32>(x, x, 2, 3, 2, 3);
    const yh = v128.shuffle<i32>(y, y, 2, 3, 2, 3);
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(xh), f64x2.promote_low_f32x4(yh)));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
