/* Reference kernels of ResizeBilinear, ResizeNearestNeighbor and their gradients. */
#include <math.h>
#include <string.h>

#include "backends/ref/ref.h"

/* Along one axis, element i of the result lies between two of the input: (1 - share) low + share high. */
typedef struct mix {
  size_t low, high;
  double share;
} mix;

typedef mix (*mix_of)(const horn__resize *a, size_t in, size_t out, size_t i);

static mix bilinear_mix(const horn__resize *a, size_t in, size_t out, size_t i) {
  const bool corners = a->align_corners && out > 1;
  const double scale = corners ? (double)(in - 1) / (double)(out - 1) : (double)in / (double)out;
  double at = a->half_pixel_centers ? ((double)i + 0.5) * scale - 0.5 : (double)i * scale;
  if (at < 0) at = 0;
  if (at > (double)(in - 1)) at = (double)(in - 1);
  mix m = {.low = (size_t)at};
  m.high = m.low + 1 < in ? m.low + 1 : m.low;
  m.share = at - (double)m.low;
  return m;
}

/* In whole numbers: no rounding may move a pixel. */
static mix nearest_mix(const horn__resize *a, size_t in, size_t out, size_t i) {
  const uint64_t from = in, to = out, k = i;
  uint64_t at;
  if (a->align_corners && to > 1)
    at = (2 * k * (from - 1) + (to - 1)) / (2 * (to - 1)); /* rounded, halves up */
  else
    at = a->half_pixel_centers ? (2 * k + 1) * from / (2 * to) : k * from / to;
  if (at > from - 1) at = from - 1;
  return (mix){.low = (size_t)at, .high = (size_t)at, .share = 0};
}

/* The four pixels, and their shares, that a pixel of the large or small result is made of. */
typedef struct corners {
  size_t at[4]; /* offsets of their first channel within the image */
  double share[4];
} corners;

static corners corners_of(const mix *row, const mix *column, size_t width, size_t channels) {
  return (corners){.at = {(row->low * width + column->low) * channels, (row->low * width + column->high) * channels,
                          (row->high * width + column->low) * channels, (row->high * width + column->high) * channels},
                   .share = {(1 - row->share) * (1 - column->share), (1 - row->share) * column->share, row->share * (1 - column->share),
                             row->share * column->share}};
}

/* Calls pixel(step, image, result pixel, corners) for every pixel of the resized image. */
static void each_pixel(const horn__step *step, const horn__shape *image, const horn__shape *resized, mix_of mixed,
                       void (*pixel)(const horn__step *step, size_t image, size_t pixel, const corners *c)) {
  const horn__resize *a = step->attributes;
  const size_t batch = (size_t)image->dims[0], height = (size_t)image->dims[1], width = (size_t)image->dims[2],
               channels = (size_t)image->dims[3];
  const size_t rows = (size_t)resized->dims[1], columns = (size_t)resized->dims[2];
  for (size_t n = 0; n < batch; n++)
    for (size_t r = 0; r < rows; r++) {
      const mix row = mixed(a, height, rows, r);
      for (size_t k = 0; k < columns; k++) {
        const mix column = mixed(a, width, columns, k);
        const corners c = corners_of(&row, &column, width, channels);
        pixel(step, n * height * width * channels, ((n * rows + r) * columns + k) * channels, &c);
      }
    }
}

static size_t channels_of(const horn__step *step) { return (size_t)step->out[0].type.shape.dims[3]; }

static void bilinear_pixel(const horn__step *step, size_t image, size_t pixel, const corners *c) {
  for (size_t k = 0, channels = channels_of(step); k < channels; k++) {
    double sum = 0;
    for (size_t i = 0; i < 4; i++) sum += c->share[i] * horn__load_element(&step->in[0], image + c->at[i] + k);
    ((float *)step->out[0].data)[pixel + k] = (float)sum;
  }
}

static void nearest_pixel(const horn__step *step, size_t image, size_t pixel, const corners *c) {
  for (size_t k = 0, channels = channels_of(step); k < channels; k++)
    horn__copy_element(step->out[0].data, pixel + k, step->in[0].data, image + c->at[0] + k, sizeof(float));
}

/* dx gets from a pixel of dy what it gave to it */
static void grad_pixel(const horn__step *step, size_t image, size_t pixel, const corners *c) {
  const float *dy = (const float *)step->in[0].data + pixel;
  float *dx = (float *)step->out[0].data + image;
  for (size_t k = 0, channels = channels_of(step); k < channels; k++)
    for (size_t i = 0; i < 4; i++) dx[c->at[i] + k] += (float)(c->share[i] * (double)dy[k]);
}

static horn_status bilinear(const horn__step *step) {
  each_pixel(step, &step->in[0].type.shape, &step->out[0].type.shape, bilinear_mix, bilinear_pixel);
  return HORN_OK;
}

static horn_status nearest(const horn__step *step) {
  each_pixel(step, &step->in[0].type.shape, &step->out[0].type.shape, nearest_mix, nearest_pixel);
  return HORN_OK;
}

static horn_status grad(const horn__step *step, mix_of mixed) {
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(float));
  each_pixel(step, &step->out[0].type.shape, &step->in[0].type.shape, mixed, grad_pixel);
  return HORN_OK;
}

static horn_status bilinear_grad(const horn__step *step) { return grad(step, bilinear_mix); }
static horn_status nearest_grad(const horn__step *step) { return grad(step, nearest_mix); }

const horn__kernel horn__ref_ResizeBilinear = {.run = bilinear};
const horn__kernel horn__ref_ResizeBilinearGrad = {.run = bilinear_grad};
const horn__kernel horn__ref_ResizeNearestNeighbor = {.run = nearest};
const horn__kernel horn__ref_ResizeNearestNeighborGrad = {.run = nearest_grad};
