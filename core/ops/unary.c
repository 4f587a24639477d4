/* Element-wise ops of one input: y = f(x), with dx = dy * f'(x) emitted from x and y. Reference: TensorFlow's math_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static horn_status test_infer(horn__infer *q) {
  q->out[0] = (horn__type){q->in[0].shape, HORN_BOOL};
  return HORN_OK;
}

static horn_status bool_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_BOOL));
  q->out[0] = q->in[0];
  return HORN_OK;
}

#define OP(Name, infer_rule, more_flags, gradient_rule, table)                                                            \
  const horn__op horn__op_##Name = {                                                                                      \
      .name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1,                               \
      .flags = HORN__ELEMENTWISE | (more_flags),                                                                          \
      .attributes = table, .infer = infer_rule, .gradient = gradient_rule};

/* UNARY(Name, infer, derivative): dx as an expression of g (graph), x, y and dy. */
#define UNARY(Name, infer_rule, derivative)                        \
  static horn_status gradient_##Name(horn__gradient *q) {          \
    horn__graph *g = q->graph;                                     \
    const horn__value x = q->in[0], y = q->out[0], dy = q->dout[0]; \
    (void)x, (void)y, (void)g;                                     \
    q->din[0] = derivative;                                        \
    return HORN_OK;                                                \
  }                                                                \
  OP(Name, infer_rule, 0, gradient_##Name, HORN__NO_FIELDS)

static horn__value apply(horn__graph *g, const horn__op *op, horn__value x) { return horn__emit(g, op, NULL, &x, 1); }
#define F(Name, x) apply(g, &horn__op_##Name, x)

UNARY(Neg, horn__infer_number, horn__neg(g, dy))
UNARY(Abs, horn__infer_number, horn__mul(g, dy, F(Sign, x)))
UNARY(Square, horn__infer_number, horn__mul(g, dy, horn__scale(g, x, 2)))
UNARY(Reciprocal, horn__infer_float, horn__neg(g, horn__mul(g, dy, horn__square(g, y))))
UNARY(Sqrt, horn__infer_float, horn__div(g, dy, horn__scale(g, y, 2)))
UNARY(Rsqrt, horn__infer_float, horn__mul(g, dy, horn__scale(g, horn__mul(g, y, horn__square(g, y)), -0.5)))
UNARY(Exp, horn__infer_float, horn__mul(g, dy, y))
UNARY(Expm1, horn__infer_float, horn__mul(g, dy, horn__shift(g, y, 1)))
UNARY(Log, horn__infer_float, horn__div(g, dy, x))
UNARY(Log1p, horn__infer_float, horn__div(g, dy, horn__shift(g, x, 1)))
UNARY(Sin, horn__infer_float, horn__mul(g, dy, F(Cos, x)))
UNARY(Cos, horn__infer_float, horn__neg(g, horn__mul(g, dy, F(Sin, x))))
UNARY(Tan, horn__infer_float, horn__mul(g, dy, horn__shift(g, horn__square(g, y), 1)))
UNARY(Asin, horn__infer_float, horn__mul(g, dy, F(Rsqrt, horn__minus(g, 1, horn__square(g, x)))))
UNARY(Acos, horn__infer_float, horn__neg(g, horn__mul(g, dy, F(Rsqrt, horn__minus(g, 1, horn__square(g, x))))))
UNARY(Atan, horn__infer_float, horn__div(g, dy, horn__shift(g, horn__square(g, x), 1)))
UNARY(Sinh, horn__infer_float, horn__mul(g, dy, F(Cosh, x)))
UNARY(Cosh, horn__infer_float, horn__mul(g, dy, F(Sinh, x)))
UNARY(Tanh, horn__infer_float, horn__mul(g, dy, horn__minus(g, 1, horn__square(g, y))))
UNARY(Asinh, horn__infer_float, horn__mul(g, dy, F(Rsqrt, horn__shift(g, horn__square(g, x), 1))))
UNARY(Acosh, horn__infer_float, horn__mul(g, dy, F(Rsqrt, horn__shift(g, horn__square(g, x), -1))))
UNARY(Atanh, horn__infer_float, horn__div(g, dy, horn__minus(g, 1, horn__square(g, x))))
/* 2 / sqrt(pi) exp(-x^2) */
UNARY(Erf, horn__infer_float, horn__mul(g, dy, horn__scale(g, F(Exp, horn__neg(g, horn__square(g, x))), 1.12837916709551257390)))

/* ---- flat: the derivative is zero wherever there is one ---------------------------------------------------------------- */

static horn_status flat(horn__gradient *q) {
  (void)q;
  return HORN_OK;
}

OP(Sign, horn__infer_number, 0, flat, HORN__NO_FIELDS)
OP(Floor, horn__infer_float, 0, flat, HORN__NO_FIELDS)
OP(Ceil, horn__infer_float, 0, flat, HORN__NO_FIELDS)
OP(Round, horn__infer_number, 0, flat, HORN__NO_FIELDS)

static const horn__field step_rows[] = {HORN__FLOAT(horn__alpha, alpha, NULL, "0")};
OP(Step, horn__infer_number, 0, flat, HORN__FIELDS(horn__alpha, step_rows))

/* ---- ClipByValue: dy within the bounds, which belong to it ---------------------------------------------------------------- */

static const horn__field clip_rows[] = {
    HORN__FLOAT(horn__clip, min, "clip_value_min", NULL),
    HORN__FLOAT(horn__clip, max, "clip_value_max", NULL),
};

static horn_status clip_infer(horn__infer *q) {
  const horn__clip *a = q->attributes;
  if (!(a->min <= a->max)) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "min %g must not be above max %g", a->min, a->max);
  return horn__infer_number(q);
}

static horn_status clip_gradient(horn__gradient *q) {
  const horn__clip *a = q->attributes;
  horn__graph *g = q->graph;
  const horn__value x = q->in[0];
  const horn__value low = HORN__EMIT(g, GreaterEqual, NULL, x, horn__graph_scalar(g, a->min));
  const horn__value high = HORN__EMIT(g, LessEqual, NULL, x, horn__graph_scalar(g, a->max));
  q->din[0] = horn__mask(g, q->dout[0], HORN__EMIT(g, LogicalAnd, NULL, low, high));
  return HORN_OK;
}

OP(ClipByValue, clip_infer, 0, clip_gradient, HORN__FIELDS(horn__clip, clip_rows))

/* ---- with a bool result ------------------------------------------------------------------------------------------------- */

OP(IsNan, test_infer, HORN__NOT_DIFFERENTIABLE, NULL, HORN__NO_FIELDS)
OP(IsInf, test_infer, HORN__NOT_DIFFERENTIABLE, NULL, HORN__NO_FIELDS)
OP(IsFinite, test_infer, HORN__NOT_DIFFERENTIABLE, NULL, HORN__NO_FIELDS)
OP(LogicalNot, bool_infer, HORN__NOT_DIFFERENTIABLE, NULL, HORN__NO_FIELDS)
