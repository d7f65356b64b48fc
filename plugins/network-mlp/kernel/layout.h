// Where things lie. The host describes the layers in a table; what one example needs (the list of each layer's non-zero
// inputs, its outputs, its δ) lies in a frame, so that a batch is as many frames. The kernel itself has no state.

#ifndef LAYOUT_H
#define LAYOUT_H

#include <wasm/kernel/kernel.h>

/** A layer. As the host writes it: src/frames.ts. */
typedef struct {
  /** In a vector, in bytes from its beginning. */
  uint32_t weights;
  uint32_t biases;
  /** Bytes of a row of weights, a multiple of 16. */
  uint32_t rowBytes;
  /** In a frame, in bytes from its beginning: the list of inputs. */
  uint32_t inputs;
  /** The outputs before ReLU. */
  uint32_t outputs;
  /** The derivatives of the loss by the outputs before ReLU. */
  uint32_t deltas;
} Layer;

typedef struct {
  uint32_t count;
  Layer layers[];
} Network;

/** An input that is not zero: the row of its weights, and its value. */
typedef struct {
  uint32_t row;
  float value;
} Entry;

/** Inputs of a layer in ascending order, which begin 16 bytes behind the list's. */
typedef struct {
  address end;
  uint32_t unused[3];
  Entry entries[];
} List;

INLINE List* inputsOf(const Layer* layer, address frame) {
  return AT(List, frame + layer->inputs);
}

INLINE f4* outputsOf(const Layer* layer, address frame) {
  return AT(f4, frame + layer->outputs);
}

INLINE f4* deltasOf(const Layer* layer, address frame) {
  return AT(f4, frame + layer->deltas);
}

/** The rows of a layer in θ or a gradient. */
INLINE f4* weightsOf(const Layer* layer, address vector) {
  return AT(f4, vector + layer->weights);
}

INLINE f4* biasesOf(const Layer* layer, address vector) {
  return AT(f4, vector + layer->biases);
}

INLINE const Entry* endOf(const List* list) {
  return AT(const Entry, list->end);
}

#endif
