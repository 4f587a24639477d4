/* Comparisons and logic of broadcast inputs, with a bool result through which no gradient flows; Select, which chooses by one. Reference:
 * TensorFlow's math_ops. */
#include "ops/op.h"

#include "ops/emit.h"

static horn_status compare_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 1, q->in[0].dtype));
  q->out[0].dtype = HORN_BOOL;
  return horn__infer_broadcast(q, &q->in[0].shape, &q->in[1].shape, &q->out[0].shape);
}

static horn_status logic_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_BOOL));
  return compare_infer(q);
}

#define OP(Name, more, infer_rule)                                                                                             \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 2, .max_inputs = 2, .outputs = 1,          \
                                    .flags = HORN__ELEMENTWISE | HORN__NOT_DIFFERENTIABLE | (more),                               \
                                    .attributes = HORN__NO_FIELDS, .infer = infer_rule};

OP(Equal, HORN__STRINGS, compare_infer)
OP(NotEqual, HORN__STRINGS, compare_infer)
OP(Greater, 0, compare_infer)
OP(GreaterEqual, 0, compare_infer)
OP(Less, 0, compare_infer)
OP(LessEqual, 0, compare_infer)
OP(LogicalAnd, 0, logic_infer)
OP(LogicalOr, 0, logic_infer)
OP(LogicalXor, 0, logic_infer)

/* ---- Select(condition, a, b): a where the condition holds, b elsewhere; all three are broadcast ---------------------------- */

static horn_status select_infer(horn__infer *q) {
  horn__shape both;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_BOOL));
  HORN__TRY(horn__infer_dtype(q, 2, q->in[1].dtype));
  HORN__TRY(horn__infer_broadcast(q, &q->in[1].shape, &q->in[2].shape, &both));
  q->out[0].dtype = q->in[1].dtype;
  return horn__infer_broadcast(q, &q->in[0].shape, &both, &q->out[0].shape);
}

static horn_status select_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__value zero = horn__graph_scalar(g, 0), dy = q->dout[0];
  q->din[1] = HORN__EMIT(g, SumLike, NULL, horn__select(g, q->in[0], dy, zero), q->in[1]);
  q->din[2] = HORN__EMIT(g, SumLike, NULL, horn__select(g, q->in[0], zero, dy), q->in[2]);
  return HORN_OK;
}

const horn__op horn__op_Select = {.name = "Select", .id = HORN__OP_Select, .min_inputs = 3, .max_inputs = 3, .outputs = 1, .flags = HORN__STRINGS,
                                  .attributes = HORN__NO_FIELDS, .infer = select_infer, .gradient = select_gradient};
