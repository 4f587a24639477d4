/* MaxPool and AvgPool: kernels of our own, which hold the channels of a window in registers. Windows are cut at the edges of the image, so
 * that padding counts for nothing. Their 3D forms pool height and width of every slice, then the depth of what came out: the largest of the
 * largest, and, since windows are cut along each axis alone, the mean of means. */
#include "backends/ref/ref.h"
#include "backends/xnn/xnn.h"

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
  horn__slide slide = horn__pool_slide(step->attributes, i);
  const int32_t size = step->in[0].type.shape.dims[1 + i], windows = step->out[0].type.shape.dims[1 + i];
  horn__window(size, slide.window, slide.stride, slide.dilation, slide.padding, &slide.before, &slide.after);
  return (axis){size, windows, slide.window, slide.stride, slide.before};
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

const horn__kernel horn__xnn_MaxPool = {.accepts = horn__xnn_floats, .run = run_max};
const horn__kernel horn__xnn_AvgPool = {.accepts = horn__xnn_floats, .run = run_average};

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
