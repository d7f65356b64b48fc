#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name))) kernel_##name
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))
#define UNROLL _Pragma("clang loop unroll(full)")
typedef float f4 __attribute__((vector_size(16), aligned(4)));
typedef int32_t i4 __attribute__((vector_size(16), aligned(4)));
typedef uint32_t address;
#define BASE ((char*)0)
#define AT(type, a) ((type*)(BASE + (a)))
INLINE f4 load4(const float* p) { return *(const f4*)p; }
INLINE void store4(float* p, f4 v) { *(f4*)p = v; }
INLINE f4 splat4(float x) { return (f4){x, x, x, x}; }
