/* LRN: y = x / (bias + alpha sum of x^2 over the channels up to depth_radius away)^beta.
 * Reference: TensorFlow's nn_ops; Krizhevsky, Sutskever and Hinton, ImageNet Classification (2012), 3.3. */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field rows[] = {HORN__INT(horn__lrn, depth_radius, NULL, "5"), HORN__FLOAT(horn__lrn, bias, NULL, "1"),
                                   HORN__FLOAT(horn__lrn, alpha, NULL, "1"), HORN__FLOAT(horn__lrn, beta, NULL, "0.5")};

static horn_status infer(horn__infer *q) {
  const horn__lrn *a = q->attributes;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(horn__infer_rank(q, 0, 4));
  if (a->depth_radius < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a depth_radius of 0 or more, got %d", a->depth_radius);
  q->out[0] = q->in[0];
  return HORN_OK;
}

/* The sum over the channels up to radius away: a convolution with ones along the channels, as the last axis of a volume. */
static horn__value sum_around(horn__graph *graph, horn__value x, int32_t radius) {
  static const horn__axes last = {{1, {4}}};
  static const horn__conv attributes = {.strides = {1, 1, 1}, .dilations = {1, 1, 1}, .padding = HORN__SAME};
  const horn__reshape window = {.shape = {5, {1, 1, 2 * radius + 1, 1, 1}}};
  horn__value ones = horn__graph_scalar(graph, 1);
  ones = HORN__EMIT(graph, BroadcastTo, &window, ones);
  x = HORN__EMIT(graph, ExpandDims, &last, x);
  x = HORN__EMIT(graph, Conv3D, &attributes, x, ones);
  return HORN__EMIT(graph, Squeeze, &last, x);
}

/* With n = bias + alpha sum x^2: dx = dy n^-beta - 2 alpha beta x sum(dy x n^(-beta - 1)); the sums are over the same channels. */
static horn_status gradient(horn__gradient *q) {
  enum { MOST = 1 << 20 };
  const horn__lrn *a = q->attributes;
  horn__graph *g = q->graph;
  const horn__value x = q->in[0], dy = q->dout[0];
  const int32_t channels = horn__type_of(g, x)->shape.dims[3];
  const int32_t radius = channels > 0 && a->depth_radius >= channels ? channels - 1 : a->depth_radius;
  if (radius > MOST) return horn__fail(g->ctx, HORN_E_LIMIT, "LRN: the gradient with a depth_radius of %d needs a known number of channels", radius);
  horn__value n = horn__shift(g, horn__scale(g, sum_around(g, horn__square(g, x), radius), a->alpha), a->bias);
  horn__value power = HORN__EMIT(g, Pow, NULL, n, horn__graph_scalar(g, -a->beta));
  horn__value direct = horn__mul(g, dy, power);
  horn__value around = sum_around(g, horn__div(g, horn__mul(g, direct, x), n), radius);
  q->din[0] = horn__sub(g, direct, horn__scale(g, horn__mul(g, x, around), 2 * a->alpha * a->beta));
  return HORN_OK;
}

const horn__op horn__op_LRN = {
    .name = "LRN", .id = HORN__OP_LRN, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .attributes = HORN__FIELDS(horn__lrn, rows), .infer = infer, .gradient = gradient};
