/* Chooses between the elements of two arrays. */
#include "backends/xnn/isa/isa.h"

void HORN__ISA_NAME(select)(const uint8_t *condition, size_t c_step, const uint32_t *a, size_t a_step, const uint32_t *b, size_t b_step,
                            uint32_t *y, size_t n) {
  const uint32_t left = a[0], right = b[0];
  if (c_step == 0) {
    for (size_t i = 0; i < n; i++) y[i] = condition[0] ? a[i * a_step] : b[i * b_step];
  } else if (a_step != 0 && b_step != 0) {
    HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = condition[i] ? a[i] : b[i];
  } else if (a_step != 0) {
    HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = condition[i] ? a[i] : right;
  } else if (b_step != 0) {
    HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = condition[i] ? left : b[i];
  } else {
    HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = condition[i] ? left : right;
  }
}
