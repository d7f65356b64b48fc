// From a row of logits to its loss, δ (the derivatives of the loss by the logits) and answer. Rows of `bytes` bytes are
// padded to a multiple of four numbers; masks have a lane of all ones for each output that takes part, zeros for the
// others and the padding, so that δ is 0 there.

#include "kernel.h"
#include "lanes.h"

/** exp of four numbers ≤ 0: 2^n · Taylor of degree 7 on |r| ≤ ln2/2; exactly 0 below −30, so that no δ is denormal. */
INLINE f4 exp4(f4 x) {
  const f4 n = nearest(x * 1.44269504f);
  f4 r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  f4 p = r * 0.000198412698f + 0.00138888889f;
  p = r * p + 0.00833333333f;
  p = r * p + 0.0416666667f;
  p = r * p + 0.166666667f;
  p = r * p + 0.5f;
  p = r * p + 1;
  p = r * p + 1;
  p = (f4)((i4)p + (integers(n) << 23));
  return select4(p, ~(x < -30));
}

/** A float32 and its bits. */
typedef union {
  float value;
  uint32_t bits;
} Bits;

/** Natural logarithm of a number ≥ 1, or NaN: exponent · ln2 + 2 atanh((m − 1)/(m + 1)). */
NOINLINE float log1(float x) {
  if (!(x < __builtin_inff())) return __builtin_nanf("");
  const uint32_t bits = ((Bits){.value = x}).bits;
  int32_t exponent = (int32_t)(bits >> 23) - 127;
  double m = (double)((Bits){.bits = (bits & 0x7fffff) | 0x3f800000}).value;
  if (m > 1.5) {
    m *= 0.5;
    exponent++;
  }
  const double t = (m - 1) / (m + 1);
  const double t2 = t * t;
  double sum = 0;
  UNROLL for (int i = 19; i > 0; i -= 2) sum = sum * t2 + 1.0 / i;
  return (float)(exponent * 0.6931471805599453 + 2 * t * sum);
}

/** The largest of n logits that take part: from it on, exp is of numbers ≤ 0. A NaN goes on to the loss, where it is seen. */
INLINE float highestOf(const float* z, const int32_t* mask, uint32_t n) {
  float highest = -__builtin_inff();
  AS_WRITTEN for (uint32_t i = 0; i < n; i++)
    if (mask[i] && !(z[i] <= highest)) highest = z[i];
  return highest;
}

/**
 * Softmax cross-entropy of a class: −log softmax(z)[label].
 * @returns the loss in nats; NaN where a logit is not finite
 */
float EXPORT(crossEntropy)(address logits, address delta, uint32_t bytes, address mask, int32_t label) {
  const f4* z = AT(f4, logits);
  const i4* lanes = AT(i4, mask);
  f4* d = AT(f4, delta);
  const uint32_t n = bytes >> 4;
  const float highest = highestOf(AT(float, logits), AT(int32_t, mask), 4 * n);
  f4 sums = {0};
  AS_WRITTEN for (uint32_t i = 0; i < n; i++) {
    d[i] = select4(exp4(z[i] - highest), lanes[i]);
    sums += d[i];
  }
  const float sum = sumLanes(sums);
  AS_WRITTEN for (uint32_t i = 0; i < n; i++) d[i] /= sum;
  AT(float, delta)[label] -= 1;
  return log1(sum) - (AT(float, logits)[label] - highest);
}

/**
 * Cross-entropy of soft targets: −Σ p log softmax(z / temperature).
 * @param target a number p for each output; those that take no part are left out
 */
float EXPORT(softCrossEntropy)(
  address logits, address delta, uint32_t bytes, address mask, address target, float temperature
) {
  const f4* z = AT(f4, logits);
  const f4* p = AT(f4, target);
  const i4* lanes = AT(i4, mask);
  f4* d = AT(f4, delta);
  const uint32_t n = bytes >> 4;
  const float highest = highestOf(AT(float, logits), AT(int32_t, mask), 4 * n);
  f4 sums = {0};
  f4 totals = {0};
  f4 products = {0};
  AS_WRITTEN for (uint32_t i = 0; i < n; i++) {
    const f4 below = select4((z[i] - highest) / temperature, lanes[i]);
    const f4 share = select4(p[i], lanes[i]);
    d[i] = select4(exp4(below), lanes[i]);
    sums += d[i];
    totals += share;
    products += share * below;
  }
  const float sum = sumLanes(sums);
  const float total = sumLanes(totals);
  const float share = total / sum;
  AS_WRITTEN for (uint32_t i = 0; i < n; i++) d[i] = (share * d[i] - select4(p[i], lanes[i])) / temperature;
  return total * log1(sum) - sumLanes(products);
}

/** Mean squared difference of the n outputs that take part to their targets. */
float EXPORT(squaredDifference)(
  address logits, address delta, uint32_t bytes, address mask, address target, float n
) {
  const f4* z = AT(f4, logits);
  const f4* wanted = AT(f4, target);
  const i4* lanes = AT(i4, mask);
  f4* d = AT(f4, delta);
  const float slope = 2 / n;
  f4 sums = {0};
  AS_WRITTEN for (uint32_t i = 0; i < bytes >> 4; i++) {
    const f4 difference = select4(z[i] - wanted[i], lanes[i]);
    sums += difference * difference;
    d[i] = slope * difference;
  }
  return sumLanes(sums) / n;
}

/** Sum of the binary cross-entropies of σ(z) and the targets p. */
float EXPORT(binaryCrossEntropy)(address logits, address delta, uint32_t bytes, address mask, address target) {
  const float* z = AT(float, logits);
  const float* p = AT(float, target);
  const int32_t* lanes = AT(int32_t, mask);
  float* d = AT(float, delta);
  float total = 0;
  AS_WRITTEN for (uint32_t i = 0; i < bytes >> 2; i++) {
    if (!lanes[i]) {
      d[i] = 0;
      continue;
    }
    const float value = z[i];
    const float e = exp4(splat(-__builtin_fabsf(value)))[0]; // exp(−|z|)
    d[i] = (value < 0 ? e : 1) / (1 + e) - p[i];
    total += (value > 0 ? value : 0) + log1(1 + e) - p[i] * value; // of a NaN, e is one too
  }
  return total;
}

/** The first of the largest logits among the outputs that take part. */
int32_t EXPORT(argmax)(address logits, uint32_t bytes, address mask) {
  const float* z = AT(float, logits);
  const int32_t* lanes = AT(int32_t, mask);
  const uint32_t n = bytes >> 2;
  uint32_t best = n;
  float highest = -__builtin_inff();
  AS_WRITTEN for (uint32_t i = 0; i < n; i++) {
    if (lanes[i] && (best == n || z[i] > highest)) {
      best = i;
      highest = z[i];
    }
  }
  return (int32_t)best;
}
