// Where things lie. The host describes the layers in a table at TABLE, LAYER bytes each; what one example needs (the list
// of each layer's non-zero inputs, its outputs, its δ) lies in a frame, so that a batch is as many frames.

/** 256 list entries of row 0: the value is byte/255. */
export const BYTES: usize = 1024;
/** 16 × 16 bytes: for each set of four lanes the swizzle that brings them to the front. */
export const FRONT: usize = 3072;
export const TABLE: usize = 3328;
export const LAYER: usize = 32;

// @ts-ignore: decorator
@inline
export function weights(layer: usize): usize {
  return load<u32>(layer, 0);
}
// @ts-ignore: decorator
@inline
export function biases(layer: usize): usize {
  return load<u32>(layer, 4);
}
/** Bytes of a row of weights. */
// @ts-ignore: decorator
@inline
export function rowBytes(layer: usize): usize {
  return load<u32>(layer, 8);
}
/** In the frame: the end of the list of inputs (an address), then the list. */
// @ts-ignore: decorator
@inline
export function inputList(layer: usize): usize {
  return load<u32>(layer, 12);
}
/** In the frame: the outputs before ReLU. */
// @ts-ignore: decorator
@inline
export function outputs(layer: usize): usize {
  return load<u32>(layer, 16);
}
/** In the frame: the derivatives of the loss by the outputs before ReLU. */
// @ts-ignore: decorator
@inline
export function deltas(layer: usize): usize {
  return load<u32>(layer, 20);
}

export const LIST_HEAD: usize = 16;

export let layers: usize = 0;
export let last: usize = 0;

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
