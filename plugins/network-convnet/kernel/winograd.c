// Winograd's F(2 × 2, 3 × 3) for kernels of 3 × 3 at stride 1 with a border of one: a tile of 2 × 2 outputs takes 16 products
// where the definition has 36 (Lavin & Gray 2015). Back-propagation is its adjoint: the same transforms, transposed. Images
// have even sides. Tiles are numbered example by example, row by row; sums over tiles run in that order.
//   weights  U = G g Gᵀ, inputs V = Bᵀ d B, outputs Y = Aᵀ M A with M = U · V summed over input channels

#define WIDE_OF(name) name##Wide
#define EIGHT_OF(name) name##Eight
#define FOUR_OF(name) name##Four
#define VECTOR fw
#define OF WIDE_OF
#include "transforms.h"
#if LANES > 8
#define VECTOR f8
#define OF EIGHT_OF
#include "transforms.h"
#endif
#if LANES > 4
#define VECTOR f4
#define OF FOUR_OF
#include "transforms.h"
#endif

// Calls a transform for all of n channels: the widest vectors first.
#if LANES > 8
#define EACH_VECTOR(n, name, ...)                                                                                      \
  do {                                                                                                                 \
    uint32_t c = 0;                                                                                                    \
    for (; c + LANES <= (n); c += LANES) name##Wide(__VA_ARGS__);                                                      \
    for (; c + 8 <= (n); c += 8) name##Eight(__VA_ARGS__);                                                             \
    for (; c < (n); c += 4) name##Four(__VA_ARGS__);                                                                   \
  } while (0)
#elif LANES > 4
#define EACH_VECTOR(n, name, ...)                                                                                      \
  do {                                                                                                                 \
    uint32_t c = 0;                                                                                                    \
    for (; c + LANES <= (n); c += LANES) name##Wide(__VA_ARGS__);                                                      \
    for (; c < (n); c += 4) name##Four(__VA_ARGS__);                                                                   \
  } while (0)
#else
#define EACH_VECTOR(n, name, ...)                                                                                      \
  for (uint32_t c = 0; c < (n); c += 4) name##Wide(__VA_ARGS__)
#endif

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
  for (uint32_t t = 0; t < tiles; t++) {
    const float* x = inputTileAt(&l->in, in, first + t, columns, rows);
    EACH_VECTOR(ci, transformInput, x + c, l->in.row, ci, v + t * ci + c, tiles * ci);
  }
}

/** Prepares U and, if `transposed` is not 0, Uᵀ ([16][out][in]) for back-propagation. */
void EXPORT(winogradWeights)(address weights, address u, address transposed, uint32_t in, uint32_t out) {
  EACH_VECTOR(in * out, transformWeights, AT(const float, weights) + c, AT(float, u) + c, in * out);
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
    for (uint32_t t = 0; t < tiles; t++) {
      float* y = tileAt(&l->out, AT(float, out), first + t, columns, rows);
      EACH_VECTOR(co, transformOutput, m + t * co + c, tiles * co, y + c, l->out.row, co, AT(const float, bias) + c);
    }
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
    for (uint32_t t = 0; t < tiles; t++) {
      const float* y = tileAt(&l->out, AT(float, outDelta), first + t, columns, rows);
      EACH_VECTOR(co, transformOutputBack, m + t * co + c, tiles * co, y + c, l->out.row, co);
    }
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
    for (uint32_t t = 0; t < tiles; t++) {
      float* x = inputTileAt(&l->in, AT(float, inDelta), first + t, columns, rows);
      EACH_VECTOR(ci, transformInputBack, x + c, l->in.row, ci, v + t * ci + c, tiles * ci);
    }
  }
}

/** gradient ← gradient + the gradient by the weights that follows from that by U. */
void EXPORT(winogradGradient)(address uGradient, address gradient, uint32_t in, uint32_t out) {
  EACH_VECTOR(in * out, transformWeightsBack, AT(const float, uGradient) + c, AT(float, gradient) + c, in * out);
}
