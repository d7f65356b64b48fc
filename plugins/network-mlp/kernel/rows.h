// One layer against a list of its non-zero inputs, a block of output columns at a time, whose sums stay in registers. Columns
// are counted in fours, of which the widest vectors hold `LANES / 4`; a block ends in at most one vector of eight and one of
// four. `fours`, the size of a block, is a constant at every call.

#ifndef ROWS_H
#define ROWS_H

#include <wasm/kernel/lanes.h>
#include "layout.h"

// The most fours of a block: x86-64 has 16 registers, and 32 of 16 lanes.
#if LANES == 4
#define MOST 13
#define EACH_BLOCK(line) UP_TO_13(line)
#elif LANES == 8
#define MOST 25
#define EACH_BLOCK(line) UP_TO_13(line) UP_TO_25(line)
#else
#define MOST 35
#define EACH_BLOCK(line) UP_TO_13(line) UP_TO_25(line) UP_TO_35(line)
#endif

// A line for every size that a block can have.
#define UP_TO_13(line) \
  line(1) line(2) line(3) line(4) line(5) line(6) line(7) line(8) line(9) line(10) line(11) line(12) line(13)
#define UP_TO_25(line) \
  line(14) line(15) line(16) line(17) line(18) line(19) line(20) line(21) line(22) line(23) line(24) line(25)
#define UP_TO_35(line) \
  line(26) line(27) line(28) line(29) line(30) line(31) line(32) line(33) line(34) line(35)

/** Fours of the widest vectors, and the most of them in a block that has nothing else. */
#define WIDTH (LANES / 4)
#define WHOLE (MOST / WIDTH * WIDTH)

/** Fours of columns to take next: what is too much for one block goes as two of nearly equal size, so that none is left almost alone. */
INLINE uint32_t foursNext(uint32_t left) {
  if (left <= MOST) return left;
  return left < 2 * WHOLE ? ((left + 1) / 2 + WIDTH - 1) / WIDTH * WIDTH : WHOLE;
}

/** The columns of a block as vectors. */
typedef struct {
  fw wide[WHOLE / WIDTH];
  f8 eight;
  f4 four;
} Columns;

#define HAS_EIGHT(fours) (WIDTH == 4 && (fours) % 4 >= 2)
#define HAS_FOUR(fours) (WIDTH > 1 && (fours) % 2 == 1)
/** Where a block's last eight columns begin, and its last four. */
#define EIGHT(fours) ((fours) / WIDTH * WIDTH)
#define FOUR(fours) ((fours) - 1)

INLINE void load(const int fours, Columns* c, const f4* from) {
  UNROLL for (int i = 0; i < fours / WIDTH; i++) c->wide[i] = ((const fw*)from)[i];
  if (HAS_EIGHT(fours)) c->eight = *(const f8*)(from + EIGHT(fours));
  if (HAS_FOUR(fours)) c->four = from[FOUR(fours)];
}

/** out ← b + Σ value · W[row], in the list's order. */
INLINE void forwardBlock(
  const int fours, const f4* w, const f4* b, uint32_t stride, const Entry* entry, const Entry* end, f4* out
) {
  Columns sums;
  load(fours, &sums, b);
  AS_WRITTEN for (; entry < end; entry++) {
    const f4* row = BEHIND(w, entry->row * stride);
    const float x = entry->value;
    UNROLL for (int i = 0; i < fours / WIDTH; i++) sums.wide[i] += splatWide(x) * ((const fw*)row)[i];
    if (HAS_EIGHT(fours)) sums.eight += splat8(x) * *(const f8*)(row + EIGHT(fours));
    if (HAS_FOUR(fours)) sums.four += splat(x) * row[FOUR(fours)];
  }
  UNROLL for (int i = 0; i < fours / WIDTH; i++) ((fw*)out)[i] = sums.wide[i];
  if (HAS_EIGHT(fours)) *(f8*)(out + EIGHT(fours)) = sums.eight;
  if (HAS_FOUR(fours)) out[FOUR(fours)] = sums.four;
}

/** W[row] ← W[row] − (rate · value) · δ for every entry. */
INLINE void updateBlock(
  const int fours, f4* w, const f4* delta, uint32_t stride, const Entry* entry, const Entry* end, float rate
) {
  Columns d;
  load(fours, &d, delta);
  AS_WRITTEN for (; entry < end; entry++) {
    f4* row = BEHIND(w, entry->row * stride);
    const float x = rate * entry->value;
    UNROLL for (int i = 0; i < fours / WIDTH; i++) ((fw*)row)[i] -= splatWide(x) * d.wide[i];
    if (HAS_EIGHT(fours)) *(f8*)(row + EIGHT(fours)) -= splat8(x) * d.eight;
    if (HAS_FOUR(fours)) row[FOUR(fours)] -= splat(x) * d.four;
  }
}

/** The product of a row of weights with a row of δ. */
INLINE float rowProduct(const f4* row, const f4* delta, uint32_t bytes) {
  f4 q = {0};
  AS_WRITTEN for (uint32_t i = 0; i < bytes; i += 16) q += *BEHIND(row, i) * *BEHIND(delta, i);
  return sumLanes(q);
}

/** The sums of four rows' products with a row of δ: four sums of each row, side by side. */
typedef struct {
  fw sums[16 / LANES];
} FourSums;

/** Goes on with a vector of products of each row: its fours in turn. */
INLINE void addProducts4(FourSums* q, const fw p[4]) {
#if LANES == 4
  UNROLL for (int i = 0; i < 4; i++) q->sums[i] += p[i];
#elif LANES == 8
  UNROLL for (int i = 0; i < 2; i++) {
    q->sums[i] += __builtin_shufflevector(p[2 * i], p[2 * i + 1], 0, 1, 2, 3, 8, 9, 10, 11);
    q->sums[i] += __builtin_shufflevector(p[2 * i], p[2 * i + 1], 4, 5, 6, 7, 12, 13, 14, 15);
  }
#else
#define FIRST_HALVES 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define LAST_HALVES 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define EVEN_FOURS 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define ODD_FOURS 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
  const fw a = __builtin_shufflevector(p[0], p[1], FIRST_HALVES), b = __builtin_shufflevector(p[2], p[3], FIRST_HALVES);
  const fw c = __builtin_shufflevector(p[0], p[1], LAST_HALVES), d = __builtin_shufflevector(p[2], p[3], LAST_HALVES);
  q->sums[0] += __builtin_shufflevector(a, b, EVEN_FOURS);
  q->sums[0] += __builtin_shufflevector(a, b, ODD_FOURS);
  q->sums[0] += __builtin_shufflevector(c, d, EVEN_FOURS);
  q->sums[0] += __builtin_shufflevector(c, d, ODD_FOURS);
#endif
}

/** Goes on with a single four of products of each row. */
INLINE void addFour4(FourSums* q, const f4 p[4]) {
  UNROLL for (int i = 0; i < 4; i++) ((f4*)q->sums)[i] += p[i];
}

/**
 * The products of four rows of weights with a row of δ, side by side, so that none waits for its own last sum; each goes where
 * its `to` says. If `descending`, then also row ← row − x · δ, of each row its x.
 */
INLINE void fourRows(
  const int descending, f4* const rows[4], const f4* delta, uint32_t bytes, const float x[4], float* const to[4]
) {
  f4 *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  FourSums q = {0};
  uint32_t i = 0;
  AS_WRITTEN for (; i + 4 * LANES <= bytes; i += 4 * LANES) {
    const fw d = *(const fw*)BEHIND(delta, i);
    fw* const at[4] = {(fw*)BEHIND(r0, i), (fw*)BEHIND(r1, i), (fw*)BEHIND(r2, i), (fw*)BEHIND(r3, i)};
    fw p[4];
    UNROLL for (int k = 0; k < 4; k++) {
      const fw w = *at[k];
      p[k] = w * d;
      if (descending) *at[k] = w - splatWide(x[k]) * d;
    }
    addProducts4(&q, p);
  }
  if (LANES > 4) {
    AS_WRITTEN for (; i < bytes; i += 16) {
      const f4 d = *BEHIND(delta, i);
      f4* const at[4] = {BEHIND(r0, i), BEHIND(r1, i), BEHIND(r2, i), BEHIND(r3, i)};
      f4 p[4];
      UNROLL for (int k = 0; k < 4; k++) {
        const f4 w = *at[k];
        p[k] = w * d;
        if (descending) *at[k] = w - splat(x[k]) * d;
      }
      addFour4(&q, p);
    }
  }
  UNROLL for (int k = 0; k < 4; k++) *to[k] = sumLanes(((const f4*)q.sums)[k]);
}

#endif
