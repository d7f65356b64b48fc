// The inner products of examples' gradients, none of which is formed: in each layer a gradient is the outer product of an
// example's inputs, with 1 for the bias, and its δ, so that two of them have the product of the inputs' and the δs' products.

import { product2 } from "../../../packages/wasm/kernel/lanes";
import { deltas, inputList, LAYER, layers, LIST_HEAD, rowBytes, TABLE } from "./layout";

/** Writes the listed inputs of a layer to their places in `dense`, or zeros there. */
function spread(list: usize, dense: usize, values: bool): void {
  for (let entry = list + LIST_HEAD, end = <usize>load<u32>(list); entry < end; entry += 8) {
    store<f32>(dense + (<usize>load<u32>(entry) << 2), values ? load<f32>(entry, 4) : 0);
  }
}

// @ts-ignore: decorator
@inline
function product(entry: usize, dense: usize): f64 {
  return <f64>load<f32>(entry, 4) * <f64>load<f32>(dense + (<usize>load<u32>(entry) << 2));
}

/** 1 + the product of the listed inputs with those in `dense`: four sums side by side. */
function inputsProduct(list: usize, dense: usize): f64 {
  const end = <usize>load<u32>(list);
  let entry = list + LIST_HEAD;
  let s0: f64 = 1, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
  for (; entry + 32 <= end; entry += 32) {
    s0 += product(entry, dense);
    s1 += product(entry + 8, dense);
    s2 += product(entry + 16, dense);
    s3 += product(entry + 24, dense);
  }
  for (; entry < end; entry += 8) s0 += product(entry, dense);
  return s0 + s1 + (s2 + s3);
}

/** The product of two rows of δ: lanes 0, 1 and 2, 3 of every four summed apart, then lane by lane. */
function deltasProduct(a: usize, b: usize, bytes: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    low = f64x2.add(low, product2(a + i, b + i));
    high = f64x2.add(high, product2(a + i + 8, b + i + 8));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * The inner products of the gradients in `count` frames, whose addresses (u32) are at `frames`, from their lists and δ:
 * count × count float64 at `into`, which are zeros before; on and below the diagonal.
 * @param dense zeros, a float32 for each input of any layer; zeros again afterwards
 */
export function gradientGram(frames: usize, count: usize, into: usize, dense: usize): void {
  for (let layer = TABLE; layer < layers; layer += LAYER) {
    for (let i: usize = 0; i < count; i++) {
      const one = <usize>load<u32>(frames + (i << 2));
      spread(one + inputList(layer), dense, true);
      for (let j: usize = 0; j <= i; j++) {
        const other = <usize>load<u32>(frames + (j << 2));
        const inputs = inputsProduct(other + inputList(layer), dense);
        const errors = deltasProduct(one + deltas(layer), other + deltas(layer), rowBytes(layer));
        const out = into + ((i * count + j) << 3);
        store<f64>(out, load<f64>(out) + inputs * errors);
      }
      spread(one + inputList(layer), dense, false);
    }
  }
}
