/* The table of tolerances, and its use. */
#include "tolerances.h"

#include <math.h>
#include <string.h>

typedef struct tolerance {
  const char *op; /* "ANY": all */
  tolerance_kind kind;
  double absolute, relative;
} tolerance;

static const tolerance table[] = {
#define TOLERANCE(kind, op, absolute, relative) {#op, TOLERANCE_##kind, absolute, relative},
#include "../tolerances.def"
#undef TOLERANCE
};

bool tolerance_agree(const char *op, horn_dtype dtype, tolerance_kind kind, double a, double b) {
  if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
  if (dtype != HORN_FLOAT32 || isinf(a) || isinf(b)) return a == b;
  const tolerance *row = table;
  while (row->kind != kind || (strcmp(row->op, "ANY") != 0 && strcmp(row->op, op) != 0)) row++;
  return fabs(a - b) <= row->absolute + row->relative * fmax(fabs(a), fabs(b));
}
