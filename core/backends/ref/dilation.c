/* Reference kernels of Dilation2D and its gradients, which give dy to the first of the taps whose sum is largest. */
#include <float.h>
#include <string.h>

#include "backends/ref/sliding.h"

typedef struct dilation {
  size_t channels;
  const float *x, *filter, *dy, *u, *v;
  float *y, *dx, *dfilter, *sum;
  int32_t *best; /* for each element of y the tap, -1: none */
} dilation;

static void find_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const dilation *v = user;
  for (size_t c = 0; c < v->channels; c++) {
    const size_t at = window * v->channels + c;
    const float sum = v->x[pixel * v->channels + c] + v->filter[tap * v->channels + c];
    if (sum <= v->y[at] && v->best[at] >= 0) continue;
    v->y[at] = sum;
    v->best[at] = (int32_t)tap;
  }
}

static void give_back_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const dilation *v = user;
  for (size_t c = 0; c < v->channels; c++) {
    const size_t at = window * v->channels + c;
    if (v->best[at] != (int32_t)tap) continue;
    if (v->dx != NULL) v->dx[pixel * v->channels + c] += v->dy[at];
    if (v->dfilter != NULL) v->dfilter[tap * v->channels + c] += v->dy[at];
  }
}

static void gather_tap(const void *user, size_t pixel, size_t tap, size_t window) {
  const dilation *v = user;
  for (size_t c = 0; c < v->channels; c++) {
    const size_t at = window * v->channels + c;
    if (v->best[at] != (int32_t)tap) continue;
    if (v->u != NULL) v->sum[at] += v->u[pixel * v->channels + c];
    if (v->v != NULL) v->sum[at] += v->v[tap * v->channels + c];
  }
}

static horn__windows windows_of(const horn__step *step) {
  const int32_t *filter = step->in[1].type.shape.dims;
  const horn__shape image_filter = {.rank = 4, .dims = {filter[0], filter[1], filter[2], 1}};
  return horn__conv_windows(step->attributes, &step->in[0].type.shape, &image_filter);
}

/* y, or where there is no room for it the workspace, and the best taps; `count` elements. */
static dilation find_all(const horn__step *step, float *y, size_t count, void **at) {
  dilation v = {.channels = (size_t)step->in[0].type.shape.dims[3], .x = step->in[0].data, .filter = step->in[1].data, .y = y};
  const horn__windows windows = windows_of(step);
  if (count == 0) return v; /* and there is no workspace */
  v.best = horn__take_workspace(at, count, sizeof *v.best);
  if (v.y == NULL) v.y = horn__take_workspace(at, count, sizeof *v.y);
  for (size_t i = 0; i < count; i++) v.y[i] = -FLT_MAX, v.best[i] = -1;
  horn__each_tap(&windows, find_tap, &v);
  return v;
}

static horn_status prepare(horn__step *step) { return horn__add_workspace(step, horn__elements(&step->out[0]), sizeof(int32_t)); }

static horn_status run(const horn__step *step) {
  void *at = step->workspace;
  find_all(step, step->out[0].data, horn__elements(&step->out[0]), &at);
  return HORN_OK;
}

/* The gradients find y and the taps anew. */
static horn_status prepare_again(horn__step *step, size_t count) {
  HORN__TRY(horn__add_workspace(step, count, sizeof(int32_t)));
  return horn__add_workspace(step, count, sizeof(float));
}

static void visit_again(const horn__step *step, dilation *v, size_t count, horn__tap *visit) {
  const horn__windows windows = windows_of(step);
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(float));
  if (count != 0) horn__each_tap(&windows, visit, v);
}

static horn_status prepare_backprop(horn__step *step) { return prepare_again(step, horn__elements(&step->in[2])); }

static horn_status backprop(const horn__step *step, bool to_input) {
  void *at = step->workspace;
  const size_t count = horn__elements(&step->in[2]);
  dilation v = find_all(step, NULL, count, &at);
  v.dy = step->in[2].data;
  *(to_input ? &v.dx : &v.dfilter) = step->out[0].data;
  visit_again(step, &v, count, give_back_tap);
  return HORN_OK;
}

static horn_status backprop_input(const horn__step *step) { return backprop(step, true); }
static horn_status backprop_filter(const horn__step *step) { return backprop(step, false); }

static horn_status prepare_gather(horn__step *step) { return prepare_again(step, horn__elements(&step->out[0])); }

static horn_status gather(const horn__step *step) {
  void *at = step->workspace;
  const size_t count = horn__elements(&step->out[0]);
  dilation v = find_all(step, NULL, count, &at);
  v.u = horn__input_data(step, 2);
  v.v = horn__input_data(step, 3);
  v.sum = step->out[0].data;
  visit_again(step, &v, count, gather_tap);
  return HORN_OK;
}

const horn__kernel horn__ref_Dilation2D = {.prepare = prepare, .run = run};
const horn__kernel horn__ref_Dilation2DBackpropInput = {.prepare = prepare_backprop, .run = backprop_input};
const horn__kernel horn__ref_Dilation2DBackpropFilter = {.prepare = prepare_backprop, .run = backprop_filter};
const horn__kernel horn__ref_Dilation2DGather = {.prepare = prepare_gather, .run = gather};
