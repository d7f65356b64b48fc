// Where a gradient can be other than zero: in the weights of inputs that are not zero in all of its examples, and in
// everything behind the first layer's weights. As packages/wasm/kernel/vector.ts reads them, a run is a u32 place and a u32
// length in bytes.

import { biases, inputList, LIST_HEAD, rowBytes, TABLE, weights } from "./layout";

/** Marks, in a byte for each of the network's inputs, those that a frame lists. */
export function mark(frame: usize, marks: usize): void {
  const list = frame + inputList(TABLE);
  for (let entry = list + LIST_HEAD, end = <usize>load<u32>(list); entry < end; entry += 8) {
    store<u8>(marks + <usize>load<u32>(entry), 1);
  }
}

/**
 * Writes the runs of a gradient to `into`, and takes the marks back.
 * @param bytes a vector's length
 * @returns where the runs end
 */
export function runs(marks: usize, inputs: i32, bytes: usize, into: usize): usize {
  const stride = rowBytes(TABLE);
  const first = weights(TABLE);
  let length: usize = 0; // of the run that is open
  for (let row: usize = 0; row < <usize>inputs; row++) {
    if (load<u8>(marks + row)) {
      store<u8>(marks + row, 0);
      if (length == 0) store<u32>(into, <u32>(first + row * stride));
      length += stride;
    } else if (length != 0) {
      store<u32>(into, <u32>length, 4);
      into += 8;
      length = 0;
    }
  }
  if (length == 0) store<u32>(into, <u32>biases(TABLE));
  store<u32>(into, <u32>(bytes - <usize>load<u32>(into)), 4);
  return into + 8;
}
