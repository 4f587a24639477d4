/* DepthwiseConv2dNativeBackpropInput and -BackpropFilter for filters of one multiple: every tap of every window is a product of rows of channels.
 * Images are shared out among the threads; each has sums of its own for the filter. */
#include <string.h>

#include "backends/ref/sliding.h"
#include "backends/xnn/xnn.h"

typedef struct work {
  const horn__isa *isa;
  horn__windows windows; /* of one image */
  size_t channels;
  size_t pixels, taps, places; /* of an image, of the filter, of dy */
  const float *x, *filter, *dy;
  float *out;            /* dx, or for each image the sums of it, and of one row */
} work;

/* What a tap of an image is given: rows of the image and of the filter. */
typedef struct image {
  const work *w;
  const float *x, *dy;
  float *out;
} image;

static bool accepts(const horn__step *step, const horn__shape *filter) {
  return horn__xnn_floats(step) && filter->dims[3] == 1 && filter->dims[2] >= 4;
}

static work work_of(const horn__step *step, const horn__shape *x, const horn__shape *filter) {
  work w = {.isa = horn__isa_of(step), .windows = horn__conv_windows(step->attributes, x, filter), .channels = (size_t)filter->dims[2],
            .pixels = (size_t)x->dims[1] * (size_t)x->dims[2], .taps = (size_t)filter->dims[0] * (size_t)filter->dims[1]};
  w.places = (size_t)w.windows.lines[1].windows * (size_t)w.windows.lines[2].windows;
  w.windows.batch = 1;
  return w;
}

static double cost_of(const work *w) { return 2.0 * (double)w->places * (double)w->taps * (double)(w->channels + 8); }

/* ---- dx[c] += filter[c] dy[c] --------------------------------------------------------------------------------------------------- */

static void input_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const image *i = user;
  const size_t channels = i->w->channels;
  i->w->isa->multiply_onto(i->w->filter + tap * channels, i->dy + window * channels, i->out + pixel * channels, channels);
}

static void input_images(void *context, size_t start, size_t count) {
  const work *w = context;
  for (size_t n = start; n < start + count; n++) {
    const image i = {.w = w, .dy = w->dy + n * w->places * w->channels, .out = w->out + n * w->pixels * w->channels};
    memset(i.out, 0, w->pixels * w->channels * sizeof *i.out);
    horn__each_tap(&w->windows, input_tap, &i);
  }
}

static bool input_accepts(const horn__step *step) { return accepts(step, &step->in[1].type.shape); }

static horn_status backprop_input(const horn__step *step) {
  const horn__shape *x = &step->out[0].type.shape;
  work w = work_of(step, x, &step->in[1].type.shape);
  w.dy = step->in[0].data;
  w.filter = step->in[1].data;
  w.out = step->out[0].data;
  horn__xnn_parallel(step, (size_t)x->dims[0], cost_of(&w), input_images, &w);
  return HORN_OK;
}

const horn__kernel horn__xnn_DepthwiseConv2dNativeBackpropInput = {.accepts = input_accepts, .run = backprop_input};

/* ---- dfilter[c] += x[c] dy[c] ----------------------------------------------------------------------------------------------------- */

static void filter_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const image *i = user;
  const size_t channels = i->w->channels;
  i->w->isa->multiply_onto(i->x + pixel * channels, i->dy + window * channels, i->out + tap * channels, channels);
}

/* Row by row of dy: sums of sums lose less. */
static void filter_rows(const work *w, const float *x, const float *dy, float *sums, float *row_sums) {
  const size_t size = w->taps * w->channels;
  horn__windows row = w->windows;
  memset(sums, 0, size * sizeof *sums);
  row.lines[1].windows = 1;
  for (int32_t r = 0; r < w->windows.lines[1].windows; r++) {
    const image i = {w, x, dy + (size_t)r * (size_t)row.lines[2].windows * w->channels, row_sums};
    row.lines[1].before = w->windows.lines[1].before - r * row.lines[1].stride;
    memset(row_sums, 0, size * sizeof *sums);
    horn__each_tap(&row, filter_tap, &i);
    w->isa->binary(HORN__BINARY_Add, sums, 1, row_sums, 1, sums, size);
  }
}

static void filter_images(void *context, size_t start, size_t count) {
  const work *w = context;
  for (size_t n = start; n < start + count; n++) {
    float *sums = w->out + 2 * n * w->taps * w->channels;
    filter_rows(w, w->x + n * w->pixels * w->channels, w->dy + n * w->places * w->channels, sums, sums + w->taps * w->channels);
  }
}

static bool filter_accepts(const horn__step *step) { return accepts(step, &step->out[0].type.shape); }

static horn_status filter_prepare(horn__step *step) {
  return horn__add_workspace(step, 2 * (size_t)step->in[0].type.shape.dims[0], horn__size_of(&step->out[0]) * sizeof(float));
}

static horn_status backprop_filter(const horn__step *step) {
  const size_t images = (size_t)step->in[0].type.shape.dims[0], size = horn__size_of(&step->out[0]);
  work w = work_of(step, &step->in[0].type.shape, &step->out[0].type.shape);
  float *sums = step->out[0].data;
  w.x = step->in[0].data;
  w.dy = step->in[1].data;
  w.out = step->workspace;
  horn__xnn_parallel(step, images, cost_of(&w), filter_images, &w);
  memcpy(sums, w.out, size * sizeof *sums);
  for (size_t n = 1; n < images; n++) w.isa->binary(HORN__BINARY_Add, sums, 1, w.out + 2 * n * size, 1, sums, size);
  return HORN_OK;
}

const horn__kernel horn__xnn_DepthwiseConv2dNativeBackpropFilter = {.accepts = filter_accepts, .prepare = filter_prepare, .run = backprop_filter};
