// Depthwise convolutions: each channel has a kernel of its own, so that lanes are channels. Weights are [ky][kx][channel].

/** out ← bias + W ∗ in */
void EXPORT(depthwise)(address layer, address in, address out, address weights, address bias, uint32_t n) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t channels = l->out.channels;
  for (uint32_t e = 0; e < n; e++)
    for (uint32_t y = 0; y < l->out.height; y++) {
      const float* under = underKernel(l, AT(float, in), e, y);
      float* to = rowAt(&l->out, AT(float, out), e, y);
      for (uint32_t x = 0; x < l->out.width; x++, under += l->stride * channels, to += channels)
        for (uint32_t c = 0; c < channels; c += 4) {
          f4 s = load4(AT(float, bias) + c);
          const float* w = AT(float, weights) + c;
          for (uint32_t ky = 0; ky < l->kernelHeight; ky++) {
            const float* p = under + ky * l->in.row + c;
            for (uint32_t kx = 0; kx < l->kernelWidth; kx++, p += channels, w += channels) s += load4(p) * load4(w);
          }
          store4(to + c, s);
        }
    }
}

/** ∂L/∂in ← ∂L/∂in + what comes through this layer, weight by weight of the kernel. */
void EXPORT(depthwiseInputs)(address layer, address inDelta, address outDelta, address weights, uint32_t n) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t channels = l->out.channels;
  const float* w = AT(const float, weights);
  for (uint32_t ky = 0; ky < l->kernelHeight; ky++)
    for (uint32_t kx = 0; kx < l->kernelWidth; kx++, w += channels)
      for (uint32_t e = 0; e < n; e++)
        for (uint32_t y = 0; y < l->out.height; y++) {
          float* d = underKernel(l, AT(float, inDelta), e, y) + ky * l->in.row + kx * channels;
          const float* p = rowAt(&l->out, AT(float, outDelta), e, y);
          for (uint32_t x = 0; x < l->out.width; x++, d += l->stride * channels, p += channels)
            for (uint32_t c = 0; c < channels; c += 4) store4(d + c, load4(d + c) + load4(p + c) * load4(w + c));
        }
}

/** gradient ← gradient + ∂L/∂W: each weight's sum goes on over examples, rows and columns of the output. */
void EXPORT(depthwiseWeights)(address layer, address in, address outDelta, address gradient, uint32_t n) {
  const Convolution* l = AT(const Convolution, layer);
  const uint32_t channels = l->out.channels;
  float* g = AT(float, gradient);
  for (uint32_t ky = 0; ky < l->kernelHeight; ky++)
    for (uint32_t kx = 0; kx < l->kernelWidth; kx++, g += channels)
      for (uint32_t c = 0; c < channels; c += 4) {
        f4 s = load4(g + c);
        for (uint32_t e = 0; e < n; e++)
          for (uint32_t y = 0; y < l->out.height; y++) {
            const float* p = underKernel(l, AT(float, in), e, y) + ky * l->in.row + kx * channels + c;
            const float* d = rowAt(&l->out, AT(float, outDelta), e, y) + c;
            for (uint32_t x = 0; x < l->out.width; x++, p += l->stride * channels, d += channels)
              s += load4(p) * load4(d);
          }
        store4(g + c, s);
      }
}
