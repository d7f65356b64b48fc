// The addon: gives JavaScript a kernel's functions, bound to a memory that both share.

#include "addon.h"

extern const NativeKernel* const kernels[];

#ifdef __x86_64__
static void cpuid(uint32_t leaf, uint32_t registers[4]) {
  __asm__ volatile("cpuid"
                   : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]), "=d"(registers[3])
                   : "a"(leaf), "c"(0));
}

/** The register sets that the operating system keeps for a thread. */
static uint32_t keptRegisters(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int all(uint32_t bits, uint32_t wanted) {
  return (bits & wanted) == wanted;
}

/** The lanes of the widest vectors that this machine can compute with: those of x86-64-v2, v3 and v4; 0 where there is none. */
static uint32_t widestLanes(void) {
  uint32_t first[4], features[4], more[4], extended[4];
  cpuid(0, first);
  cpuid(1, features);
  if (!all(features[2], 1u << 9 | 1u << 19 | 1u << 20 | 1u << 23)) return 0; // SSSE3, SSE4.1, SSE4.2, POPCNT
  // AVX, FMA, MOVBE, F16C and the operating system's word
  if (first[0] < 7 || !all(features[2], 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29)) return 4;
  if (!all(keptRegisters(), 0x6)) return 4;
  cpuid(7, more);
  cpuid(0x80000001, extended);
  if (!all(more[1], 1u << 3 | 1u << 5 | 1u << 8) || !all(extended[2], 1u << 5)) return 4; // BMI1, AVX2, BMI2, LZCNT
  // AVX-512 F, DQ, CD, BW, VL
  return all(more[1], 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31) && all(keptRegisters(), 0xe6) ? 16 : 8;
}
#else
static uint32_t widestLanes(void) {
  return 4;
}
#endif

static int same(const char* a, const char* b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static const NativeKernel* find(const char* sources, uint32_t lanes) {
  for (const NativeKernel* const* kernel = kernels; *kernel; kernel++)
    if ((*kernel)->lanes == lanes && same((*kernel)->sources, sources)) return *kernel;
  return 0;
}

/** open(sources, lanes, block): the functions of a kernel, which take their arguments from the block; undefined for none. */
static napi_value open(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value given[3], functions = 0;
  napi_get_cb_info(env, info, &count, given, 0, 0);
  char sources[80] = {0};
  size_t length = 0;
  uint32_t lanes = 0;
  void* block = 0;
  if (napi_get_value_string_utf8(env, given[0], sources, sizeof sources, &length) != napi_ok) return 0;
  if (napi_get_value_uint32(env, given[1], &lanes) != napi_ok) return 0;
  if (napi_get_arraybuffer_info(env, given[2], &block, &length) != napi_ok || length < sizeof(Block)) return 0;
  const NativeKernel* kernel = lanes <= widestLanes() ? find(sources, lanes) : 0;
  if (!kernel) return 0;
  napi_create_object(env, &functions);
  for (const Function* function = kernel->functions; function->name; function++) {
    napi_value value;
    napi_create_function(env, function->name, NAPI_AUTO_LENGTH, function->call, block, &value);
    napi_set_named_property(env, functions, function->name, value);
  }
  return functions;
}

/** bind(block, memory): the functions that share the block compute in this ArrayBuffer from now on. */
static napi_value bind(napi_env env, napi_callback_info info) {
  size_t count = 2, length = 0;
  napi_value given[2];
  void *block = 0, *memory = 0;
  napi_get_cb_info(env, info, &count, given, 0, 0);
  if (napi_get_arraybuffer_info(env, given[0], &block, &length) != napi_ok || length < sizeof(Block)) return 0;
  if (napi_get_arraybuffer_info(env, given[1], &memory, &length) == napi_ok) ((Block*)block)->base = (uintptr_t)memory;
  return 0;
}

NAPI_MODULE_INIT() {
  napi_value value;
  napi_create_uint32(env, widestLanes(), &value);
  napi_set_named_property(env, exports, "lanes", value);
  napi_create_function(env, "open", NAPI_AUTO_LENGTH, open, 0, &value);
  napi_set_named_property(env, exports, "open", value);
  napi_create_function(env, "bind", NAPI_AUTO_LENGTH, bind, 0, &value);
  napi_set_named_property(env, exports, "bind", value);
  return exports;
}
