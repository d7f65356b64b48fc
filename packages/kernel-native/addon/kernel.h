// Before a kernel's sources, where they become native code. A kernel's memory begins where the call under way says: threads of
// JavaScript, each with networks of its own, may call at the same time. `KERNEL` is the name that sets a kernel and a width of
// vectors apart from the others in the addon.

#include "addon.h"

static _Thread_local uintptr_t base;
#define BASE base

#define JOINED(kernel, name) kernel##_##name
#define NAMED(kernel, name) JOINED(kernel, name)
#define EXPORT(name) NAMED(KERNEL, name)
