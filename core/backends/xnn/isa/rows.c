/* Work along rows: sums, largest elements, log_softmax. */
#include "backends/xnn/isa/functions.h"
#include "backends/xnn/isa/isa.h"

/* Partial results side by side: what lets the compiler vectorise a reduction without reordering anything behind our back. */
enum { BLOCK = HORN__COLUMN_BLOCK };

static inline float larger(float a, float b) { return a > b || a != a ? a : b; }

static float largest(const float *x, size_t n) {
  float held[BLOCK], result = x[0];
  size_t i = 0;
  for (size_t k = 0; k < BLOCK; k++) held[k] = x[0];
  for (; i + BLOCK <= n; i += BLOCK)
    for (size_t k = 0; k < BLOCK; k++) held[k] = larger(held[k], x[i + k]);
  for (; i < n; i++) result = larger(result, x[i]);
  for (size_t k = 0; k < BLOCK; k++) result = larger(result, held[k]);
  return result;
}

void HORN__ISA_NAME(row_max)(const float *x, size_t n, float *y) { *y = largest(x, n); }

/* ---- sums as good as in double precision ------------------------------------------------------------------------------------ */

/* Adds x to *total and what rounding has lost to *lost. Knuth, The Art of Computer Programming, volume 2, 4.2.2. */
static inline void add_exactly(float x, float *total, float *lost) {
  const float sum = *total + x, added = sum - *total;
  *lost += (*total - (sum - added)) + (x - added);
  *total = sum;
}

/* An infinity makes its loss NaN. */
static inline float with_lost(float total, float lost) { return lost == lost ? total + lost : total; }

void HORN__ISA_NAME(row_sum)(const float *x, size_t n, float *y) {
  float totals[BLOCK] = {0}, lost[BLOCK] = {0}, total = 0, all_lost = 0;
  size_t i = 0;
  for (; i + BLOCK <= n; i += BLOCK)
    for (size_t k = 0; k < BLOCK; k++) add_exactly(x[i + k], &totals[k], &lost[k]);
  for (; i < n; i++) add_exactly(x[i], &total, &all_lost);
  for (size_t k = 0; k < BLOCK; k++) {
    add_exactly(totals[k], &total, &all_lost);
    all_lost += lost[k];
  }
  *y = with_lost(total, all_lost);
}

void HORN__ISA_NAME(column_sums)(const float *x, size_t rows, size_t step, float *y, size_t n) {
  float totals[BLOCK] = {0}, lost[BLOCK] = {0};
  if (n == BLOCK) {
    for (size_t i = 0; i < rows; i++)
      for (size_t k = 0; k < BLOCK; k++) add_exactly(x[i * step + k], &totals[k], &lost[k]);
  } else {
    for (size_t i = 0; i < rows; i++)
      for (size_t k = 0; k < n; k++) add_exactly(x[i * step + k], &totals[k], &lost[k]);
  }
  for (size_t k = 0; k < n; k++) y[k] = with_lost(totals[k], lost[k]);
}

/* ---- log_softmax ------------------------------------------------------------------------------------------------------------------ */

/* y[i] = e^(x[i] - shift), where shift is the largest of x; the sum of them */
static float exponentials(const float *x, float shift, float *y, size_t n) {
  const numbers k = take_numbers();
  float held[BLOCK] = {0}, result = 0;
  size_t i = 0;
  for (; i + BLOCK <= n; i += BLOCK) {
    HORN__INDEPENDENT for (size_t j = 0; j < BLOCK; j++) {
      const float e = exponential_below_0(x[i + j] - shift, &k);
      y[i + j] = e;
      held[j] += e;
    }
  }
  float rest[BLOCK];
  HORN__INDEPENDENT for (size_t j = 0; j < n - i; j++) rest[j] = exponential_below_0(x[i + j] - shift, &k);
  for (size_t j = 0; j < n - i; j++) result += y[i + j] = rest[j];
  for (size_t j = 0; j < BLOCK; j++) result += held[j];
  return result;
}

/* x - max - ln(sum of e^(x - max)); the exponentials are summed a part at a time and not kept */
void HORN__ISA_NAME(log_softmax)(const float *x, float *y, size_t n) {
  float part[256], total = 0;
  const float top = largest(x, n);
  for (size_t i = 0; i < n; i += 256) total += exponentials(x + i, top, part, n - i < 256 ? n - i : 256);
  const float below = logarithm(total, &literals);
  HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = x[i] - top - below;
}
