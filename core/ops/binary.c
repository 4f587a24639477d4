/* Element-wise ops of two broadcast inputs. Both have one dtype (callers cast). Reference: TensorFlow's math_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

horn__value horn__mask(horn__graph *g, horn__value a, horn__value condition) {
  const horn__type *type = horn__type_of(g, a);
  const horn__cast cast = {type == NULL ? HORN_FLOAT32 : (int32_t)type->dtype};
  return horn__mul(g, a, HORN__EMIT(g, Cast, &cast, condition));
}

static horn_status infer(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  HORN__TRY(horn__infer_dtype(q, 1, q->in[0].dtype));
  q->out[0].dtype = q->in[0].dtype;
  return horn__infer_broadcast(q, &q->in[0].shape, &q->in[1].shape, &q->out[0].shape);
}

/* BINARY(Name, da, db): the gradients before the sums over broadcast axes, as expressions of g, a, b, y and dy. */
#define BINARY(Name, da, db)                                                                                       \
  static horn_status gradient_##Name(horn__gradient *q) {                                                          \
    horn__graph *g = q->graph;                                                                                     \
    const horn__value a = q->in[0], b = q->in[1], y = q->out[0], dy = q->dout[0];                                  \
    (void)y;                                                                                                       \
    q->din[0] = HORN__EMIT(g, SumLike, NULL, da, a);                                                               \
    q->din[1] = HORN__EMIT(g, SumLike, NULL, db, b);                                                               \
    return HORN_OK;                                                                                                \
  }                                                                                                                \
  const horn__op horn__op_##Name = {                                                                               \
      .name = #Name, .id = HORN__OP_##Name, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__ELEMENTWISE, \
      .attributes = HORN__NO_FIELDS, .infer = infer, .gradient = gradient_##Name};

BINARY(Add, dy, dy)
BINARY(Sub, dy, horn__neg(g, dy))
BINARY(Multiply, horn__mul(g, dy, b), horn__mul(g, dy, a))
BINARY(RealDiv, horn__div(g, dy, b), horn__neg(g, horn__div(g, horn__mul(g, dy, y), b)))
