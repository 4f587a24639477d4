/* MaxPool and AvgPool: kernels of our own, which hold the channels of a window in registers. Windows are cut at the edges of the image, so
 * that padding counts for nothing. */
#include "backends/xnn/xnn.h"

typedef void window_function(const float *x, size_t rows, size_t row_step, size_t columns, size_t column_step, float *y, size_t channels);

/* One axis of the image: where window i starts and ends. */
typedef struct axis {
  int32_t size, window, stride, before;
} axis;

typedef struct pool {
  const horn__isa *isa;
  window_function *function;
  bool mean;
  axis height, width;
  size_t channels;
  const float *x;
  float *y;
  size_t rows, columns; /* of y */
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
  for (size_t row = start; row < start + count; row++) {
    const float *image = p->x + row / p->rows * (size_t)p->height.size * (size_t)p->width.size * p->channels;
    size_t first, rows;
    cut(&p->height, row % p->rows, &first, &rows);
    for (size_t column = 0; column < p->columns; column++)
      run_pixel(p, image + first * (size_t)p->width.size * p->channels, rows, column, p->y + (row * p->columns + column) * p->channels);
  }
}

static axis axis_of(const horn__step *step, int32_t i) {
  horn__slide slide = horn__pool_slide(step->attributes, i);
  const int32_t size = step->in[0].type.shape.dims[1 + i];
  horn__window(size, slide.window, slide.stride, slide.dilation, slide.padding, &slide.before, &slide.after);
  return (axis){size, slide.window, slide.stride, slide.before};
}

static horn_status run(const horn__step *step, window_function *function, bool mean) {
  const int32_t *y = step->out[0].type.shape.dims;
  pool p = {.isa = horn__isa_of(step), .function = function, .mean = mean, .height = axis_of(step, 0), .width = axis_of(step, 1),
            .channels = (size_t)y[3], .x = step->in[0].data, .y = step->out[0].data, .rows = (size_t)y[1], .columns = (size_t)y[2]};
  const double call = 60, pixel = (double)p.height.window * (double)p.width.window * (double)y[3] * 4; /* operations */
  horn__xnn_parallel(step, (size_t)y[0] * p.rows, (double)p.columns * (call + pixel), run_rows, &p);
  return HORN_OK;
}

static horn_status run_max(const horn__step *step) { return run(step, horn__isa_of(step)->window_max, false); }
static horn_status run_average(const horn__step *step) { return run(step, horn__isa_of(step)->window_sum, true); }

const horn__kernel horn__xnn_MaxPool = {.accepts = horn__xnn_floats, .run = run_max};
const horn__kernel horn__xnn_AvgPool = {.accepts = horn__xnn_floats, .run = run_average};
