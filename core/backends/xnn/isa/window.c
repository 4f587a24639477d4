/* The largest and the sum of the pixels of a window, channel by channel: pooling, and reductions over axes before the last. */
#include "backends/xnn/isa/isa.h"

/* Channels that are held in registers over the whole window. */
enum { BLOCK = 32 };

#define WINDOW(Name, expression)                                                                                                       \
  static inline void Name##_block(const float *x, size_t rows, size_t row_step, size_t columns, size_t column_step, float *y, size_t n) { \
    float held[BLOCK];                                                                                                                 \
    for (size_t c = 0; c < n; c++) held[c] = x[c];                                                                                     \
    for (size_t i = 0; i < rows; i++) {                                                                                                \
      for (size_t j = i == 0; j < columns; j++) {                                                                                      \
        const float *pixel = x + i * row_step + j * column_step;                                                                       \
        for (size_t c = 0; c < n; c++) {                                                                                               \
          const float a = held[c], b = pixel[c];                                                                                       \
          held[c] = (expression);                                                                                                      \
        }                                                                                                                              \
      }                                                                                                                                \
    }                                                                                                                                  \
    for (size_t c = 0; c < n; c++) y[c] = held[c];                                                                                     \
  }                                                                                                                                    \
  void HORN__ISA_NAME(window_##Name)(const float *x, size_t rows, size_t row_step, size_t columns, size_t column_step, float *y,       \
                                     size_t channels) {                                                                                \
    size_t c = 0;                                                                                                                      \
    for (; c + BLOCK <= channels; c += BLOCK) Name##_block(x + c, rows, row_step, columns, column_step, y + c, BLOCK);                 \
    for (; c + 8 <= channels; c += 8) Name##_block(x + c, rows, row_step, columns, column_step, y + c, 8);                             \
    if (c < channels) Name##_block(x + c, rows, row_step, columns, column_step, y + c, channels - c);                                  \
  }

WINDOW(sum, a + b)
WINDOW(max, a > b || a != a ? a : b)

void HORN__ISA_NAME(keep_larger)(const float *x, int32_t pixel, float *best, int32_t *where, size_t n) {
  HORN__INDEPENDENT
  for (size_t c = 0; c < n; c++) {
    const float now = x[c], before = best[c];
    const int better = (now > before) | ((now != now) & (before == before));
    const int32_t old = where[c];
    best[c] = better ? now : before;
    where[c] = better ? pixel : old;
  }
}
