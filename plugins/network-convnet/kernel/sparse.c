// Convolutions of images that are half zeros, as ReLU leaves them, and of derivatives that went back through one. What is not
// zero in a pixel is listed once; every sum then leaves out the zeros of the sum in convolution.c, which changes no bit. A
// block of outputs stays in registers while a list runs, and the weights of a block and a tap in the nearest cache.

/** A value of a pixel, and how far its row of weights is from the first one, in bytes. */
typedef struct {
  uint32_t offset;
  float value;
} Entry;

/**
 * Lists what is not zero of each pixel: `room` for all entries, `image->channels` and two for each pixel, and how many there are
 * of each pixel in `counts`.
 */
void EXPORT(listValues)(address image, address values, address entries, address counts, uint32_t rowBytes, uint32_t n) {
  const Image* d = AT(const Image, image);
  const uint32_t channels = d->channels;
  Entry* list = AT(Entry, entries);
  uint32_t* count = AT(uint32_t, counts);
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < d->height; y++) {
      const float* p = rowAt(d, AT(float, values), e, y);
      for (uint32_t x = 0; x < d->width; x++, list += channels + 2) {
        Entry* next = list;
        for (uint32_t offset = 0, c = 0; c < channels; c++, offset += rowBytes, p++) {
          next->offset = offset; // what is zero is overwritten next
          next->value = *p;
          next += *p != 0.f;
        }
        *count++ = (uint32_t)(next - list);
      }
    }
}

/** [tap][row][column] becomes [block of `width` columns][tap][row][width]. */
void EXPORT(packWeights)(address from, address to, uint32_t rows, uint32_t columns, uint32_t width) {
  float* out = AT(float, to);
  for (uint32_t block = 0; block < columns; block += width) {
    const float* w = AT(const float, from) + block;
    for (uint32_t r = 0; r < rows; r++, w += columns, out += width)
      for (uint32_t c = 0; c < width; c += 4) store4(out + c, load4(w + c));
  }
}

/** Columns of a list's sums as vectors: the widest, then at most one of eight. */
#define ADD_LIST(NAME, columns)                                                                                        \
  NOINLINE void NAME(const Entry* entry, const Entry* end, const char* weights, float* c) {                            \
    enum { V = columns / LANES, FIRST = V * LANES, EIGHT = FIRST < columns };                                          \
    fw s[V];                                                                                                           \
    f8 last = {0};                                                                                                     \
    UNROLL for (int v = 0; v < V; v++) s[v] = LOAD(fw, c + LANES * v);                                                 \
    if (EIGHT) last = LOAD(f8, c + FIRST);                                                                             \
    AS_WRITTEN for (; entry != end; entry++) {                                                                         \
      const float* row = (const float*)(weights + entry->offset);                                                      \
      const float value = entry->value;                                                                                \
      UNROLL for (int v = 0; v < V; v++) s[v] += splatWide(value) * LOAD(fw, row + LANES * v);                         \
      if (EIGHT) last += splat8(value) * LOAD(f8, row + FIRST);                                                        \
    }                                                                                                                  \
    UNROLL for (int v = 0; v < V; v++) STORE(fw, c + LANES * v, s[v]);                                                 \
    if (EIGHT) STORE(f8, c + FIRST, last);                                                                             \
  }
#if LANES > 4
ADD_LIST(addList80, 80)
#endif
ADD_LIST(addList40, 40)
ADD_LIST(addList32, 32)
ADD_LIST(addList16, 16)

INLINE void addList(uint32_t width, const Entry* entry, uint32_t count, const char* weights, float* c) {
#if LANES > 4
  if (width == 80) return addList80(entry, entry + count, weights, c);
#endif
  if (width == 40) addList40(entry, entry + count, weights, c);
  else if (width == 32) addList32(entry, entry + count, weights, c);
  else addList16(entry, entry + count, weights, c);
}

/** Which outputs, of `outputs` in a row or column, have weight `k` of a kernel over an input: [first, end). */
INLINE void reach(uint32_t k, uint32_t padding, uint32_t stride, uint32_t inputs, uint32_t outputs, uint32_t* first,
                  uint32_t* end) {
  *first = k < padding ? (padding - k + stride - 1) / stride : 0;
  const int32_t last = (int32_t)(inputs + padding) - 1 - (int32_t)k;
  *end = last < 0 ? 0 : (uint32_t)last / stride + 1;
  if (*end > outputs) *end = outputs;
}

/** Runs the block for each tap, block of columns, and row and column of the output whose input under the tap is inside. */
#define EACH_TAP(l, n, columns, width)                                                                                 \
  for (uint32_t block = 0, tap = 0; block < (columns); block += (width))                                               \
    for (uint32_t ky = 0; ky < (l)->kernelHeight; ky++)                                                                \
      for (uint32_t kx = 0, top, bottom, left, right; kx < (l)->kernelWidth; kx++, tap++)                              \
        if (reach(ky, (l)->padding, (l)->stride, (l)->in.height, (l)->out.height, &top, &bottom),                      \
            reach(kx, (l)->padding, (l)->stride, (l)->in.width, (l)->out.width, &left, &right), 1)                     \
          for (uint32_t e = 0; e < (n); e++)                                                                           \
            for (uint32_t y = top; y < bottom; y++)                                                                    \
              for (uint32_t x = left; x < right; x++)

/** The number of the input pixel under a tap. */
INLINE uint32_t under(const Convolution* l, uint32_t e, uint32_t y, uint32_t x, uint32_t ky, uint32_t kx) {
  const uint32_t row = y * l->stride + ky - l->padding, column = x * l->stride + kx - l->padding;
  return (e * l->in.height + row) * l->in.width + column;
}

/**
 * out ← bias + W ∗ in, from the lists of in's pixels.
 * @param weights packed in blocks of `width` columns; or, with one tap, as they are: `blockFloats` from block to block
 */
void EXPORT(sparseConvolve)(
  address layer, address entries, address counts, address out, address weights, uint32_t tapFloats,
  uint32_t blockFloats, address bias, uint32_t width, uint32_t n
) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t ci = l->in.channels, co = l->out.channels, taps = l->kernelHeight * l->kernelWidth;
  const Entry* lists = AT(const Entry, entries);
  const uint32_t* count = AT(const uint32_t, counts);
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < l->out.height; y++) {
      float* p = rowAt(&l->out, AT(float, out), e, y);
      for (uint32_t x = 0; x < l->out.width; x++, p += co)
        for (uint32_t c = 0; c < co; c += 4) store4(p + c, load4(AT(const float, bias) + c));
    }
  EACH_TAP(l, n, co, width) {
    const uint32_t pixel = under(l, e, y, x, ky, kx);
    const float* w = AT(const float, weights) + block / width * blockFloats + tap % taps * tapFloats;
    addList(width, lists + pixel * (ci + 2), count[pixel], (const char*)w,
            rowAt(&l->out, AT(float, out), e, y) + x * co + block);
  }
}

/**
 * ∂L/∂in ← ∂L/∂in + what comes through this layer, from the lists of δ's pixels.
 * @param weights transposed, [tap][out][in], and packed as for `sparseConvolve`
 */
void EXPORT(sparseInputs)(
  address layer, address inDelta, address entries, address counts, address weights, uint32_t tapFloats,
  uint32_t blockFloats, uint32_t width, uint32_t n
) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t ci = l->in.channels, co = l->out.channels, taps = l->kernelHeight * l->kernelWidth;
  const Entry* lists = AT(const Entry, entries);
  const uint32_t* count = AT(const uint32_t, counts);
  EACH_TAP(l, n, ci, width) {
    const uint32_t pixel = (e * l->out.height + y) * l->out.width + x;
    const float* w = AT(const float, weights) + block / width * blockFloats + tap % taps * tapFloats;
    float* d = underKernel(l, AT(float, inDelta), e, y) + ky * l->in.row + (x * l->stride + kx) * ci + block;
    addList(width, lists + pixel * (co + 2), count[pixel], (const char*)w, d);
  }
}

/** Output pixels whose derivatives by a block of channels stay in the nearest cache. */
#define PIXELS 128

/** What lists by channels are made from, and the lists, one behind the other: `sparseWeights` has room for one. */
typedef struct {
  /** Of each pixel under a tap that is inside: the address of its first channel, and of the output's derivatives. */
  address in[PIXELS], delta[PIXELS];
  uint32_t count[];
} Columns;

/** Lists for each channel of the pixels in `from` what is not zero, by the place of the output's derivatives. */
static void listChannels(Columns* from, uint32_t pixels, uint32_t channels, Entry* lists) {
  for (uint32_t c = 0; c < channels; c += 4, lists += 4 * PIXELS) {
    Entry* next[4] = {lists, lists + PIXELS, lists + 2 * PIXELS, lists + 3 * PIXELS};
    for (uint32_t i = 0; i < pixels; i++) {
      const float* x = AT(const float, from->in[i]) + c;
      const uint32_t offset = from->delta[i];
      UNROLL for (int k = 0; k < 4; k++) {
        *next[k] = (Entry){offset, x[k]}; // what is zero is overwritten next
        next[k] += x[k] != 0.f;
      }
    }
    UNROLL for (int k = 0; k < 4; k++) from->count[c + k] = (uint32_t)(next[k] - lists) - (uint32_t)k * PIXELS;
  }
}

/**
 * gradient ← gradient + ∂L/∂W, where `in` is half zeros: each weight's sum goes on over examples, rows and columns.
 * @param room 8 bytes for each of a chunk's pixels, 4 for the count of each of in's channels, then 8 · 128 for each list
 */
void EXPORT(sparseWeights)(
  address layer, address in, address outDelta, address gradient, address room, uint32_t width, uint32_t n
) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t ci = l->in.channels, co = l->out.channels, total = n * l->out.height * l->out.width;
  Columns* columns = AT(Columns, room);
  Entry* lists = (Entry*)(columns->count + ci);
  float* g = AT(float, gradient);
  for (uint32_t ky = 0; ky < l->kernelHeight; ky++)
    for (uint32_t kx = 0; kx < l->kernelWidth; kx++, g += ci * co) {
      uint32_t top, bottom, left, right;
      reach(ky, l->padding, l->stride, l->in.height, l->out.height, &top, &bottom);
      reach(kx, l->padding, l->stride, l->in.width, l->out.width, &left, &right);
      for (uint32_t first = 0; first < total; first += PIXELS) {
        uint32_t pixels = 0;
        for (uint32_t p = first; p < first + PIXELS && p < total; p++) {
          const uint32_t x = p % l->out.width, y = p / l->out.width % l->out.height, e = p / (l->out.width * l->out.height);
          if (y < top || y >= bottom || x < left || x >= right) continue;
          const int32_t row = (int32_t)(y * l->stride + ky - l->padding), column = (int32_t)(x * l->stride + kx - l->padding);
          columns->in[pixels] = in + 4 * (e * l->in.example + (uint32_t)row * l->in.row + (uint32_t)column * ci);
          columns->delta[pixels++] = 4 * (e * l->out.example + y * l->out.row + x * co);
        }
        listChannels(columns, pixels, ci, lists);
        for (uint32_t block = 0; block < co; block += width)
          for (uint32_t c = 0; c < ci; c++)
            if (columns->count[c])
              addList(width, lists + c * PIXELS, columns->count[c], AT(const char, outDelta) + 4 * block,
                      g + c * co + block);
      }
    }
}
