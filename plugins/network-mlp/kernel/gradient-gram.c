// The inner products of examples' gradients, none of which is formed: in each layer a gradient is the outer product of an
// example's inputs, with 1 for the bias, and its δ, so that two of them have the product of the inputs' and the δs' products.

#include <wasm/kernel/lanes.h>
#include "layout.h"

/** Writes the listed inputs of a layer to their places in `dense`. */
static void spread(const List* list, double* dense) {
  AS_WRITTEN for (const Entry* entry = list->entries, *end = endOf(list); entry < end; entry++)
    dense[entry->row] = entry->value;
}

/** Makes those places zeros again. */
static void unspread(const List* list, double* dense) {
  AS_WRITTEN for (const Entry* entry = list->entries, *end = endOf(list); entry < end; entry++) dense[entry->row] = 0;
}

INLINE double product(const Entry* entry, const double* dense) {
  return (double)entry->value * dense[entry->row];
}

/** 1 + the product of the listed inputs with those in `dense`: four sums side by side. */
INLINE double inputsProduct(const List* list, const double* dense) {
  const Entry* end = endOf(list);
  const Entry* entry = list->entries;
  double s0 = 1, s1 = 0, s2 = 0, s3 = 0;
  AS_WRITTEN for (const Entry* most = entry + ((end - entry) & ~3); entry < most; entry += 4) {
    s0 += product(entry, dense);
    s1 += product(entry + 1, dense);
    s2 += product(entry + 2, dense);
    s3 += product(entry + 3, dense);
  }
  AS_WRITTEN for (; entry < end; entry++) s0 += product(entry, dense);
  return s0 + s1 + (s2 + s3);
}

/** The product of two rows of δ: lanes 0, 1 and 2, 3 of every four summed apart, then lane by lane. */
INLINE double deltasProduct(const float* a, const float* b, uint32_t bytes) {
  d2 low = {0, 0};
  d2 high = {0, 0};
  AS_WRITTEN for (uint32_t i = 0; i < bytes; i += 16) {
    low += product2(BEHIND(a, i), BEHIND(b, i));
    high += product2(BEHIND(a, i + 8), BEHIND(b, i + 8));
  }
  const d2 sum = low + high;
  return sum[0] + sum[1];
}

/**
 * The inner products of the gradients in `count` frames, whose addresses are at `frames`, from their lists and δ:
 * count × count float64 at `into`, which are zeros before; on and below the diagonal.
 * @param dense zeros, a float64 for each input of any layer; zeros again afterwards
 */
void EXPORT(gradientGram)(address network, address frames, uint32_t count, address into, address dense) {
  const Network* mlp = AT(Network, network);
  const address* frame = AT(address, frames);
  double* products = AT(double, into);
  double* values = AT(double, dense);
  for (const Layer* layer = mlp->layers; layer < mlp->layers + mlp->count; layer++) {
    for (uint32_t i = 0; i < count; i++) {
      const List* list = inputsOf(layer, frame[i]);
      const float* delta = (const float*)deltasOf(layer, frame[i]);
      spread(list, values);
      for (uint32_t j = 0; j <= i; j++) {
        const double inputs = inputsProduct(inputsOf(layer, frame[j]), values);
        const double errors = deltasProduct(delta, (const float*)deltasOf(layer, frame[j]), layer->rowBytes);
        products[i * count + j] += inputs * errors;
      }
      unspread(list, values);
    }
  }
}
