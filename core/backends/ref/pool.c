/* Reference kernels of MaxPool, AvgPool, their 3D forms and gradients. */
#include <math.h>
#include <string.h>

#include "backends/ref/sliding.h"

/* The pixels of one window: from .. to along depth, height and width, padding cut off. */
typedef struct window {
  size_t image;            /* index of the image's first pixel */
  size_t size[3];          /* of the image */
  size_t from[3], to[3];
} window;

typedef void visitor(const window *w, size_t channels, const horn__step *step, size_t index);

static void cut(const horn__line *line, int32_t i, size_t *from, size_t *to) {
  int64_t start = (int64_t)i * line->stride - line->before, end = start + line->taps;
  *from = (size_t)(start < 0 ? 0 : start);
  *to = (size_t)(end > line->size ? line->size : end);
}

/* The windows of one image; index: of its first. */
static void each_window_of(const horn__line *lines, window *w, visitor *visit, const horn__step *step, size_t channels, size_t index) {
  for (int32_t i = 0; i < lines[0].windows; i++) {
    cut(&lines[0], i, &w->from[0], &w->to[0]);
    for (int32_t j = 0; j < lines[1].windows; j++) {
      cut(&lines[1], j, &w->from[1], &w->to[1]);
      for (int32_t k = 0; k < lines[2].windows; k++) {
        cut(&lines[2], k, &w->from[2], &w->to[2]);
        visit(w, channels, step, index++);
      }
    }
  }
}

static horn_status each_window(const horn__step *step, visitor *visit) {
  const horn__shape *x = &step->in[0].type.shape;
  const int32_t axes = x->rank - 2, flat = 3 - axes;
  horn__line lines[3] = {horn__flat_line};
  window w = {.size = {1}};
  if (horn__shape_size(x) == 0) return HORN_OK;
  for (int32_t axis = 0; axis < axes; axis++) {
    const horn__slide slide = horn__pool_slide(step->attributes, axis);
    lines[flat + axis] = horn__line_of(&slide, x->dims[1 + axis]);
    w.size[flat + axis] = (size_t)x->dims[1 + axis];
  }
  const size_t windows = (size_t)lines[0].windows * (size_t)lines[1].windows * (size_t)lines[2].windows;
  for (size_t n = 0; n < (size_t)x->dims[0]; n++) {
    w.image = n * w.size[0] * w.size[1] * w.size[2];
    each_window_of(lines, &w, visit, step, (size_t)x->dims[x->rank - 1], n * windows);
  }
  return HORN_OK;
}

/* Calls body with `at` the index of each pixel of window w. */
#define EACH_PIXEL(w, at)                                                     \
  for (size_t slice_ = (w)->from[0]; slice_ < (w)->to[0]; slice_++)           \
    for (size_t row_ = (w)->from[1]; row_ < (w)->to[1]; row_++)               \
      for (size_t at = pixel(w, slice_, row_, (w)->from[2]), end_ = at + (w)->to[2] - (w)->from[2]; at < end_; at++)

static inline size_t pixel(const window *w, size_t slice, size_t row, size_t column) {
  return w->image + (slice * w->size[1] + row) * w->size[2] + column;
}

/* The first of the largest elements of channel c, and where; NaN counts as larger than all. */
static size_t find_largest(const window *w, const float *x, size_t channels, size_t c) {
  size_t best = pixel(w, w->from[0], w->from[1], w->from[2]) * channels + c;
  EACH_PIXEL(w, at) {
    const size_t element = at * channels + c;
    if (x[element] > x[best] || (isnan(x[element]) && !isnan(x[best]))) best = element;
  }
  return best;
}

static void max_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *x = step->in[0].data;
  float *y = (float *)step->out[0].data + index * channels;
  for (size_t c = 0; c < channels; c++) y[c] = x[find_largest(w, x, channels, c)];
}

static void argmax_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const bool batch = ((const horn__pool_argmax *)step->attributes)->include_batch_in_index;
  const float *x = step->in[0].data;
  float *y = step->out[0].data;
  int32_t *where = step->out[1].data;
  for (size_t c = 0; c < channels; c++) {
    const size_t at = find_largest(w, x, channels, c), out = index * channels + c;
    if (y != NULL) y[out] = x[at];
    if (where != NULL) where[out] = (int32_t)(batch ? at : at - w->image * channels);
  }
}

static void max_grad_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *x = step->in[0].data, *dy = (const float *)step->in[2].data + index * channels;
  float *dx = step->out[0].data;
  for (size_t c = 0; c < channels; c++) dx[find_largest(w, x, channels, c)] += dy[c];
}

static void max_grad_grad_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *x = step->in[0].data, *d = step->in[2].data;
  float *y = (float *)step->out[0].data + index * channels;
  for (size_t c = 0; c < channels; c++) y[c] = d[find_largest(w, x, channels, c)];
}

static float share(const window *w) {
  float count = 1;
  for (int32_t axis = 0; axis < 3; axis++) count *= (float)(w->to[axis] - w->from[axis]);
  return 1 / count;
}

static void average_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *x = step->in[0].data;
  float *y = (float *)step->out[0].data + index * channels;
  memset(y, 0, channels * sizeof *y);
  EACH_PIXEL(w, at)
    for (size_t c = 0; c < channels; c++) y[c] += x[at * channels + c];
  for (size_t c = 0; c < channels; c++) y[c] *= share(w);
}

static void average_grad_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *dy = (const float *)step->in[1].data + index * channels;
  float *dx = step->out[0].data;
  EACH_PIXEL(w, at)
    for (size_t c = 0; c < channels; c++) dx[at * channels + c] += dy[c] * share(w);
}

static horn_status max_pool(const horn__step *step) { return each_window(step, max_window); }
static horn_status argmax_pool(const horn__step *step) { return each_window(step, argmax_window); }
static horn_status average_pool(const horn__step *step) { return each_window(step, average_window); }

static void clear(const horn__step *step) { memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(float)); }

static horn_status max_pool_grad(const horn__step *step) {
  clear(step);
  return each_window(step, max_grad_window);
}

static horn_status max_pool_grad_grad(const horn__step *step) { return each_window(step, max_grad_grad_window); }

static horn_status average_pool_grad(const horn__step *step) {
  clear(step);
  return each_window(step, average_grad_window);
}

const horn__kernel horn__ref_MaxPool = {.run = max_pool};
const horn__kernel horn__ref_MaxPool3D = {.run = max_pool};
const horn__kernel horn__ref_AvgPool = {.run = average_pool};
const horn__kernel horn__ref_AvgPool3D = {.run = average_pool};
const horn__kernel horn__ref_MaxPoolWithArgmax = {.run = argmax_pool};
const horn__kernel horn__ref_MaxPoolGrad = {.run = max_pool_grad};
const horn__kernel horn__ref_MaxPool3DGrad = {.run = max_pool_grad};
const horn__kernel horn__ref_MaxPoolGradGrad = {.run = max_pool_grad_grad};
const horn__kernel horn__ref_MaxPool3DGradGrad = {.run = max_pool_grad_grad};
const horn__kernel horn__ref_AvgPoolGrad = {.run = average_pool_grad};
const horn__kernel horn__ref_AvgPool3DGrad = {.run = average_pool_grad};
