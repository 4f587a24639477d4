/* MaxPool, MaxPoolWithArgmax and AvgPool over 2 axes, MaxPool3D and AvgPool3D over 3: the largest, the mean of each window; padding is not in
 * a window. Reference: TensorFlow's nn_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

#define ROWS(axes) \
  HORN__INT_N(horn__pool, size, axes, NULL, NULL), HORN__INT_N(horn__pool, strides, axes, NULL, NULL), HORN__PADDING_ROWS(horn__pool, axes)
static const horn__field rows[] = {ROWS(2)}, rows3[] = {ROWS(3)};
static const horn__field argmax_rows[] = {ROWS(2), HORN__BOOL(horn__pool_argmax, include_batch_in_index, NULL, "false")};

/* ---- shape rules --------------------------------------------------------------------------------------------------- */

/* Every window must hold an element: no padding as wide as the window, and no window over an empty image. */
static horn_status check_window(const horn__infer *q, const char *axis, const horn__slide *slide, int32_t size, int32_t windows) {
  if (slide->window < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a %s of 1 or more, got %d", axis, slide->window);
  if (slide->padding == HORN__EXPLICIT && (slide->before >= slide->window || slide->after >= slide->window))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected %s padding smaller than the window of %d, got (%d, %d)", axis, slide->window,
                            slide->before, slide->after);
  if (size == 0 && windows > 0) return horn__infer_fail(q, HORN_E_SHAPE, "the input's %s is 0", axis);
  return HORN_OK;
}

static horn_status pooled_shape(const horn__infer *q, horn__shape *y) {
  const int32_t axes = horn__window_axes(q->op);
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(horn__infer_rank(q, 0, axes + 2));
  *y = q->in[0].shape;
  for (int32_t axis = 0; axis < axes; axis++) {
    const char *name = horn__image_axes[3 - axes + axis];
    const int32_t size = q->in[0].shape.dims[1 + axis];
    const horn__slide slide = horn__pool_slide(q->attributes, axis);
    HORN__TRY(horn__infer_slide(q, name, &slide, size, &y->dims[1 + axis]));
    HORN__TRY(check_window(q, name, &slide, size, y->dims[1 + axis]));
  }
  return HORN_OK;
}

static horn_status pool_infer(horn__infer *q) {
  q->out[0].dtype = HORN_FLOAT32;
  return pooled_shape(q, &q->out[0].shape);
}

/* All inputs but x have the shape of y. */
static horn_status grad_infer(horn__infer *q) {
  horn__shape y;
  HORN__TRY(pooled_shape(q, &y));
  for (int32_t i = 1; i < q->count; i++) {
    HORN__TRY(horn__infer_dtype(q, i, HORN_FLOAT32));
    HORN__TRY(horn__infer_shape(q, i, &y));
  }
  q->out[0] = q->in[0];
  return HORN_OK;
}

/* (x, y, d): like y, of a d like x */
static horn_status grad_grad_infer(horn__infer *q) {
  horn__shape y;
  HORN__TRY(pooled_shape(q, &y));
  HORN__TRY(horn__infer_dtype(q, 1, HORN_FLOAT32));
  HORN__TRY(horn__infer_shape(q, 1, &y));
  HORN__TRY(horn__infer_dtype(q, 2, HORN_FLOAT32));
  HORN__TRY(horn__infer_shape(q, 2, &q->in[0].shape));
  q->out[0] = (horn__type){y, HORN_FLOAT32};
  return HORN_OK;
}

/* ---- gradients ----------------------------------------------------------------------------------------------------- */

/* The ops of two and three axes with their gradients. dx of AvgPool is the transpose of the mean applied to dy. MaxPoolGrad scatters dy to
 * where the maxima are, which MaxPoolGradGrad gathers from: each is the other's gradient, and neither changes with x between ties. */
#define POOLS(Max, Average, rows)                                                                                              \
  static horn_status gradient_##Max(horn__gradient *q) {                                                                       \
    q->din[0] = HORN__EMIT(q->graph, Max##Grad, q->attributes, q->in[0], q->out[0], q->dout[0]);                               \
    return HORN_OK;                                                                                                            \
  }                                                                                                                            \
  static horn_status gradient_##Average(horn__gradient *q) {                                                                   \
    q->din[0] = HORN__EMIT(q->graph, Average##Grad, q->attributes, q->in[0], q->dout[0]);                                      \
    return HORN_OK;                                                                                                            \
  }                                                                                                                            \
  static horn_status gradient_##Max##Grad(horn__gradient *q) {                                                                 \
    q->din[2] = HORN__EMIT(q->graph, Max##GradGrad, q->attributes, q->in[0], q->in[1], q->dout[0]);                            \
    return HORN_OK;                                                                                                            \
  }                                                                                                                            \
  static horn_status gradient_##Max##GradGrad(horn__gradient *q) {                                                             \
    q->din[2] = HORN__EMIT(q->graph, Max##Grad, q->attributes, q->in[0], q->in[1], q->dout[0]);                                \
    return HORN_OK;                                                                                                            \
  }                                                                                                                            \
  static horn_status gradient_##Average##Grad(horn__gradient *q) {                                                             \
    q->din[1] = HORN__EMIT(q->graph, Average, q->attributes, q->dout[0]);                                                      \
    return HORN_OK;                                                                                                            \
  }                                                                                                                            \
  const horn__op horn__op_##Max = {.name = #Max, .id = HORN__OP_##Max, .min_inputs = 1, .max_inputs = 1, .outputs = 1,          \
                                   .attributes = HORN__FIELDS(horn__pool, rows), .infer = pool_infer, .gradient = gradient_##Max}; \
  const horn__op horn__op_##Average = {.name = #Average, .id = HORN__OP_##Average, .min_inputs = 1, .max_inputs = 1,            \
                                       .outputs = 1, .attributes = HORN__FIELDS(horn__pool, rows), .infer = pool_infer,        \
                                       .gradient = gradient_##Average};                                                        \
  const horn__op horn__op_##Max##Grad = {.name = #Max "Grad", .id = HORN__OP_##Max##Grad, .min_inputs = 3, .max_inputs = 3,     \
                                         .outputs = 1, .attributes = HORN__FIELDS(horn__pool, rows), .infer = grad_infer,      \
                                         .gradient = gradient_##Max##Grad};                                                    \
  const horn__op horn__op_##Max##GradGrad = {.name = #Max "GradGrad", .id = HORN__OP_##Max##GradGrad, .min_inputs = 3,         \
                                             .max_inputs = 3, .outputs = 1, .attributes = HORN__FIELDS(horn__pool, rows),      \
                                             .infer = grad_grad_infer, .gradient = gradient_##Max##GradGrad};                  \
  const horn__op horn__op_##Average##Grad = {.name = #Average "Grad", .id = HORN__OP_##Average##Grad, .min_inputs = 2,          \
                                             .max_inputs = 2, .outputs = 1, .shape_only = 1,                                   \
                                             .attributes = HORN__FIELDS(horn__pool, rows), .infer = grad_infer,                \
                                             .gradient = gradient_##Average##Grad};

POOLS(MaxPool, AvgPool, rows)
POOLS(MaxPool3D, AvgPool3D, rows3)

static horn_status argmax_infer(horn__infer *q) {
  HORN__TRY(pool_infer(q));
  q->out[1] = (horn__type){q->out[0].shape, HORN_INT32};
  if (horn__shape_span(&q->in[0].shape, 0, 4) <= INT32_MAX) return HORN_OK;
  return horn__infer_fail(q, HORN_E_LIMIT, "more elements than int32 can count");
}

static horn_status argmax_gradient(horn__gradient *q) {
  const horn__pool *pool = &((const horn__pool_argmax *)q->attributes)->pool;
  q->din[0] = HORN__EMIT(q->graph, MaxPoolGrad, pool, q->in[0], q->out[0], q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_MaxPoolWithArgmax = {
    .name = "MaxPoolWithArgmax", .id = HORN__OP_MaxPoolWithArgmax, .min_inputs = 1, .max_inputs = 1, .outputs = 2,
    .attributes = HORN__FIELDS(horn__pool_argmax, argmax_rows), .infer = argmax_infer, .gradient = argmax_gradient};
