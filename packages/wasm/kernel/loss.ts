// From a row of logits to its loss, δ (the derivatives of the loss by the logits) and answer. Rows of `bytes` bytes are
// padded to a multiple of four numbers; masks have a lane of all ones for each output that takes part, zeros for the
// others and the padding, so that δ is 0 there.

import { sumLanes } from "./lanes";

/** exp of four numbers ≤ 0: 2^n · Taylor of degree 7 on |r| ≤ ln2/2; exactly 0 below −30, so that no δ is denormal. */
// @ts-ignore: decorator
@inline
function exp(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.add(f32x4.mul(r, f32x4.splat(0.000198412698)), f32x4.splat(0.00138888889));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(0.00833333333));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(0.0416666667));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(0.166666667));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(1));
  p = i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
  return v128.andnot(p, f32x4.lt(x, f32x4.splat(-30)));
}

/** Natural logarithm of a number ≥ 1, or NaN: exponent · ln2 + 2 atanh((m − 1)/(m + 1)). */
function log(x: f32): f32 {
  if (!(x < Infinity)) return NaN;
  const bits = reinterpret<u32>(x);
  let exponent = <i32>(bits >> 23) - 127;
  let m = <f64>reinterpret<f32>((bits & 0x7fffff) | 0x3f800000);
  if (m > 1.5) {
    m *= 0.5;
    exponent++;
  }
  const t = (m - 1) / (m + 1);
  const t2 = t * t;
  let sum: f64 = 0;
  for (let i = 19; i > 0; i -= 2) sum = sum * t2 + 1 / <f64>i;
  return <f32>(<f64>exponent * 0.6931471805599453 + 2 * t * sum);
}

/**
 * Softmax cross-entropy of a class: −log softmax(z)[label].
 * @returns the loss in nats; NaN where a logit is not finite
 */
export function crossEntropy(z: usize, delta: usize, bytes: usize, mask: usize, label: i32): f32 {
  let highest: f32 = -Infinity;
  for (let i: usize = 0; i < bytes; i += 4) {
    const value = load<f32>(z + i);
    if (load<i32>(mask + i) && !(value <= highest)) highest = value;
  }
  const h = f32x4.splat(highest);
  let sums = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const e = v128.and(exp(f32x4.sub(v128.load(z + i), h)), v128.load(mask + i));
    v128.store(delta + i, e);
    sums = f32x4.add(sums, e);
  }
  const sum = sumLanes(sums);
  const s = f32x4.splat(sum);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(delta + i, f32x4.div(v128.load(delta + i), s));
  const right = <usize>label << 2;
  store<f32>(delta + right, load<f32>(delta + right) - 1);
  return log(sum) - (load<f32>(z + right) - highest);
}

/**
 * Cross-entropy of soft targets: −Σ p log softmax(z / temperature).
 * @param target a number p for each output; those that take no part are left out
 */
export function softCrossEntropy(
  z: usize, delta: usize, bytes: usize, mask: usize, target: usize, temperature: f32,
): f32 {
  let highest: f32 = -Infinity;
  for (let i: usize = 0; i < bytes; i += 4) {
    const value = load<f32>(z + i);
    if (load<i32>(mask + i) && !(value <= highest)) highest = value;
  }
  const h = f32x4.splat(highest);
  const t = f32x4.splat(temperature);
  let sums = f32x4.splat(0);
  let totals = f32x4.splat(0);
  let products = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const lanes = v128.load(mask + i);
    const below = v128.and(f32x4.div(f32x4.sub(v128.load(z + i), h), t), lanes);
    const e = v128.and(exp(below), lanes);
    const p = v128.and(v128.load(target + i), lanes);
    v128.store(delta + i, e);
    sums = f32x4.add(sums, e);
    totals = f32x4.add(totals, p);
    products = f32x4.add(products, f32x4.mul(p, below));
  }
  const sum = sumLanes(sums);
  const total = sumLanes(totals);
  const share = f32x4.splat(total / sum);
  for (let i: usize = 0; i < bytes; i += 16) {
    const p = v128.and(v128.load(target + i), v128.load(mask + i));
    v128.store(delta + i, f32x4.div(f32x4.sub(f32x4.mul(share, v128.load(delta + i)), p), t));
  }
  return total * log(sum) - sumLanes(products);
}

/** Mean squared difference of the n outputs that take part to their targets. */
export function squaredDifference(z: usize, delta: usize, bytes: usize, mask: usize, target: usize, n: f32): f32 {
  const slope = f32x4.splat(2 / n);
  let sums = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const d = v128.and(f32x4.sub(v128.load(z + i), v128.load(target + i)), v128.load(mask + i));
    sums = f32x4.add(sums, f32x4.mul(d, d));
    v128.store(delta + i, f32x4.mul(slope, d));
  }
  return sumLanes(sums) / n;
}

/** Sum of the binary cross-entropies of σ(z) and the targets p. */
export function binaryCrossEntropy(z: usize, delta: usize, bytes: usize, mask: usize, target: usize): f32 {
  let total: f32 = 0;
  for (let i: usize = 0; i < bytes; i += 4) {
    if (!load<i32>(mask + i)) {
      store<f32>(delta + i, 0);
      continue;
    }
    const value = load<f32>(z + i);
    const p = load<f32>(target + i);
    const e = f32x4.extract_lane(exp(f32x4.splat(-abs(value))), 0); // exp(−|z|)
    store<f32>(delta + i, (value < 0 ? e : <f32>1) / (1 + e) - p);
    total += max(value, <f32>0) + log(1 + e) - p * value;
  }
  return total;
}

/** The first of the largest logits among the outputs that take part. */
export function argmax(z: usize, bytes: usize, mask: usize): i32 {
  let best: usize = bytes;
  let highest: f32 = -Infinity;
  for (let i: usize = 0; i < bytes; i += 4) {
    const value = load<f32>(z + i);
    if (load<i32>(mask + i) && (best == bytes || value > highest)) {
      best = i;
      highest = value;
    }
  }
  return <i32>(best >> 2);
}
