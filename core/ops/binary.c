/* Element-wise ops of two broadcast inputs. Both have one dtype (callers cast). Reference: TensorFlow's math_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

horn__value horn__mask(horn__graph *g, horn__value a, horn__value condition) {
  const horn__type *type = horn__type_of(g, a);
  return horn__select(g, condition, a, horn__graph_scalar_of(g, 0, type == NULL ? HORN_FLOAT32 : type->dtype));
}

horn__value horn__above(horn__graph *g, horn__value a, double number) {
  const horn__type *type = horn__type_of(g, a);
  return HORN__EMIT(g, Greater, NULL, a, horn__graph_scalar_of(g, number, type == NULL ? HORN_FLOAT32 : type->dtype));
}

static horn_status number_infer(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  HORN__TRY(horn__infer_dtype(q, 1, q->in[0].dtype));
  q->out[0].dtype = q->in[0].dtype;
  return horn__infer_broadcast(q, &q->in[0].shape, &q->in[1].shape, &q->out[0].shape);
}

static horn_status float_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  return number_infer(q);
}

/* int32 for float32 inputs too, as TensorFlow.js has it */
static horn_status floor_div_infer(horn__infer *q) {
  HORN__TRY(number_infer(q));
  q->out[0].dtype = HORN_INT32;
  return HORN_OK;
}

#define OP(Name, infer_rule, gradient_rule)                                                                             \
  const horn__op horn__op_##Name = {                                                                                    \
      .name = #Name, .id = HORN__OP_##Name, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__ELEMENTWISE, \
      .attributes = HORN__NO_FIELDS, .infer = infer_rule, .gradient = gradient_rule};

/* BINARY(Name, infer, da, db): the gradients before the sums over broadcast axes, as expressions of g, a, b, y and dy. */
#define BINARY(Name, infer_rule, da, db)                                             \
  static horn_status gradient_##Name(horn__gradient *q) {                            \
    horn__graph *g = q->graph;                                                       \
    const horn__value a = q->in[0], b = q->in[1], y = q->out[0], dy = q->dout[0];    \
    (void)y;                                                                         \
    q->din[0] = HORN__EMIT(g, SumLike, NULL, da, a);                                 \
    q->din[1] = HORN__EMIT(g, SumLike, NULL, db, b);                                 \
    return HORN_OK;                                                                  \
  }                                                                                  \
  OP(Name, infer_rule, gradient_##Name)

/* b a^(b - 1) */
static horn__value power_slope(horn__graph *g, horn__value a, horn__value b) {
  return horn__mul(g, b, HORN__EMIT(g, Pow, NULL, a, horn__shift(g, b, -1)));
}

/* log(a), zero where it has none: there y does not depend on b in real numbers */
static horn__value safe_log(horn__graph *g, horn__value a) { return horn__mask(g, HORN__EMIT(g, Log, NULL, a), horn__above(g, a, 0)); }

static horn__value floor_of(horn__graph *g, horn__value x) { return HORN__EMIT(g, Floor, NULL, x); }

static horn__value norm2(horn__graph *g, horn__value a, horn__value b) { return horn__add(g, horn__square(g, a), horn__square(g, b)); }

BINARY(Add, number_infer, dy, dy)
BINARY(Sub, number_infer, dy, horn__neg(g, dy))
BINARY(Multiply, number_infer, horn__mul(g, dy, b), horn__mul(g, dy, a))
BINARY(RealDiv, number_infer, horn__div(g, dy, b), horn__neg(g, horn__div(g, horn__mul(g, dy, y), b)))
BINARY(Mod, number_infer, dy, horn__neg(g, horn__mul(g, dy, floor_of(g, horn__div(g, a, b)))))
BINARY(Pow, number_infer, horn__mul(g, dy, power_slope(g, a, b)), horn__mul(g, dy, horn__mul(g, y, safe_log(g, a))))
BINARY(SquaredDifference, number_infer, horn__mul(g, dy, horn__scale(g, horn__sub(g, a, b), 2)),
       horn__mul(g, dy, horn__scale(g, horn__sub(g, b, a), 2)))
BINARY(Atan2, float_infer, horn__mul(g, dy, horn__div(g, b, norm2(g, a, b))),
       horn__neg(g, horn__mul(g, dy, horn__div(g, a, norm2(g, a, b)))))
/* Prelu(x, alpha) */
BINARY(Prelu, float_infer, horn__select(g, horn__above(g, a, 0), dy, horn__mul(g, dy, b)),
       horn__select(g, horn__above(g, a, 0), horn__graph_scalar(g, 0), horn__mul(g, dy, a)))
/* where both are equal the first one has the gradient */
BINARY(Maximum, number_infer, horn__mask(g, dy, HORN__EMIT(g, GreaterEqual, NULL, a, b)),
       horn__mask(g, dy, HORN__EMIT(g, Less, NULL, a, b)))
BINARY(Minimum, number_infer, horn__mask(g, dy, HORN__EMIT(g, LessEqual, NULL, a, b)),
       horn__mask(g, dy, HORN__EMIT(g, Greater, NULL, a, b)))

/* Its result has steps; the gradient is that of the quotient, as TensorFlow.js has it. */
static horn_status floor_div_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__value a = q->in[0], b = q->in[1], dy = q->dout[0];
  if (horn__type_of(g, a)->dtype != HORN_FLOAT32) return HORN_OK;
  q->din[0] = HORN__EMIT(g, SumLike, NULL, horn__div(g, dy, b), a);
  q->din[1] = HORN__EMIT(g, SumLike, NULL, horn__neg(g, horn__div(g, horn__mul(g, dy, a), horn__square(g, b))), b);
  return HORN_OK;
}

const horn__op horn__op_FloorDiv = {
    .name = "FloorDiv", .id = HORN__OP_FloorDiv, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
    .flags = HORN__ELEMENTWISE | HORN__NOT_DIFFERENTIABLE, .attributes = HORN__NO_FIELDS, .infer = floor_div_infer,
    .gradient = floor_div_gradient};

/* ---- AddN(x0, x1, ...): tensors of one type ------------------------------------------------------------------------------ */

static horn_status add_n_infer(horn__infer *q) {
  horn__type *sum = &q->out[0];
  *sum = q->in[0];
  if (sum->dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  for (int32_t i = 1; i < q->count; i++) {
    HORN__TRY(horn__infer_dtype(q, i, sum->dtype));
    HORN__TRY(horn__infer_rank(q, i, sum->shape.rank));
    for (int32_t d = 0; d < sum->shape.rank; d++) {
      const int32_t dim = q->in[i].shape.dims[d];
      if (sum->shape.dims[d] < 0) sum->shape.dims[d] = dim;
      if (dim >= 0 && dim != sum->shape.dims[d])
        return horn__infer_fail(q, HORN_E_SHAPE, "expected inputs of one shape, got %d and %d at axis %d", sum->shape.dims[d], dim, d);
    }
  }
  return HORN_OK;
}

static horn_status add_n_gradient(horn__gradient *q) {
  for (int32_t i = 0; i < q->count; i++) q->din[i] = q->dout[0];
  return HORN_OK;
}

const horn__op horn__op_AddN = {
    .name = "AddN", .id = HORN__OP_AddN, .min_inputs = 1, .max_inputs = HORN__MAX_INPUTS, .outputs = 1, .flags = HORN__ELEMENTWISE,
    .attributes = HORN__NO_FIELDS, .infer = add_n_infer, .gradient = add_n_gradient};
