// One layer against a list of its non-zero inputs, a block of output columns at a time: up to 13 accumulators of four
// lanes stay in registers (x86-64 has 16). `blocks`, the vectors of a block, is a constant at every call.

#ifndef ROWS_H
#define ROWS_H

#include <wasm/kernel/lanes.h>
#include "layout.h"

/** Vectors of columns to take next: 14…25 go as two of nearly equal size, so that no block is left almost alone. */
INLINE uint32_t blocksNext(uint32_t left) {
  return left < 14 ? left : left < 26 ? (left + 1) >> 1 : 13;
}

/** A line for every number of vectors that a block can have. */
#define EACH_BLOCK(line) \
  line(1) line(2) line(3) line(4) line(5) line(6) line(7) line(8) line(9) line(10) line(11) line(12) line(13)

/** out ← b + Σ value · W[row], in the list's order. */
INLINE void forwardBlock(
  const int blocks, const f4* w, const f4* b, uint32_t stride, const Entry* entry, const Entry* end, f4* out
) {
  f4 a[13];
  UNROLL for (int i = 0; i < blocks; i++) a[i] = b[i];
  AS_WRITTEN for (; entry < end; entry++) {
    const f4* row = BEHIND(w, entry->row * stride);
    const f4 x = splat(entry->value);
    UNROLL for (int i = 0; i < blocks; i++) a[i] += x * row[i];
  }
  UNROLL for (int i = 0; i < blocks; i++) out[i] = a[i];
}

/** W[row] ← W[row] − (rate · value) · δ for every entry. */
INLINE void updateBlock(
  const int blocks, f4* w, const f4* delta, uint32_t stride, const Entry* entry, const Entry* end, float rate
) {
  f4 d[13];
  UNROLL for (int i = 0; i < blocks; i++) d[i] = delta[i];
  AS_WRITTEN for (; entry < end; entry++) {
    f4* row = BEHIND(w, entry->row * stride);
    const f4 x = splat(rate * entry->value);
    UNROLL for (int i = 0; i < blocks; i++) row[i] -= x * d[i];
  }
}

/** The product of a row of weights with a row of δ. */
INLINE float rowProduct(const f4* row, const f4* delta, uint32_t bytes) {
  f4 q = {0};
  AS_WRITTEN for (uint32_t i = 0; i < bytes; i += 16) q += *BEHIND(row, i) * *BEHIND(delta, i);
  return sumLanes(q);
}

/** The same of four rows side by side, so that none waits for its own last sum; each goes where its `to` says. */
INLINE void rowProducts(const f4* const rows[4], const f4* delta, uint32_t bytes, float* const to[4]) {
  const f4 *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  f4 q0 = {0}, q1 = {0}, q2 = {0}, q3 = {0};
  AS_WRITTEN for (uint32_t i = 0; i < bytes; i += 16) {
    const f4 d = *BEHIND(delta, i);
    q0 += *BEHIND(r0, i) * d;
    q1 += *BEHIND(r1, i) * d;
    q2 += *BEHIND(r2, i) * d;
    q3 += *BEHIND(r3, i) * d;
  }
  *to[0] = sumLanes(q0);
  *to[1] = sumLanes(q1);
  *to[2] = sumLanes(q2);
  *to[3] = sumLanes(q3);
}

#endif
