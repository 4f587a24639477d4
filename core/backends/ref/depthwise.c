/* Reference kernels of DepthwiseConv2dNative and its backprops. All three go through the taps of all windows; a tap takes the pixels that it
 * joins. */
#include <string.h>

#include "backends/ref/sliding.h"

typedef struct convolution {
  size_t channels, multiplier, filters; /* C, M, C * M */
  const float *x, *filter, *dy; /* the two inputs of the three */
  float *out;                   /* y or dx */
  double *sums;                 /* dfilter: one for each of its elements, since there are as many terms as pixels */
} convolution;

static convolution sizes_of(const horn__shape *filter) {
  convolution v = {.channels = (size_t)filter->dims[2], .multiplier = (size_t)filter->dims[3]};
  v.filters = v.channels * v.multiplier;
  return v;
}

/* y[c, m] += x[c] * filter[c, m] */
static void forward_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const convolution *v = user;
  const float *x = v->x + pixel * v->channels, *filter = v->filter + tap * v->filters;
  float *y = v->out + window * v->filters;
  for (size_t c = 0; c < v->channels; c++)
    for (size_t m = 0; m < v->multiplier; m++) y[c * v->multiplier + m] += x[c] * filter[c * v->multiplier + m];
}

static horn_status forward(const horn__step *step) {
  const horn__conv *a = step->attributes;
  const horn__shape *x = &step->in[0].type.shape, *filter = &step->in[1].type.shape;
  const size_t elements = horn__elements(&step->out[0]);
  if (elements == 0) return HORN_OK;
  convolution v = sizes_of(filter);
  v.x = step->in[0].data;
  v.filter = step->in[1].data;
  v.out = step->out[0].data;
  const horn__windows windows = horn__conv_windows(a, x, filter);
  horn__fill_rows(v.out, elements / v.filters, v.filters, horn__input_data(step, 2));
  horn__each_tap(&windows, forward_tap, &v);
  horn__activate_all(v.out, elements, a->activation);
  return HORN_OK;
}

const horn__kernel horn__ref_DepthwiseConv2dNative = {.run = forward};

/* dx[c] += sum over m of filter[c, m] * dy[c, m] */
static void backprop_input_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const convolution *v = user;
  const float *dy = v->dy + window * v->filters, *filter = v->filter + tap * v->filters;
  float *dx = v->out + pixel * v->channels;
  for (size_t c = 0; c < v->channels; c++)
    for (size_t m = 0; m < v->multiplier; m++) dx[c] += filter[c * v->multiplier + m] * dy[c * v->multiplier + m];
}

static horn_status backprop_input(const horn__step *step) {
  const horn__shape *x = &step->out[0].type.shape, *filter = &step->in[1].type.shape;
  const size_t elements = horn__elements(&step->out[0]);
  if (elements == 0) return HORN_OK;
  convolution v = sizes_of(filter);
  v.dy = step->in[0].data;
  v.filter = step->in[1].data;
  v.out = step->out[0].data;
  const horn__windows windows = horn__conv_windows(step->attributes, x, filter);
  memset(v.out, 0, elements * sizeof(float));
  horn__each_tap(&windows, backprop_input_tap, &v);
  return HORN_OK;
}

const horn__kernel horn__ref_DepthwiseConv2dNativeBackpropInput = {.run = backprop_input};

/* dfilter[c, m] += x[c] * dy[c, m] */
static void backprop_filter_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const convolution *v = user;
  const float *x = v->x + pixel * v->channels, *dy = v->dy + window * v->filters;
  double *sums = v->sums + tap * v->filters;
  for (size_t c = 0; c < v->channels; c++)
    for (size_t m = 0; m < v->multiplier; m++)
      sums[c * v->multiplier + m] += (double)x[c] * (double)dy[c * v->multiplier + m];
}

static horn_status prepare_sums(horn__step *step) {
  return horn__add_workspace(step, horn__elements(&step->out[0]), sizeof(double));
}

static horn_status backprop_filter(const horn__step *step) {
  const horn__shape *x = &step->in[0].type.shape, *filter = &step->out[0].type.shape;
  const size_t elements = horn__elements(&step->out[0]);
  float *out = step->out[0].data;
  memset(step->workspace, 0, elements * sizeof(double));
  if (horn__elements(&step->in[0]) != 0) {
    convolution v = sizes_of(filter);
    v.x = step->in[0].data;
    v.dy = step->in[1].data;
    v.sums = step->workspace;
    const horn__windows windows = horn__conv_windows(step->attributes, x, filter);
    horn__each_tap(&windows, backprop_filter_tap, &v);
  }
  for (size_t i = 0; i < elements; i++) out[i] = (float)((const double *)step->workspace)[i];
  return HORN_OK;
}

const horn__kernel horn__ref_DepthwiseConv2dNativeBackpropFilter = {.prepare = prepare_sums, .run = backprop_filter};
