/** t[j][i] ← w[i][j]; both numbers are multiples of 4. */
static void transpose(const float* w, float* t, uint32_t rows, uint32_t columns) {
  for (uint32_t i = 0; i < rows; i += 4)
    for (uint32_t j = 0; j < columns; j += 4) {
      const float* p = w + i * columns + j;
      float* q = t + j * rows + i;
      const f4 r0 = load4(p), r1 = load4(p + columns), r2 = load4(p + 2 * columns), r3 = load4(p + 3 * columns);
      const f4 a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), b = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
      const f4 c = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), d = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
      store4(q, __builtin_shufflevector(a, c, 0, 1, 4, 5));
      store4(q + rows, __builtin_shufflevector(a, c, 2, 3, 6, 7));
      store4(q + 2 * rows, __builtin_shufflevector(b, d, 0, 1, 4, 5));
      store4(q + 3 * rows, __builtin_shufflevector(b, d, 2, 3, 6, 7));
    }
}

/** The same for each of several matrices, one behind the other. */
static void transposeAll(const float* w, float* t, uint32_t matrices, uint32_t rows, uint32_t columns) {
  for (uint32_t k = 0; k < matrices; k++, w += rows * columns, t += rows * columns) transpose(w, t, rows, columns);
}
