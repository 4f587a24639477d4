/* Reference kernels of MaxPool, AvgPool and their gradients. */
#include <math.h>
#include <string.h>

#include "backends/ref/sliding.h"

/* The pixels [top, bottom) x [left, right) of one window, padding cut off. */
typedef struct window {
  size_t image, width; /* index of the image's first pixel; pixels a row */
  size_t top, bottom, left, right;
} window;

typedef void visitor(const window *w, size_t channels, const horn__step *step, size_t index);

static void cut(const horn__line *line, int32_t i, size_t *from, size_t *to) {
  int64_t start = (int64_t)i * line->stride - line->before, end = start + line->taps;
  *from = (size_t)(start < 0 ? 0 : start);
  *to = (size_t)(end > line->size ? line->size : end);
}

static horn_status each_window(const horn__step *step, visitor *visit) {
  const horn__shape *x = &step->in[0].type.shape;
  const horn__slide slides[] = {horn__pool_slide(step->attributes, 0), horn__pool_slide(step->attributes, 1)};
  const horn__line height = horn__line_of(&slides[0], x->dims[1]), width = horn__line_of(&slides[1], x->dims[2]);
  if (horn__shape_size(x) == 0) return HORN_OK;
  size_t index = 0;
  for (int32_t n = 0; n < x->dims[0]; n++) {
    window w = {.image = (size_t)n * (size_t)height.size * (size_t)width.size, .width = (size_t)width.size};
    for (int32_t i = 0; i < height.windows; i++) {
      cut(&height, i, &w.top, &w.bottom);
      for (int32_t j = 0; j < width.windows; j++) {
        cut(&width, j, &w.left, &w.right);
        visit(&w, (size_t)x->dims[3], step, index++);
      }
    }
  }
  return HORN_OK;
}

static inline size_t pixel(const window *w, size_t row, size_t column) { return w->image + row * w->width + column; }

/* The first of the largest elements of channel c, and where; NaN counts as larger than all. */
static size_t find_largest(const window *w, const float *x, size_t channels, size_t c) {
  size_t best = pixel(w, w->top, w->left) * channels + c;
  for (size_t row = w->top; row < w->bottom; row++) {
    for (size_t column = w->left; column < w->right; column++) {
      const size_t at = pixel(w, row, column) * channels + c;
      if (x[at] > x[best] || (isnan(x[at]) && !isnan(x[best]))) best = at;
    }
  }
  return best;
}

static void max_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *x = step->in[0].data;
  float *y = (float *)step->out[0].data + index * channels;
  for (size_t c = 0; c < channels; c++) y[c] = x[find_largest(w, x, channels, c)];
}

static void max_grad_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *x = step->in[0].data, *dy = (const float *)step->in[2].data + index * channels;
  float *dx = step->out[0].data;
  for (size_t c = 0; c < channels; c++) dx[find_largest(w, x, channels, c)] += dy[c];
}

static float share(const window *w) { return 1 / ((float)(w->bottom - w->top) * (float)(w->right - w->left)); }

static void average_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *x = step->in[0].data;
  float *y = (float *)step->out[0].data + index * channels;
  memset(y, 0, channels * sizeof *y);
  for (size_t row = w->top; row < w->bottom; row++)
    for (size_t column = w->left; column < w->right; column++)
      for (size_t c = 0; c < channels; c++) y[c] += x[pixel(w, row, column) * channels + c];
  for (size_t c = 0; c < channels; c++) y[c] *= share(w);
}

static void average_grad_window(const window *w, size_t channels, const horn__step *step, size_t index) {
  const float *dy = (const float *)step->in[1].data + index * channels;
  float *dx = step->out[0].data;
  for (size_t row = w->top; row < w->bottom; row++)
    for (size_t column = w->left; column < w->right; column++)
      for (size_t c = 0; c < channels; c++) dx[pixel(w, row, column) * channels + c] += dy[c] * share(w);
}

static horn_status max_pool(const horn__step *step) { return each_window(step, max_window); }
static horn_status average_pool(const horn__step *step) { return each_window(step, average_window); }

static void clear(const horn__step *step) { memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(float)); }

static horn_status max_pool_grad(const horn__step *step) {
  clear(step);
  return each_window(step, max_grad_window);
}

static horn_status average_pool_grad(const horn__step *step) {
  clear(step);
  return each_window(step, average_grad_window);
}

const horn__kernel horn__ref_MaxPool = {.run = max_pool};
const horn__kernel horn__ref_AvgPool = {.run = average_pool};
const horn__kernel horn__ref_MaxPoolGrad = {.run = max_pool_grad};
const horn__kernel horn__ref_AvgPoolGrad = {.run = average_pool_grad};
