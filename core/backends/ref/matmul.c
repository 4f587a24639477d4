/* Reference kernel of BatchMatMul. */
#include "backends/ref/ref.h"

/* One matrix product; element (i, k) of a lies at i * a_row + k * a_column, and so on. */
static void product(const float *a, size_t a_row, size_t a_column, const float *b, size_t b_row, size_t b_column, float *y, size_t rows,
                    size_t inner, size_t columns) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++) {
      float sum = 0;
      for (size_t k = 0; k < inner; k++) sum += a[i * a_row + k * a_column] * b[k * b_row + j * b_column];
      y[i * columns + j] = sum;
    }
  }
}

static void finish_rows(float *y, size_t rows, size_t columns, const float *bias, int32_t activation) {
  if (bias != NULL)
    for (size_t i = 0; i < rows * columns; i++) y[i] += bias[i % columns];
  horn__activate_all(y, rows * columns, activation);
}

static horn_status run(const horn__step *step) {
  const horn__matmul *m = step->attributes;
  const horn__shape *a = &step->in[0].type.shape, *b = &step->in[1].type.shape, *y = &step->out[0].type.shape;
  size_t rows = (size_t)y->dims[y->rank - 2], columns = (size_t)y->dims[y->rank - 1];
  size_t inner = (size_t)a->dims[a->rank - (m->transpose_a ? 2 : 1)];
  size_t strides[2][HORN_MAX_RANK], at[2] = {0, 0};
  int32_t index[HORN_MAX_RANK] = {0};
  const horn__shape outer = horn__shape_of(y->rank - 2, y->dims);
  const horn__shape outer_a = horn__shape_of(a->rank - 2, a->dims), outer_b = horn__shape_of(b->rank - 2, b->dims);
  horn__broadcast_strides(&outer_a, &outer, strides[0]);
  horn__broadcast_strides(&outer_b, &outer, strides[1]);
  float *out = step->out[0].data;
  for (size_t i = 0, n = horn__shape_size(&outer); i < n; i++) {
    const float *left = (const float *)step->in[0].data + at[0] * rows * inner;
    const float *right = (const float *)step->in[1].data + at[1] * inner * columns;
    product(left, m->transpose_a ? 1 : inner, m->transpose_a ? rows : 1, right, m->transpose_b ? 1 : columns,
            m->transpose_b ? inner : 1, out + i * rows * columns, rows, inner, columns);
    horn__next(&outer, index, 2, (const size_t(*)[HORN_MAX_RANK])strides, at);
  }
  finish_rows(out, horn__shape_size(y) / (columns == 0 ? 1 : columns), columns, step->inputs > 2 ? step->in[2].data : NULL, m->activation);
  return HORN_OK;
}

const horn__kernel horn__ref_BatchMatMul = {.run = run};
