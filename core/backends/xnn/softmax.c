/* Softmax and LogSoftmax over the last axis, a row at a time. */
#include "backends/xnn/xnn.h"

typedef void row_function(const float *x, float *y, size_t n);

typedef struct rows {
  row_function *function;
  const float *x;
  float *y;
  size_t columns;
} rows;

static void run_rows(void *context, size_t start, size_t count) {
  const rows *r = context;
  for (size_t i = start; i < start + count; i++) r->function(r->x + i * r->columns, r->y + i * r->columns, r->columns);
}

static horn_status run(const horn__step *step, row_function *function) {
  const double cost = 40, call = 100; /* operations an element, a row */
  const horn__shape *shape = &step->in[0].type.shape;
  rows r = {function, step->in[0].data, step->out[0].data, (size_t)shape->dims[shape->rank - 1]};
  horn__xnn_parallel(step, horn__shape_size(shape) / r.columns, call + cost * (double)r.columns, run_rows, &r);
  return HORN_OK;
}

static horn_status run_softmax(const horn__step *step) { return run(step, horn__isa_of(step)->softmax); }
static horn_status run_log_softmax(const horn__step *step) { return run(step, horn__isa_of(step)->log_softmax); }

const horn__kernel horn__xnn_Softmax = {.accepts = horn__xnn_floats, .run = run_softmax};
const horn__kernel horn__xnn_LogSoftmax = {.accepts = horn__xnn_floats, .run = run_log_softmax};
