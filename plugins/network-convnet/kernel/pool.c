// Pooling. A window's outside of the image takes no part in a maximum and counts as zeros in a mean.

/** A pooling as the host describes it. */
typedef struct {
  Image in, out;
  uint32_t height, width, stride, padding;
} Pooling;

/** A window's part that lies in the image: rows and columns [top, bottom) × [left, right). */
typedef struct {
  int32_t top, bottom, left, right;
} Window;

INLINE Window windowOf(const Pooling* l, uint32_t y, uint32_t x) {
  const int32_t top = (int32_t)(y * l->stride) - (int32_t)l->padding;
  const int32_t left = (int32_t)(x * l->stride) - (int32_t)l->padding;
  const int32_t bottom = top + (int32_t)l->height, right = left + (int32_t)l->width;
  const int32_t h = (int32_t)l->in.height, w = (int32_t)l->in.width;
  return (Window){top < 0 ? 0 : top, bottom > h ? h : bottom, left < 0 ? 0 : left, right > w ? w : right};
}

/** Runs the block for each output pixel: its window, and where its pixel lies in the output. */
#define EACH_WINDOW(l, n)                                                                                 \
  for (uint32_t e = 0; e < (n); e++)                                                                                   \
    for (uint32_t y = 0; y < (l)->out.height; y++)                                                                     \
      for (uint32_t x = 0; x < (l)->out.width; x++)                                                                    \
        for (uint32_t c = 0; c < (l)->out.channels; c += 4)

/** out ← the largest of each window, the first of equals. */
void EXPORT(maxPool)(address pooling, address in, address out, uint32_t n) {
  const Pooling* l = AT(const Pooling, pooling);
  EACH_WINDOW(l, n) {
    const Window w = windowOf(l, y, x);
    const float* from = AT(float, in) + e * l->in.example + c;
    f4 best = load4(from + w.top * l->in.row + w.left * l->in.channels);
    for (int32_t i = w.top; i < w.bottom; i++)
      for (int32_t j = w.left; j < w.right; j++) {
        const f4 v = load4(from + i * l->in.row + j * l->in.channels);
        const i4 keep = v <= best; // a NaN is taken, so that the loss shows it
        best = (f4)(((i4)best & keep) | ((i4)v & ~keep));
      }
    store4(rowAt(&l->out, AT(float, out), e, y) + x * l->out.channels + c, best);
  }
}

/** ∂L/∂in ← ∂L/∂in + δ where the largest of a window was. */
void EXPORT(maxPoolBackward)(address pooling, address in, address out, address deltaImage, address inDelta, address outImage,
                     address outDelta, uint32_t n) {
  const Pooling* l = AT(const Pooling, pooling);
  const Image* di = AT(const Image, deltaImage);
  const Image* oi = AT(const Image, outImage);
  EACH_WINDOW(l, n) {
    const Window w = windowOf(l, y, x);
    const float* from = AT(float, in) + e * l->in.example + c;
    float* to = AT(float, inDelta) + e * di->example + c;
    const f4 best = load4(rowAt(&l->out, AT(float, out), e, y) + x * l->out.channels + c);
    f4 delta = load4(rowAt(oi, AT(float, outDelta), e, y) + x * oi->channels + c);
    for (int32_t i = w.top; i < w.bottom; i++)
      for (int32_t j = w.left; j < w.right; j++) {
        const i4 here = load4(from + i * l->in.row + j * l->in.channels) == best;
        float* d = to + i * di->row + j * di->channels;
        store4(d, load4(d) + (f4)((i4)delta & here));
        delta = (f4)((i4)delta & ~here);
      }
  }
}

/** out ← the mean of each window. */
void EXPORT(averagePool)(address pooling, address in, address out, uint32_t n) {
  const Pooling* l = AT(const Pooling, pooling);
  const float share = 1.f / (float)(l->height * l->width);
  EACH_WINDOW(l, n) {
    const Window w = windowOf(l, y, x);
    const float* from = AT(float, in) + e * l->in.example + c;
    f4 sum = {0};
    for (int32_t i = w.top; i < w.bottom; i++)
      for (int32_t j = w.left; j < w.right; j++) sum += load4(from + i * l->in.row + j * l->in.channels);
    store4(rowAt(&l->out, AT(float, out), e, y) + x * l->out.channels + c, sum * share);
  }
}

/** ∂L/∂in ← ∂L/∂in + δ / the window's size. */
void EXPORT(averagePoolBackward)(address pooling, address deltaImage, address inDelta, address outImage, address outDelta,
                         uint32_t n) {
  const Pooling* l = AT(const Pooling, pooling);
  const Image* di = AT(const Image, deltaImage);
  const Image* oi = AT(const Image, outImage);
  const float share = 1.f / (float)(l->height * l->width);
  EACH_WINDOW(l, n) {
    const Window w = windowOf(l, y, x);
    float* to = AT(float, inDelta) + e * di->example + c;
    const f4 delta = load4(rowAt(oi, AT(float, outDelta), e, y) + x * oi->channels + c) * share;
    for (int32_t i = w.top; i < w.bottom; i++)
      for (int32_t j = w.left; j < w.right; j++) {
        float* d = to + i * di->row + j * di->channels;
        store4(d, load4(d) + delta);
      }
  }
}
