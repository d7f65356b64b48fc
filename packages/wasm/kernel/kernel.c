// What every network's kernel exports. A network with layers of its own compiles a kernel that includes this file, so that
// all of it is one WebAssembly module with one memory.

#include "gram.c"
#include "loss.c"
#include "vector.c"
