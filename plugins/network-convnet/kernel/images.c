// Images lie example by example, row by row, channels last. A pixel's channels are padded with zeros to a multiple of four;
// an image may have a border of zeros, so that no inner loop asks where an image ends.

/** How an image lies in memory, as the host describes it; distances are in float32. */
typedef struct {
  uint32_t height, width;
  /** Of a pixel, padding included. */
  uint32_t channels;
  /** From one row to the next, and from one example to the next. */
  uint32_t row, example;
} Image;

INLINE float* rowAt(const Image* image, float* at, uint32_t example, uint32_t y) {
  return at + example * image->example + y * image->row;
}

/** Takes an example's bytes or numbers, pixel by pixel, to an image; zeros fill the rest of a pixel. */
#define READ(TYPE, VALUE)                                                                                              \
  const Image* d = AT(const Image, image);                                                                             \
  const TYPE* x = AT(const TYPE, from);                                                                                \
  for (uint32_t y = 0; y < d->height; y++) {                                                                           \
    float* p = AT(float, to) + y * d->row;                                                                             \
    for (uint32_t i = 0; i < d->width; i++, p += d->channels)                                                          \
      for (uint32_t c = 0; c < d->channels; c++) p[c] = c < channels ? VALUE : 0.f;                                    \
  }
void EXPORT(readBytes)(address image, address to, address from, uint32_t channels) { READ(uint8_t, (float)*x++ / 255.f) }
void EXPORT(readFloats)(address image, address to, address from, uint32_t channels) { READ(float, *x++) }

/** Fills whole images with zeros, borders too. `bytes` is a multiple of 16. */
void EXPORT(zero)(address to, uint32_t bytes) {
  f4* p = AT(f4, to);
  for (f4* end = p + bytes / 16; p < end; p++) *p = (f4){0};
}

/** Fills the border of images with zeros; `at` is the first pixel inside of it. */
void EXPORT(zeroBorder)(address image, address at, uint32_t border, uint32_t n) {
  const Image* d = AT(const Image, image);
  const uint32_t inner = d->width * d->channels, side = border * d->channels;
  for (uint32_t e = 0; e < n; e++) {
    float* p = AT(float, at) + e * d->example - border * d->row - side;
    for (uint32_t y = 0; y < d->height + 2 * border; y++, p += d->row) {
      const uint32_t outside = y < border || y >= d->height + border;
      for (uint32_t i = 0; i < side; i += 4) store4(p + i, (f4){0});
      if (outside)
        for (uint32_t i = side; i < side + inner; i += 4) store4(p + i, (f4){0});
      for (uint32_t i = side + inner; i < d->row; i += 4) store4(p + i, (f4){0});
    }
  }
}

/** to ← a + b */
void EXPORT(addImages)(
  address toImage, address to, address aImage, address a, address bImage, address b, uint32_t n
) {
  const Image* d = AT(const Image, toImage);
  const Image* l = AT(const Image, aImage);
  const Image* r = AT(const Image, bImage);
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < d->height; y++) {
      float* p = rowAt(d, AT(float, to), e, y);
      const float* q = rowAt(l, AT(float, a), e, y);
      const float* o = rowAt(r, AT(float, b), e, y);
      for (uint32_t i = 0; i < d->width * d->channels; i += 4) store4(p + i, load4(q + i) + load4(o + i));
    }
}

/** to ← max(from, 0); a NaN stays one, so that the loss shows it. */
void EXPORT(relu)(address toImage, address to, address fromImage, address from, uint32_t n) {
  const Image* a = AT(const Image, toImage);
  const Image* b = AT(const Image, fromImage);
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < a->height; y++) {
      float* p = rowAt(a, AT(float, to), e, y);
      const float* q = rowAt(b, AT(float, from), e, y);
      for (uint32_t i = 0; i < a->width * a->channels; i += 4) {
        const f4 v = load4(q + i);
        store4(p + i, (f4)((i4)v & ~(v <= 0.f)));
      }
    }
}

/** δ ← δ where ReLU's output is not 0, else 0. */
void EXPORT(reluBackward)(address deltaImage, address delta, address outImage, address out, uint32_t n) {
  const Image* a = AT(const Image, deltaImage);
  const Image* b = AT(const Image, outImage);
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < a->height; y++) {
      float* p = rowAt(a, AT(float, delta), e, y);
      const float* q = rowAt(b, AT(float, out), e, y);
      for (uint32_t i = 0; i < a->width * a->channels; i += 4)
        store4(p + i, (f4)((i4)load4(p + i) & ~(load4(q + i) <= 0.f)));
    }
}

/** An image's values as a row of values for each example, row by row, channels last; rows are `row` float32 apart,
 * and what is left of one is zeros. */
void EXPORT(flatten)(address image, address from, address to, uint32_t row, uint32_t channels, uint32_t n) {
  const Image* d = AT(const Image, image);
  for (uint32_t e = 0; e < n; e++) {
    float* out = AT(float, to) + e * row;
    const float* end = out + row;
    for (uint32_t y = 0; y < d->height; y++) {
      const float* p = rowAt(d, AT(float, from), e, y);
      for (uint32_t i = 0; i < d->width; i++, p += d->channels)
        for (uint32_t c = 0; c < channels; c++) *out++ = p[c];
    }
    while (out < end) *out++ = 0.f;
  }
}

/** ∂L/∂image ← ∂L/∂image + the derivatives by the row of values. */
void EXPORT(flattenBackward)(address image, address to, address from, uint32_t row, uint32_t channels, uint32_t n) {
  const Image* d = AT(const Image, image);
  for (uint32_t e = 0; e < n; e++) {
    const float* x = AT(float, from) + e * row;
    for (uint32_t y = 0; y < d->height; y++) {
      float* p = rowAt(d, AT(float, to), e, y);
      for (uint32_t i = 0; i < d->width; i++, p += d->channels)
        for (uint32_t c = 0; c < channels; c++) p[c] += *x++;
    }
  }
}
