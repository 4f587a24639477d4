/* The table of tolerances. A row for one op names it; the others hold for all. */
#include "tolerances.h"

#include <math.h>
#include <string.h>

typedef struct tolerance {
  const char *op; /* NULL: any */
  tolerance_kind kind;
  double absolute, relative;
} tolerance;

static const tolerance table[] = {
    {"Exp", TOLERANCE_BACKEND, 1e-7, 4e-6}, /* own polynomials: a few units in the last place */
    {"GRU", TOLERANCE_BACKEND, 5e-5, 5e-5}, /* gradients of weights: sums over batch and time of numbers that passed many steps */
    {"LSTM", TOLERANCE_BACKEND, 5e-5, 5e-5},
    {NULL, TOLERANCE_VALUES, 1e-6, 2e-6},
    {NULL, TOLERANCE_BACKEND, 1e-5, 1e-5},
    {NULL, TOLERANCE_GRADIENT, 2e-3, 5e-3}, /* step 1/256 on float32 results: truncation h^2, rounding 1e-7 / h */
    {NULL, TOLERANCE_GOLDEN, 2e-6, 4e-6}, /* sums of some ten products in another order; the largest seen is 7e-7 */
    {NULL, TOLERANCE_GOLDEN_GRADIENT, 5e-6, 1e-5}, /* the largest seen is 2e-6 */
};

bool tolerance_agree(const char *op, horn_dtype dtype, tolerance_kind kind, double a, double b) {
  if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
  if (dtype != HORN_FLOAT32 || isinf(a) || isinf(b)) return a == b;
  const tolerance *row = table;
  while (row->kind != kind || (row->op != NULL && strcmp(row->op, op) != 0)) row++;
  return fabs(a - b) <= row->absolute + row->relative * fmax(fabs(a), fabs(b));
}
