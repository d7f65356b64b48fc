// Winograd's transforms for one vector of channels: included for each width of vectors, `VECTOR` with the suffix `OF`.

#define LOADED(p) (*(const VECTOR*)(p))
#define STORED(p, v) (*(VECTOR*)(p) = (v))

/** U [16][in · out] from g [3 · 3][in · out]; `n` = in · out. */
INLINE void OF(transformWeights)(const float* g, float* u, uint32_t n) {
  VECTOR t[4][3];
  UNROLL for (int j = 0; j < 3; j++) {
    const VECTOR a = LOADED(g + j * n), b = LOADED(g + (3 + j) * n), d = LOADED(g + (6 + j) * n);
    const VECTOR s = (a + d) * 0.5f, h = b * 0.5f;
    t[0][j] = a;
    t[1][j] = s + h;
    t[2][j] = s - h;
    t[3][j] = d;
  }
  UNROLL for (int i = 0; i < 4; i++) {
    const VECTOR s = (t[i][0] + t[i][2]) * 0.5f, h = t[i][1] * 0.5f;
    float* o = u + i * 4 * n;
    STORED(o, t[i][0]);
    STORED(o + n, s + h);
    STORED(o + 2 * n, s - h);
    STORED(o + 3 * n, t[i][2]);
  }
}

/** g ← g + Gᵀ U G: the gradient by the weights from that by U. */
INLINE void OF(transformWeightsBack)(const float* u, float* g, uint32_t n) {
  VECTOR t[3][4];
  UNROLL for (int j = 0; j < 4; j++) {
    const VECTOR a = LOADED(u + j * n), b = LOADED(u + (4 + j) * n), d = LOADED(u + (8 + j) * n), e = LOADED(u + (12 + j) * n);
    const VECTOR s = (b + d) * 0.5f;
    t[0][j] = a + s;
    t[1][j] = (b - d) * 0.5f;
    t[2][j] = s + e;
  }
  UNROLL for (int i = 0; i < 3; i++) {
    const VECTOR s = (t[i][1] + t[i][2]) * 0.5f, h = (t[i][1] - t[i][2]) * 0.5f;
    float* o = g + i * 3 * n;
    STORED(o, LOADED(o) + (t[i][0] + s));
    STORED(o + n, LOADED(o + n) + h);
    STORED(o + 2 * n, LOADED(o + 2 * n) + (s + t[i][3]));
  }
}

/** V of one tile, whose 16 planes are `plane` apart, from the 4 × 4 pixels at x. */
INLINE void OF(transformInput)(const float* x, uint32_t row, uint32_t channels, float* v, uint32_t plane) {
  VECTOR t[4][4];
  UNROLL for (int j = 0; j < 4; j++) {
    const float* p = x + j * channels;
    const VECTOR a = LOADED(p), b = LOADED(p + row), d = LOADED(p + 2 * row), e = LOADED(p + 3 * row);
    t[0][j] = a - d;
    t[1][j] = b + d;
    t[2][j] = d - b;
    t[3][j] = b - e;
  }
  UNROLL for (int i = 0; i < 4; i++) {
    float* o = v + i * 4 * plane;
    STORED(o, t[i][0] - t[i][2]);
    STORED(o + plane, t[i][1] + t[i][2]);
    STORED(o + 2 * plane, t[i][2] - t[i][1]);
    STORED(o + 3 * plane, t[i][1] - t[i][3]);
  }
}

/** d ← d + B V Bᵀ: adds a tile's derivatives by its inputs. */
INLINE void OF(transformInputBack)(float* x, uint32_t row, uint32_t channels, const float* v, uint32_t plane) {
  VECTOR t[4][4];
  UNROLL for (int j = 0; j < 4; j++) {
    const float* p = v + j * plane;
    const VECTOR a = LOADED(p), b = LOADED(p + 4 * plane), d = LOADED(p + 8 * plane), e = LOADED(p + 12 * plane);
    t[0][j] = a;
    t[1][j] = (b - d) + e;
    t[2][j] = (b + d) - a;
    t[3][j] = -e;
  }
  UNROLL for (int i = 0; i < 4; i++) {
    float* o = x + i * row;
    STORED(o, LOADED(o) + t[i][0]);
    STORED(o + channels, LOADED(o + channels) + ((t[i][1] - t[i][2]) + t[i][3]));
    STORED(o + 2 * channels, LOADED(o + 2 * channels) + ((t[i][1] + t[i][2]) - t[i][0]));
    STORED(o + 3 * channels, LOADED(o + 3 * channels) - t[i][3]);
  }
}

/** Y = Aᵀ M A, plus the bias. */
INLINE void OF(transformOutput)(
  const float* m, uint32_t plane, float* y, uint32_t row, uint32_t channels, const float* bias
) {
  VECTOR t[2][4];
  UNROLL for (int j = 0; j < 4; j++) {
    const float* p = m + j * plane;
    const VECTOR a = LOADED(p), b = LOADED(p + 4 * plane), d = LOADED(p + 8 * plane), e = LOADED(p + 12 * plane);
    t[0][j] = (a + b) + d;
    t[1][j] = (b - d) - e;
  }
  const VECTOR add = LOADED(bias);
  UNROLL for (int i = 0; i < 2; i++) {
    STORED(y + i * row, ((t[i][0] + t[i][1]) + t[i][2]) + add);
    STORED(y + i * row + channels, ((t[i][1] - t[i][2]) - t[i][3]) + add);
  }
}

/** M = A Y Aᵀ: the derivatives by M of a tile from those by its outputs. */
INLINE void OF(transformOutputBack)(float* m, uint32_t plane, const float* y, uint32_t row, uint32_t channels) {
  VECTOR t[4][2];
  UNROLL for (int j = 0; j < 2; j++) {
    const VECTOR a = LOADED(y + j * channels), b = LOADED(y + row + j * channels);
    t[0][j] = a;
    t[1][j] = a + b;
    t[2][j] = a - b;
    t[3][j] = -b;
  }
  UNROLL for (int i = 0; i < 4; i++) {
    float* o = m + i * 4 * plane;
    STORED(o, t[i][0]);
    STORED(o + plane, t[i][0] + t[i][1]);
    STORED(o + 2 * plane, t[i][0] - t[i][1]);
    STORED(o + 3 * plane, -t[i][1]);
  }
}

#undef LOADED
#undef STORED
#undef VECTOR
#undef OF
