#ifndef RUN_H
#define RUN_H

#include "kernel.h"

/** Numbers of a vector that follow each other: where they begin and how many there are, in bytes, multiples of 16. */
typedef struct {
  uint32_t place;
  uint32_t length;
} Run;

#endif
