// Convolutions by definition, and dense layers, which are convolutions whose kernel is as large as their image. Weights are
// [ky][kx][in][out]; within a kernel's row, kx and in are side by side in the weights as in the image, so that no patches
// are copied. Each output's sum begins with its bias and runs over ky, kx, in.

/** A convolution as the host describes it. Images are given by the address of their first pixel inside of the border. */
typedef struct {
  Image in, out;
  uint32_t kernelHeight, kernelWidth, stride, padding;
} Convolution;

/** In an image with a border: the pixel under the kernel's first weight for the output at row y. */
INLINE float* underKernel(const Convolution* l, float* x, uint32_t example, uint32_t y) {
  return x + example * l->in.example + (int32_t)(y * l->stride - l->padding) * (int32_t)l->in.row -
         (int32_t)(l->padding * l->in.channels);
}

/** Whether each example has one output pixel, so that examples can be rows of one product. */
INLINE int isDense(const Convolution* l) { return l->out.height == 1 && l->out.width == 1; }

/** out ← bias + W ∗ in */
void EXPORT(convolve)(address layer, address in, address out, address weights, address bias, uint32_t n) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t ci = l->in.channels, co = l->out.channels;
  const float* w = AT(const float, weights);
  const float* b = AT(const float, bias);
  if (isDense(l)) {
    rowsProduct(n, co, underKernel(l, AT(float, in), 0, 0), l->in.example, l->in.row, w, co, b, 0, AT(float, out),
                l->out.example, l->kernelHeight, l->kernelWidth * ci);
    return;
  }
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < l->out.height; y++)
      rowsProduct(l->out.width, co, underKernel(l, AT(float, in), e, y), l->stride * ci, l->in.row, w, co, b, 0,
                  rowAt(&l->out, AT(float, out), e, y), co, l->kernelHeight, l->kernelWidth * ci);
}

/** For each weight of the kernel, [in][out] becomes [out][in], which `convolveInputs` reads. */
void EXPORT(transposeWeights)(address from, address to, uint32_t taps, uint32_t in, uint32_t out) {
  transposeAll(AT(const float, from), AT(float, to), taps, in, out);
}

/** ∂L/∂in ← ∂L/∂in + what comes through this layer, weight by weight of the kernel. Borders are written to as well. */
void EXPORT(convolveInputs)(address layer, address inDelta, address outDelta, address transposed, uint32_t n) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t ci = l->in.channels, co = l->out.channels;
  const float* w = AT(const float, transposed);
  for (uint32_t ky = 0; ky < l->kernelHeight; ky++)
    for (uint32_t kx = 0; kx < l->kernelWidth; kx++, w += ci * co) {
      const uint32_t place = ky * l->in.row + kx * ci;
      if (isDense(l)) {
        float* d = underKernel(l, AT(float, inDelta), 0, 0) + place;
        rowsProduct(n, ci, AT(float, outDelta), l->out.example, 0, w, ci, d, l->in.example, d, l->in.example, 1, co);
        continue;
      }
      for (uint32_t e = 0; e < n; e++)
        for (uint32_t y = 0; y < l->out.height; y++) {
          float* d = underKernel(l, AT(float, inDelta), e, y) + place;
          rowsProduct(l->out.width, ci, rowAt(&l->out, AT(float, outDelta), e, y), co, 0, w, ci, d, l->stride * ci, d,
                      l->stride * ci, 1, co);
        }
    }
}

/** gradient ← gradient + ∂L/∂W: each weight's sum goes on over examples, rows and columns of the output. */
void EXPORT(convolveWeights)(address layer, address in, address outDelta, address gradient, uint32_t n) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t ci = l->in.channels, co = l->out.channels, rows = l->kernelWidth * ci;
  float* g = AT(float, gradient);
  for (uint32_t ky = 0; ky < l->kernelHeight; ky++, g += rows * co) {
    if (isDense(l)) {
      const float* x = underKernel(l, AT(float, in), 0, 0) + ky * l->in.row;
      columnsProduct(rows, co, x, 0, l->in.example, AT(float, outDelta), 0, l->out.example, g, co, g, co, 1, n);
      continue;
    }
    for (uint32_t e = 0; e < n; e++) {
      const float* x = underKernel(l, AT(float, in), e, 0) + ky * l->in.row;
      columnsProduct(rows, co, x, l->stride * l->in.row, l->stride * ci, rowAt(&l->out, AT(float, outDelta), e, 0),
                     l->out.row, co, g, co, g, co, l->out.height, l->out.width);
    }
  }
}

/** gradient ← gradient + Σ δ over all pixels: that of a bias. */
void EXPORT(sumPixels)(address image, address delta, address gradient, uint32_t n) {
  const Image* d = AT(const Image, image);
  float* g = AT(float, gradient);
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < d->height; y++) {
      const float* p = rowAt(d, AT(float, delta), e, y);
      for (uint32_t x = 0; x < d->width; x++, p += d->channels)
        for (uint32_t c = 0; c < d->channels; c += 4) store4(g + c, load4(g + c) + load4(p + c));
    }
}

/** Four rows of weights times four derivatives, added to the sums of four inputs. */
INLINE f4 addTransposed(f4 s, const float* w, uint32_t row, const float* delta) {
  const f4 r0 = load4(w), r1 = load4(w + row), r2 = load4(w + 2 * row), r3 = load4(w + 3 * row);
  const f4 a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), b = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const f4 c = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), d = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  s += splat(delta[0]) * __builtin_shufflevector(a, c, 0, 1, 4, 5);
  s += splat(delta[1]) * __builtin_shufflevector(a, c, 2, 3, 6, 7);
  s += splat(delta[2]) * __builtin_shufflevector(b, d, 0, 1, 4, 5);
  s += splat(delta[3]) * __builtin_shufflevector(b, d, 2, 3, 6, 7);
  return s;
}

/** `convolveInputs` of a dense layer for a few examples, for which it would not pay to transpose all weights first. */
void EXPORT(denseInputs)(address layer, address inDelta, address outDelta, address weights, uint32_t n) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t ci = l->in.channels, co = l->out.channels;
  for (uint32_t e = 0; e < n; e++) {
    const float* delta = AT(const float, outDelta) + e * l->out.example;
    float* to = AT(float, inDelta) + e * l->in.example;
    const float* w = AT(const float, weights);
    uint32_t i = 0;
    for (; i + 16 <= ci; i += 16, w += 16 * co) {
      f4 s0 = load4(to + i), s1 = load4(to + i + 4), s2 = load4(to + i + 8), s3 = load4(to + i + 12);
      for (uint32_t o = 0; o < co; o += 4) {
        s0 = addTransposed(s0, w + o, co, delta + o);
        s1 = addTransposed(s1, w + 4 * co + o, co, delta + o);
        s2 = addTransposed(s2, w + 8 * co + o, co, delta + o);
        s3 = addTransposed(s3, w + 12 * co + o, co, delta + o);
      }
      store4(to + i, s0);
      store4(to + i + 4, s1);
      store4(to + i + 8, s2);
      store4(to + i + 12, s3);
    }
    for (; i < ci; i += 4, w += 4 * co) {
      f4 s = load4(to + i);
      for (uint32_t o = 0; o < co; o += 4) s = addTransposed(s, w + o, co, delta + o);
      store4(to + i, s);
    }
  }
}
