/* Reference kernels of Conv2D, Conv3D and their backprops. All three go through the taps of all windows; a tap takes the pixels that it joins. */
#include <string.h>

#include "backends/ref/sliding.h"

typedef struct convolution {
  size_t groups, taken, each, channels, filters; /* C / groups, O / groups, C, O */
  const float *x, *filter, *dy; /* the two inputs of the three */
  float *out;                   /* y or dx */
  double *sums;                 /* dfilter: one for each of its elements, since there are as many terms as pixels */
} convolution;

static convolution sizes_of(const horn__shape *x, const horn__shape *filter) {
  const int32_t last = filter->rank - 1;
  convolution c = {.taken = (size_t)filter->dims[last - 1], .channels = (size_t)x->dims[last], .filters = (size_t)filter->dims[last]};
  c.groups = c.channels / c.taken;
  c.each = c.filters / c.groups;
  return c;
}

/* y[g, o] += sum over c of x[g, c] * filter[c, g, o] */
static void forward_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const convolution *v = user;
  const float *x = v->x + pixel * v->channels, *filter = v->filter + tap * v->taken * v->filters;
  float *y = v->out + window * v->filters;
  for (size_t g = 0; g < v->groups; g++)
    for (size_t c = 0; c < v->taken; c++)
      for (size_t o = 0; o < v->each; o++) y[g * v->each + o] += x[g * v->taken + c] * filter[c * v->filters + g * v->each + o];
}

static horn_status forward(const horn__step *step) {
  const horn__conv *a = step->attributes;
  const horn__shape *x = &step->in[0].type.shape, *filter = &step->in[1].type.shape;
  const size_t elements = horn__elements(&step->out[0]);
  if (elements == 0) return HORN_OK;
  convolution v = sizes_of(x, filter);
  v.x = step->in[0].data;
  v.filter = step->in[1].data;
  v.out = step->out[0].data;
  const horn__windows windows = horn__conv_windows(a, x, filter);
  horn__fill_rows(v.out, elements / v.filters, v.filters, horn__input_data(step, 2));
  horn__each_tap(&windows, forward_tap, &v);
  horn__activate_all(v.out, elements, a->activation);
  return HORN_OK;
}

const horn__kernel horn__ref_Conv2D = {.run = forward};
const horn__kernel horn__ref_Conv3D = {.run = forward};

/* dx[g, c] += sum over o of filter[c, g, o] * dy[g, o] */
static void backprop_input_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const convolution *v = user;
  const float *dy = v->dy + window * v->filters, *filter = v->filter + tap * v->taken * v->filters;
  float *dx = v->out + pixel * v->channels;
  for (size_t g = 0; g < v->groups; g++) {
    for (size_t c = 0; c < v->taken; c++) {
      float sum = 0;
      for (size_t o = 0; o < v->each; o++) sum += filter[c * v->filters + g * v->each + o] * dy[g * v->each + o];
      dx[g * v->taken + c] += sum;
    }
  }
}

static horn_status backprop_input(const horn__step *step) {
  const horn__conv *a = step->attributes;
  const horn__shape *x = &step->out[0].type.shape, *filter = &step->in[1].type.shape;
  const size_t elements = horn__elements(&step->out[0]);
  if (elements == 0) return HORN_OK;
  convolution v = sizes_of(x, filter);
  v.dy = step->in[0].data;
  v.filter = step->in[1].data;
  v.out = step->out[0].data;
  const horn__windows windows = horn__conv_windows(a, x, filter);
  horn__fill_rows(v.out, elements / v.channels, v.channels, horn__input_data(step, 3));
  horn__each_tap(&windows, backprop_input_tap, &v);
  horn__activate_all(v.out, elements, a->activation);
  return HORN_OK;
}

const horn__kernel horn__ref_Conv2DBackpropInput = {.run = backprop_input};
const horn__kernel horn__ref_Conv3DBackpropInputV2 = {.run = backprop_input};

/* dfilter[c, g, o] += x[g, c] * dy[g, o] */
static void backprop_filter_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const convolution *v = user;
  const float *x = v->x + pixel * v->channels, *dy = v->dy + window * v->filters;
  double *sums = v->sums + tap * v->taken * v->filters;
  for (size_t g = 0; g < v->groups; g++)
    for (size_t c = 0; c < v->taken; c++)
      for (size_t o = 0; o < v->each; o++)
        sums[c * v->filters + g * v->each + o] += (double)x[g * v->taken + c] * (double)dy[g * v->each + o];
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
    convolution v = sizes_of(x, filter);
    v.x = step->in[0].data;
    v.dy = step->in[1].data;
    v.sums = step->workspace;
    const horn__windows windows = horn__conv_windows(step->attributes, x, filter);
    horn__each_tap(&windows, backprop_filter_tap, &v);
  }
  for (size_t i = 0; i < elements; i++) out[i] = (float)((const double *)step->workspace)[i];
  return HORN_OK;
}

const horn__kernel horn__ref_Conv2DBackpropFilter = {.prepare = prepare_sums, .run = backprop_filter};
const horn__kernel horn__ref_Conv3DBackpropFilterV2 = {.prepare = prepare_sums, .run = backprop_filter};
