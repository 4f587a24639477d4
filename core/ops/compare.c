/* Comparisons of two broadcast inputs of one dtype, with a bool result, through which no gradient flows. Reference: TensorFlow's math_ops. */
#include "ops/op.h"

static horn_status infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 1, q->in[0].dtype));
  q->out[0].dtype = HORN_BOOL;
  return horn__infer_broadcast(q, &q->in[0].shape, &q->in[1].shape, &q->out[0].shape);
}

#define COMPARE(Name)                                                                                       \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 2, .max_inputs = 2, \
                                    .outputs = 1, .attributes = HORN__NO_FIELDS, .infer = infer};

COMPARE(Greater)
