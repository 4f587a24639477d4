/* Reference kernels of Transform and its gradient. */
#include <math.h>
#include <string.h>

#include "backends/ref/ref.h"

static float clamped(float x, float most) { return x < 0 ? 0 : x > most ? most : x; }

/* [dcba|abcd|dcba] */
static float reflected(float x, float size) {
  if (size <= 1) return 0;
  if (x < 0) {
    if (x < 2 * size) x += 2 * size * truncf(-x / (2 * size));
    x = x < -size ? x + 2 * size : -x - 1;
  } else if (x > size - 1) {
    x -= 2 * size * truncf(x / (2 * size));
    if (x >= size) x = 2 * size - x - 1;
  }
  return clamped(x, size - 1);
}

/* [abcd|abcd|abcd] */
static float wrapped(float x, float size) {
  if (size <= 1) return 0;
  if (x < 0)
    x += size * (truncf(-x / (size - 1)) + 1);
  else if (x > size - 1)
    x -= size * truncf(x / (size - 1));
  return clamped(x, size - 1);
}

/* Where a place along an axis is taken from. */
static float filled(float x, int32_t size, int32_t mode) {
  switch ((horn__fill_mode)mode) {
    case HORN__FILL_REFLECT: return reflected(x, (float)size);
    case HORN__FILL_WRAP: return wrapped(x, (float)size);
    case HORN__FILL_NEAREST: return clamped(x, (float)(size - 1));
    default: return x;
  }
}

/* The pixels that a pixel of the result is made of: offsets of their first channel in the image, -1: fill_value. */
typedef struct sources {
  int32_t count;
  int64_t at[4];
  float share[4];
} sources;

static void add_source(sources *s, const horn__shape *image, float row, float column, float share) {
  const bool inside = row >= 0 && row < (float)image->dims[1] && column >= 0 && column < (float)image->dims[2];
  s->at[s->count] = inside ? ((int64_t)row * image->dims[2] + (int64_t)column) * image->dims[3] : -1;
  s->share[s->count++] = share;
}

static sources sources_of(const horn__transform *a, const horn__shape *image, const float *t, size_t row, size_t column) {
  sources s = {0};
  const float x = (float)column, y = (float)row, k = t[6] * x + t[7] * y + 1;
  const float at_x = filled((t[0] * x + t[1] * y + t[2]) / k, image->dims[2], a->fill_mode);
  const float at_y = filled((t[3] * x + t[4] * y + t[5]) / k, image->dims[1], a->fill_mode);
  if (fpclassify(k) == FP_ZERO || !isfinite(at_x) || !isfinite(at_y)) {
    add_source(&s, image, -1, -1, 1);
  } else if (a->interpolation == 0) {
    add_source(&s, image, roundf(at_y), roundf(at_x), 1);
  } else {
    const float left = floorf(at_x), top = floorf(at_y), right_share = at_x - left, low_share = at_y - top;
    add_source(&s, image, top, left, (1 - low_share) * (1 - right_share));
    add_source(&s, image, top, left + 1, (1 - low_share) * right_share);
    add_source(&s, image, top + 1, left, low_share * (1 - right_share));
    add_source(&s, image, top + 1, left + 1, low_share * right_share);
  }
  return s;
}

/* Calls visit(step, image, result pixel, sources) for each pixel of the result. */
static void each_pixel(const horn__step *step, const horn__shape *image, const horn__shape *result,
                       void (*visit)(const horn__step *step, size_t image, size_t pixel, const sources *s)) {
  const size_t rows = (size_t)result->dims[1], columns = (size_t)result->dims[2], channels = (size_t)image->dims[3];
  const size_t size = (size_t)horn__shape_span(image, 1, 4);
  const bool one = step->in[1].type.shape.dims[0] == 1;
  for (size_t n = 0; n < (size_t)image->dims[0]; n++)
    for (size_t row = 0; row < rows; row++)
      for (size_t column = 0; column < columns; column++) {
        const float *transform = (const float *)step->in[1].data + (one ? 0 : n * 8);
        const sources s = sources_of(step->attributes, image, transform, row, column);
        visit(step, n * size, ((n * rows + row) * columns + column) * channels, &s);
      }
}

static size_t channels_of(const horn__step *step) { return (size_t)step->out[0].type.shape.dims[3]; }

static void gather_pixel(const horn__step *step, size_t image, size_t pixel, const sources *s) {
  const float fill = (float)((const horn__transform *)step->attributes)->fill_value, *x = (const float *)step->in[0].data + image;
  float *y = (float *)step->out[0].data + pixel;
  for (size_t c = 0, channels = channels_of(step); c < channels; c++) {
    double sum = 0;
    for (int32_t i = 0; i < s->count; i++) sum += (double)s->share[i] * (double)(s->at[i] < 0 ? fill : x[(size_t)s->at[i] + c]);
    y[c] = (float)sum;
  }
}

static void scatter_pixel(const horn__step *step, size_t image, size_t pixel, const sources *s) {
  const float *dy = (const float *)step->in[0].data + pixel;
  float *dx = (float *)step->out[0].data + image;
  for (size_t c = 0, channels = channels_of(step); c < channels; c++)
    for (int32_t i = 0; i < s->count; i++)
      if (s->at[i] >= 0) dx[(size_t)s->at[i] + c] += s->share[i] * dy[c];
}

static horn_status transform(const horn__step *step) {
  each_pixel(step, &step->in[0].type.shape, &step->out[0].type.shape, gather_pixel);
  return HORN_OK;
}

static horn_status transform_grad(const horn__step *step) {
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(float));
  each_pixel(step, &step->out[0].type.shape, &step->in[0].type.shape, scatter_pixel);
  return HORN_OK;
}

const horn__kernel horn__ref_Transform = {.run = transform};
const horn__kernel horn__ref_TransformGrad = {.run = transform_grad};
