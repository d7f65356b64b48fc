// The lists of non-zero inputs: of the first layer from an example, of the others from the layer below.

#include <wasm/kernel/lanes.h>
#include "layout.h"

#define BYTE(i) (i) / 255.0f
#define BYTES4(i) BYTE(i), BYTE(i + 1), BYTE(i + 2), BYTE(i + 3)
#define BYTES16(i) BYTES4(i), BYTES4(i + 4), BYTES4(i + 8), BYTES4(i + 12)
#define BYTES64(i) BYTES16(i), BYTES16(i + 16), BYTES16(i + 32), BYTES16(i + 48)
/** The value of a byte. */
static const float BYTES[256] = {BYTES64(0), BYTES64(64), BYTES64(128), BYTES64(192)};

#define A 0x03020100
#define B 0x07060504
#define C 0x0b0a0908
#define D 0x0f0e0d0c
/** For each set of four lanes the places of their bytes, which bring them to the front. */
static const uint32_t FRONT[16][4] __attribute__((aligned(16))) = {
  {0}, {A}, {B}, {A, B}, {C}, {A, C}, {B, C}, {A, B, C}, {D}, {A, D}, {B, D}, {A, B, D}, {C, D}, {A, C, D}, {B, C, D},
  {A, B, C, D},
};

/** Ends a list. */
INLINE void endList(List* list, const Entry* entry, address at) {
  list->end = at + (uint32_t)((const char*)entry - (const char*)list);
}

/** Lists the non-zero ones of n bytes at x (readable up to a multiple of 64, zero there) as the first layer's inputs. */
void EXPORT(readBytes)(address network, address frame, address x, uint32_t n) {
  const Layer* layer = AT(Network, network)->layers;
  List* list = inputsOf(layer, frame);
  Entry* entry = list->entries;
  const uint8_t* bytes = AT(uint8_t, x);
  AS_WRITTEN for (uint32_t i = 0; i < n; i += 64) {
    const b16* v = (const b16*)(bytes + i);
    uint64_t found = nonZero16(v[0]) | (uint64_t)nonZero16(v[1]) << 16;
    found |= (uint64_t)nonZero16(v[2]) << 32 | (uint64_t)nonZero16(v[3]) << 48;
    // Four at a time, for fewer surprises to the branch predictor; what is written too much is overwritten next.
    Entry* next = entry + __builtin_popcountll(found);
    AS_WRITTEN for (; entry < next; entry += 4) {
      UNROLL for (int k = 0; k < 4; k++) {
        const uint32_t place = i + (lowestBit(found) & 63);
        entry[k] = (Entry){place, BYTES[bytes[place]]};
        found &= found - 1;
      }
    }
    entry = next;
  }
  endList(list, entry, frame + layer->inputs);
}

/** Lists those of four values that are chosen, all ones in a mask, for their rows. @returns where the next ones go */
INLINE Entry* listChosen(Entry* entry, i4 rows, f4 values, i4 chosen) {
  // Those that are chosen move to the front, and what is written behind them is overwritten next.
  const uint32_t set = signs4(chosen);
  const b16 front = *(const b16*)FRONT[set];
  const i4 row = (i4)swizzle((b16)rows, front);
  const i4 value = (i4)swizzle((b16)values, front);
  ((i4*)entry)[0] = __builtin_shufflevector(row, value, 0, 4, 1, 5);
  ((i4*)entry)[1] = __builtin_shufflevector(row, value, 2, 6, 3, 7);
  return entry + __builtin_popcount(set);
}

/** Lists the non-zero ones of n float32 at x (readable up to a multiple of 4, zero there) as the first layer's inputs. */
void EXPORT(readFloats)(address network, address frame, address x, uint32_t n) {
  const Layer* layer = AT(Network, network)->layers;
  List* list = inputsOf(layer, frame);
  Entry* entry = list->entries;
  const f4* values = AT(f4, x);
  i4 rows = {0, 1, 2, 3};
  AS_WRITTEN for (uint32_t i = 0; i < n; i += 4, rows += 4, values++)
    entry = listChosen(entry, rows, *values, *values != 0);
  endList(list, entry, frame + layer->inputs);
}

/** Lists a layer's outputs that ReLU lets pass, as the next layer's inputs. */
NOINLINE void listActive(const Layer* layer, address frame) {
  const f4* out = outputsOf(layer, frame);
  List* list = inputsOf(layer + 1, frame);
  Entry* entry = list->entries;
  const f4* end = out + (layer->rowBytes >> 4);
  i4 rows = {0, 1, 2, 3};
  // Not "values > 0": a NaN goes on to the loss, where it is seen.
  AS_WRITTEN for (; out < end; out++, rows += 4) entry = listChosen(entry, rows, *out, ~(*out <= 0));
  endList(list, entry, frame + (layer + 1)->inputs);
}
