// What the addon's files share: how JavaScript calls a kernel, and where each kernel's functions are found.

#ifndef ADDON_H
#define ADDON_H

#include <node_api.h>
#include <stdint.h>

/**
 * What JavaScript and a kernel's functions hand each other, in an ArrayBuffer of JavaScript's. Reading arguments here takes
 * a tenth of the time that Node-API takes to hand them over.
 */
typedef struct {
  double result;
  double arguments[15];
  /** Where the kernel's memory begins. */
  uintptr_t base;
} Block;

/** A function of a kernel, as JavaScript calls it. */
typedef struct {
  const char* name;
  napi_callback call;
} Function;

/** A kernel compiled for some width of vectors; its last function has no name. */
typedef struct {
  /** The SHA-256 of its sources. */
  const char* sources;
  uint32_t lanes;
  const Function* functions;
} NativeKernel;

/** The block of the function that is being called. */
static inline Block* blockOf(napi_env env, napi_callback_info info) {
  void* data = 0;
  napi_get_cb_info(env, info, 0, 0, 0, &data);
  return (Block*)data;
}

/** An integer as WebAssembly takes one from JavaScript: modulo 2³². */
static inline uint32_t integer(double value) {
  return (uint32_t)(int64_t)value;
}

#endif
