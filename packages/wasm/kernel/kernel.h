// What all kernels are written in: C with clang's vector extensions, which makes WebAssembly SIMD and native code of the same
// bits from one source. Every operation has one result on every machine: no multiplication is fused with an addition, lanes
// are outputs or sums of their own, and every sum runs in an order that the sizes alone decide. There is no C library.

#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

#ifdef __wasm__
/** The name of an exported function in its definition, `void EXPORT(add)(…)`; the host calls it by the name inside. */
#define EXPORT(name) __attribute__((export_name(#name))) kernel_##name
/** Where the memory begins that host and kernel share: in WebAssembly it is all that there is. */
#define BASE 0
#elif !defined(EXPORT) || !defined(BASE)
#error "A file that makes a kernel native defines EXPORT and BASE."
#endif

/** A function that becomes part of those that call it: what is constant in a call is constant in it. */
#define INLINE static inline __attribute__((always_inline))
/** A function of its own, whose inner loop need not share registers with those of its caller. */
#define NOINLINE static __attribute__((noinline))

#ifdef __clang__
/** Before a loop over an array that shall be registers: its count is a constant. */
#define UNROLL _Pragma("clang loop unroll(full)")
/** Before a loop that is written as it shall run. */
#define AS_WRITTEN _Pragma("clang loop unroll(disable) vectorize(disable)")
#else
#define UNROLL _Pragma("GCC unroll 64")
#define AS_WRITTEN _Pragma("GCC unroll 1")
#endif

/** From here on what memory holds is loaded from it again, where that takes less than to keep it in registers. */
#define FORGET __asm__ volatile("" ::: "memory")

/** A byte's place in the memory that host and kernel share: what exported functions take, and what lies in that memory. */
typedef uint32_t address;

/** A pointer to the numbers, vectors or records at an address; inner functions take pointers. */
#define AT(type, place) ((type*)((uintptr_t)BASE + (place)))

/**
 * A pointer of the same type, so many bytes behind another. Loops that go through several arrays count bytes: clang would
 * multiply an index in every round.
 */
#define BEHIND(pointer, bytes) ((typeof(pointer))((uintptr_t)(pointer) + (bytes)))

// Vectors lie at multiples of their lanes' size, as far as the compiler may know: that costs nothing on today's machines.

/** The float32 lanes of the widest vectors: 4, 8 or 16. It decides how fast a kernel is, and never a bit of what it computes. */
#ifndef LANES
#define LANES 4
#endif

/** So many float32 as the widest vectors have. */
typedef float fw __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
/** So many int32. */
typedef int32_t iw __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
/** Eight float32. */
typedef float f8 __attribute__((vector_size(32), aligned(4), may_alias));
/** Four float32. */
typedef float f4 __attribute__((vector_size(16), aligned(4), may_alias));
/** Two float32. */
typedef float f2 __attribute__((vector_size(8), aligned(4), may_alias));
/** Two float64. */
typedef double d2 __attribute__((vector_size(16), aligned(8), may_alias));
/** Four int32; what compares four lanes has all ones where it is so, zeros elsewhere. */
typedef int32_t i4 __attribute__((vector_size(16), aligned(4), may_alias));
/** Sixteen bytes. */
typedef uint8_t b16 __attribute__((vector_size(16), aligned(1), may_alias));

#endif
