// One layer against a list of its non-zero inputs, a block of output columns at a time: up to 13 accumulators of four
// lanes stay in registers (x86-64 has 16). `nb`, the blocks' number, is a constant at every call, so that the optimiser
// drops the lines beyond it. A list entry is a u32 row and a f32 value.

/** out ← b + Σ value · W[row], in the list's order. */
// @ts-ignore: decorator
@inline
export function forwardBlock(nb: i32, w: usize, b: usize, stride: usize, list: usize, end: usize, out: usize): void {
  let a0 = v128.load(b);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0, a10 = a0, a11 = a0, a12 = a0;
  if (nb > 1) a1 = v128.load(b, 16);
  if (nb > 2) a2 = v128.load(b, 32);
  if (nb > 3) a3 = v128.load(b, 48);
  if (nb > 4) a4 = v128.load(b, 64);
  if (nb > 5) a5 = v128.load(b, 80);
  if (nb > 6) a6 = v128.load(b, 96);
  if (nb > 7) a7 = v128.load(b, 112);
  if (nb > 8) a8 = v128.load(b, 128);
  if (nb > 9) a9 = v128.load(b, 144);
  if (nb > 10) a10 = v128.load(b, 160);
  if (nb > 11) a11 = v128.load(b, 176);
  if (nb > 12) a12 = v128.load(b, 192);
  for (let entry = list; entry < end; entry += 8) {
    const r = w + <usize>load<u32>(entry) * stride;
    const x = v128.load_splat<f32>(entry, 4);
    a0 = f32x4.add(a0, f32x4.mul(x, v128.load(r)));
    if (nb > 1) a1 = f32x4.add(a1, f32x4.mul(x, v128.load(r, 16)));
    if (nb > 2) a2 = f32x4.add(a2, f32x4.mul(x, v128.load(r, 32)));
    if (nb > 3) a3 = f32x4.add(a3, f32x4.mul(x, v128.load(r, 48)));
    if (nb > 4) a4 = f32x4.add(a4, f32x4.mul(x, v128.load(r, 64)));
    if (nb > 5) a5 = f32x4.add(a5, f32x4.mul(x, v128.load(r, 80)));
    if (nb > 6) a6 = f32x4.add(a6, f32x4.mul(x, v128.load(r, 96)));
    if (nb > 7) a7 = f32x4.add(a7, f32x4.mul(x, v128.load(r, 112)));
    if (nb > 8) a8 = f32x4.add(a8, f32x4.mul(x, v128.load(r, 128)));
    if (nb > 9) a9 = f32x4.add(a9, f32x4.mul(x, v128.load(r, 144)));
    if (nb > 10) a10 = f32x4.add(a10, f32x4.mul(x, v128.load(r, 160)));
    if (nb > 11) a11 = f32x4.add(a11, f32x4.mul(x, v128.load(r, 176)));
    if (nb > 12) a12 = f32x4.add(a12, f32x4.mul(x, v128.load(r, 192)));
  }
  v128.store(out, a0);
  if (nb > 1) v128.store(out, a1, 16);
  if (nb > 2) v128.store(out, a2, 32);
  if (nb > 3) v128.store(out, a3, 48);
  if (nb > 4) v128.store(out, a4, 64);
  if (nb > 5) v128.store(out, a5, 80);
  if (nb > 6) v128.store(out, a6, 96);
  if (nb > 7) v128.store(out, a7, 112);
  if (nb > 8) v128.store(out, a8, 128);
  if (nb > 9) v128.store(out, a9, 144);
  if (nb > 10) v128.store(out, a10, 160);
  if (nb > 11) v128.store(out, a11, 176);
  if (nb > 12) v128.store(out, a12, 192);
}

/** W[row] ← W[row] − (rate · value) · δ for every entry. */
// @ts-ignore: decorator
@inline
export function updateBlock(nb: i32, w: usize, delta: usize, stride: usize, list: usize, end: usize, rate: f32): void {
  let d0 = v128.load(delta);
  let d1 = d0, d2 = d0, d3 = d0, d4 = d0, d5 = d0, d6 = d0, d7 = d0, d8 = d0, d9 = d0, d10 = d0, d11 = d0, d12 = d0;
  if (nb > 1) d1 = v128.load(delta, 16);
  if (nb > 2) d2 = v128.load(delta, 32);
  if (nb > 3) d3 = v128.load(delta, 48);
  if (nb > 4) d4 = v128.load(delta, 64);
  if (nb > 5) d5 = v128.load(delta, 80);
  if (nb > 6) d6 = v128.load(delta, 96);
  if (nb > 7) d7 = v128.load(delta, 112);
  if (nb > 8) d8 = v128.load(delta, 128);
  if (nb > 9) d9 = v128.load(delta, 144);
  if (nb > 10) d10 = v128.load(delta, 160);
  if (nb > 11) d11 = v128.load(delta, 176);
  if (nb > 12) d12 = v128.load(delta, 192);
  for (let entry = list; entry < end; entry += 8) {
    const r = w + <usize>load<u32>(entry) * stride;
    const x = f32x4.splat(rate * load<f32>(entry, 4));
    v128.store(r, f32x4.sub(v128.load(r), f32x4.mul(x, d0)));
    if (nb > 1) v128.store(r, f32x4.sub(v128.load(r, 16), f32x4.mul(x, d1)), 16);
    if (nb > 2) v128.store(r, f32x4.sub(v128.load(r, 32), f32x4.mul(x, d2)), 32);
    if (nb > 3) v128.store(r, f32x4.sub(v128.load(r, 48), f32x4.mul(x, d3)), 48);
    if (nb > 4) v128.store(r, f32x4.sub(v128.load(r, 64), f32x4.mul(x, d4)), 64);
    if (nb > 5) v128.store(r, f32x4.sub(v128.load(r, 80), f32x4.mul(x, d5)), 80);
    if (nb > 6) v128.store(r, f32x4.sub(v128.load(r, 96), f32x4.mul(x, d6)), 96);
    if (nb > 7) v128.store(r, f32x4.sub(v128.load(r, 112), f32x4.mul(x, d7)), 112);
    if (nb > 8) v128.store(r, f32x4.sub(v128.load(r, 128), f32x4.mul(x, d8)), 128);
    if (nb > 9) v128.store(r, f32x4.sub(v128.load(r, 144), f32x4.mul(x, d9)), 144);
    if (nb > 10) v128.store(r, f32x4.sub(v128.load(r, 160), f32x4.mul(x, d10)), 160);
    if (nb > 11) v128.store(r, f32x4.sub(v128.load(r, 176), f32x4.mul(x, d11)), 176);
    if (nb > 12) v128.store(r, f32x4.sub(v128.load(r, 192), f32x4.mul(x, d12)), 192);
  }
}
