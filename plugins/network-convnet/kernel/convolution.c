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
