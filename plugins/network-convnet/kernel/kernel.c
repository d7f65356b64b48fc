// Convolutional networks: what each kind of layer computes, forward and back. The host calls it layer by layer, for a whole
// batch at a time; it also says where images and parameters lie. How sums run is said where they are.

#include <wasm/kernel/kernel.c>
#include "vectors.h"
#include "transpose.h"
#include "products.h"
#include "images.c"
#include "convolution.c"
#include "depthwise.c"
#include "groups.c"
#include "sparse.c"
#include "winograd.c"
#include "norm.c"
#include "pool.c"
