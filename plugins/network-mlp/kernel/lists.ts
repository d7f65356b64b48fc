// The lists of non-zero inputs: of the first layer from an example, of the others from the layer below.

import { BYTES, FRONT, inputList, LAYER, LIST_HEAD, outputs, rowBytes, TABLE } from "./layout";

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

/** Lists a layer's outputs that ReLU lets pass, as the next layer's inputs. */
export function listActive(frame: usize, layer: usize): void {
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
