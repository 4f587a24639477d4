/* Element-wise ops of one input: y = f(x), with dx = dy * f'(x) emitted from x and y. Reference: TensorFlow's math_ops, nn_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static horn_status float_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  q->out[0] = q->in[0];
  return HORN_OK;
}

static horn_status number_infer(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  q->out[0] = q->in[0];
  return HORN_OK;
}

/* UNARY(Name, infer, derivative): the derivative as an expression of g (graph), x, y and dy. */
#define UNARY(Name, infer_rule, derivative)                                                                          \
  static horn_status gradient_##Name(horn__gradient *q) {                                                            \
    horn__graph *g = q->graph;                                                                                       \
    const horn__value x = q->in[0], y = q->out[0], dy = q->dout[0];                                                  \
    (void)x, (void)y, (void)g;                                                                                       \
    q->din[0] = derivative;                                                                                          \
    return HORN_OK;                                                                                                  \
  }                                                                                                                  \
  const horn__op horn__op_##Name = {                                                                                 \
      .name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__ELEMENTWISE, \
      .attributes = HORN__NO_FIELDS, .infer = infer_rule, .gradient = gradient_##Name};

static horn__value positive(horn__graph *g, horn__value x) { return HORN__EMIT(g, Greater, NULL, x, HORN__EMIT(g, ZerosLike, NULL, x)); }

UNARY(Neg, number_infer, horn__neg(g, dy))
UNARY(Abs, number_infer, horn__sub(g, horn__mask(g, dy, positive(g, x)), horn__mask(g, dy, positive(g, horn__neg(g, x)))))
UNARY(Exp, float_infer, horn__mul(g, dy, y))
UNARY(Sqrt, float_infer, horn__div(g, dy, horn__scale(g, y, 2)))
UNARY(Tanh, float_infer, horn__mul(g, dy, horn__sub(g, horn__graph_scalar(g, 1), horn__mul(g, y, y))))
UNARY(Relu, number_infer, horn__mask(g, dy, positive(g, x)))
