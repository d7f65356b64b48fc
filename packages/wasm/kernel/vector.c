// Flat operations over n float32, n a multiple of 4; sixteen at a time, so that counting costs little. Those that add up go
// through runs [runs, end) instead: outside of them every term is zero, and leaving it out leaves every sum as it is.

#include "kernel.h"
#include "lanes.h"
#include "run.h"

void EXPORT(copy)(address to, address from, uint32_t n) {
  __builtin_memmove(AT(float, to), AT(float, from), n << 2);
}

/** a ← 0 in the runs */
void EXPORT(clear)(address a, address runs, address end) {
  for (const Run* run = AT(Run, runs); run < AT(Run, end); run++)
    __builtin_memset(AT(float, a + run->place), 0, run->length);
}

/** The widest vectors that sixteen numbers are. */
#define WIDE (16 / LANES)

/** How many of some vectors are taken four at a time. */
INLINE uint32_t fours(uint32_t vectors) {
  return vectors & ~3u;
}

/** a ← a + scale · b, where b is zero outside of the runs */
void EXPORT(add)(address a, address b, float scale, address runs, address end) {
  const f4 s = splat(scale);
  const fw wide = splatWide(scale);
  for (const Run* run = AT(Run, runs); run < AT(Run, end); run++) {
    f4* to = AT(f4, a + run->place);
    const f4* from = AT(f4, b + run->place);
    const uint32_t n = run->length >> 4;
    const f4* const stop = to + n;
    AS_WRITTEN for (const f4* most = to + fours(n); to < most; to += 4, from += 4) {
      UNROLL for (int i = 0; i < WIDE; i++) ((fw*)to)[i] += wide * ((const fw*)from)[i];
    }
    AS_WRITTEN for (; to < stop; to++, from++) *to += s * *from;
  }
}

/** a ← a + scale · (b ⊙ c), where b or c is zero outside of the runs */
void EXPORT(addProduct)(address a, address b, address c, float scale, address runs, address end) {
  const f4 s = splat(scale);
  const fw wide = splatWide(scale);
  for (const Run* run = AT(Run, runs); run < AT(Run, end); run++) {
    f4* to = AT(f4, a + run->place);
    const f4* left = AT(f4, b + run->place);
    const f4* right = AT(f4, c + run->place);
    const uint32_t n = run->length >> 4;
    const f4* const stop = to + n;
    AS_WRITTEN for (const f4* most = to + fours(n); to < most; to += 4, left += 4, right += 4) {
      UNROLL for (int i = 0; i < WIDE; i++) ((fw*)to)[i] += wide * (((const fw*)left)[i] * ((const fw*)right)[i]);
    }
    AS_WRITTEN for (; to < stop; to++, left++, right++) *to += s * (*left * *right);
  }
}

/** b + t · (a − b) */
#define BETWEEN(a, b, t) ((b) + (t) * ((a) - (b)))

/** a ← b + t · (a − b) */
void EXPORT(lerp)(address a, address b, float t, uint32_t n) {
  const f4 s = splat(t);
  const fw wide = splatWide(t);
  f4* to = AT(f4, a);
  const f4* from = AT(f4, b);
  const f4* const stop = to + (n >> 2);
  AS_WRITTEN for (const f4* most = to + fours(n >> 2); to < most; to += 4, from += 4) {
    UNROLL for (int i = 0; i < WIDE; i++) {
      fw* x = (fw*)to + i;
      *x = BETWEEN(*x, ((const fw*)from)[i], wide);
    }
  }
  AS_WRITTEN for (; to < stop; to++, from++) *to = BETWEEN(*to, *from, s);
}

/** a and b ← b + t · (a − b) */
void EXPORT(lerpBoth)(address a, address b, float t, uint32_t n) {
  const f4 s = splat(t);
  const fw wide = splatWide(t);
  f4* one = AT(f4, a);
  f4* other = AT(f4, b);
  const f4* const stop = one + (n >> 2);
  AS_WRITTEN for (const f4* most = one + fours(n >> 2); one < most; one += 4, other += 4) {
    UNROLL for (int i = 0; i < WIDE; i++) {
      fw *x = (fw*)one + i, *y = (fw*)other + i;
      *x = *y = BETWEEN(*x, *y, wide);
    }
  }
  AS_WRITTEN for (; one < stop; one++, other++) *one = *other = BETWEEN(*one, *other, s);
}

/** a ← scale · a */
void EXPORT(scale)(address a, float scale, uint32_t n) {
  const f4 s = splat(scale);
  f4* at = AT(f4, a);
  AS_WRITTEN for (const f4* end = at + (n >> 2); at < end; at++) *at = s * *at;
}

/** a ← a ⊙ b */
void EXPORT(multiply)(address a, address b, uint32_t n) {
  f4* to = AT(f4, a);
  const f4* by = AT(f4, b);
  AS_WRITTEN for (const f4* end = to + (n >> 2); to < end; to++, by++) *to *= *by;
}

/** a ← a ⊘ b; what is 0 stays 0. */
void EXPORT(divide)(address a, address b, uint32_t n) {
  f4* to = AT(f4, a);
  const f4* by = AT(f4, b);
  AS_WRITTEN for (const f4* end = to + (n >> 2); to < end; to++, by++) *to = select4(*to / *by, ~(*to == 0));
}

/** a ← √a */
void EXPORT(sqrt)(address a, uint32_t n) {
  f4* at = AT(f4, a);
  AS_WRITTEN for (const f4* end = at + (n >> 2); at < end; at++) *at = sqrt4(*at);
}

/** Whether four vectors of four numbers are all zeros; of most, the first two tell. */
INLINE int allZeros(const i4* v) {
  return !anyBit(v[0] | v[1]) && !anyBit(v[2] | v[3]);
}

/**
 * Σ a · b in double precision, where a or b is zero outside of the runs: lanes 0, 1 and 2, 3 of every four summed apart, then
 * lane by lane. Each sum waits for the one before it, so sixteen numbers of a vector that are all zeros are left out too.
 */
double EXPORT(dot)(address a, address b, address runs, address end) {
  d2 low = {0, 0};
  d2 high = {0, 0};
  for (const Run* run = AT(Run, runs); run < AT(Run, end); run++) {
    const float* at = AT(float, a + run->place);
    const float* other = AT(float, b + run->place);
    const uint32_t n = run->length >> 4;
    const float* const stop = at + 4 * n;
    AS_WRITTEN for (const float* most = at + 4 * fours(n); at < most; at += 16, other += 16) {
      if (allZeros((const i4*)at) || allZeros((const i4*)other)) continue;
      FORGET; // pairs come from memory in double precision, but not from the fours that were compared
      UNROLL for (int i = 0; i < 16; i += 4) {
        low += product2(at + i, other + i);
        high += product2(at + i + 2, other + i + 2);
      }
    }
    AS_WRITTEN for (; at < stop; at += 4, other += 4) {
      low += product2(at, other);
      high += product2(at + 2, other + 2);
    }
  }
  const d2 sum = low + high;
  return sum[0] + sum[1];
}
