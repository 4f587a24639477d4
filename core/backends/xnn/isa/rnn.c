/* How the states of recurrent layers advance. */
#include "backends/xnn/isa/isa.h"

void HORN__ISA_NAME(multiply_onto)(const float *a, const float *b, float *y, size_t n) {
  HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] += a[i] * b[i];
}

void HORN__ISA_NAME(gru_state)(const float *z, const float *candidate, float *h, size_t n) {
  HORN__INDEPENDENT for (size_t i = 0; i < n; i++) h[i] = z[i] * h[i] + (1 - z[i]) * candidate[i];
}
