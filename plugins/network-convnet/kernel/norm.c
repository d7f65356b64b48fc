// Batch and group normalisation. Both take numbers of a set of pixels to mean 0 and variance 1: each channel over a whole
// batch, or each group of channels over one example. Then y = γ · x̂ + β. Sums run example by example: those of an example's
// pixels first, then these sums.

/** Where a normalisation's numbers for each channel lie, as the host describes them: float32, padded like a pixel. */
typedef struct {
  /** Of θ. */
  address gamma, beta;
  /** Running mean and variance, which are in θ too; 0 for a group normalisation. */
  address runningMean, runningVariance;
  /** For `n` examples (batch: for one): mean, 1/√(variance + ε), then γ/√(…) and what is added, as they were applied. */
  address mean, inverse, slope, shift;
  /** Room for four rows. */
  address room;
  /** The channels that there are, and how many of them make a group; 0: each channel by itself, over the batch. */
  uint32_t channels, group;
  float epsilon, momentum;
} Norm;

/** Sums over the pixels of one example, four vectors at a time: p ← Σ f(x), where `TERM` says f. */
#define SUM_PIXELS(NAME, V)                                                                                            \
  INLINE void NAME(const Image* z, const float* x, const float* mean, uint32_t c, float* into) {                       \
    f4 s[V], m[V];                                                                                                     \
    UNROLL for (int v = 0; v < V; v++) {                                                                               \
      s[v] = (f4){0};                                                                                                  \
      m[v] = mean ? load4(mean + c + 4 * v) : (f4){0};                                                                 \
    }                                                                                                                  \
    for (uint32_t y = 0; y < z->height; y++) {                                                                         \
      const float* p = x + y * z->row + c;                                                                             \
      for (uint32_t i = 0; i < z->width; i++, p += z->channels) UNROLL for (int v = 0; v < V; v++) {                   \
        const f4 value = load4(p + 4 * v);                                                                             \
        const f4 d = value - m[v];                                                                                     \
        s[v] += mean ? (f4)(d * d) : value;                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    UNROLL for (int v = 0; v < V; v++) store4(into + c + 4 * v, load4(into + c + 4 * v) + s[v]);                       \
  }
SUM_PIXELS(sumFour, 4)
SUM_PIXELS(sumOne, 1)

/** into ← into + Σ x of an example's pixels; with a mean, + Σ (x − mean)². */
NOINLINE void sumExample(const Image* z, const float* x, const float* mean, float* into) {
  uint32_t c = 0;
  if (mean) {
    for (; c + 16 <= z->channels; c += 16) sumFour(z, x, mean, c, into);
    for (; c < z->channels; c += 4) sumOne(z, x, mean, c, into);
  } else {
    for (; c + 16 <= z->channels; c += 16) sumFour(z, x, 0, c, into);
    for (; c < z->channels; c += 4) sumOne(z, x, 0, c, into);
  }
}

INLINE void clearRow(float* row, uint32_t n) {
  for (uint32_t c = 0; c < n; c += 4) store4(row + c, (f4){0});
}

/** Gives every channel of a group the sum over its group; leaves single channels as they are. */
INLINE void gather(const Norm* l, float* row) {
  if (l->group <= 1) return;
  for (uint32_t c = 0; c < l->channels; c += l->group) {
    float s = 0;
    for (uint32_t i = 0; i < l->group; i++) s += row[c + i];
    for (uint32_t i = 0; i < l->group; i++) row[c + i] = s;
  }
}

/** From the sums of squares at `variance`, which become variances, to what is applied. Row `r` of each number. */
static void prepare(const Norm* l, uint32_t channels, uint32_t r, const float* variance) {
  const float* mean = AT(float, l->mean) + r * channels;
  float* inverse = AT(float, l->inverse) + r * channels;
  float* slope = AT(float, l->slope) + r * channels;
  float* shift = AT(float, l->shift) + r * channels;
  const float* gamma = AT(float, l->gamma);
  const float* beta = AT(float, l->beta);
  for (uint32_t c = 0; c < channels; c += 4) {
    const f4 i = splat(1.f) / sqrt4(load4(variance + c) + l->epsilon);
    const f4 s = load4(gamma + c) * i;
    store4(inverse + c, i);
    store4(slope + c, s);
    store4(shift + c, load4(beta + c) - load4(mean + c) * s);
  }
}

/** y ← z · slope + shift (+ other), then ReLU if asked, for one example. */
static void apply(
  const Image* zi, const float* z, const Image* yi, float* y, const Image* oi, const float* other, const float* slope,
  const float* shift, uint32_t rectify
) {
  const i4 kept = rectify ? (i4){0} : (i4){-1, -1, -1, -1};
  for (uint32_t row = 0; row < zi->height; row++) {
    const float* p = z + row * zi->row;
    float* q = y + row * yi->row;
    const float* o = other ? other + row * oi->row : 0;
    for (uint32_t x = 0; x < zi->width; x++)
      for (uint32_t c = 0; c < zi->channels; c += 4, p += 4, q += 4) {
        f4 v = load4(p) * load4(slope + c) + load4(shift + c);
        if (o) {
          v += load4(o);
          o += 4;
        }
        store4(q, (f4)((i4)v & (~(v <= 0.f) | kept)));
      }
  }
}

/** Measures a set of examples: mean and variance into row `r`; `count` numbers make one mean. @returns the variances */
static float* measure(const Norm* l, const Image* zi, float* z, uint32_t n, uint32_t r, float count) {
  const uint32_t channels = zi->channels;
  float* mean = AT(float, l->mean) + r * channels;
  float* variance = AT(float, l->room);
  const float share = 1.f / count;
  clearRow(mean, channels);
  for (uint32_t e = 0; e < n; e++) sumExample(zi, z + e * zi->example, 0, mean);
  gather(l, mean);
  for (uint32_t c = 0; c < channels; c += 4) store4(mean + c, load4(mean + c) * share);
  clearRow(variance, channels);
  for (uint32_t e = 0; e < n; e++) sumExample(zi, z + e * zi->example, mean, variance);
  gather(l, variance);
  for (uint32_t c = 0; c < channels; c += 4) store4(variance + c, load4(variance + c) * share);
  return variance;
}

/**
 * Finds what `normalise` applies to `n` examples.
 * @param training for a batch normalisation: the batch's own statistics, which also move the running ones
 */
void EXPORT(findStatistics)(address norm, address zImage, address z, uint32_t n, uint32_t training) {
  const Norm* l = AT(const Norm, norm);
  const Image* zi = AT(const Image, zImage);
  const uint32_t channels = zi->channels;
  const float pixels = (float)(zi->height * zi->width);
  float* values = AT(float, z);
  if (l->group) {
    for (uint32_t e = 0; e < n; e++)
      prepare(l, channels, e, measure(l, zi, values + e * zi->example, 1, e, pixels * (float)l->group));
    return;
  }
  float* mean = AT(float, l->mean);
  float* runningMean = AT(float, l->runningMean);
  float* runningVariance = AT(float, l->runningVariance);
  if (!training) {
    for (uint32_t c = 0; c < channels; c++) mean[c] = runningMean[c];
    prepare(l, channels, 0, runningVariance);
    return;
  }
  const float count = (float)n * pixels, unbiased = count / (count - 1.f);
  const float* variance = measure(l, zi, values, n, 0, count);
  prepare(l, channels, 0, variance);
  for (uint32_t c = 0; c < l->channels; c++) {
    runningMean[c] += l->momentum * (mean[c] - runningMean[c]);
    runningVariance[c] += l->momentum * (variance[c] * unbiased - runningVariance[c]);
  }
}

/** y ← γ x̂ + β (+ other, an image, if it is not 0), then ReLU if `rectify`, by the statistics that were found last. */
void EXPORT(normalise)(
  address norm, address zImage, address z, address yImage, address y, address otherImage, address other, uint32_t n,
  uint32_t rectify
) {
  const Norm* l = AT(const Norm, norm);
  const Image* zi = AT(const Image, zImage);
  const Image* yi = AT(const Image, yImage);
  const Image* oi = AT(const Image, otherImage);
  for (uint32_t e = 0; e < n; e++) {
    const uint32_t row = l->group == 0 ? 0 : e * zi->channels;
    apply(zi, AT(float, z) + e * zi->example, yi, AT(float, y) + e * yi->example, oi,
          other ? AT(float, other) + e * oi->example : 0, AT(float, l->slope) + row, AT(float, l->shift) + row, rectify);
  }
}

/** Adds up Σ δ and Σ δ · x̂ of an example's pixels, for one vector of channels. */
INLINE void sumDeltas(
  const Image* zi, const float* z, const Image* di, const float* d, f4 mean, f4 inverse, float* sums, float* products
) {
  f4 s = {0}, p = {0};
  for (uint32_t row = 0; row < zi->height; row++) {
    const float* x = z + row * zi->row;
    const float* y = d + row * di->row;
    for (uint32_t i = 0; i < zi->width; i++, x += zi->channels, y += di->channels) {
      const f4 delta = load4(y);
      s += delta;
      p += delta * ((load4(x) - mean) * inverse);
    }
  }
  store4(sums, load4(sums) + s);
  store4(products, load4(products) + p);
}

/** into ← ∂L/∂z = (slope · δ − a) − x̂ · b for one example, or into + that; `into` may be z itself. */
static void normaliseDelta(
  const Image* zi, const float* z, float* into, uint32_t add, const Image* di, const float* d, const float* mean,
  const float* inverse, const float* slope, const float* a, const float* b
) {
  for (uint32_t row = 0; row < zi->height; row++) {
    const float* p = z + row * zi->row;
    float* to = into + row * zi->row;
    const float* q = d + row * di->row;
    for (uint32_t x = 0; x < zi->width; x++)
      for (uint32_t c = 0; c < zi->channels; c += 4, p += 4, q += 4, to += 4) {
        const f4 h = (load4(p) - load4(mean + c)) * load4(inverse + c);
        const f4 v = (load4(slope + c) * load4(q) - load4(a + c)) - h * load4(b + c);
        store4(to, add ? (f4)(load4(to) + v) : v);
      }
  }
}

/** From the sums Σ δ and Σ δ · x̂ of set `r` to what `normaliseDelta` takes off, over the sums. */
static void settle(const Norm* l, uint32_t channels, uint32_t r, float count) {
  float* sums = AT(float, l->room);
  float* products = sums + channels;
  const float* gamma = AT(float, l->gamma);
  const float* inverse = AT(float, l->inverse) + r * channels;
  const float share = 1.f / count;
  for (uint32_t c = 0; c < channels; c++) {
    sums[c] *= gamma[c];
    products[c] *= gamma[c];
  }
  gather(l, sums);
  gather(l, products);
  for (uint32_t c = 0; c < channels; c++) {
    sums[c] = sums[c] * share * inverse[c];
    products[c] = products[c] * share * inverse[c];
  }
}

/** a ← a + b */
INLINE void addTo(float* a, const float* b, uint32_t n) {
  for (uint32_t c = 0; c < n; c += 4) store4(a + c, load4(a + c) + load4(b + c));
}

/**
 * Back from δ = ∂L/∂y (before ReLU and what was added) to ∂L/∂z.
 * @param into where ∂L/∂z goes, an image like z: z itself, or another one, to which it is added
 * @param gammaGradient γ's and β's gradients go on from what is there; 0: they are not wanted
 * @param training as it was for `normalise`
 */
void EXPORT(normaliseBackward)(
  address norm, address zImage, address z, address into, address deltaImage, address delta, uint32_t n,
  address gammaGradient, address betaGradient, uint32_t training
) {
  const Norm* l = AT(const Norm, norm);
  const Image* zi = AT(const Image, zImage);
  const Image* di = AT(const Image, deltaImage);
  const uint32_t channels = zi->channels, own = l->group != 0 || training;
  const float pixels = (float)(zi->height * zi->width);
  float* sums = AT(float, l->room);
  float* totals = sums + 2 * channels; // γ may change only when it has been read for all sets: it can be θ's own
  const uint32_t sets = l->group == 0 ? 1 : n, each = l->group == 0 ? n : 1;
  clearRow(totals, 2 * channels);
  for (uint32_t set = 0; set < sets; set++) {
    const float* mean = AT(float, l->mean) + set * channels;
    const float* inverse = AT(float, l->inverse) + set * channels;
    float* x = AT(float, z) + set * zi->example;
    const float* d = AT(float, delta) + set * di->example;
    clearRow(sums, 2 * channels);
    for (uint32_t e = 0; e < each; e++)
      for (uint32_t c = 0; c < channels; c += 4)
        sumDeltas(zi, x + e * zi->example + c, di, d + e * di->example + c, load4(mean + c), load4(inverse + c),
                  sums + c, sums + channels + c);
    addTo(totals, sums, 2 * channels);
    if (own) settle(l, channels, set, l->group == 0 ? (float)n * pixels : pixels * (float)l->group);
    else clearRow(sums, 2 * channels);
    for (uint32_t e = 0; e < each; e++)
      normaliseDelta(zi, x + e * zi->example, AT(float, into) + (set + e) * zi->example, into != z, di, d + e * di->example, mean, inverse,
                     AT(float, l->slope) + set * channels, sums, sums + channels);
  }
  if (!gammaGradient) return;
  addTo(AT(float, betaGradient), totals, channels);
  addTo(AT(float, gammaGradient), totals + channels, channels);
}
