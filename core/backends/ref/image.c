/* Reference kernels of the ops on images. */
#include <math.h>
#include <string.h>

#include "backends/ref/ref.h"

typedef struct image {
  size_t batch, height, width, channels;
} image;

static image image_of(const horn__shape *shape) {
  return (image){(size_t)shape->dims[0], (size_t)shape->dims[1], (size_t)shape->dims[2], (size_t)shape->dims[3]};
}

static size_t pixel(const image *m, size_t n, size_t row, size_t column) { return ((n * m->height + row) * m->width + column) * m->channels; }

/* ---- CenterCrop, CenterPad: the small image lies in the middle of the large one ---------------------------------------- */

static void copy_middle(const horn__operand *in, const horn__operand *out, const image *small, bool into_large) {
  const image from = image_of(&in->type.shape), to = image_of(&out->type.shape);
  const image *large = into_large ? &to : &from;
  const size_t top = (large->height - small->height) / 2, left = (large->width - small->width) / 2;
  const size_t columns = small->width * small->channels;
  for (size_t n = 0; n < small->batch; n++)
    for (size_t row = 0; row < small->height; row++) {
      const size_t inside = pixel(large, n, row + top, left), plain = pixel(small, n, row, 0);
      for (size_t i = 0; i < columns; i++)
        horn__store_element(out, (into_large ? inside : plain) + i, horn__load_element(in, (into_large ? plain : inside) + i));
    }
}

static void pad(const horn__step *step, double value) {
  const image small = image_of(&step->in[0].type.shape);
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) horn__store_element(&step->out[0], i, value);
  copy_middle(&step->in[0], &step->out[0], &small, true);
}

static horn_status center_crop(const horn__step *step) {
  const image small = image_of(&step->out[0].type.shape);
  copy_middle(&step->in[0], &step->out[0], &small, false);
  return HORN_OK;
}

static horn_status center_pad(const horn__step *step) {
  pad(step, ((const horn__center *)step->attributes)->value);
  return HORN_OK;
}

static horn_status center_crop_grad(const horn__step *step) {
  pad(step, 0);
  return HORN_OK;
}

const horn__kernel horn__ref_CenterCrop = {.run = center_crop};
const horn__kernel horn__ref_CenterCropGrad = {.run = center_crop_grad};
const horn__kernel horn__ref_CenterPad = {.run = center_pad};
const horn__kernel horn__ref_CenterPadGrad = {.run = center_crop};

/* ---- ResizeFiltered -------------------------------------------------------------------------------------------------------- */

static float lanczos(float x, float radius) {
  const float pi = 3.14159265358979323846f;
  if (x > radius) return 0;
  return x <= 1e-3f ? 1 : radius * sinf(pi * x) * sinf(pi * x / radius) / (pi * pi * x * x);
}

/* The weight of a pixel at distance x. */
static float weight_at(int32_t filter, float x) {
  switch ((horn__filter)filter) {
    case HORN__FILTER_TRIANGLE: return x < 1 ? 1 - x : 0;
    case HORN__FILTER_CUBIC: /* Keys, a = -1/2 */
      return x >= 2 ? 0 : x >= 1 ? ((-0.5f * x + 2.5f) * x - 4) * x + 2 : (1.5f * x - 2.5f) * x * x + 1;
    case HORN__FILTER_LANCZOS3: return lanczos(x, 3);
    case HORN__FILTER_LANCZOS5: return lanczos(x, 5);
    case HORN__FILTER_GAUSSIAN: return x >= 1.5f ? 0 : expf(-x * x / (2 * 0.5f * 0.5f));
    case HORN__FILTER_MITCHELL:
      return x >= 2 ? 0
             : x >= 1 ? (((-7.0f / 18) * x + 2) * x - 10.0f / 3) * x + 16.0f / 9
                      : ((7.0f / 6) * x - 2) * x * x + 8.0f / 9;
    default: return 0;
  }
}

static float radius_of(int32_t filter) {
  switch ((horn__filter)filter) {
    case HORN__FILTER_TRIANGLE: return 1;
    case HORN__FILTER_LANCZOS3: return 3;
    case HORN__FILTER_LANCZOS5: return 5;
    case HORN__FILTER_GAUSSIAN: return 1.5f;
    default: return 2;
  }
}

/* Along one axis, pixel i of the result is made of `count` pixels of the input from first[i] on, with weights[i * span]... */
typedef struct taps {
  size_t in, out, span;
  int32_t *first;
  float *weights;
} taps;

static float reach_of(const horn__filtered *a, size_t in, size_t out) {
  const float scale = (float)in / (float)out;
  if (a->filter == HORN__FILTER_AREA) return 0.5f * scale + 0.5f;
  return radius_of(a->filter) * (a->antialias && scale > 1 ? scale : 1);
}

static size_t span_of(const horn__filtered *a, size_t in, size_t out) {
  const double span = 2 * ceil((double)reach_of(a, in, out)) + 1;
  return span < (double)in ? (size_t)span : in;
}

/* TensorFlow's bicubic filter is a table: places between pixels are rounded to 1/1024. */
static float rounded_place(float place) {
  const float at = place - 0.5f, whole = floorf(at);
  return whole + nearbyintf((at - whole) * 1024) / 1024 + 0.5f;
}

/* The part of pixel k that lies between `from` and `to`. */
static float overlap(float k, float from, float to) { return fmaxf(0, fminf(k + 1, to) - fmaxf(k, from)); }

static float tap_weight(const horn__filtered *a, const taps *t, size_t i, float place, size_t k) {
  const float scale = (float)t->in / (float)t->out;
  if (a->filter == HORN__FILTER_AREA) return overlap((float)k, (float)i * scale, (float)(i + 1) * scale);
  return weight_at(a->filter, fabsf((float)k + 0.5f - place) / (a->antialias && scale > 1 ? scale : 1));
}

static size_t within(float k, size_t in) { return k <= 0 ? 0 : k >= (float)(in - 1) ? in - 1 : (size_t)k; }

static void fill_tap(const horn__filtered *a, const taps *t, size_t i) {
  const float scale = (float)t->in / (float)t->out, reach = reach_of(a, t->in, t->out);
  float place = ((float)i + 0.5f) * scale, total = 0;
  if (a->filter == HORN__FILTER_CUBIC && !a->antialias) place = rounded_place(place);
  const size_t first = within(ceilf(place - reach - 0.5f), t->in), last = within(floorf(place + reach - 0.5f), t->in);
  float *weights = t->weights + i * t->span;
  t->first[i] = (int32_t)first;
  memset(weights, 0, t->span * sizeof *weights);
  for (size_t k = first; k <= last && k - first < t->span; k++) total += weights[k - first] = tap_weight(a, t, i, place, k);
  for (size_t k = 0; k < t->span && fabsf(total) > 1000 * 1.17549435e-38f; k++) weights[k] /= total;
}

static horn_status add_taps(horn__step *step, size_t in, size_t out) {
  HORN__TRY(horn__add_workspace(step, out, sizeof(int32_t)));
  return horn__add_workspace(step, out * span_of(step->attributes, in, out), sizeof(float));
}

static taps take_taps(const horn__step *step, void **at, size_t in, size_t out) {
  taps t = {.in = in, .out = out, .span = span_of(step->attributes, in, out)};
  t.first = horn__take_workspace(at, out, sizeof *t.first);
  t.weights = horn__take_workspace(at, out * t.span, sizeof *t.weights);
  for (size_t i = 0; i < out; i++) fill_tap(step->attributes, &t, i);
  return t;
}

/* What is between the two passes: an image of the result's height and the input's width. */
static horn_status prepare(horn__step *step, const horn__shape *x, const horn__shape *y) {
  const image in = image_of(x), out = image_of(y);
  HORN__TRY(add_taps(step, in.height, out.height));
  HORN__TRY(add_taps(step, in.width, out.width));
  return horn__add_workspace(step, out.height * in.width * in.channels, sizeof(float));
}

static horn_status filtered_prepare(horn__step *step) { return prepare(step, &step->in[0].type.shape, &step->out[0].type.shape); }
static horn_status filtered_grad_prepare(horn__step *step) { return prepare(step, &step->out[0].type.shape, &step->in[0].type.shape); }

static float mixed(const taps *t, size_t i, const float *column, size_t stride) {
  double sum = 0;
  for (size_t k = 0; k < t->span; k++) {
    const size_t at = (size_t)t->first[i] + k;
    if (at < t->in) sum += (double)t->weights[i * t->span + k] * (double)column[at * stride];
  }
  return (float)sum;
}

static void spread(const taps *t, size_t i, float dy, float *column, size_t stride) {
  for (size_t k = 0; k < t->span; k++) {
    const size_t at = (size_t)t->first[i] + k;
    if (at < t->in) column[at * stride] += t->weights[i * t->span + k] * dy;
  }
}

/* x [in, inner] mixed along its first axis to y [out, inner]; or (back) y's gradient spread to x's. */
static void along(const taps *t, size_t inner, float *x, float *y, bool back) {
  for (size_t i = 0; i < t->out; i++)
    for (size_t c = 0; c < inner; c++) {
      if (back)
        spread(t, i, y[i * inner + c], x + c, inner);
      else
        y[i * inner + c] = mixed(t, i, x + c, inner);
    }
}

typedef struct filtering {
  image in, out;
  taps rows, columns;
  float *between;
} filtering;

static filtering filtering_of(const horn__step *step, const horn__shape *x, const horn__shape *y) {
  filtering f = {.in = image_of(x), .out = image_of(y)};
  void *at = step->workspace;
  f.rows = take_taps(step, &at, f.in.height, f.out.height);
  f.columns = take_taps(step, &at, f.in.width, f.out.width);
  f.between = horn__take_workspace(&at, f.out.height * f.in.width * f.in.channels, sizeof(float));
  return f;
}

static void filter_columns(const filtering *f, float *y, bool back) {
  for (size_t row = 0; row < f->out.height; row++)
    along(&f->columns, f->in.channels, f->between + row * f->in.width * f->in.channels, y + row * f->out.width * f->in.channels, back);
}

/* Rows of any dtype to floats. */
static void filter_rows(const filtering *f, const horn__operand *x, size_t n) {
  const size_t inner = f->in.width * f->in.channels;
  for (size_t i = 0; i < f->out.height; i++)
    for (size_t c = 0; c < inner; c++) {
      double sum = 0;
      for (size_t k = 0; k < f->rows.span; k++) {
        const size_t at = (size_t)f->rows.first[i] + k;
        if (at < f->in.height)
          sum += (double)f->rows.weights[i * f->rows.span + k] * horn__load_element(x, (n * f->in.height + at) * inner + c);
      }
      f->between[i * inner + c] = (float)sum;
    }
}

static horn_status filtered(const horn__step *step) {
  const filtering f = filtering_of(step, &step->in[0].type.shape, &step->out[0].type.shape);
  for (size_t n = 0; n < f.in.batch; n++) {
    filter_rows(&f, &step->in[0], n);
    filter_columns(&f, (float *)step->out[0].data + pixel(&f.out, n, 0, 0), false);
  }
  return HORN_OK;
}

static horn_status filtered_grad(const horn__step *step) {
  const filtering f = filtering_of(step, &step->out[0].type.shape, &step->in[0].type.shape);
  float *dx = step->out[0].data;
  memset(dx, 0, horn__elements(&step->out[0]) * sizeof *dx);
  for (size_t n = 0; n < f.in.batch; n++) {
    memset(f.between, 0, f.out.height * f.in.width * f.in.channels * sizeof(float));
    filter_columns(&f, (float *)step->in[0].data + pixel(&f.out, n, 0, 0), true);
    along(&f.rows, f.in.width * f.in.channels, dx + pixel(&f.in, n, 0, 0), f.between, true);
  }
  return HORN_OK;
}

const horn__kernel horn__ref_ResizeFiltered = {.prepare = filtered_prepare, .run = filtered};
const horn__kernel horn__ref_ResizeFilteredGrad = {.prepare = filtered_grad_prepare, .run = filtered_grad};
