// Products of float64 matrices, and the factor and solutions of a positive definite one. Every element of a result is a sum of
// its own that goes on, term after term, from what was there before: C ← C ± Σ a·b in ascending order of e, whatever the sizes
// and however a product is divided into several. Lanes are columns. Matrices are row by row, padded to multiples of four in
// both directions with zeros; where they lie and how far apart rows are is told in bytes.

#include <wasm/kernel/lanes.h>

/** Rows, and columns, whose sums go on side by side. */
enum { TILE = 4 };

/** A number in both lanes. */
INLINE d2 both(double value) {
  return (d2){value, value};
}

/** Numbers as the tiles read them: of four neighbours all that are summed, `step` bytes apart, one after the other. */
static double* pack(double* to, address from, uint32_t step, uint32_t next, uint32_t depth) {
  for (uint32_t e = 0; e < depth; e++, from += step) {
    UNROLL for (uint32_t r = 0; r < TILE; r++) *to++ = *AT(double, from + r * next);
  }
  return to;
}

/** Sixteen sums. */
INLINE void tile(address c, uint32_t stride, const double* a, const double* b, uint32_t depth, int negative) {
  d2 sums[TILE][2];
  UNROLL for (uint32_t r = 0; r < TILE; r++) {
    UNROLL for (uint32_t half = 0; half < 2; half++) sums[r][half] = AT(d2, c + r * stride)[half];
  }
  AS_WRITTEN for (const double* end = a + depth * TILE; a < end; a += TILE, b += TILE) {
    const d2 left = ((const d2*)b)[0], right = ((const d2*)b)[1];
    UNROLL for (uint32_t r = 0; r < TILE; r++) {
      const d2 own = both(a[r]);
      if (negative) {
        sums[r][0] -= own * left;
        sums[r][1] -= own * right;
      } else {
        sums[r][0] += own * left;
        sums[r][1] += own * right;
      }
    }
  }
  UNROLL for (uint32_t r = 0; r < TILE; r++) {
    UNROLL for (uint32_t half = 0; half < 2; half++) AT(d2, c + r * stride)[half] = sums[r][half];
  }
}

NOINLINE void addTile(address c, uint32_t stride, const double* a, const double* b, uint32_t depth) {
  tile(c, stride, a, b, depth, 0);
}

NOINLINE void subtractTile(address c, uint32_t stride, const double* a, const double* b, uint32_t depth) {
  tile(c, stride, a, b, depth, 1);
}

/**
 * c[i][j] ← c[i][j] ± Σ a(e, i) · b[e][j] over e < `depth`, where a(e, i) is `step` · e + `next` · i bytes behind `a`.
 * @param rows and `columns` count fours of c's
 * @param upper leaves out what is below the diagonal of fours
 * @param room for depth · 4 · (rows + 1) numbers
 */
void EXPORT(update)(
  address c, uint32_t stride, address a, uint32_t step, uint32_t next, address b, uint32_t bStride, uint32_t rows,
  uint32_t columns, uint32_t depth, uint32_t negative, uint32_t upper, address room
) {
  double* packed = AT(double, room);
  double* right = packed;
  for (uint32_t i = 0; i < rows; i++) right = pack(right, a + i * TILE * next, step, next, depth);
  for (uint32_t j = 0; j < columns; j++) {
    const uint32_t end = upper && j + 1 < rows ? j + 1 : rows;
    const uint32_t column = j * TILE * sizeof(double);
    pack(right, b + column, bStride, sizeof(double), depth);
    for (uint32_t i = 0; i < end; i++) {
      const address place = c + i * TILE * stride + column;
      const double* left = packed + i * TILE * depth;
      if (negative) subtractTile(place, stride, left, right, depth);
      else addTile(place, stride, left, right, depth);
    }
  }
}

/** row ← row − by · other, from `at` bytes on up to `end`. */
INLINE void subtract(address row, address other, double by, uint32_t at, uint32_t end) {
  const d2 own = both(by);
  AS_WRITTEN for (; at < end; at += sizeof(d2)) *AT(d2, row + at) -= own * *AT(d2, other + at);
}

/** row ← row / by, from `at` bytes on up to `end`. */
INLINE void divide(address row, double by, uint32_t at, uint32_t end) {
  const d2 own = both(by);
  AS_WRITTEN for (; at < end; at += sizeof(d2)) *AT(d2, row + at) /= own;
}

/**
 * The rows [from, to) of the factor U of UᵀU, in place, of which the rows before have been subtracted: on and right of the
 * diagonal; left of it, what is there is of no meaning.
 * @return 0, or else 1 + the row whose pivot is not positive
 */
uint32_t EXPORT(factor)(address u, uint32_t stride, uint32_t from, uint32_t to) {
  for (uint32_t k = from; k < to; k++) {
    const address row = u + k * stride;
    const double pivot = AT(double, row)[k];
    if (!(pivot > 0 && pivot < __builtin_inff())) return k + 1;
    const uint32_t pair = (k & ~1u) * sizeof(double);
    divide(row, root(pivot), pair, stride);
    for (uint32_t i = k + 1; i < to; i++)
      subtract(u + i * stride, row, AT(double, row)[i], (i & ~1u) * sizeof(double), stride);
  }
  return 0;
}

/** x ← (Uᵀ)⁻¹ x, of the rows [from, to) from which those before have been subtracted. */
void EXPORT(forward)(address u, uint32_t stride, uint32_t from, uint32_t to, address x, uint32_t xStride) {
  for (uint32_t k = from; k < to; k++) {
    const double* row = AT(double, u + k * stride);
    divide(x + k * xStride, row[k], 0, xStride);
    for (uint32_t i = k + 1; i < to; i++) subtract(x + i * xStride, x + k * xStride, row[i], 0, xStride);
  }
}

/** x ← U⁻¹ x, of the rows [from, to) from which those behind have been subtracted. */
void EXPORT(backward)(address u, uint32_t stride, uint32_t from, uint32_t to, address x, uint32_t xStride) {
  for (uint32_t k = to; k-- > from;) {
    divide(x + k * xStride, AT(double, u + k * stride)[k], 0, xStride);
    for (uint32_t i = k; i-- > from;)
      subtract(x + i * xStride, x + k * xStride, AT(double, u + i * stride)[k], 0, xStride);
  }
}
