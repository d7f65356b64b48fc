// What single operations on vectors have in common. Where C has no word for one that WebAssembly has as an instruction,
// its meaning is spelled out for other machines.

#ifndef LANES_H
#define LANES_H

#include "kernel.h"
#ifdef __aarch64__
#include <arm_neon.h>
#endif

/** Whether the compiler has a word. */
#ifdef __has_builtin
#define HAS(builtin) __has_builtin(builtin)
#else
#define HAS(builtin) 0
#endif

/** Words that x86's instructions take. */
typedef char char16 __attribute__((vector_size(16), may_alias));
typedef long long long2 __attribute__((vector_size(16), may_alias));

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

/** A number in all lanes of the widest vectors. */
INLINE fw splatWide(float value) {
  return value - (fw){0};
}
INLINE f8 splat8(float value) {
  return value - (f8){0};
}

/** The lanes of a vector that are all ones in a mask, zeros elsewhere. */
INLINE f4 select4(f4 v, i4 mask) {
  return (f4)((i4)v & mask);
}

/** The nearest integers, the even one of two. */
INLINE f4 nearest(f4 v) {
#if HAS(__builtin_elementwise_roundeven)
  return __builtin_elementwise_roundeven(v);
#elif defined(__SSE4_1__)
  return (f4)__builtin_ia32_roundps(v, 0);
#else
  // Beyond 2²³ there are no fractions; below, adding 1.5 · 2²³ leaves no room for them.
  const f4 near = (v + 0x1.8p23f) - 0x1.8p23f;
  const i4 whole = v >= 0x1p22f | v <= -0x1p22f;
  return (f4)(((i4)v & whole) | ((i4)near & ~whole));
#endif
}

/** Square roots. */
INLINE f4 sqrt4(f4 v) {
#if HAS(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(v);
#else
  f4 result;
  UNROLL for (int lane = 0; lane < 4; lane++) result[lane] = __builtin_sqrtf(v[lane]);
  return result;
#endif
}

/** The square root of one number. */
INLINE double root(double value) {
#if HAS(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(value);
#else
  return __builtin_sqrt(value);
#endif
}

/** Numbers without their fractions as int32: the nearest that it has for those that it has not, and 0 for NaN. */
INLINE i4 integers(f4 v) {
#ifdef __wasm__
  return __builtin_wasm_trunc_saturate_s_i32x4_f32x4(v);
#elif defined(__SSE4_1__)
  // Where int32 has none, the instruction gives its lowest.
  const i4 large = v >= 0x1p31f;
  return ((i4)__builtin_ia32_cvttps2dq(v) ^ large) & (v == v);
#else
  i4 result;
  UNROLL for (int lane = 0; lane < 4; lane++) {
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
#elif defined(__SSE4_1__)
  const long2 bits = (long2)v;
  return !__builtin_ia32_ptestz128(bits, bits);
#else
  return (v[0] | v[1] | v[2] | v[3]) != 0;
#endif
}

/** A bit for each of four lanes, that of its sign. */
INLINE uint32_t signs4(i4 v) {
#ifdef __wasm__
  return __builtin_wasm_bitmask_i32x4(v);
#elif defined(__SSE4_1__)
  return (uint32_t)__builtin_ia32_movmskps((f4)v);
#else
  const i4 bits = (i4)(v < 0) & (i4){1, 2, 4, 8};
  return (uint32_t)(bits[0] | bits[1] | bits[2] | bits[3]);
#endif
}

/** A bit for each of 16 bytes that is not zero. */
INLINE uint32_t nonZero16(b16 v) {
#ifdef __wasm__
  return __builtin_wasm_bitmask_i8x16(v != 0);
#elif defined(__SSE4_1__)
  return (uint32_t)__builtin_ia32_pmovmskb128((char16)(v == 0)) ^ 0xffff;
#else
  // Of each eight bytes one bit is kept, and a product brings them together.
  const b16 some = (b16)(v != 0) & (b16){1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const long2 halves = (long2)some;
  return (uint32_t)((uint64_t)halves[0] * 0x0101010101010101u >> 56) |
         (uint32_t)((uint64_t)halves[1] * 0x0101010101010101u >> 56) << 8;
#endif
}

/** Of sixteen bytes those at the places given: byte i of the result is v[places[i]], or 0 where there is none. */
INLINE b16 swizzle(b16 v, b16 places) {
#ifdef __wasm__
  return __builtin_wasm_swizzle_i8x16(v, places);
#elif defined(__SSE4_1__)
  return (b16)__builtin_ia32_pshufb128((char16)v, (char16)(places | (b16)(places > 15)));
#elif defined(__aarch64__)
  return vqtbl1q_u8((uint8x16_t)v, (uint8x16_t)places);
#else
  b16 result;
  UNROLL for (int i = 0; i < 16; i++) result[i] = places[i] < 16 ? v[places[i]] : 0;
  return result;
#endif
}

/** The place of the lowest bit that is set; 64 where none is. */
INLINE uint32_t lowestBit(uint64_t bits) {
#if HAS(__builtin_ctzg)
  return (uint32_t)__builtin_ctzg(bits, 64);
#else
  return bits == 0 ? 64 : (uint32_t)__builtin_ctzll(bits);
#endif
}

#endif
