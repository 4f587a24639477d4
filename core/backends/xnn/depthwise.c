/* DepthwiseConv2dNative: XNNPACK's convolution with a group a channel, and, for one filter a channel, a kernel of our own. */
#include "backends/xnn/conv.h"

/* ---- XNNPACK's ----------------------------------------------------------------------------------------------------------- */

static bool can_activate(const horn__step *step) {
  return horn__xnn_floats(step) && horn__xnn_activates(((const horn__conv *)step->attributes)->activation);
}

static bool operator_accepts(const horn__step *step) {
  return can_activate(step) && horn__xnn_constant(step, 1) != NULL && horn__conv_fits(step);
}

static horn_status prepare(horn__step *step) { return horn__conv_prepare(step, (size_t)step->in[0].type.shape.dims[3]); }

/* ---- our own ------------------------------------------------------------------------------------------------------------- */

static bool own_accepts(const horn__step *step) { return can_activate(step) && step->in[1].type.shape.dims[3] == 1; }

typedef struct work {
  horn__depthwise row;
  const horn__step *step;
  horn__slide height;
  int32_t activation; /* still to apply, a row at a time, while it is in the cache */
} work;

/* Rows of y, those of all images one after the other. */
static void run_rows(void *context, size_t start, size_t count) {
  const work *w = context;
  const horn__step *step = w->step;
  const int32_t *x = step->in[0].type.shape.dims, *y = step->out[0].type.shape.dims;
  const size_t width = (size_t)x[2] * w->row.channels, out = (size_t)y[2] * w->row.channels;
  for (size_t i = start; i < start + count; i++) {
    const int64_t image = (int64_t)i / y[1], first = (int64_t)i % y[1] * w->height.stride - w->height.before;
    const int64_t skipped = first < 0 ? (-first + w->height.dilation - 1) / w->height.dilation : 0;
    int64_t last = first < x[1] ? (x[1] - first + w->height.dilation - 1) / w->height.dilation : 0;
    last = last > w->height.window ? w->height.window : last;
    const int64_t rows = last > skipped ? last - skipped : 0, row = rows == 0 ? 0 : first + skipped * w->height.dilation;
    float *to = (float *)step->out[0].data + i * out;
    horn__isa_of(step)->depthwise_row(&w->row, (const float *)step->in[0].data + (size_t)(image * x[1] + row) * width,
                                      (const float *)step->in[1].data + (rows == 0 ? 0 : (size_t)skipped * w->row.columns * w->row.channels),
                                      (size_t)rows, to);
    horn__xnn_activate(step, w->activation, to, out);
  }
}

static horn_status run(const horn__step *step) {
  const horn__conv *a = step->attributes;
  const int32_t *x = step->in[0].type.shape.dims, *filter = step->in[1].type.shape.dims, *y = step->out[0].type.shape.dims;
  horn__slide height = horn__conv_slide(a, filter[0], 0), width = horn__conv_slide(a, filter[1], 1);
  horn__window(x[1], height.window, height.stride, height.dilation, height.padding, &height.before, &height.after);
  horn__window(x[2], width.window, width.stride, width.dilation, width.padding, &width.before, &width.after);
  work w = {.step = step, .height = height};
  w.row = (horn__depthwise){.channels = (size_t)x[3], .width = (size_t)x[2], .pixels = (size_t)y[2], .columns = (size_t)filter[1],
                            .dilation = (size_t)width.dilation, .stride = (size_t)width.stride, .before = (size_t)width.before,
                            .row_step = (size_t)height.dilation * (size_t)x[2] * (size_t)x[3],
                            .bias = horn__xnn_has(step, 2) ? step->in[2].data : NULL};
  horn__xnn_clamp(a->activation, &w.row.low, &w.row.high, &w.activation);
  const double cost = 2.0 * filter[0] * filter[1] + 8;
  horn__xnn_parallel(step, (size_t)y[0] * (size_t)y[1], (double)y[2] * y[3] * cost, run_rows, &w);
  return HORN_OK;
}

/* ---- which ----------------------------------------------------------------------------------------------------------------- */

/* Ours takes the pixels of a row in groups: an image one pixel wide has none. */
static bool is_faster(const horn__step *step) { return step->out[0].type.shape.dims[2] == 1; }

const horn__pair horn__xnn_DepthwiseConv2dNative = {
    .operator = {.accepts = operator_accepts, .prepare = prepare, .run = horn__conv_run, .finish = horn__operator_finish},
    .own = {.accepts = own_accepts, .run = run},
    .is_faster = is_faster};
