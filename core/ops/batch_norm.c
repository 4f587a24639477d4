/* FusedBatchNorm: y = (x - mean) gamma / sqrt(variance + epsilon) + beta over the last axis, with mean and variance given. Reference: Ioffe
 * and Szegedy, Batch Normalization (2015), algorithm 2; TensorFlow.js's FusedBatchNorm. */
#include <math.h>

#include "ops/attributes.h"
#include "ops/emit.h"

enum { X, GAMMA, BETA, MEAN, VARIANCE };

static const horn__field rows[] = {HORN__FLOAT(horn__batch_norm, epsilon, "variance_epsilon", "0.001")};

static horn_status infer(horn__infer *q) {
  const horn__batch_norm *a = q->attributes;
  const horn__type *x = &q->in[X];
  HORN__TRY(horn__infer_dtype(q, X, HORN_FLOAT32));
  if (x->shape.rank < 1) return horn__infer_fail(q, HORN_E_SHAPE, "expected an input of rank 1 or more, got a scalar");
  if (!horn__infer_has(q, MEAN) || !horn__infer_has(q, VARIANCE))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "mean and variance are missing");
  if (!isfinite(a->epsilon) || a->epsilon < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "epsilon is %g", a->epsilon);
  int32_t channels = x->shape.dims[x->shape.rank - 1];
  for (int32_t i = GAMMA; i <= VARIANCE; i++) {
    if (!horn__infer_has(q, i)) continue;
    HORN__TRY(horn__infer_dtype(q, i, HORN_FLOAT32));
    HORN__TRY(horn__infer_rank(q, i, 1));
    HORN__TRY(horn__infer_dim(q, i, 0, &channels));
  }
  q->out[0] = *x;
  q->out[0].shape.dims[x->shape.rank - 1] = channels;
  return HORN_OK;
}

static horn_status gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__batch_norm *a = q->attributes;
  const horn__value dy = q->dout[0], mean = q->in[MEAN], gamma = q->in[GAMMA], beta = q->in[BETA];
  const horn__value variance = horn__shift(g, q->in[VARIANCE], a->epsilon);
  const horn__value deviation = HORN__EMIT(g, Sqrt, NULL, variance), centered = horn__sub(g, q->in[X], mean);
  /* dx = dy gamma / deviation */
  const horn__value scaled = gamma < 0 ? dy : horn__mul(g, dy, gamma);
  const horn__value dx = horn__div(g, scaled, deviation);
  q->din[X] = dx;
  /* dgamma = sum of dy (x - mean) / deviation, dbeta = sum of dy */
  if (gamma >= 0) q->din[GAMMA] = horn__div(g, HORN__EMIT(g, SumLike, NULL, horn__mul(g, dy, centered), gamma), deviation);
  if (beta >= 0) q->din[BETA] = HORN__EMIT(g, SumLike, NULL, dy, beta);
  /* dmean = -sum of dx, dvariance = -sum of dx (x - mean) / (2 variance) */
  q->din[MEAN] = horn__neg(g, HORN__EMIT(g, SumLike, NULL, dx, mean));
  q->din[VARIANCE] = horn__div(g, HORN__EMIT(g, SumLike, NULL, horn__mul(g, dx, centered), mean), horn__scale(g, variance, -2));
  return HORN_OK;
}

/* gamma and beta stand before mean and variance, so that only x is always there to count on. */
const horn__op horn__op_FusedBatchNorm = {
    .name = "FusedBatchNorm", .id = HORN__OP_FusedBatchNorm, .min_inputs = 1, .max_inputs = 5, .outputs = 1,
    .attributes = HORN__FIELDS(horn__batch_norm, rows), .infer = infer, .gradient = gradient};
