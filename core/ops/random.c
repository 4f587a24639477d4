/* Random ops without state: the same seed, salt and shape give the same numbers on every backend, however many threads run. So a gradient
 * draws again what its forward op drew. Reference: TensorFlow's stateless_random_ops. */
#include <math.h>

#include "ops/attributes.h"
#include "ops/emit.h"

#define DRAW_ROWS(T) HORN__INT(T, salt, NULL, "0"), HORN__INTS(T, shape, NULL, "null")

static horn_status check_seed(const horn__infer *q, int32_t i) {
  int32_t two = 2;
  HORN__TRY(horn__infer_dtype(q, i, HORN_INT32));
  HORN__TRY(horn__infer_rank(q, i, 1));
  return horn__infer_dim(q, i, 0, &two);
}

/* The shape of a draw: from its attribute, with what is -1 there from `like`. */
static horn_status draw_infer(horn__infer *q, horn_dtype dtype) {
  const horn__draw *a = q->attributes;
  const horn__shape *like = horn__infer_has(q, 1) ? &q->in[1].shape : NULL;
  HORN__TRY(check_seed(q, 0));
  if (a->shape.count < 0 && like == NULL) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a shape");
  if (a->shape.count > HORN_MAX_RANK)
    return horn__infer_fail(q, HORN_E_LIMIT, "expected a shape of at most %d dimensions, got %d", HORN_MAX_RANK, a->shape.count);
  horn__shape y = a->shape.count < 0 ? *like : horn__shape_of(a->shape.count, a->shape.values);
  for (int32_t i = 0; i < y.rank && a->shape.count >= 0; i++) {
    if (y.dims[i] < -1 || (y.dims[i] == -1 && (like == NULL || i >= like->rank)))
      return horn__infer_fail(q, HORN_E_SHAPE, "dimension %d of the shape is %d", i, y.dims[i]);
    if (y.dims[i] == -1) y.dims[i] = like->dims[i];
  }
  q->out[0] = (horn__type){y, dtype};
  return HORN_OK;
}

/* ---- draws -------------------------------------------------------------------------------------------------------- */

static const horn__field uniform_rows[] = {
    DRAW_ROWS(horn__random_uniform),
    HORN__FLOAT(horn__random_uniform, minval, NULL, "0"),
    HORN__FLOAT(horn__random_uniform, maxval, NULL, "1"),
};
static const horn__field int_rows[] = {
    DRAW_ROWS(horn__random_int),
    HORN__INT(horn__random_int, minval, NULL, NULL),
    HORN__INT(horn__random_int, maxval, NULL, NULL),
};
static const horn__field normal_rows[] = {
    DRAW_ROWS(horn__random_normal),
    HORN__FLOAT(horn__random_normal, mean, NULL, "0"),
    HORN__FLOAT(horn__random_normal, stddev, "stdDev", "1"),
};
static const horn__field gamma_rows[] = {
    DRAW_ROWS(horn__random_gamma),
    HORN__FLOAT(horn__random_gamma, alpha, NULL, NULL),
    HORN__FLOAT(horn__random_gamma, beta, NULL, "1"),
};

static horn_status float_infer(horn__infer *q) { return draw_infer(q, HORN_FLOAT32); }

static horn_status int_infer(horn__infer *q) {
  const horn__random_int *a = q->attributes;
  if (a->minval >= a->maxval)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a minval below maxval, got %d and %d", a->minval, a->maxval);
  return draw_infer(q, HORN_INT32);
}

static horn_status gamma_infer(horn__infer *q) {
  const horn__random_gamma *a = q->attributes;
  if (!(a->alpha > 0) || !(a->beta > 0) || isinf(a->alpha) || isinf(a->beta))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected alpha and beta above 0, got %g and %g", a->alpha, a->beta);
  return draw_infer(q, HORN_FLOAT32);
}

#define DRAW(Name, T, rows, rule)                                                                                                      \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 2, .outputs = 1,              \
                                    .flags = HORN__NOT_DIFFERENTIABLE, .shape_only = 2, .attributes = HORN__FIELDS(T, rows), .infer = rule}

DRAW(RandomUniform, horn__random_uniform, uniform_rows, float_infer);
DRAW(RandomUniformInt, horn__random_int, int_rows, int_infer);
DRAW(RandomStandardNormal, horn__random_normal, normal_rows, float_infer);
DRAW(TruncatedNormal, horn__random_normal, normal_rows, float_infer);
DRAW(RandomGamma, horn__random_gamma, gamma_rows, gamma_infer);

/* ---- Multinomial --------------------------------------------------------------------------------------------------- */

static const horn__field multinomial_rows[] = {
    HORN__INT(horn__multinomial, salt, NULL, "0"),
    HORN__INT(horn__multinomial, num_samples, NULL, NULL),
    HORN__BOOL(horn__multinomial, normalized, NULL, "false"),
};

static horn_status multinomial_infer(horn__infer *q) {
  const horn__multinomial *a = q->attributes;
  HORN__TRY(check_seed(q, 0));
  HORN__TRY(horn__infer_dtype(q, 1, HORN_FLOAT32));
  HORN__TRY(horn__infer_rank(q, 1, 2));
  if (a->num_samples < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected num_samples of 0 or more, got %d", a->num_samples);
  if (q->in[1].shape.dims[1] == 0) return horn__infer_fail(q, HORN_E_SHAPE, "there are no classes to draw from");
  q->out[0] = (horn__type){horn__shape_of(2, (const int32_t[]){q->in[1].shape.dims[0], a->num_samples}), HORN_INT32};
  return HORN_OK;
}

const horn__op horn__op_Multinomial = {
    .name = "Multinomial", .id = HORN__OP_Multinomial, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__NOT_DIFFERENTIABLE,
    .attributes = HORN__FIELDS(horn__multinomial, multinomial_rows), .infer = multinomial_infer};

/* ---- Dropout -------------------------------------------------------------------------------------------------------- */

static const horn__field dropout_rows[] = {
    HORN__INT(horn__dropout_rate, salt, NULL, "0"),
    HORN__INTS(horn__dropout_rate, noise_shape, NULL, "null"),
    HORN__FLOAT(horn__dropout_rate, rate, NULL, NULL),
};

static horn_status check_noise_shape(const horn__infer *q, const horn__ints *noise) {
  if (noise->count < 0) return HORN_OK;
  if (noise->count != q->in[0].shape.rank)
    return horn__infer_fail(q, HORN_E_SHAPE, "expected a noise_shape of %d dimensions, got %d", q->in[0].shape.rank, noise->count);
  for (int32_t i = 0; i < noise->count; i++)
    if (noise->values[i] != 1 && noise->values[i] != -1)
      return horn__infer_fail(q, HORN_E_SHAPE, "dimension %d of noise_shape is %d, expected 1 or -1", i, noise->values[i]);
  return HORN_OK;
}

static horn_status dropout_infer(horn__infer *q) {
  const horn__dropout_rate *a = q->attributes;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(check_seed(q, 1));
  HORN__TRY(check_noise_shape(q, &a->noise_shape));
  if (!(a->rate >= 0 && a->rate < 1)) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "rate must be in [0, 1), got %g", a->rate);
  q->out[0] = q->in[0];
  return HORN_OK;
}

/* Linear in x: the same elements pass, with the same factor. */
static horn_status dropout_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, Dropout, q->attributes, q->dout[0], q->in[1]);
  return HORN_OK;
}

const horn__op horn__op_Dropout = {
    .name = "Dropout", .id = HORN__OP_Dropout, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__ELEMENTWISE,
    .attributes = HORN__FIELDS(horn__dropout_rate, dropout_rows), .infer = dropout_infer, .gradient = dropout_gradient};
