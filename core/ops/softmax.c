/* Softmax and LogSoftmax over the last axis. Reference: TensorFlow's nn_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static horn_status infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  if (q->in[0].shape.rank < 1) return horn__infer_fail(q, HORN_E_SHAPE, "expected an input of rank 1 or more, got a scalar");
  q->out[0] = q->in[0];
  return HORN_OK;
}

static horn__value sum_last(horn__graph *g, horn__value x) {
  const horn__reduce last = {{1, {-1}}, true};
  return HORN__EMIT(g, Sum, &last, x);
}

/* dx = y (dy - sum(dy y)) */
static horn_status softmax_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__value y = q->out[0], dy = q->dout[0];
  q->din[0] = horn__mul(g, y, horn__sub(g, dy, sum_last(g, horn__mul(g, dy, y))));
  return HORN_OK;
}

/* dx = dy - exp(y) sum(dy) */
static horn_status log_softmax_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__value dy = q->dout[0];
  q->din[0] = horn__sub(g, dy, horn__mul(g, HORN__EMIT(g, Exp, NULL, q->out[0]), sum_last(g, dy)));
  return HORN_OK;
}

const horn__op horn__op_Softmax = {
    .name = "Softmax", .id = HORN__OP_Softmax, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__ELEMENTWISE,
    .attributes = HORN__NO_FIELDS, .infer = infer, .gradient = softmax_gradient};

const horn__op horn__op_LogSoftmax = {
    .name = "LogSoftmax", .id = HORN__OP_LogSoftmax, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__ELEMENTWISE,
    .attributes = HORN__NO_FIELDS, .infer = infer, .gradient = log_softmax_gradient};
