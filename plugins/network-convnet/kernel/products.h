// Products of a matrix of weights with rows of values: every convolution ends here. A block of outputs stays in registers
// while k runs; V8 has fifteen of them, so a block is four rows by two vectors. Lanes are outputs, and each output's sum
// runs in ascending k, whatever the blocks: blocking never changes a bit.

/** A row's sums go on with a number times a row of weights. */
INLINE void addRow(f4* s, const float* x, const f4* u, int vectors) {
  const f4 value = splat(*x);
  UNROLL for (int v = 0; v < vectors; v++) s[v] += value * u[v];
}

/** c ← init + a · b for four rows and `V` vectors of columns; k = (k1, k2), k2 side by side in `a`. V8
 * keeps the blocks in registers only while a loop's body is small, so k is not unrolled. */
#define FOUR_ROWS(NAME, V)                                                                                             \
  NOINLINE void NAME(                                                                                                  \
    int rows, const float* a, int aRow, int a1, const float* b, int bRow, const float* init, int initRow, float* c,    \
    int cRow, int k1, int k2                                                                                           \
  ) {                                                                                                                  \
    for (; rows >= 4; rows -= 4, a += 4 * aRow, init += 4 * initRow, c += 4 * cRow) {                                  \
      f4 s[4][V];                                                                                                      \
      UNROLL for (int m = 0; m < 4; m++) UNROLL for (int v = 0; v < V; v++) s[m][v] = load4(init + m * initRow + 4 * v);\
      const float* w = b;                                                                                              \
      for (int i = 0; i < k1; i++) {                                                                                   \
        const float* x0 = a + i * a1;                                                                                  \
        const float* x1 = x0 + aRow;                                                                                   \
        const float* x2 = x1 + aRow;                                                                                   \
        const float* x3 = x2 + aRow;                                                                                   \
        AS_WRITTEN for (const float* end = x0 + k2; x0 != end; x0++, x1++, x2++, x3++, w += bRow) {                    \
          f4 u[V];                                                                                                     \
          UNROLL for (int v = 0; v < V; v++) u[v] = load4(w + 4 * v);                                                  \
          addRow(s[0], x0, u, V);                                                                                      \
          addRow(s[1], x1, u, V);                                                                                      \
          addRow(s[2], x2, u, V);                                                                                      \
          addRow(s[3], x3, u, V);                                                                                      \
        }                                                                                                              \
      }                                                                                                                \
      UNROLL for (int m = 0; m < 4; m++) UNROLL for (int v = 0; v < V; v++) store4(c + m * cRow + 4 * v, s[m][v]);     \
    }                                                                                                                  \
  }
FOUR_ROWS(fourRowsTwo, 2)
FOUR_ROWS(fourRowsOne, 1)

/** The same for one row and `V` vectors. */
#define ONE_ROW(NAME, V)                                                                                               \
  NOINLINE void NAME(                                                                                                  \
    const float* a, int a1, const float* b, int bRow, const float* init, float* c, int k1, int k2                      \
  ) {                                                                                                                  \
    f4 s[V];                                                                                                           \
    UNROLL for (int v = 0; v < V; v++) s[v] = load4(init + 4 * v);                                                     \
    for (int i = 0; i < k1; i++, a += a1)                                                                              \
      for (const float *x = a, *end = a + k2; x != end; x++, b += bRow) {                                              \
        const f4 value = splat(*x);                                                                                   \
        UNROLL for (int v = 0; v < V; v++) s[v] += value * load4(b + 4 * v);                                           \
      }                                                                                                                \
    UNROLL for (int v = 0; v < V; v++) store4(c + 4 * v, s[v]);                                                        \
  }
ONE_ROW(oneRowTen, 10)
ONE_ROW(oneRowFour, 4)
ONE_ROW(oneRowOne, 1)

/** c ← init + a · b. `columns` is a multiple of 4. */
static void rowsProduct(
  int rows, int columns, const float* a, int aRow, int a1, const float* b, int bRow, const float* init, int initRow,
  float* c, int cRow, int k1, int k2
) {
  if (rows >= 4) {
    int n = 0;
    for (; n + 8 <= columns; n += 8)
      fourRowsTwo(rows, a, aRow, a1, b + n, bRow, init + n, initRow, c + n, cRow, k1, k2);
    if (n < columns) fourRowsOne(rows, a, aRow, a1, b + n, bRow, init + n, initRow, c + n, cRow, k1, k2);
  }
  for (int m = rows & ~3; m < rows; m++) {
    const float* x = a + m * aRow;
    const float* from = init + m * initRow;
    float* to = c + m * cRow;
    int n = 0;
    for (; n + 40 <= columns; n += 40) oneRowTen(x, a1, b + n, bRow, from + n, to + n, k1, k2);
    for (; n + 16 <= columns; n += 16) oneRowFour(x, a1, b + n, bRow, from + n, to + n, k1, k2);
    for (; n < columns; n += 4) oneRowOne(x, a1, b + n, bRow, from + n, to + n, k1, k2);
  }
}

/** c ← init + aᵀ · b for rows four by four and `V` vectors of columns; a's rows are side by side, k = (k1, k2). */
#define FOUR_COLUMNS(NAME, V)                                                                                          \
  NOINLINE void NAME(                                                                                                  \
    int rows, const float* a, int a1, int a2, const float* b, int b1, int b2, const float* init, int initRow, float* c,\
    int cRow, int k1, int k2                                                                                           \
  ) {                                                                                                                  \
    for (; rows >= 4; rows -= 4, a += 4, init += 4 * initRow, c += 4 * cRow) {                                         \
      f4 s[4][V];                                                                                                      \
      UNROLL for (int m = 0; m < 4; m++) UNROLL for (int v = 0; v < V; v++) s[m][v] = load4(init + m * initRow + 4 * v);\
      for (int i = 0; i < k1; i++) {                                                                                   \
        const float* x = a + i * a1;                                                                                   \
        const float* w = b + i * b1;                                                                                   \
        AS_WRITTEN for (int j = 0; j < k2; j++, x += a2, w += b2) {                                                    \
          f4 u[V];                                                                                                     \
          UNROLL for (int v = 0; v < V; v++) u[v] = load4(w + 4 * v);                                                  \
          UNROLL for (int m = 0; m < 4; m++) addRow(s[m], x + m, u, V);                                                \
        }                                                                                                              \
      }                                                                                                                \
      UNROLL for (int m = 0; m < 4; m++) UNROLL for (int v = 0; v < V; v++) store4(c + m * cRow + 4 * v, s[m][v]);     \
    }                                                                                                                  \
  }
FOUR_COLUMNS(fourColumnsTwo, 2)
FOUR_COLUMNS(fourColumnsOne, 1)

/** c ← init + aᵀ · b. `rows` and `columns` are multiples of 4. */
static void columnsProduct(
  int rows, int columns, const float* a, int a1, int a2, const float* b, int b1, int b2, const float* init, int initRow,
  float* c, int cRow, int k1, int k2
) {
  int n = 0;
  for (; n + 8 <= columns; n += 8)
    fourColumnsTwo(rows, a, a1, a2, b + n, b1, b2, init + n, initRow, c + n, cRow, k1, k2);
  if (n < columns) fourColumnsOne(rows, a, a1, a2, b + n, b1, b2, init + n, initRow, c + n, cRow, k1, k2);
}
