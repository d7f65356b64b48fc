// A ReLU multilayer perceptron in WebAssembly SIMD. Weights are [in][out], rows padded with zeros to a multiple of four;
// θ is W, b of each layer in turn. Strict SIMD only: every operation has one result on every machine, and the sum
// of every layer runs in ascending order of its inputs, of which those that are zero are left out.
// Where things lie: layout.ts.

import { sumLanes } from "../../../packages/wasm/kernel/lanes";
import { biases, deltas, inputList, last, LAYER, layers, LIST_HEAD, outputs, rowBytes, TABLE, weights } from "./layout";
import { listActive } from "./lists";
import { forwardBlock, updateBlock } from "./rows";

export * from "../../../packages/wasm/kernel/kernel";
export { gradientGram } from "./gradient-gram";
export { init } from "./layout";
export { readBytes, readFloats } from "./lists";
export { mark, runs } from "./runs";

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

/** The product of a row of weights with a row of δ. */
// @ts-ignore: decorator
@inline
function rowProduct(row: usize, delta: usize, stride: usize): f32 {
  let q = f32x4.splat(0);
  for (let i: usize = 0; i < stride; i += 16) q = f32x4.add(q, f32x4.mul(v128.load(row + i), v128.load(delta + i)));
  return sumLanes(q);
}

/** The same of four rows side by side, so that none waits for its own last sum; each goes where its `to` says. */
// @ts-ignore: decorator
@inline
function rowProducts(
  r0: usize, r1: usize, r2: usize, r3: usize, delta: usize, stride: usize, to0: usize, to1: usize, to2: usize, to3: usize,
): void {
  let q0 = f32x4.splat(0);
  let q1 = q0, q2 = q0, q3 = q0;
  for (let i: usize = 0; i < stride; i += 16) {
    const d = v128.load(delta + i);
    q0 = f32x4.add(q0, f32x4.mul(v128.load(r0 + i), d));
    q1 = f32x4.add(q1, f32x4.mul(v128.load(r1 + i), d));
    q2 = f32x4.add(q2, f32x4.mul(v128.load(r2 + i), d));
    q3 = f32x4.add(q3, f32x4.mul(v128.load(r3 + i), d));
  }
  store<f32>(to0, sumLanes(q0));
  store<f32>(to1, sumLanes(q1));
  store<f32>(to2, sumLanes(q2));
  store<f32>(to3, sumLanes(q3));
}

/**
 * δ of all layers below the last.
 * @param features ∂loss/∂features, beside what the logits' δ makes of them: a row of the last hidden layer; or 0, for none
 */
export function backward(theta: usize, frame: usize, features: usize): void {
  for (let layer = last; layer > TABLE; layer -= LAYER) {
    const stride = rowBytes(layer);
    const below = frame + deltas(layer - LAYER);
    memory.fill(below, 0, rowBytes(layer - LAYER));
    const list = frame + inputList(layer);
    const end = <usize>load<u32>(list);
    const w = theta + weights(layer);
    const delta = frame + deltas(layer);
    let entry = list + LIST_HEAD;
    for (; entry + 32 <= end; entry += 32) {
      const u0 = <usize>load<u32>(entry);
      const u1 = <usize>load<u32>(entry, 8);
      const u2 = <usize>load<u32>(entry, 16);
      const u3 = <usize>load<u32>(entry, 24);
      rowProducts(
        w + u0 * stride, w + u1 * stride, w + u2 * stride, w + u3 * stride, delta, stride,
        below + (u0 << 2), below + (u1 << 2), below + (u2 << 2), below + (u3 << 2),
      );
    }
    for (; entry < end; entry += 8) {
      const unit = <usize>load<u32>(entry);
      store<f32>(below + (unit << 2), rowProduct(w + unit * stride, delta, stride));
    }
    if (layer == last && features != 0) addActive(below, features, list);
  }
}

/** Adds to the δ of a layer's units, where they are active, what comes from elsewhere. */
function addActive(delta: usize, others: usize, list: usize): void {
  for (let entry = list + LIST_HEAD, end = <usize>load<u32>(list); entry < end; entry += 8) {
    const at = <usize>load<u32>(entry) << 2;
    store<f32>(delta + at, load<f32>(delta + at) + load<f32>(others + at));
  }
}

/** ∂loss/∂inputs, from the first layer's δ: a float32 for each input at `into`, those that are zero too. */
export function inputGradient(theta: usize, frame: usize, into: usize): void {
  const stride = rowBytes(TABLE);
  const delta = frame + deltas(TABLE);
  const end = theta + biases(TABLE);
  let row = theta + weights(TABLE);
  for (; row + 4 * stride <= end; row += 4 * stride, into += 16) {
    rowProducts(
      row, row + stride, row + 2 * stride, row + 3 * stride, delta, stride, into, into + 4, into + 8, into + 12,
    );
  }
  for (; row < end; row += stride, into += 4) store<f32>(into, rowProduct(row, delta, stride));
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

