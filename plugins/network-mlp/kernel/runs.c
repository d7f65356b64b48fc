// Where a gradient can be other than zero: in the weights of inputs that are not zero in all of its examples, and in
// everything behind the first layer's weights.

#include <wasm/kernel/run.h>
#include "layout.h"

/** Marks, in a byte for each of the network's inputs, those that a frame lists. */
void EXPORT(mark)(address network, address frame, address marks) {
  const List* list = inputsOf(AT(Network, network)->layers, frame);
  uint8_t* marked = AT(uint8_t, marks);
  AS_WRITTEN for (const Entry* entry = list->entries, *end = endOf(list); entry < end; entry++) marked[entry->row] = 1;
}

/**
 * Writes the runs of a gradient to `into`, and takes the marks back.
 * @param bytes a vector's length
 * @returns where the runs end
 */
address EXPORT(runs)(address network, address marks, uint32_t inputs, uint32_t bytes, address into) {
  const Layer* layer = AT(Network, network)->layers;
  const uint32_t stride = layer->rowBytes;
  uint8_t* marked = AT(uint8_t, marks);
  Run* run = AT(Run, into);
  uint32_t row = 0;
  for (;; run++) {
    AS_WRITTEN while (row < inputs && !marked[row]) row++;
    run->place = layer->weights + row * stride;
    AS_WRITTEN while (row < inputs && marked[row]) marked[row++] = 0;
    if (row == inputs) break; // behind the last row of weights are the biases
    run->length = layer->weights + row * stride - run->place;
  }
  run->length = bytes - run->place;
  return into + (uint32_t)((const char*)(run + 1) - AT(const char, into));
}
