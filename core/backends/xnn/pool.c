/* MaxPool and AvgPool: XNNPACK's operators, and kernels of our own, which hold the channels of a window in registers. Padding counts for
 * nothing in either: our windows are cut at the edges of the image, XNNPACK's mean divides by the pixels that are in the image. The 3D forms
 * pool height and width of every slice, then the depth of what came out: the largest of the largest, and, since windows are cut along each
 * axis alone, the mean of means. */
#include <math.h>

#include "backends/ref/ref.h"
#include "backends/xnn/xnn.h"

static horn__slide slide_of(const horn__step *step, int32_t i) {
  horn__slide slide = horn__pool_slide(step->attributes, i);
  horn__window(step->in[0].type.shape.dims[1 + i], slide.window, slide.stride, slide.dilation, slide.padding, &slide.before, &slide.after);
  return slide;
}

static double work_of(const horn__step *step) {
  const horn__pool *a = step->attributes;
  return (double)a->size[0] * (double)a->size[1] * (double)horn__size_of(&step->out[0]);
}

/* ---- XNNPACK's ----------------------------------------------------------------------------------------------------------- */

/* XNNPACK refuses windows of one pixel and strides that leave pixels out, and keeps a pointer for each pixel of each window. */
static bool operator_accepts(const horn__step *step) {
  const horn__pool *a = step->attributes;
  const horn__shape *y = &step->out[0].type.shape;
  const double most_pointers = 1 << 22;
  if (!horn__xnn_floats(step) || (a->size[0] == 1 && a->size[1] == 1)) return false;
  if (a->strides[0] > a->size[0] || a->strides[1] > a->size[1]) return false;
  return (double)a->size[0] * (double)a->size[1] * (double)y->dims[1] * (double)y->dims[2] < most_pointers;
}

static horn_status create_max(const horn__step *step, horn__operator *o, const horn__slide *h, const horn__slide *w) {
  return horn__xnn_status(step, xnn_create_max_pooling2d_nhwc_f32(
      (uint32_t)h->before, (uint32_t)w->after, (uint32_t)h->after, (uint32_t)w->before, (uint32_t)h->window, (uint32_t)w->window,
      (uint32_t)h->stride, (uint32_t)w->stride, 1, 1, -INFINITY, INFINITY, 0, &o->handle));
}

static horn_status create_average(const horn__step *step, horn__operator *o, const horn__slide *h, const horn__slide *w) {
  return horn__xnn_status(step, xnn_create_average_pooling2d_nhwc_f32(
      (uint32_t)h->before, (uint32_t)w->after, (uint32_t)h->after, (uint32_t)w->before, (uint32_t)h->window, (uint32_t)w->window,
      (uint32_t)h->stride, (uint32_t)w->stride, -INFINITY, INFINITY, 0, &o->handle));
}

static horn_status create(horn__step *step, horn_status (*kind)(const horn__step *, horn__operator *, const horn__slide *, const horn__slide *)) {
  const horn__slide h = slide_of(step, 0), w = slide_of(step, 1);
  HORN__TRY(horn__xnn_state(step, sizeof(horn__operator)));
  horn__operator *o = step->state;
  o->pool = horn__xnn_pool(step, work_of(step));
  return kind(step, o, &h, &w);
}

static horn_status prepare_max(horn__step *step) {
  const int32_t *x = step->in[0].type.shape.dims;
  const size_t channels = (size_t)x[3];
  HORN__TRY(create(step, create_max));
  const horn__operator *o = step->state;
  return horn__xnn_status(step, xnn_reshape_max_pooling2d_nhwc_f32(o->handle, (size_t)x[0], (size_t)x[1], (size_t)x[2], channels, channels,
                                                                   channels, NULL, NULL, o->pool));
}

static horn_status prepare_average(horn__step *step) {
  const int32_t *x = step->in[0].type.shape.dims;
  const size_t channels = (size_t)x[3];
  size_t alignment = 1;
  HORN__TRY(create(step, create_average));
  const horn__operator *o = step->state;
  return horn__xnn_status(step, xnn_reshape_average_pooling2d_nhwc_f32(o->handle, (size_t)x[0], (size_t)x[1], (size_t)x[2], channels, channels,
                                                                       channels, &step->workspace_size, &alignment, NULL, NULL, o->pool));
}

static horn_status run_max_operator(const horn__step *step) {
  const horn__operator *o = step->state;
  HORN__XNN_TRY(step, xnn_setup_max_pooling2d_nhwc_f32(o->handle, step->in[0].data, step->out[0].data));
  return horn__xnn_status(step, xnn_run_operator(o->handle, o->pool));
}

static horn_status run_average_operator(const horn__step *step) {
  const horn__operator *o = step->state;
  HORN__XNN_TRY(step, xnn_setup_average_pooling2d_nhwc_f32(o->handle, step->workspace, step->in[0].data, step->out[0].data));
  return horn__xnn_status(step, xnn_run_operator(o->handle, o->pool));
}

/* ---- our own ------------------------------------------------------------------------------------------------------------- */

typedef void window_function(const float *x, size_t rows, size_t row_step, size_t columns, size_t column_step, float *y, size_t channels);

/* One axis of the image: where window i starts and ends. */
typedef struct axis {
  int32_t size, windows, window, stride, before;
} axis;

typedef struct pool {
  const horn__isa *isa;
  window_function *function;
  bool mean;
  size_t images, channels;
  axis height, width;
  const float *x;
  float *y;
} pool;

static void cut(const axis *a, size_t i, size_t *first, size_t *count) {
  int64_t start = (int64_t)i * a->stride - a->before, end = start + a->window;
  start = start < 0 ? 0 : start;
  end = end > a->size ? a->size : end;
  *first = (size_t)start;
  *count = (size_t)(end - start);
}

static void run_pixel(const pool *p, const float *row, size_t rows, size_t column, float *y) {
  size_t first, count;
  cut(&p->width, column, &first, &count);
  p->function(row + first * p->channels, rows, (size_t)p->width.size * p->channels, count, p->channels, y, p->channels);
  const float scale = 1.0f / (float)(rows * count);
  if (p->mean) p->isa->binary(HORN__BINARY_Multiply, y, 1, &scale, 0, y, p->channels);
}

/* Rows of y, those of all images one after the other. */
static void run_rows(void *context, size_t start, size_t count) {
  const pool *p = context;
  const size_t rows_of_y = (size_t)p->height.windows, columns = (size_t)p->width.windows, width = (size_t)p->width.size * p->channels;
  for (size_t row = start; row < start + count; row++) {
    const float *image = p->x + row / rows_of_y * (size_t)p->height.size * width;
    size_t first, rows;
    cut(&p->height, row % rows_of_y, &first, &rows);
    for (size_t column = 0; column < columns; column++)
      run_pixel(p, image + first * width, rows, column, p->y + (row * columns + column) * p->channels);
  }
}

static axis axis_of(const horn__step *step, int32_t i) {
  const horn__slide slide = slide_of(step, i);
  return (axis){step->in[0].type.shape.dims[1 + i], step->out[0].type.shape.dims[1 + i], slide.window, slide.stride, slide.before};
}

static void run_images(const horn__step *step, const pool *p) {
  const double call = 60, pixel = (double)p->height.window * (double)p->width.window * (double)p->channels * 4; /* operations */
  horn__xnn_parallel(step, p->images * (size_t)p->height.windows, (double)p->width.windows * (call + pixel), run_rows, (void *)p);
}

static pool pool_of(const horn__step *step, bool mean) {
  const horn__shape *y = &step->out[0].type.shape;
  const horn__isa *isa = horn__isa_of(step);
  return (pool){.isa = isa, .function = mean ? isa->window_sum : isa->window_max, .mean = mean, .images = (size_t)y->dims[0],
                .channels = (size_t)y->dims[y->rank - 1], .x = step->in[0].data, .y = step->out[0].data};
}

static horn_status run(const horn__step *step, bool mean) {
  pool p = pool_of(step, mean);
  p.height = axis_of(step, 0);
  p.width = axis_of(step, 1);
  run_images(step, &p);
  return HORN_OK;
}

static horn_status run_max(const horn__step *step) { return run(step, false); }
static horn_status run_average(const horn__step *step) { return run(step, true); }

/* ---- which ----------------------------------------------------------------------------------------------------------------- */

/* Ours takes vectors of channels and pays for what is left of the last one. */
static bool is_narrow(const horn__step *step) { return step->out[0].type.shape.dims[3] < 32; }

/* XNNPACK's reads nine pixels at once, which pays where vectors are short. */
static bool max_is_faster(const horn__step *step) {
  const horn__pool *a = step->attributes;
  return is_narrow(step) || (a->size[0] == 3 && a->size[1] == 3 && horn__isa_of(step) == &horn__base_table);
}

/* One window of the whole image. */
static bool average_is_faster(const horn__step *step) {
  const int32_t *y = step->out[0].type.shape.dims;
  return is_narrow(step) || (y[1] == 1 && y[2] == 1);
}

const horn__pair horn__xnn_MaxPool = {
    .operator = {.accepts = operator_accepts, .prepare = prepare_max, .run = run_max_operator, .finish = horn__operator_finish},
    .own = {.accepts = horn__xnn_floats, .run = run_max},
    .is_faster = max_is_faster};
const horn__pair horn__xnn_AvgPool = {
    .operator = {.accepts = operator_accepts, .prepare = prepare_average, .run = run_average_operator, .finish = horn__operator_finish},
    .own = {.accepts = horn__xnn_floats, .run = run_average},
    .is_faster = average_is_faster};

/* ---- 3D ------------------------------------------------------------------------------------------------------------------ */

/* For the slices with height and width pooled: [N, D, H', W', C]. */
static horn_status prepare3(horn__step *step) {
  const horn__shape *x = &step->in[0].type.shape, *y = &step->out[0].type.shape;
  return horn__add_workspace(step, (size_t)horn__shape_span(x, 0, 2), (size_t)horn__shape_span(y, 2, 5) * sizeof(float));
}

/* A line of one row is its own window. */
static axis whole(int32_t size) { return (axis){size, size, 1, 1, 0}; }

static horn_status run3(const horn__step *step, bool mean) {
  const axis depth = axis_of(step, 0), height = axis_of(step, 1), width = axis_of(step, 2);
  pool slices = pool_of(step, mean), depths = slices;
  slices.images *= (size_t)depth.size;
  slices.height = height;
  slices.width = width;
  slices.y = step->workspace;
  run_images(step, &slices);
  depths.height = depth;
  depths.width = whole(height.windows * width.windows);
  depths.x = step->workspace;
  run_images(step, &depths);
  return HORN_OK;
}

/* The pixels of a slice of y are counted in 32 bits. */
static bool accepts3(const horn__step *step) { return horn__xnn_floats(step) && horn__shape_span(&step->out[0].type.shape, 2, 4) <= INT32_MAX; }

static horn_status run_max3(const horn__step *step) { return run3(step, false); }
static horn_status run_average3(const horn__step *step) { return run3(step, true); }

const horn__kernel horn__xnn_MaxPool3D = {.accepts = accepts3, .prepare = prepare3, .run = run_max3};
const horn__kernel horn__xnn_AvgPool3D = {.accepts = accepts3, .prepare = prepare3, .run = run_average3};
