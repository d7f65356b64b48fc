// A ReLU multilayer perceptron. Weights are [in][out], rows padded with zeros to a multiple of four; θ is W, b of each layer
// in turn. The sum of every layer runs in ascending order of its inputs, of which those that are zero are left out.
// Where things lie: layout.h.

#include <wasm/kernel/kernel.c>
#include "gradient-gram.c"
#include "lists.c"
#include "rows.h"
#include "runs.c"

/** One layer's outputs. */
NOINLINE void layerForward(const Layer* layer, address theta, address frame) {
  const uint32_t stride = layer->rowBytes;
  const List* list = inputsOf(layer, frame);
  const Entry* first = list->entries;
  const Entry* end = endOf(list);
  const f4* w = weightsOf(layer, theta);
  const f4* b = biasesOf(layer, theta);
  f4* out = outputsOf(layer, frame);
  for (uint32_t left = stride >> 4; left > 0;) {
    const uint32_t fours = foursNext(left);
    switch (fours) {
#define FORWARD(fours) \
  case fours: forwardBlock(fours, w, b, stride, first, end, out); break;
      EACH_BLOCK(FORWARD)
    }
    w += fours;
    b += fours;
    out += fours;
    left -= fours;
  }
}

/** W ← W − rate · inputs ⊗ δ, of one layer. */
NOINLINE void layerUpdate(const Layer* layer, address target, address frame, float rate) {
  const uint32_t stride = layer->rowBytes;
  const List* list = inputsOf(layer, frame);
  const Entry* first = list->entries;
  const Entry* end = endOf(list);
  f4* w = weightsOf(layer, target);
  const f4* delta = deltasOf(layer, frame);
  for (uint32_t left = stride >> 4; left > 0;) {
    const uint32_t fours = foursNext(left);
    switch (fours) {
#define UPDATE(fours) \
  case fours: updateBlock(fours, w, delta, stride, first, end, rate); break;
      EACH_BLOCK(UPDATE)
    }
    w += fours;
    delta += fours;
    left -= fours;
  }
}

static void biasUpdate(const Layer* layer, address target, address frame, float rate) {
  f4* b = biasesOf(layer, target);
  const f4* delta = deltasOf(layer, frame);
  const uint32_t n = layer->rowBytes >> 4;
  AS_WRITTEN for (uint32_t i = 0; i < n; i++) b[i] -= rate * delta[i];
}

/**
 * From the first layer's list of inputs to the last layer's outputs, the logits, for every frame in [frame, end):
 * layer by layer, so that a small layer's weights stay in the nearest cache.
 */
void EXPORT(forward)(address network, address theta, address frame, address end, uint32_t frameBytes) {
  const Network* mlp = AT(Network, network);
  const Layer* last = mlp->layers + mlp->count - 1;
  for (const Layer* layer = mlp->layers; layer <= last; layer++) {
    for (address f = frame; f < end; f += frameBytes) {
      layerForward(layer, theta, f);
      if (layer != last) listActive(layer, f);
    }
  }
}

/** Adds to the δ of a layer's units, where they are active, what comes from elsewhere. */
static void addActive(float* delta, const float* others, const List* list) {
  AS_WRITTEN for (const Entry* entry = list->entries, *end = endOf(list); entry < end; entry++)
    delta[entry->row] += others[entry->row];
}

/** The δ of the layer below one: zeros, which the rows of units that are active replace. */
INLINE float* deltasBelow(const Layer* layer, address frame) {
  float* below = (float*)deltasOf(layer - 1, frame);
  __builtin_memset(below, 0, (layer - 1)->rowBytes);
  return below;
}

/** δ of the layer below one. */
NOINLINE void layerBackward(const Layer* layer, address theta, address frame) {
  const uint32_t stride = layer->rowBytes;
  float* below = deltasBelow(layer, frame);
  const List* list = inputsOf(layer, frame);
  const Entry* end = endOf(list);
  f4* w = weightsOf(layer, theta);
  const f4* delta = deltasOf(layer, frame);
  const Entry* entry = list->entries;
  for (; entry + 4 <= end; entry += 4) {
    f4* rows[4];
    float* to[4];
    UNROLL for (int i = 0; i < 4; i++) {
      rows[i] = BEHIND(w, entry[i].row * stride);
      to[i] = below + entry[i].row;
    }
    fourRows(0, rows, delta, stride, 0, to);
  }
  for (; entry < end; entry++) below[entry->row] = rowProduct(BEHIND(w, entry->row * stride), delta, stride);
}

/**
 * δ of all layers below the last.
 * @param features ∂loss/∂features, beside what the logits' δ makes of them: a row of the last hidden layer; or 0, for none
 */
void EXPORT(backward)(address network, address theta, address frame, address features) {
  const Network* mlp = AT(Network, network);
  const Layer* last = mlp->layers + mlp->count - 1;
  for (const Layer* layer = last; layer > mlp->layers; layer--) {
    layerBackward(layer, theta, frame);
    if (layer == last && features != 0)
      addActive((float*)deltasOf(layer - 1, frame), AT(float, features), inputsOf(layer, frame));
  }
}

/** ∂loss/∂inputs, from the first layer's δ: a float32 for each input at `into`, those that are zero too. */
void EXPORT(inputGradient)(address network, address theta, address frame, address into) {
  const Layer* layer = AT(Network, network)->layers;
  const uint32_t stride = layer->rowBytes;
  const f4* delta = deltasOf(layer, frame);
  const f4* end = biasesOf(layer, theta);
  f4* row = weightsOf(layer, theta);
  float* to = AT(float, into);
  for (; BEHIND(row, 4 * stride) <= end; row = BEHIND(row, 4 * stride), to += 4) {
    f4* const rows[4] = {row, BEHIND(row, stride), BEHIND(row, 2 * stride), BEHIND(row, 3 * stride)};
    fourRows(0, rows, delta, stride, 0, (float*[]){to, to + 1, to + 2, to + 3});
  }
  for (; row < end; row = BEHIND(row, stride)) *to++ = rowProduct(row, delta, stride);
}

/** target ← target − rate · ∇loss, from the lists and δ of a frame. */
void EXPORT(update)(address network, address target, address frame, float rate) {
  const Network* mlp = AT(Network, network);
  for (uint32_t i = mlp->count; i-- > 0;) {
    biasUpdate(mlp->layers + i, target, frame, rate);
    layerUpdate(mlp->layers + i, target, frame, rate);
  }
}

/** δ of the layer below one, and the update of that one's weights, of which each is read once. */
NOINLINE void layerDescend(const Layer* layer, address theta, address frame, float rate) {
  const uint32_t stride = layer->rowBytes;
  float* below = deltasBelow(layer, frame);
  const List* list = inputsOf(layer, frame);
  f4* w = weightsOf(layer, theta);
  const f4* delta = deltasOf(layer, frame);
  const Entry* entry = list->entries;
  const Entry* end = endOf(list);
  for (; entry + 4 <= end; entry += 4) {
    f4* rows[4];
    float* to[4];
    float x[4];
    UNROLL for (int i = 0; i < 4; i++) {
      rows[i] = BEHIND(w, entry[i].row * stride);
      to[i] = below + entry[i].row;
      x[i] = rate * entry[i].value;
    }
    fourRows(1, rows, delta, stride, x, to);
  }
  for (; entry < end; entry++) {
    f4* row = BEHIND(w, entry->row * stride);
    const f4 x = splat(rate * entry->value);
    f4 q = {0};
    AS_WRITTEN for (uint32_t i = 0; i < stride; i += 16) {
      f4* weight = BEHIND(row, i);
      const f4 d = *BEHIND(delta, i);
      q += *weight * d;
      *weight -= x * d;
    }
    below[entry->row] = sumLanes(q);
  }
}

/** The same numbers as `backward` and then `update` of θ, reading every weight once. */
void EXPORT(descend)(address network, address theta, address frame, float rate) {
  const Network* mlp = AT(Network, network);
  const Layer* first = mlp->layers;
  for (const Layer* layer = first + mlp->count - 1; layer > first; layer--) {
    biasUpdate(layer, theta, frame, rate);
    layerDescend(layer, theta, frame, rate);
  }
  biasUpdate(first, theta, frame, rate);
  layerUpdate(first, theta, frame, rate);
}

/** ‖∇loss‖² of a frame: each layer's is ‖δ‖² (‖inputs‖² + 1). */
double EXPORT(squaredNorm)(address network, address frame) {
  const Network* mlp = AT(Network, network);
  double total = 0;
  for (const Layer* layer = mlp->layers; layer < mlp->layers + mlp->count; layer++) {
    double inputs = 1;
    const List* list = inputsOf(layer, frame);
    AS_WRITTEN for (const Entry* entry = list->entries, *end = endOf(list); entry < end; entry++)
      inputs += (double)entry->value * entry->value;
    double squares = 0;
    const float* delta = (const float*)deltasOf(layer, frame);
    AS_WRITTEN for (uint32_t i = 0; i < layer->rowBytes >> 2; i++) squares += (double)delta[i] * delta[i];
    total += squares * inputs;
  }
  return total;
}
