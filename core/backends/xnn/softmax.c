/* Softmax over the last axis by XNNPACK; LogSoftmax, which it has not, a row at a time by a kernel of our own. */
#include "backends/xnn/xnn.h"

static size_t columns_of(const horn__step *step) {
  const horn__shape *x = &step->in[0].type.shape;
  return (size_t)x->dims[x->rank - 1];
}

static const double cost = 40; /* operations an element */

static horn_status prepare(horn__step *step) {
  const size_t columns = columns_of(step);
  HORN__TRY(horn__xnn_state(step, sizeof(horn__operator)));
  horn__operator *o = step->state;
  o->pool = horn__xnn_pool(step, cost * (double)horn__size_of(&step->in[0]));
  HORN__XNN_TRY(step, xnn_create_softmax_nc_f32(0, &o->handle));
  return horn__xnn_status(step, xnn_reshape_softmax_nc_f32(o->handle, columns, columns, columns, horn__size_of(&step->in[0]) / columns, o->pool));
}

static horn_status run_softmax(const horn__step *step) {
  const horn__operator *o = step->state;
  HORN__XNN_TRY(step, xnn_setup_softmax_nc_f32(o->handle, step->in[0].data, step->out[0].data));
  return horn__xnn_status(step, xnn_run_operator(o->handle, o->pool));
}

const horn__kernel horn__xnn_Softmax = {
    .accepts = horn__xnn_floats, .prepare = prepare, .run = run_softmax, .finish = horn__operator_finish};

/* ---- LogSoftmax -------------------------------------------------------------------------------------- */

typedef struct rows {
  const horn__isa *isa;
  const float *x;
  float *y;
  size_t columns;
} rows;

static void run_rows(void *context, size_t start, size_t count) {
  const rows *r = context;
  for (size_t i = start; i < start + count; i++) r->isa->log_softmax(r->x + i * r->columns, r->y + i * r->columns, r->columns);
}

static horn_status run_log_softmax(const horn__step *step) {
  const double call = 100; /* operations a row */
  rows r = {horn__isa_of(step), step->in[0].data, step->out[0].data, columns_of(step)};
  horn__xnn_parallel(step, horn__size_of(&step->in[0]) / r.columns, call + cost * (double)r.columns, run_rows, &r);
  return HORN_OK;
}

const horn__kernel horn__xnn_LogSoftmax = {.accepts = horn__xnn_floats, .run = run_log_softmax};
