/* A product of matrices with b packed in panels of columns: sums are held in registers over the whole inner axis. For what XNNPACK's operators
 * are not made for: few rows, a transposed a, sums onto what is there. */
#include "backends/xnn/isa/isa.h"
#include "backends/xnn/isa/vector.h"

enum { PANEL = 2 * LANES }; /* columns of b side by side */

#define INLINE static inline __attribute__((always_inline))

INLINE void add_to(float *y, vector a, vector b, size_t columns) {
  if (columns == PANEL) {
    store(y, load(y) + a);
    store(y + LANES, load(y + LANES) + b);
    return;
  }
  const size_t left = columns < LANES ? columns : LANES, right = columns - left;
  store_some(y, load_some(y, left) + a, left);
  store_some(y + left, load_some(y + left, right) + b, right);
}

/* `rows` rows from row `first`, one panel of b, which gives `columns` columns of y from column `at`. */
INLINE void tile(const horn__product *p, const float *panel, size_t first, size_t rows, size_t at, size_t columns, ptrdiff_t row,
                 ptrdiff_t column) {
  const float *a = p->a + (ptrdiff_t)first * row;
  vector held[6][2] = {0};
  for (size_t k = 0; k < p->inner; k++, panel += PANEL, a += column) {
    const vector left = load(panel), right = load(panel + LANES);
    for (size_t i = 0; i < rows; i++) {
      const vector number = spread(a[(ptrdiff_t)i * row]);
      held[i][0] = multiply_add(number, left, held[i][0]);
      held[i][1] = multiply_add(number, right, held[i][1]);
    }
  }
  for (size_t i = 0; i < rows; i++) add_to(p->y + (first + i) * p->y_row + at, held[i][0], held[i][1], columns);
}

/* One row: four sums a column, so that one product need not wait for the one before it. */
static void one_row(const horn__product *p, const float *panel, size_t i, size_t at, size_t columns) {
  const float *a = p->a + (ptrdiff_t)i * p->a_row;
  const ptrdiff_t step = p->a_column;
  vector held[4][2] = {0};
  size_t k = 0;
  for (; k + 4 <= p->inner; k += 4, panel += 4 * PANEL, a += 4 * step) {
    for (size_t u = 0; u < 4; u++) {
      const vector number = spread(a[(ptrdiff_t)u * step]);
      held[u][0] = multiply_add(number, load(panel + u * PANEL), held[u][0]);
      held[u][1] = multiply_add(number, load(panel + u * PANEL + LANES), held[u][1]);
    }
  }
  for (; k < p->inner; k++, panel += PANEL, a += step) {
    held[0][0] = multiply_add(spread(*a), load(panel), held[0][0]);
    held[0][1] = multiply_add(spread(*a), load(panel + LANES), held[0][1]);
  }
  add_to(p->y + i * p->y_row + at, (held[0][0] + held[1][0]) + (held[2][0] + held[3][0]),
         (held[0][1] + held[1][1]) + (held[2][1] + held[3][1]), columns);
}

/* row and column: the steps of a, constants where this is inlined for one of them */
INLINE void panel_product(const horn__product *p, const float *panel, size_t at, size_t columns, ptrdiff_t row, ptrdiff_t column) {
  enum { ROWS = LANES == 8 ? 6 : 4 };
  size_t i = 0;
  for (; i + ROWS <= p->rows; i += ROWS) tile(p, panel, i, ROWS, at, columns, row, column);
  for (; i + 2 <= p->rows; i += 2) tile(p, panel, i, 2, at, columns, row, column);
  if (i < p->rows) one_row(p, panel, i, at, columns);
}

void HORN__ISA_NAME(product)(const horn__product *p) {
  const float *panel = p->b;
  for (size_t at = 0; at < p->columns; at += PANEL, panel += p->inner * PANEL) {
    const size_t columns = p->columns - at < PANEL ? p->columns - at : PANEL;
    if (p->a_column == 1)
      panel_product(p, panel, at, columns, p->a_row, 1);
    else
      panel_product(p, panel, at, columns, 1, p->a_column);
  }
}

void HORN__ISA_NAME(product_pack)(const float *b, size_t row, size_t column, size_t inner, size_t columns, float *packed) {
  for (size_t at = 0; at < columns; at += PANEL) {
    const size_t width = columns - at < PANEL ? columns - at : PANEL;
    for (size_t k = 0; k < inner; k++, packed += PANEL) {
      memset(packed + width, 0, (PANEL - width) * sizeof *packed);
      const float *from = b + k * row + at * column;
      for (size_t j = 0; j < width; j++) packed[j] = from[j * column];
    }
  }
}
