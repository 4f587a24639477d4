/* BatchMatMul: products of matrices, y = op(a) op(b) (+ bias, then an activation, where fusing added them). Reference: TensorFlow's
 * BatchMatMulV2. */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field rows[] = {
    HORN__BOOL(horn__matmul, transpose_a, NULL, "false"),
    HORN__BOOL(horn__matmul, transpose_b, NULL, "false"),
    HORN__ENUM(horn__matmul, activation, horn__activation_names, NULL, "\"linear\""),
};

static horn_status check_inner(const horn__infer *q, int32_t a, int32_t b) {
  if (a == b || a < 0 || b < 0) return HORN_OK;
  char first[HORN__SHAPE_TEXT], second[HORN__SHAPE_TEXT];
  return horn__infer_fail(q, HORN_E_SHAPE, "inner dimensions %d and %d of shapes %s and %s do not match", a, b,
                          horn__shape_text(&q->in[0].shape, first, sizeof first), horn__shape_text(&q->in[1].shape, second, sizeof second));
}

static horn_status infer(horn__infer *q) {
  const horn__matmul *m = q->attributes;
  const horn__shape *a = &q->in[0].shape, *b = &q->in[1].shape;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(horn__infer_dtype(q, 1, HORN_FLOAT32));
  if (a->rank < 2 || b->rank < 2) return horn__infer_fail(q, HORN_E_SHAPE, "expected inputs of rank 2 or more, got %d and %d", a->rank, b->rank);
  int32_t rows_a = a->dims[a->rank - (m->transpose_a ? 1 : 2)], inner_a = a->dims[a->rank - (m->transpose_a ? 2 : 1)];
  int32_t inner_b = b->dims[b->rank - (m->transpose_b ? 1 : 2)], columns = b->dims[b->rank - (m->transpose_b ? 2 : 1)];
  HORN__TRY(check_inner(q, inner_a, inner_b));
  HORN__TRY(horn__infer_activation(q, m->activation));
  HORN__TRY(horn__infer_bias(q, 2, columns));
  horn__shape outer_a = horn__shape_of(a->rank - 2, a->dims), outer_b = horn__shape_of(b->rank - 2, b->dims);
  HORN__TRY(horn__infer_broadcast(q, &outer_a, &outer_b, &q->out[0].shape));
  horn__shape *y = &q->out[0].shape;
  y->dims[y->rank] = rows_a;
  y->dims[y->rank + 1] = columns;
  y->rank += 2;
  q->out[0].dtype = HORN_FLOAT32;
  return HORN_OK;
}

static horn__value product(horn__graph *g, horn__value a, bool transpose_a, horn__value b, bool transpose_b) {
  const horn__matmul attributes = {transpose_a, transpose_b, HORN__ACTIVATION_LINEAR};
  return HORN__EMIT(g, BatchMatMul, &attributes, a, b);
}

/* y = op(a) op(b): d op(a) = dy op(b)', d op(b) = op(a)' dy; transposed operands swap the order of the product. */
static horn_status gradient(horn__gradient *q) {
  const horn__matmul *m = q->attributes;
  horn__graph *g = q->graph;
  const horn__value a = q->in[0], b = q->in[1], dy = q->dout[0];
  HORN__TRY(horn__check_unfused(q, &horn__op_BatchMatMul, m->activation, 2));
  horn__value da = m->transpose_a ? product(g, b, m->transpose_b, dy, true) : product(g, dy, false, b, !m->transpose_b);
  horn__value db = m->transpose_b ? product(g, dy, true, a, m->transpose_a) : product(g, a, !m->transpose_a, dy, false);
  q->din[0] = HORN__EMIT(g, SumLike, NULL, da, a);
  q->din[1] = HORN__EMIT(g, SumLike, NULL, db, b);
  return HORN_OK;
}

const horn__op horn__op_BatchMatMul = {
    .name = "BatchMatMul", .id = HORN__OP_BatchMatMul, .min_inputs = 2, .max_inputs = 3, .outputs = 1,
    .attributes = HORN__FIELDS(horn__matmul, rows), .infer = infer, .gradient = gradient};
