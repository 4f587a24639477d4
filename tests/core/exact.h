/* exact.h: what element-wise ops are, in double precision: an independent expectation at any point. */
#ifndef EXACT_H
#define EXACT_H

#include "ops/op.h"

typedef struct exact {
  const horn__op *op;
  double (*one)(double x);
  double (*two)(double a, double b); /* NULL: of one input */
} exact;

/** The function of an op with its default attributes, NULL where there is none. */
const exact *exact_named(const horn__op *op);

#endif
