/* MaxPoolGrad and AvgPoolGrad: dy goes to where the maximum of its window is, or to all pixels of it. Channels of a window are looked through side
 * by side; images are shared out among the threads. */
#include <string.h>

#include "backends/ref/sliding.h"
#include "backends/xnn/xnn.h"

enum { BLOCK = 64 /* channels */ };

typedef struct work {
  const horn__isa *isa;
  horn__line height, width;
  size_t channels, pixels, places; /* pixels of an image, of dy */
  const float *x, *dy; /* x NULL: a mean asks for its shape alone */
  float *dx;
} work;

/* The pixels of one window, padding cut off. */
typedef struct window {
  size_t top, left, rows, columns;
} window;

static void cut(const horn__line *line, int32_t i, size_t *first, size_t *count) {
  const int64_t start = (int64_t)i * line->stride - line->before, end = start + line->taps;
  *first = (size_t)(start < 0 ? 0 : start);
  *count = (size_t)(end > line->size ? line->size : end) - *first;
}

/* The first of the largest elements of each channel as its pixel; NaN counts as larger than all. x: the first of the window's, of some channels. */
static void find_largest(const work *w, const window *in, const float *x, size_t count, int32_t *where) {
  float best[BLOCK];
  memcpy(best, x, count * sizeof *best);
  memset(where, 0, count * sizeof *where);
  for (size_t row = 0; row < in->rows; row++)
    for (size_t column = 0; column < in->columns; column++) {
      const int32_t pixel = (int32_t)(row * (size_t)w->width.size + column);
      if (pixel != 0) w->isa->keep_larger(x + (size_t)pixel * w->channels, pixel, best, where, count);
    }
}

static void max_window(const work *w, const window *in, const float *x, const float *dy, float *dx) {
  for (size_t from = 0; from < w->channels; from += BLOCK) {
    const size_t count = w->channels - from < BLOCK ? w->channels - from : BLOCK;
    int32_t where[BLOCK];
    find_largest(w, in, x + from, count, where);
    for (size_t c = 0; c < count; c++) dx[(size_t)where[c] * w->channels + from + c] += dy[from + c];
  }
}

static void mean_window(const work *w, const window *in, const float *x, const float *dy, float *dx) {
  (void)x;
  const float share = 1.0f / (float)(in->rows * in->columns);
  for (size_t row = 0; row < in->rows; row++)
    for (size_t column = 0; column < in->columns; column++) {
      float *at = dx + (row * (size_t)w->width.size + column) * w->channels;
      for (size_t c = 0; c < w->channels; c++) at[c] += dy[c] * share;
    }
}

typedef void window_function(const work *w, const window *in, const float *x, const float *dy, float *dx);

static inline void each_window(const work *w, size_t image, window_function *visit) {
  const float *x = w->x == NULL ? NULL : w->x + image * w->pixels * w->channels, *dy = w->dy + image * w->places * w->channels;
  float *dx = w->dx + image * w->pixels * w->channels;
  window in;
  memset(dx, 0, w->pixels * w->channels * sizeof *dx);
  for (int32_t i = 0; i < w->height.windows; i++) {
    cut(&w->height, i, &in.top, &in.rows);
    for (int32_t j = 0; j < w->width.windows; j++, dy += w->channels) {
      cut(&w->width, j, &in.left, &in.columns);
      const size_t first = (in.top * (size_t)w->width.size + in.left) * w->channels;
      visit(w, &in, x == NULL ? NULL : x + first, dy, dx + first);
    }
  }
}

static void max_images(void *context, size_t start, size_t count) {
  for (size_t n = start; n < start + count; n++) each_window(context, n, max_window);
}

static void mean_images(void *context, size_t start, size_t count) {
  for (size_t n = start; n < start + count; n++) each_window(context, n, mean_window);
}

static bool accepts(const horn__step *step) {
  const horn__shape *x = &step->in[0].type.shape;
  return horn__size_of(&step->out[0]) != 0 && (double)x->dims[1] * (double)x->dims[2] < (double)INT32_MAX;
}

static horn_status run(const horn__step *step, int32_t dy, pthreadpool_task_1d_tile_1d_t task) {
  const horn__shape *x = &step->in[0].type.shape;
  const horn__slide height = horn__pool_slide(step->attributes, 0), width = horn__pool_slide(step->attributes, 1);
  work w = {.isa = horn__isa_of(step), .height = horn__line_of(&height, x->dims[1]), .width = horn__line_of(&width, x->dims[2]),
            .channels = (size_t)x->dims[3],
            .pixels = (size_t)x->dims[1] * (size_t)x->dims[2], .x = step->in[0].data, .dy = step->in[dy].data, .dx = step->out[0].data};
  w.places = (size_t)w.height.windows * (size_t)w.width.windows;
  const double cost = (double)w.places * (double)w.channels * (4.0 * (double)w.height.taps * (double)w.width.taps + 8);
  horn__xnn_parallel(step, (size_t)x->dims[0], cost, task, &w);
  return HORN_OK;
}

static horn_status max_grad(const horn__step *step) { return run(step, 2, max_images); }
static horn_status mean_grad(const horn__step *step) { return run(step, 1, mean_images); }

const horn__kernel horn__xnn_MaxPoolGrad = {.accepts = accepts, .run = max_grad};
const horn__kernel horn__xnn_AvgPoolGrad = {.accepts = accepts, .run = mean_grad};
