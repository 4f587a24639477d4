/* A product of matrices for few rows, y += a b, with b packed in panels: what recurrent steps and single rows need. Sums are held in
 * registers over the whole inner axis. */
#include "backends/xnn/isa/isa.h"
#include "backends/xnn/isa/vector.h"

enum { PANEL = 2 * LANES }; /* columns of b side by side */

static inline __attribute__((always_inline)) void add_to(float *y, vector a, vector b, size_t columns) {
  if (columns == PANEL) {
    store(y, load(y) + a);
    store(y + LANES, load(y + LANES) + b);
    return;
  }
  const size_t left = columns < LANES ? columns : LANES, right = columns - left;
  store_some(y, load_some(y, left) + a, left);
  store_some(y + left, load_some(y + left, right) + b, right);
}

/* `rows` rows of a, one panel of b. */
static inline __attribute__((always_inline)) void tile(const float *a, ptrdiff_t a_step, const float *panel, size_t inner, float *y,
                                                       size_t y_step, size_t columns, size_t rows) {
  vector held[6][2] = {0};
  for (size_t k = 0; k < inner; k++, panel += PANEL) {
    const vector left = load(panel), right = load(panel + LANES);
    for (size_t i = 0; i < rows; i++) {
      const vector number = spread(a[(ptrdiff_t)i * a_step + (ptrdiff_t)k]);
      held[i][0] = multiply_add(number, left, held[i][0]);
      held[i][1] = multiply_add(number, right, held[i][1]);
    }
  }
  for (size_t i = 0; i < rows; i++) add_to(y + i * y_step, held[i][0], held[i][1], columns);
}

/* One row: four sums a column, so that one product need not wait for the one before it. */
static void one_row(const float *a, const float *panel, size_t inner, float *y, size_t columns) {
  vector held[4][2] = {0};
  size_t k = 0;
  for (; k + 4 <= inner; k += 4, panel += 4 * PANEL) {
    for (size_t u = 0; u < 4; u++) {
      held[u][0] = multiply_add(spread(a[k + u]), load(panel + u * PANEL), held[u][0]);
      held[u][1] = multiply_add(spread(a[k + u]), load(panel + u * PANEL + LANES), held[u][1]);
    }
  }
  for (; k < inner; k++, panel += PANEL) {
    held[0][0] = multiply_add(spread(a[k]), load(panel), held[0][0]);
    held[0][1] = multiply_add(spread(a[k]), load(panel + LANES), held[0][1]);
  }
  add_to(y, (held[0][0] + held[1][0]) + (held[2][0] + held[3][0]), (held[0][1] + held[1][1]) + (held[2][1] + held[3][1]), columns);
}

static void panel_product(const float *a, ptrdiff_t a_step, size_t rows, const float *panel, size_t inner, float *y, size_t y_step,
                          size_t columns) {
  enum { ROWS = LANES == 8 ? 6 : 4 };
  size_t i = 0;
  for (; i + ROWS <= rows; i += ROWS) tile(a + (ptrdiff_t)i * a_step, a_step, panel, inner, y + i * y_step, y_step, columns, ROWS);
  for (; i + 2 <= rows; i += 2) tile(a + (ptrdiff_t)i * a_step, a_step, panel, inner, y + i * y_step, y_step, columns, 2);
  if (i < rows) one_row(a + (ptrdiff_t)i * a_step, panel, inner, y + i * y_step, columns);
}

void HORN__ISA_NAME(product)(const float *a, ptrdiff_t a_step, size_t rows, const float *packed, size_t inner, float *y, size_t y_step,
                             size_t columns) {
  for (size_t j = 0; j < columns; j += PANEL, packed += inner * PANEL)
    panel_product(a, a_step, rows, packed, inner, y + j, y_step, columns - j < PANEL ? columns - j : PANEL);
}

void HORN__ISA_NAME(product_pack)(const float *b, size_t b_step, size_t inner, size_t columns, float *packed) {
  for (size_t j = 0; j < columns; j += PANEL) {
    const size_t width = columns - j < PANEL ? columns - j : PANEL;
    for (size_t k = 0; k < inner; k++, packed += PANEL) {
      memset(packed, 0, PANEL * sizeof *packed);
      memcpy(packed, b + k * b_step + j, width * sizeof *packed);
    }
  }
}
