/* Batch normalization with given statistics. */
#include "backends/xnn/isa/isa.h"

void HORN__ISA_NAME(normalize)(const float *x, const float *mean, const float *scale, const float *shift, float *y, size_t rows,
                               size_t channels) {
  for (size_t i = 0; i < rows; i++, x += channels, y += channels) {
    HORN__INDEPENDENT for (size_t c = 0; c < channels; c++) y[c] = (x[c] - mean[c]) * scale[c] + shift[c];
  }
}
