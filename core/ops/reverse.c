/* Reverse: the order along some axes turned round. Reference: TensorFlow's ReverseV2. */
#include "graph/graph.h"
#include "ops/attributes.h"

static const horn__field rows[] = {HORN__INTS(horn__reverse, dims, NULL, NULL)};

static horn_status infer(horn__infer *q) {
  const horn__reverse *a = q->attributes;
  const int32_t rank = q->in[0].shape.rank;
  bool seen[HORN_MAX_RANK] = {false};
  for (int32_t i = 0, axis; i < a->dims.count; i++) {
    if (!horn__axis(a->dims.values[i], rank, &axis))
      return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is out of range for rank %d", a->dims.values[i], rank);
    if (seen[axis]) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is given twice", axis);
    seen[axis] = true;
  }
  q->out[0] = q->in[0];
  return HORN_OK;
}

static horn_status gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, Reverse, q->attributes, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_Reverse = {
    .name = "Reverse", .id = HORN__OP_Reverse, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__reverse, rows), .infer = infer, .gradient = gradient};
