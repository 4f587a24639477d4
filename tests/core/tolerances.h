/* tolerances.h: tests/tolerances.def for C. */
#ifndef TOLERANCES_H
#define TOLERANCES_H

#include <stdbool.h>

#include "hornbeam.h"

typedef enum tolerance_kind {
  TOLERANCE_VALUES,
  TOLERANCE_BACKEND,
  TOLERANCE_GRADIENT,
  TOLERANCE_GOLDEN,
  TOLERANCE_GOLDEN_GRADIENT,
  TOLERANCE_TFJS,
  TOLERANCE_EXACT
} tolerance_kind;

/** Whether the numbers agree; op is the op or layer they came from; ints and bools must be equal, NaN agrees with NaN. */
bool tolerance_agree(const char *op, horn_dtype dtype, tolerance_kind kind, double a, double b);

#endif
