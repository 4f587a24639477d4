/* tolerances.h: how far two results may be apart: |a - b| <= absolute + relative * max(|a|, |b|). The only such numbers of these tests. */
#ifndef TOLERANCES_H
#define TOLERANCES_H

#include <stdbool.h>

#include "hornbeam.h"

typedef enum tolerance_kind {
  TOLERANCE_VALUES,   /* a reference kernel against given numbers */
  TOLERANCE_BACKEND,  /* another backend against the reference one */
  TOLERANCE_GRADIENT, /* a gradient against central differences of float32 results */
  TOLERANCE_GOLDEN,          /* a layer's output, on any backend, against Keras's */
  TOLERANCE_GOLDEN_GRADIENT  /* a gradient of a layer against Keras's */
} tolerance_kind;

/** Whether the numbers agree; op is the op or layer they came from; ints and bools must be equal, NaN agrees with NaN. */
bool tolerance_agree(const char *op, horn_dtype dtype, tolerance_kind kind, double a, double b);

#endif
