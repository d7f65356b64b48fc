// Winograd's F(2 × 2, 3 × 3) for kernels of 3 × 3 at stride 1 with a border of one: a tile of 2 × 2 outputs takes 16 products
// where the definition has 36 (Lavin & Gray 2015). Back-propagation is its adjoint: the same transforms, transposed. Images
// have even sides. Tiles are numbered example by example, row by row; sums over tiles run in that order.
//   weights  U = G g Gᵀ, inputs V = Bᵀ d B, outputs Y = Aᵀ M A with M = U · V summed over input channels

/** U [16][in · out] from g [3 · 3][in · out]; `n` = in · out. */
static void transformWeights(const float* g, float* u, uint32_t n) {
  for (uint32_t c = 0; c < n; c += 4, g += 4, u += 4) {
    f4 t[4][3];
    UNROLL for (int j = 0; j < 3; j++) {
      const f4 a = load4(g + j * n), b = load4(g + (3 + j) * n), d = load4(g + (6 + j) * n);
      const f4 s = (a + d) * 0.5f, h = b * 0.5f;
      t[0][j] = a;
      t[1][j] = s + h;
      t[2][j] = s - h;
      t[3][j] = d;
    }
    UNROLL for (int i = 0; i < 4; i++) {
      const f4 s = (t[i][0] + t[i][2]) * 0.5f, h = t[i][1] * 0.5f;
      float* o = u + i * 4 * n;
      store4(o, t[i][0]);
      store4(o + n, s + h);
      store4(o + 2 * n, s - h);
      store4(o + 3 * n, t[i][2]);
    }
  }
}

/** g ← g + Gᵀ U G: the gradient by the weights from that by U. */
static void transformWeightsBack(const float* u, float* g, uint32_t n) {
  for (uint32_t c = 0; c < n; c += 4, g += 4, u += 4) {
    f4 t[3][4];
    UNROLL for (int j = 0; j < 4; j++) {
      const f4 a = load4(u + j * n), b = load4(u + (4 + j) * n), d = load4(u + (8 + j) * n), e = load4(u + (12 + j) * n);
      const f4 s = (b + d) * 0.5f;
      t[0][j] = a + s;
      t[1][j] = (b - d) * 0.5f;
      t[2][j] = s + e;
    }
    UNROLL for (int i = 0; i < 3; i++) {
      const f4 s = (t[i][1] + t[i][2]) * 0.5f, h = (t[i][1] - t[i][2]) * 0.5f;
      float* o = g + i * 3 * n;
      store4(o, load4(o) + (t[i][0] + s));
      store4(o + n, load4(o + n) + h);
      store4(o + 2 * n, load4(o + 2 * n) + (s + t[i][3]));
    }
  }
}

/** V of one tile, whose 16 planes are `plane` apart, from the 4 × 4 pixels at x. */
INLINE void transformInput(const float* x, uint32_t row, uint32_t channels, float* v, uint32_t plane) {
  for (uint32_t c = 0; c < channels; c += 4, x += 4, v += 4) {
    f4 t[4][4];
    UNROLL for (int j = 0; j < 4; j++) {
      const float* p = x + j * channels;
      const f4 a = load4(p), b = load4(p + row), d = load4(p + 2 * row), e = load4(p + 3 * row);
      t[0][j] = a - d;
      t[1][j] = b + d;
      t[2][j] = d - b;
      t[3][j] = b - e;
    }
    UNROLL for (int i = 0; i < 4; i++) {
      float* o = v + i * 4 * plane;
      store4(o, t[i][0] - t[i][2]);
      store4(o + plane, t[i][1] + t[i][2]);
      store4(o + 2 * plane, t[i][2] - t[i][1]);
      store4(o + 3 * plane, t[i][1] - t[i][3]);
    }
  }
}

/** d ← d + B V Bᵀ: adds a tile's derivatives by its inputs. */
INLINE void transformInputBack(float* x, uint32_t row, uint32_t channels, const float* v, uint32_t plane) {
  for (uint32_t c = 0; c < channels; c += 4, x += 4, v += 4) {
    f4 t[4][4];
    UNROLL for (int j = 0; j < 4; j++) {
      const float* p = v + j * plane;
      const f4 a = load4(p), b = load4(p + 4 * plane), d = load4(p + 8 * plane), e = load4(p + 12 * plane);
      t[0][j] = a;
      t[1][j] = (b - d) + e;
      t[2][j] = (b + d) - a;
      t[3][j] = -e;
    }
    UNROLL for (int i = 0; i < 4; i++) {
      float* o = x + i * row;
      store4(o, load4(o) + t[i][0]);
      store4(o + channels, load4(o + channels) + ((t[i][1] - t[i][2]) + t[i][3]));
      store4(o + 2 * channels, load4(o + 2 * channels) + ((t[i][1] + t[i][2]) - t[i][0]));
      store4(o + 3 * channels, load4(o + 3 * channels) - t[i][3]);
    }
  }
}

/** Y = Aᵀ M A, plus the bias. */
INLINE void transformOutput(
  const float* m, uint32_t plane, float* y, uint32_t row, uint32_t channels, const float* bias
) {
  for (uint32_t c = 0; c < channels; c += 4, m += 4, y += 4, bias += 4) {
    f4 t[2][4];
    UNROLL for (int j = 0; j < 4; j++) {
      const float* p = m + j * plane;
      const f4 a = load4(p), b = load4(p + 4 * plane), d = load4(p + 8 * plane), e = load4(p + 12 * plane);
      t[0][j] = (a + b) + d;
      t[1][j] = (b - d) - e;
    }
    const f4 add = load4(bias);
    UNROLL for (int i = 0; i < 2; i++) {
      store4(y + i * row, ((t[i][0] + t[i][1]) + t[i][2]) + add);
      store4(y + i * row + channels, ((t[i][1] - t[i][2]) - t[i][3]) + add);
    }
  }
}

/** M = A Y Aᵀ: the derivatives by M of a tile from those by its outputs. */
INLINE void transformOutputBack(float* m, uint32_t plane, const float* y, uint32_t row, uint32_t channels) {
  for (uint32_t c = 0; c < channels; c += 4, m += 4, y += 4) {
    f4 t[4][2];
    UNROLL for (int j = 0; j < 2; j++) {
      const f4 a = load4(y + j * channels), b = load4(y + row + j * channels);
      t[0][j] = a;
      t[1][j] = a + b;
      t[2][j] = a - b;
      t[3][j] = -b;
    }
    UNROLL for (int i = 0; i < 4; i++) {
      float* o = m + i * 4 * plane;
      store4(o, t[i][0]);
      store4(o + plane, t[i][0] + t[i][1]);
      store4(o + 2 * plane, t[i][0] - t[i][1]);
      store4(o + 3 * plane, -t[i][1]);
    }
  }
}

/** Floats at `room`, which holds V and M of as many tiles as fit, a multiple of 4. */
INLINE uint32_t tilesIn(uint32_t room, const Convolution* l) {
  return room / (16 * (l->in.channels + l->out.channels)) & ~3u;
}

/** Where tile `t` begins in an image whose tiles are two pixels apart. */
INLINE float* tileAt(const Image* image, float* at, uint32_t t, uint32_t columns, uint32_t rows) {
  const uint32_t x = t % columns, y = t / columns % rows, example = t / (columns * rows);
  return rowAt(image, at, example, 2 * y) + 2 * x * image->channels;
}

/** Where the 4 × 4 inputs of tile `t` begin: in the border, for the first. */
INLINE float* inputTileAt(const Image* image, float* at, uint32_t t, uint32_t columns, uint32_t rows) {
  return tileAt(image, at, t, columns, rows) - image->row - image->channels;
}

static void transformInputs(const Convolution* l, float* in, uint32_t first, uint32_t tiles, float* v) {
  const uint32_t columns = l->out.width / 2, rows = l->out.height / 2, ci = l->in.channels;
  for (uint32_t t = 0; t < tiles; t++)
    transformInput(inputTileAt(&l->in, in, first + t, columns, rows), l->in.row, ci, v + t * ci, tiles * ci);
}

/** Prepares U and, if `transposed` is not 0, Uᵀ ([16][out][in]) for back-propagation. */
void EXPORT(winogradWeights)(address weights, address u, address transposed, uint32_t in, uint32_t out) {
  transformWeights(AT(const float, weights), AT(float, u), in * out);
  if (transposed) transposeAll(AT(const float, u), AT(float, transposed), 16, in, out);
}

/**
 * out ← bias + W ∗ in.
 * @param room holds `roomFloats` float32, enough for four tiles at least
 * @param zeros as many zeros as there are channels on either side
 */
void EXPORT(winograd)(
  address layer, address in, address out, address u, address bias, uint32_t n, address room, uint32_t roomFloats,
  address zeros
) {
  const Convolution* l = AT(const Convolution, layer);
  const float* zero = AT(const float, zeros);
  const uint32_t ci = l->in.channels, co = l->out.channels;
  const uint32_t columns = l->out.width / 2, rows = l->out.height / 2;
  const uint32_t total = n * rows * columns, most = tilesIn(roomFloats, l);
  for (uint32_t first = 0; first < total; first += most) {
    const uint32_t tiles = total - first < most ? total - first : most;
    float* v = AT(float, room);
    float* m = v + 16 * tiles * ci;
    transformInputs(l, AT(float, in), first, tiles, v);
    for (uint32_t k = 0; k < 16; k++)
      rowsProduct(tiles, co, v + k * tiles * ci, ci, 0, AT(const float, u) + k * ci * co, co, zero, 0,
                  m + k * tiles * co, co, 1, ci);
    for (uint32_t t = 0; t < tiles; t++)
      transformOutput(m + t * co, tiles * co, tileAt(&l->out, AT(float, out), first + t, columns, rows), l->out.row, co,
                      AT(const float, bias));
  }
}

/**
 * Back from ∂L/∂out. `inDelta`, if not 0: ∂L/∂in ← ∂L/∂in + its share. `uGradient`, if not 0, is filled with ∂L/∂U
 * [16][in · out], which `winogradGradient` adds to the gradient by the weights.
 */
void EXPORT(winogradBackward)(
  address layer, address in, address outDelta, address transposed, address inDelta, address uGradient, uint32_t n,
  address room, uint32_t roomFloats, address zeros
) {
  const Convolution* l = AT(const Convolution, layer);
  const float* zero = AT(const float, zeros);
  const uint32_t ci = l->in.channels, co = l->out.channels, size = ci * co;
  const uint32_t columns = l->out.width / 2, rows = l->out.height / 2;
  const uint32_t total = n * rows * columns, most = tilesIn(roomFloats, l);
  for (uint32_t first = 0; first < total; first += most) {
    const uint32_t tiles = total - first < most ? total - first : most;
    float* v = AT(float, room);
    float* m = v + 16 * tiles * ci;
    for (uint32_t t = 0; t < tiles; t++)
      transformOutputBack(m + t * co, tiles * co, tileAt(&l->out, AT(float, outDelta), first + t, columns, rows),
                          l->out.row, co);
    if (uGradient) {
      transformInputs(l, AT(float, in), first, tiles, v);
      for (uint32_t k = 0; k < 16; k++) {
        float* g = AT(float, uGradient) + k * size;
        columnsProduct(ci, co, v + k * tiles * ci, 0, ci, m + k * tiles * co, 0, co, first ? g : zero, first ? co : 0, g,
                       co, 1, tiles);
      }
    }
    if (!inDelta) continue;
    for (uint32_t k = 0; k < 16; k++)
      rowsProduct(tiles, ci, m + k * tiles * co, co, 0, AT(const float, transposed) + k * size, ci, zero, 0,
                  v + k * tiles * ci, ci, 1, co);
    for (uint32_t t = 0; t < tiles; t++)
      transformInputBack(inputTileAt(&l->in, AT(float, inDelta), first + t, columns, rows), l->in.row, ci, v + t * ci,
                         tiles * ci);
  }
}

/** gradient ← gradient + the gradient by the weights that follows from that by U. */
void EXPORT(winogradGradient)(address uGradient, address gradient, uint32_t in, uint32_t out) {
  transformWeightsBack(AT(const float, uGradient), AT(float, gradient), in * out);
}
