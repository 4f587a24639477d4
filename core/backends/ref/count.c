/* Reference kernels of DenseBincount and SearchSorted. */
#include <string.h>

#include "backends/ref/ref.h"

static horn_status bincount(const horn__step *step) {
  const horn__bincount *a = step->attributes;
  const horn__shape *shape = &step->in[0].type.shape;
  const size_t count = (size_t)shape->dims[shape->rank - 1], rows = (size_t)horn__shape_span(shape, 0, shape->rank - 1);
  const size_t size = (size_t)a->size;
  const int32_t *x = step->in[0].data;
  const float *weights = horn__input_data(step, 1);
  float *y = step->out[0].data;
  memset(y, 0, rows * size * sizeof *y);
  for (size_t i = 0; i < rows * count; i++) {
    if (x[i] < 0 || x[i] >= a->size) continue;
    float *bin = &y[i / count * size + (size_t)x[i]];
    *bin = a->binary_output ? 1 : *bin + (weights == NULL ? 1 : weights[i]);
  }
  return HORN_OK;
}

const horn__kernel horn__ref_DenseBincount = {.run = bincount};

/* Numbers of the sequence that are below `value`, or (right) not above it; NaN is behind all. */
static size_t place(const horn__operand *sequence, size_t first, size_t count, double value, bool right) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const double x = horn__load_element(sequence, first + middle);
    if (right ? !(value < x) : !(value <= x))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static horn_status search_sorted(const horn__step *step) {
  const horn__search_sorted *a = step->attributes;
  const size_t length = (size_t)step->in[0].type.shape.dims[1], count = (size_t)step->in[1].type.shape.dims[1];
  int32_t *y = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++)
    y[i] = (int32_t)place(&step->in[0], i / count * length, length, horn__load_element(&step->in[1], i), a->side == 1);
  return HORN_OK;
}

const horn__kernel horn__ref_SearchSorted = {.run = search_sorted};
