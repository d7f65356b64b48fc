// Products of a matrix of weights with rows of values: every convolution ends here. A block of outputs stays in registers
// while k runs; V8 has fifteen of them, so a block is four rows by two vectors. Lanes are outputs, and each output's sum
// runs in ascending k, whatever the blocks: blocking never changes a bit. Columns go by the widest vectors as far as they
// reach, then by narrower ones.

#define LOAD(type, p) (*(const type*)(p))
#define STORE(type, p, v) (*(type*)(p) = (v))

/** A row's sums go on with a number times a row of weights. */
#define ADD_ROW(s, x, u, V, type)                                                                                      \
  do {                                                                                                                 \
    const type value = *(x) - (type){0};                                                                               \
    UNROLL for (int v = 0; v < V; v++) (s)[v] += value * (u)[v];                                                       \
  } while (0)

/** c ← init + a · b for four rows and `V` vectors of columns; k = (k1, k2), k2 side by side in `a`. V8
 * keeps the blocks in registers only while a loop's body is small, so k is not unrolled. */
#define FOUR_ROWS(NAME, type, V)                                                                                       \
  NOINLINE void NAME(                                                                                                  \
    int rows, const float* a, int aRow, int a1, const float* b, int bRow, const float* init, int initRow, float* c,    \
    int cRow, int k1, int k2                                                                                           \
  ) {                                                                                                                  \
    const int lanes = sizeof(type) / 4;                                                                                \
    for (; rows >= 4; rows -= 4, a += 4 * aRow, init += 4 * initRow, c += 4 * cRow) {                                  \
      type s[4][V];                                                                                                    \
      UNROLL for (int m = 0; m < 4; m++)                                                                               \
        UNROLL for (int v = 0; v < V; v++) s[m][v] = LOAD(type, init + m * initRow + lanes * v);                       \
      const float* w = b;                                                                                              \
      for (int i = 0; i < k1; i++) {                                                                                   \
        const float* x0 = a + i * a1;                                                                                  \
        const float* x1 = x0 + aRow;                                                                                   \
        const float* x2 = x1 + aRow;                                                                                   \
        const float* x3 = x2 + aRow;                                                                                   \
        AS_WRITTEN for (const float* end = x0 + k2; x0 != end; x0++, x1++, x2++, x3++, w += bRow) {                    \
          type u[V];                                                                                                   \
          UNROLL for (int v = 0; v < V; v++) u[v] = LOAD(type, w + lanes * v);                                         \
          ADD_ROW(s[0], x0, u, V, type);                                                                               \
          ADD_ROW(s[1], x1, u, V, type);                                                                               \
          ADD_ROW(s[2], x2, u, V, type);                                                                               \
          ADD_ROW(s[3], x3, u, V, type);                                                                               \
        }                                                                                                              \
      }                                                                                                                \
      UNROLL for (int m = 0; m < 4; m++)                                                                               \
        UNROLL for (int v = 0; v < V; v++) STORE(type, c + m * cRow + lanes * v, s[m][v]);                             \
    }                                                                                                                  \
  }
FOUR_ROWS(fourRowsTwo, fw, 2)
FOUR_ROWS(fourRowsOne, fw, 1)
#if LANES > 8
FOUR_ROWS(fourRowsEight, f8, 1)
#endif
#if LANES > 4
FOUR_ROWS(fourRowsFour, f4, 1)
#endif

/** The same for one row and `V` vectors. */
#define ONE_ROW(NAME, type, V)                                                                                         \
  NOINLINE void NAME(                                                                                                  \
    const float* a, int a1, const float* b, int bRow, const float* init, float* c, int k1, int k2                      \
  ) {                                                                                                                  \
    const int lanes = sizeof(type) / 4;                                                                                \
    type s[V];                                                                                                         \
    UNROLL for (int v = 0; v < V; v++) s[v] = LOAD(type, init + lanes * v);                                            \
    for (int i = 0; i < k1; i++, a += a1)                                                                              \
      for (const float *x = a, *end = a + k2; x != end; x++, b += bRow) {                                              \
        const type value = *x - (type){0};                                                                             \
        UNROLL for (int v = 0; v < V; v++) s[v] += value * LOAD(type, b + lanes * v);                                  \
      }                                                                                                                \
    UNROLL for (int v = 0; v < V; v++) STORE(type, c + lanes * v, s[v]);                                               \
  }
ONE_ROW(oneRowTen, fw, 10)
ONE_ROW(oneRowFour, fw, 4)
ONE_ROW(oneRowOne, fw, 1)
#if LANES > 8
ONE_ROW(oneRowEightColumns, f8, 1)
#endif
#if LANES > 4
ONE_ROW(oneRowFourColumns, f4, 1)
#endif

/** Calls with the first of the columns that are left, while there are so many of them. */
#define EACH(n, columns, step, call)                                                                                   \
  for (; n + (step) <= columns; n += (step)) call

/** c ← init + a · b. `columns` is a multiple of 4. */
static void rowsProduct(
  int rows, int columns, const float* a, int aRow, int a1, const float* b, int bRow, const float* init, int initRow,
  float* c, int cRow, int k1, int k2
) {
  if (rows >= 4) {
#define ROWS(NAME) NAME(rows, a, aRow, a1, b + n, bRow, init + n, initRow, c + n, cRow, k1, k2)
    int n = 0;
    EACH(n, columns, 2 * LANES, ROWS(fourRowsTwo));
    EACH(n, columns, LANES, ROWS(fourRowsOne));
#if LANES > 8
    EACH(n, columns, 8, ROWS(fourRowsEight));
#endif
#if LANES > 4
    EACH(n, columns, 4, ROWS(fourRowsFour));
#endif
  }
  for (int m = rows & ~3; m < rows; m++) {
#define ROW(NAME) NAME(a + m * aRow, a1, b + n, bRow, init + m * initRow + n, c + m * cRow + n, k1, k2)
    int n = 0;
    EACH(n, columns, 10 * LANES, ROW(oneRowTen));
    EACH(n, columns, 4 * LANES, ROW(oneRowFour));
    EACH(n, columns, LANES, ROW(oneRowOne));
#if LANES > 8
    EACH(n, columns, 8, ROW(oneRowEightColumns));
#endif
#if LANES > 4
    EACH(n, columns, 4, ROW(oneRowFourColumns));
#endif
  }
}

/** c ← init + aᵀ · b for rows four by four and `V` vectors of columns; a's rows are side by side, k = (k1, k2). */
#define FOUR_COLUMNS(NAME, type, V)                                                                                    \
  NOINLINE void NAME(                                                                                                  \
    int rows, const float* a, int a1, int a2, const float* b, int b1, int b2, const float* init, int initRow, float* c,\
    int cRow, int k1, int k2                                                                                           \
  ) {                                                                                                                  \
    const int lanes = sizeof(type) / 4;                                                                                \
    for (; rows >= 4; rows -= 4, a += 4, init += 4 * initRow, c += 4 * cRow) {                                         \
      type s[4][V];                                                                                                    \
      UNROLL for (int m = 0; m < 4; m++)                                                                               \
        UNROLL for (int v = 0; v < V; v++) s[m][v] = LOAD(type, init + m * initRow + lanes * v);                       \
      for (int i = 0; i < k1; i++) {                                                                                   \
        const float* x = a + i * a1;                                                                                   \
        const float* w = b + i * b1;                                                                                   \
        AS_WRITTEN for (int j = 0; j < k2; j++, x += a2, w += b2) {                                                    \
          type u[V];                                                                                                   \
          UNROLL for (int v = 0; v < V; v++) u[v] = LOAD(type, w + lanes * v);                                         \
          ADD_ROW(s[0], x, u, V, type);                                                                                \
          ADD_ROW(s[1], x + 1, u, V, type);                                                                            \
          ADD_ROW(s[2], x + 2, u, V, type);                                                                            \
          ADD_ROW(s[3], x + 3, u, V, type);                                                                            \
        }                                                                                                              \
      }                                                                                                                \
      UNROLL for (int m = 0; m < 4; m++)                                                                               \
        UNROLL for (int v = 0; v < V; v++) STORE(type, c + m * cRow + lanes * v, s[m][v]);                             \
    }                                                                                                                  \
  }
FOUR_COLUMNS(fourColumnsTwo, fw, 2)
FOUR_COLUMNS(fourColumnsOne, fw, 1)
#if LANES > 8
FOUR_COLUMNS(fourColumnsEight, f8, 1)
#endif
#if LANES > 4
FOUR_COLUMNS(fourColumnsFour, f4, 1)
#endif

/** c ← init + aᵀ · b. `rows` and `columns` are multiples of 4. */
static void columnsProduct(
  int rows, int columns, const float* a, int a1, int a2, const float* b, int b1, int b2, const float* init, int initRow,
  float* c, int cRow, int k1, int k2
) {
#define COLUMNS(NAME) NAME(rows, a, a1, a2, b + n, b1, b2, init + n, initRow, c + n, cRow, k1, k2)
  int n = 0;
  EACH(n, columns, 2 * LANES, COLUMNS(fourColumnsTwo));
  EACH(n, columns, LANES, COLUMNS(fourColumnsOne));
#if LANES > 8
  EACH(n, columns, 8, COLUMNS(fourColumnsEight));
#endif
#if LANES > 4
  EACH(n, columns, 4, COLUMNS(fourColumnsFour));
#endif
}
