// What single operations on vectors have in common. Where C has no word for one that WebAssembly has as an instruction,
// its meaning is spelled out for other machines.

#ifndef LANES_H
#define LANES_H

#include "kernel.h"

/** A number in all four lanes. */
INLINE f4 splat(float value) {
  return (f4){value, value, value, value};
}

INLINE float sumLanes(f4 v) {
  return v[0] + v[1] + (v[2] + v[3]);
}

/** The products of two pairs of float32, in double precision. */
INLINE d2 product2(const float* a, const float* b) {
  return __builtin_convertvector(*(const f2*)a, d2) * __builtin_convertvector(*(const f2*)b, d2);
}

/** The lanes of a vector that are all ones in a mask, zeros elsewhere. */
INLINE f4 select4(f4 v, i4 mask) {
  return (f4)((i4)v & mask);
}

/** The nearest integers, the even one of two. */
INLINE f4 nearest(f4 v) {
  return __builtin_elementwise_roundeven(v);
}

/** Numbers without their fractions as int32: the nearest that it has for those that it has not, and 0 for NaN. */
INLINE i4 integers(f4 v) {
#ifdef __wasm__
  return __builtin_wasm_trunc_saturate_s_i32x4_f32x4(v);
#else
  i4 result;
  for (int lane = 0; lane < 4; lane++) {
    const float n = v[lane];
    result[lane] = n >= 0x1p31f ? INT32_MAX : n < -0x1p31f ? INT32_MIN : n == n ? (int32_t)n : 0;
  }
  return result;
#endif
}

/** Whether any bit is set. */
INLINE int anyBit(i4 v) {
#ifdef __wasm__
  return __builtin_wasm_any_true_v128(v);
#else
  return __builtin_reduce_or(v) != 0;
#endif
}

/** A bit for each of four lanes, that of its sign. */
INLINE uint32_t signs4(i4 v) {
#ifdef __wasm__
  return __builtin_wasm_bitmask_i32x4(v);
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < 4; lane++) bits |= (uint32_t)(v[lane] < 0) << lane;
  return bits;
#endif
}

/** A bit for each of 16 bytes that is not zero. */
INLINE uint32_t nonZero16(b16 v) {
#ifdef __wasm__
  return __builtin_wasm_bitmask_i8x16(v != 0);
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < 16; lane++) bits |= (uint32_t)(v[lane] != 0) << lane;
  return bits;
#endif
}

/** Of sixteen bytes those at the places given: byte i of the result is v[places[i]], or 0 where there is none. */
INLINE b16 swizzle(b16 v, b16 places) {
#ifdef __wasm__
  return __builtin_wasm_swizzle_i8x16(v, places);
#else
  b16 result;
  for (int i = 0; i < 16; i++) result[i] = places[i] < 16 ? v[places[i]] : 0;
  return result;
#endif
}

#endif
