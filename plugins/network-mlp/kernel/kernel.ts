// A ReLU multilayer perceptron in WebAssembly SIMD. Weights are [in][out], rows padded with zeros to a multiple of four;
// θ is W, b of each layer in turn. Strict SIMD only: every operation below has one result on every machine, and the sum
// of every layer runs in ascending order of its inputs, of which those that are zero are left out.
//
// The host describes the layers in a table at TABLE, LAYER bytes each; what one example needs (the list of each layer's
// non-zero inputs, its outputs, its δ) lies in a frame, so that a batch is as many frames.

import { forwardBlock, updateBlock } from "./rows";

export { add, copy, dot, lerp, multiply, scale } from "./vector";

/** 256 list entries of row 0: the value is byte/255. */
const BYTES: usize = 1024;
/** 16 × 16 bytes: for each set of four lanes the swizzle that brings them to the front. */
const FRONT: usize = 3072;
const TABLE: usize = 3328;
const LAYER: usize = 32;

// @ts-ignore: decorator
@inline
function weights(layer: usize): usize {
  return load<u32>(layer, 0);
}
// @ts-ignore: decorator
@inline
function biases(layer: usize): usize {
  return load<u32>(layer, 4);
}
/** Bytes of a row of weights. */
// @ts-ignore: decorator
@inline
function rowBytes(layer: usize): usize {
  return load<u32>(layer, 8);
}
/** In the frame: the end of the list of inputs (an address), then the list. */
// @ts-ignore: decorator
@inline
function inputList(layer: usize): usize {
  return load<u32>(layer, 12);
}
/** In the frame: the outputs before ReLU. */
// @ts-ignore: decorator
@inline
function outputs(layer: usize): usize {
  return load<u32>(layer, 16);
}
/** In the frame: the derivatives of the loss by the outputs before ReLU. */
// @ts-ignore: decorator
@inline
function deltas(layer: usize): usize {
  return load<u32>(layer, 20);
}

const LIST_HEAD: usize = 16;

let layers: usize = 0;
let last: usize = 0;

/** To be called once the table is filled. */
export function init(count: i32): void {
  layers = TABLE + <usize>count * LAYER;
  last = layers - LAYER;
  for (let i: i32 = 0; i < 256; i++) store<f32>(BYTES + (<usize>i << 3), <f32>i / 255, 4);
  for (let set: u32 = 0; set < 16; set++) {
    let at = FRONT + (<usize>set << 4);
    for (let lane: u32 = 0; lane < 4; lane++) {
      if (!((set >> lane) & 1)) continue;
      store<u32>(at, lane * 0x04040404 + 0x03020100);
      at += 4;
    }
  }
}

/** A bit for each of 16 bytes that is not zero. */
// @ts-ignore: decorator
@inline
function nonZero(bytes: usize): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.ne(v128.load(bytes), i8x16.splat(0))));
}

/** Lists the byte at the lowest bit of `found`, for `i` the index of the first. @returns `found` without that bit */
// @ts-ignore: decorator
@inline
function listByte(entry: usize, x: usize, i: usize, found: u64): u64 {
  const place = <usize>ctz(found) & 63;
  store<u64>(entry, load<u64>(BYTES + (<usize>load<u8>(x + place) << 3)) | <u64>(i + place));
  return found & (found - 1);
}

/** Lists the non-zero ones of n bytes at x (readable up to a multiple of 64, zero there) as the first layer's inputs. */
export function readBytes(frame: usize, x: usize, n: usize): void {
  const list = frame + inputList(TABLE);
  let entry = list + LIST_HEAD;
  for (let i: usize = 0; i < n; i += 64, x += 64) {
    let found = nonZero(x) | (nonZero(x + 16) << 16) | (nonZero(x + 32) << 32) | (nonZero(x + 48) << 48);
    // Four at a time, for fewer surprises to the branch predictor; what is written too much is overwritten next.
    const next = entry + (<usize>popcnt(found) << 3);
    for (; entry < next; entry += 32) {
      found = listByte(entry, x, i, found);
      found = listByte(entry + 8, x, i, found);
      found = listByte(entry + 16, x, i, found);
      found = listByte(entry + 24, x, i, found);
    }
    entry = next;
  }
  store<u32>(list, <u32>entry);
}

/** Lists the non-zero ones of n float32 at x as the first layer's inputs. */
export function readFloats(frame: usize, x: usize, n: i32): void {
  const list = frame + inputList(TABLE);
  let entry = list + LIST_HEAD;
  for (let i: i32 = 0; i < n; i++) {
    const value = load<f32>(x + (<usize>i << 2));
    store<u32>(entry, i);
    store<f32>(entry, value, 4);
    entry += select<usize>(8, 0, value != 0);
  }
  store<u32>(list, <u32>entry);
}

/** Blocks of columns to take next: 14…25 go as two of nearly equal size, so that no block is left almost alone. */
// @ts-ignore: decorator
@inline
function blocksNext(left: i32): i32 {
  return left > 13 && left < 26 ? (left + 1) >> 1 : min(left, 13);
}

/** One layer's outputs. */
function layerForward(theta: usize, frame: usize, layer: usize): void {
  const stride = rowBytes(layer);
  const list = frame + inputList(layer);
  const end = <usize>load<u32>(list);
  const first = list + LIST_HEAD;
  let w = theta + weights(layer);
  let b = theta + biases(layer);
  let out = frame + outputs(layer);
  let left = <i32>(stride >> 4);
  while (left > 0) {
    const nb = blocksNext(left);
    switch (nb) {
      case 1: forwardBlock(1, w, b, stride, first, end, out); break;
      case 2: forwardBlock(2, w, b, stride, first, end, out); break;
      case 3: forwardBlock(3, w, b, stride, first, end, out); break;
      case 4: forwardBlock(4, w, b, stride, first, end, out); break;
      case 5: forwardBlock(5, w, b, stride, first, end, out); break;
      case 6: forwardBlock(6, w, b, stride, first, end, out); break;
      case 7: forwardBlock(7, w, b, stride, first, end, out); break;
      case 8: forwardBlock(8, w, b, stride, first, end, out); break;
      case 9: forwardBlock(9, w, b, stride, first, end, out); break;
      case 10: forwardBlock(10, w, b, stride, first, end, out); break;
      case 11: forwardBlock(11, w, b, stride, first, end, out); break;
      case 12: forwardBlock(12, w, b, stride, first, end, out); break;
      default: forwardBlock(13, w, b, stride, first, end, out);
    }
    const bytes = <usize>nb << 4;
    w += bytes;
    b += bytes;
    out += bytes;
    left -= nb;
  }
}

function layerUpdate(target: usize, frame: usize, layer: usize, rate: f32): void {
  const stride = rowBytes(layer);
  const list = frame + inputList(layer);
  const end = <usize>load<u32>(list);
  const first = list + LIST_HEAD;
  let w = target + weights(layer);
  let delta = frame + deltas(layer);
  let left = <i32>(stride >> 4);
  while (left > 0) {
    const nb = blocksNext(left);
    switch (nb) {
      case 1: updateBlock(1, w, delta, stride, first, end, rate); break;
      case 2: updateBlock(2, w, delta, stride, first, end, rate); break;
      case 3: updateBlock(3, w, delta, stride, first, end, rate); break;
      case 4: updateBlock(4, w, delta, stride, first, end, rate); break;
      case 5: updateBlock(5, w, delta, stride, first, end, rate); break;
      case 6: updateBlock(6, w, delta, stride, first, end, rate); break;
      case 7: updateBlock(7, w, delta, stride, first, end, rate); break;
      case 8: updateBlock(8, w, delta, stride, first, end, rate); break;
      case 9: updateBlock(9, w, delta, stride, first, end, rate); break;
      case 10: updateBlock(10, w, delta, stride, first, end, rate); break;
      case 11: updateBlock(11, w, delta, stride, first, end, rate); break;
      case 12: updateBlock(12, w, delta, stride, first, end, rate); break;
      default: updateBlock(13, w, delta, stride, first, end, rate);
    }
    const bytes = <usize>nb << 4;
    w += bytes;
    delta += bytes;
    left -= nb;
  }
}

function biasUpdate(target: usize, frame: usize, layer: usize, rate: f32): void {
  const r = f32x4.splat(rate);
  let b = target + biases(layer);
  let delta = frame + deltas(layer);
  for (let end = b + rowBytes(layer); b < end; b += 16, delta += 16) {
    v128.store(b, f32x4.sub(v128.load(b), f32x4.mul(r, v128.load(delta))));
  }
}

/** Lists a layer's outputs that ReLU lets pass, as the next layer's inputs. */
function listActive(frame: usize, layer: usize): void {
  let out = frame + outputs(layer);
  const n = <i32>(rowBytes(layer) >> 2);
  const list = frame + inputList(layer + LAYER);
  let entry = list + LIST_HEAD;
  // Four at a time: those that count move to the front, and what is written behind them is overwritten next.
  for (let i: i32 = 0; i < n; i += 4, out += 16) {
    const values = v128.load(out);
    // Not "values > 0": a NaN goes on to the loss, where it is seen.
    const active = i32x4.bitmask(v128.not(f32x4.le(values, f32x4.splat(0))));
    const front = v128.load(FRONT + (<usize>active << 4));
    const rows = i8x16.swizzle(i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(i)), front);
    const chosen = i8x16.swizzle(values, front);
    v128.store(entry, v128.shuffle<i32>(rows, chosen, 0, 4, 1, 5));
    v128.store(entry, v128.shuffle<i32>(rows, chosen, 2, 6, 3, 7), 16);
    entry += <usize>popcnt(active) << 3;
  }
  store<u32>(list, <u32>entry);
}

/**
 * From the first layer's list of inputs to the last layer's outputs, the logits, for every frame in [frame, end):
 * layer by layer, so that a small layer's weights stay in the nearest cache.
 */
export function forward(theta: usize, frame: usize, end: usize, frameBytes: usize): void {
  for (let layer = TABLE; layer < layers; layer += LAYER) {
    for (let f = frame; f < end; f += frameBytes) {
      layerForward(theta, f, layer);
      if (layer != last) listActive(f, layer);
    }
  }
}

// @ts-ignore: decorator
@inline
function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

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
 * Softmax cross-entropy of the frame's logits: fills the last layer's δ.
 * @param mask a lane of all ones for each output that takes part, zeros for the others and the padding
 * @returns the loss in nats; NaN where a logit is not finite
 */
export function loss(frame: usize, label: i32, mask: usize): f32 {
  const z = frame + outputs(last);
  const delta = frame + deltas(last);
  const bytes = rowBytes(last);
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

/** δ of all layers below the last. */
export function backward(theta: usize, frame: usize): void {
  for (let layer = last; layer > TABLE; layer -= LAYER) {
    const stride = rowBytes(layer);
    const below = frame + deltas(layer - LAYER);
    memory.fill(below, 0, rowBytes(layer - LAYER));
    const list = frame + inputList(layer);
    const end = <usize>load<u32>(list);
    const w = theta + weights(layer);
    const delta = frame + deltas(layer);
    for (let entry = list + LIST_HEAD; entry < end; entry += 8) {
      const unit = <usize>load<u32>(entry);
      const r = w + unit * stride;
      let q = f32x4.splat(0);
      for (let i: usize = 0; i < stride; i += 16) {
        q = f32x4.add(q, f32x4.mul(v128.load(r + i), v128.load(delta + i)));
      }
      store<f32>(below + (unit << 2), sumLanes(q));
    }
  }
}

/** target ← target − rate · ∇loss, from the lists and δ of a frame. */
export function update(target: usize, frame: usize, rate: f32): void {
  for (let layer = last; layer >= TABLE; layer -= LAYER) {
    biasUpdate(target, frame, layer, rate);
    layerUpdate(target, frame, layer, rate);
  }
}

/** The same numbers as `backward` and then `update` of θ, reading every weight once. */
export function descend(theta: usize, frame: usize, rate: f32): void {
  for (let layer = last; layer > TABLE; layer -= LAYER) {
    const stride = rowBytes(layer);
    const below = frame + deltas(layer - LAYER);
    memory.fill(below, 0, rowBytes(layer - LAYER));
    const list = frame + inputList(layer);
    const end = <usize>load<u32>(list);
    const w = theta + weights(layer);
    const delta = frame + deltas(layer);
    biasUpdate(theta, frame, layer, rate);
    for (let entry = list + LIST_HEAD; entry < end; entry += 8) {
      const unit = <usize>load<u32>(entry);
      const r = w + unit * stride;
      const x = f32x4.splat(rate * load<f32>(entry, 4));
      let q = f32x4.splat(0);
      for (let i: usize = 0; i < stride; i += 16) {
        const weight = v128.load(r + i);
        const d = v128.load(delta + i);
        q = f32x4.add(q, f32x4.mul(weight, d));
        v128.store(r + i, f32x4.sub(weight, f32x4.mul(x, d)));
      }
      store<f32>(below + (unit << 2), sumLanes(q));
    }
  }
  biasUpdate(theta, frame, TABLE, rate);
  layerUpdate(theta, frame, TABLE, rate);
}

/** ‖∇loss‖² of a frame: each layer's is ‖δ‖² (‖inputs‖² + 1). */
export function squaredNorm(frame: usize): f64 {
  let total: f64 = 0;
  for (let layer = TABLE; layer <= last; layer += LAYER) {
    let inputs: f64 = 1;
    const list = frame + inputList(layer);
    const end = <usize>load<u32>(list);
    for (let entry = list + LIST_HEAD; entry < end; entry += 8) {
      const value = <f64>load<f32>(entry, 4);
      inputs += value * value;
    }
    let squares: f64 = 0;
    let delta = frame + deltas(layer);
    for (let stop = delta + rowBytes(layer); delta < stop; delta += 4) {
      const value = <f64>load<f32>(delta);
      squares += value * value;
    }
    total += squares * inputs;
  }
  return total;
}

/** The first of the largest logits among the outputs that take part. */
export function predict(frame: usize, mask: usize): i32 {
  const z = frame + outputs(last);
  const n = rowBytes(last);
  let best: usize = n;
  let highest: f32 = -Infinity;
  for (let i: usize = 0; i < n; i += 4) {
    const value = load<f32>(z + i);
    if (load<i32>(mask + i) && (best == n || value > highest)) {
      best = i;
      highest = value;
    }
  }
  return <i32>(best >> 2);
}
