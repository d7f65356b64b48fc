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

/** Vectors whose inner products are taken together go by this many float32 at a time, which all fit the nearest caches. */
const CHUNK: usize = 1024;

/**
 * The inner products of `count` vectors, whose addresses (u32) are at `list`: count × count float64 at `into`, which are
 * zeros before; on and below the diagonal, and what else is computed with it. Sums of a chunk are float32.
 */
export function gram(list: usize, count: usize, n: usize, into: usize): void {
  for (let from: usize = 0; from < n; from += CHUNK) {
    const start = from << 2;
    const end = min(n, from + CHUNK) << 2;
    for (let i: usize = 0; i < count; i++) {
      const a = <usize>load<u32>(list + (i << 2));
      for (let j: usize = 0; j <= i; j += 4) {
        // Beyond the last vector the last one again, whose sums are dropped.
        const b0 = <usize>load<u32>(list + (j << 2));
        const b1 = <usize>load<u32>(list + (min(j + 1, count - 1) << 2));
        const b2 = <usize>load<u32>(list + (min(j + 2, count - 1) << 2));
        const b3 = <usize>load<u32>(list + (min(j + 3, count - 1) << 2));
        let s0 = f32x4.splat(0);
        let s1 = s0, s2 = s0, s3 = s0;
        for (let at = start; at < end; at += 16) {
          const x = v128.load(a + at);
          s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b0 + at)));
          s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b1 + at)));
          s2 = f32x4.add(s2, f32x4.mul(x, v128.load(b2 + at)));
          s3 = f32x4.add(s3, f32x4.mul(x, v128.load(b3 + at)));
        }
        const out = into + ((i * count + j) << 3);
        store<f64>(out, load<f64>(out) + <f64>sumLanes(s0));
        if (j + 1 < count) store<f64>(out, load<f64>(out, 8) + <f64>sumLanes(s1), 8);
        if (j + 2 < count) store<f64>(out, load<f64>(out, 16) + <f64>sumLanes(s2), 16);
        if (j + 3 < count) store<f64>(out, load<f64>(out, 24) + <f64>sumLanes(s3), 24);
      }
    }
  }
}
