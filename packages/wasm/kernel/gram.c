// The inner products of many vectors with each other. They go through the caches a chunk at a time, and within a chunk by
// segments, about a row of weights each: in the gradient of a few examples whole rows are zeros, those of inputs that are
// zero in all of them. Leaving such a segment out leaves every sum as it is, to the bit.

#include "kernel.h"
#include "lanes.h"

/** Bytes of which every sum is taken in float32, four lanes side by side; chunk by chunk they go on in float64. */
#define CHUNK 4096

/** One of the vectors: the how manieth of the list, and where it lies. */
typedef struct {
  uint32_t number;
  address vector;
} Member;

/** A bit for each segment in which a vector has a number that is not zero, of the segments [ends, last) from a byte on. */
static uint32_t occupied(address vector, uint32_t from, const uint32_t* ends, const uint32_t* last) {
  uint32_t bits = 0;
  const i4* at = AT(i4, vector + from);
  for (const uint32_t* segment = ends; segment < last; segment++) {
    i4 any = *at++;
    AS_WRITTEN for (const i4* end = AT(i4, vector + *segment); at < end; at++) any |= *at;
    bits |= (uint32_t)anyBit(any) << (segment - ends);
  }
  return bits;
}

/** Whichever of two members comes first in their list. */
INLINE const Member* earlier(const Member* a, const Member* b) {
  return a < b ? a : b;
}

/**
 * Adds the products of bytes [from, to) to the sums of all pairs of the members [first, end), two by four at a time, so that
 * eight sums go on side by side. Where there is no other vector to make up two or four, one is taken twice, which stores the
 * same sums twice.
 */
NOINLINE void addProducts(
  const Member* first, const Member* end, uint32_t count, uint32_t from, uint32_t to, f4* sums
) {
  for (const Member* p = first; p < end; p += 2) {
    const Member* p1 = earlier(p + 1, end - 1);
    f4* row0 = sums + p->number * count;
    f4* row1 = sums + p1->number * count;
    for (const Member* q = first; q <= p1; q += 4) {
      const Member* q1 = earlier(q + 1, p1);
      const Member* q2 = earlier(q + 2, p1);
      const Member* q3 = earlier(q + 3, p1);
      const uint32_t c0 = q->number, c1 = q1->number, c2 = q2->number, c3 = q3->number;
      const f4 *a0 = AT(f4, p->vector), *a1 = AT(f4, p1->vector);
      const f4 *b0 = AT(f4, q->vector), *b1 = AT(f4, q1->vector), *b2 = AT(f4, q2->vector), *b3 = AT(f4, q3->vector);
      f4 s00 = row0[c0], s01 = row0[c1], s02 = row0[c2], s03 = row0[c3];
      f4 s10 = row1[c0], s11 = row1[c1], s12 = row1[c2], s13 = row1[c3];
      AS_WRITTEN for (uint32_t at = from; at < to; at += 16) {
        const f4 x0 = *BEHIND(a0, at), x1 = *BEHIND(a1, at);
        const f4 y0 = *BEHIND(b0, at);
        s00 += x0 * y0;
        s10 += x1 * y0;
        const f4 y1 = *BEHIND(b1, at);
        s01 += x0 * y1;
        s11 += x1 * y1;
        const f4 y2 = *BEHIND(b2, at);
        s02 += x0 * y2;
        s12 += x1 * y2;
        const f4 y3 = *BEHIND(b3, at);
        s03 += x0 * y3;
        s13 += x1 * y3;
      }
      row0[c0] = s00, row0[c1] = s01, row0[c2] = s02, row0[c3] = s03;
      row1[c0] = s10, row1[c1] = s11, row1[c2] = s12, row1[c3] = s13;
    }
  }
}

/** Takes the sums of a chunk to float64, on and below the diagonal, where they are zeros afterwards. */
static void takeSums(uint32_t count, f4* sums, double* into) {
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = 0; j <= i; j++) {
      into[i * count + j] += sumLanes(sums[i * count + j]);
      sums[i * count + j] = splat(0);
    }
  }
}

/**
 * The inner products of `count` vectors, whose addresses are at `list`: count × count float64 at `into`, which are zeros
 * before; on and below the diagonal.
 * @param room 16 · count² zero bytes, which are zeros again afterwards on and below the diagonal, then 12 · (count + 1)
 * @param ends the ends of all segments (u32), in bytes from a vector's beginning, at most 32 of them in a chunk; there is
 *   one at every end of a chunk
 */
void EXPORT(gram)(address list, uint32_t count, address into, address room, address ends, uint32_t segments) {
  const address* vectors = AT(address, list);
  f4* sums = AT(f4, room);
  uint32_t* occupancy = (uint32_t*)(sums + count * count);
  Member* some = (Member*)(occupancy + count + 1);
  uint32_t from = 0;
  const uint32_t* next = AT(uint32_t, ends);
  for (const uint32_t* stop = next + segments; next < stop;) {
    const uint32_t* last = next;
    while (last < stop && *last <= from + CHUNK) last++;
    for (uint32_t i = 0; i < count; i++) occupancy[i] = occupied(vectors[i], from, next, last);
    for (uint32_t bit = 0; next < last; next++, bit++) {
      Member* end = some;
      AS_WRITTEN for (uint32_t i = 0; i < count; i++) {
        *end = (Member){i, vectors[i]}; // which the next one overwrites if
        end += (occupancy[i] >> bit) & 1; // it is all zeros here
      }
      addProducts(some, end, count, from, *next, sums);
      from = *next;
    }
    takeSums(count, sums, AT(double, into));
  }
}
