/* Ops that look elements up by index: GatherV2, UnsortedSegmentSum, OneHot. Reference: TensorFlow's array_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

/* ---- GatherV2(table, indices), GatherGrad(dy, indices, table) -------------------------------------------------------------- */

static const horn__field gather_rows[] = {
    HORN__INT(horn__gather, axis, NULL, "0"),
    HORN__INT(horn__gather, batch_dims, NULL, "0"),
};

/* The shape of y: the table's with the axis replaced by the indices' axes behind the batch. */
static horn_status gather_shape(const horn__infer *q, int32_t table, int32_t indices, horn__shape *out) {
  const horn__gather *a = q->attributes;
  const horn__shape *x = &q->in[table].shape, *i = &q->in[indices].shape;
  int32_t axis;
  HORN__TRY(horn__infer_dtype(q, indices, HORN_INT32));
  if (!horn__axis(a->axis, x->rank, &axis))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is out of range for rank %d", a->axis, x->rank);
  if (a->batch_dims < 0 || a->batch_dims > axis || a->batch_dims > i->rank)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "batch_dims %d must be 0 to axis %d, and no more than the indices' rank %d",
                            a->batch_dims, axis, i->rank);
  if (x->rank - 1 + i->rank - a->batch_dims > HORN_MAX_RANK) return horn__infer_fail(q, HORN_E_LIMIT, "the result has too many dimensions");
  *out = horn__shape_of(axis, x->dims);
  for (int32_t d = 0; d < a->batch_dims; d++) HORN__TRY(horn__infer_dim(q, indices, d, &out->dims[d]));
  for (int32_t d = a->batch_dims; d < i->rank; d++) out->dims[out->rank++] = i->dims[d];
  for (int32_t d = axis + 1; d < x->rank; d++) out->dims[out->rank++] = x->dims[d];
  return HORN_OK;
}

static horn_status gather_infer(horn__infer *q) {
  q->out[0].dtype = q->in[0].dtype;
  return gather_shape(q, 0, 1, &q->out[0].shape);
}

static horn_status gather_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, GatherGrad, q->attributes, q->dout[0], q->in[1], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_GatherV2 = {
    .name = "GatherV2", .id = HORN__OP_GatherV2, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__gather, gather_rows), .infer = gather_infer, .gradient = gather_gradient};

static horn_status gather_grad_infer(horn__infer *q) {
  horn__shape y;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(gather_shape(q, 2, 1, &y));
  HORN__TRY(horn__infer_shape(q, 0, &y));
  q->out[0] = (horn__type){q->in[2].shape, HORN_FLOAT32};
  return HORN_OK;
}

static horn_status gather_grad_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, GatherV2, q->attributes, q->dout[0], q->in[1]);
  return HORN_OK;
}

const horn__op horn__op_GatherGrad = {
    .name = "GatherGrad", .id = HORN__OP_GatherGrad, .min_inputs = 3, .max_inputs = 3, .outputs = 1, .shape_only = 4,
    .attributes = HORN__FIELDS(horn__gather, gather_rows), .infer = gather_grad_infer, .gradient = gather_grad_gradient};

/* ---- UnsortedSegmentSum(x, ids) ------------------------------------------------------------------------------------------------ */

static const horn__field segment_rows[] = {HORN__INT(horn__segment_sum, num_segments, NULL, NULL)};

static horn_status segment_infer(horn__infer *q) {
  const horn__segment_sum *a = q->attributes;
  const horn__shape *x = &q->in[0].shape, *ids = &q->in[1].shape;
  HORN__TRY(horn__infer_dtype(q, 1, HORN_INT32));
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  if (a->num_segments < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "num_segments %d is negative", a->num_segments);
  if (ids->rank < 1 || ids->rank > x->rank)
    return horn__infer_fail(q, HORN_E_SHAPE, "expected ids of rank 1 to %d, got rank %d", x->rank, ids->rank);
  for (int32_t d = 0; d < ids->rank; d++) HORN__TRY(horn__infer_dim(q, 1, d, &(int32_t){x->dims[d]}));
  horn__shape y = {.rank = 1, .dims = {a->num_segments}};
  for (int32_t d = ids->rank; d < x->rank; d++) y.dims[y.rank++] = x->dims[d];
  q->out[0] = (horn__type){y, q->in[0].dtype};
  return HORN_OK;
}

/* dx is dy's row of the id, zero where the id is no segment. */
static horn_status segment_gradient(horn__gradient *q) {
  const horn__segment_sum *a = q->attributes;
  if (a->num_segments == 0) return HORN_OK;
  horn__graph *g = q->graph;
  const horn__value ids = q->in[1], zero = horn__graph_scalar_of(g, 0, HORN_INT32);
  const horn__value last = horn__graph_scalar_of(g, a->num_segments - 1, HORN_INT32);
  const horn__value inside =
      HORN__EMIT(g, LogicalAnd, NULL, HORN__EMIT(g, GreaterEqual, NULL, ids, zero), HORN__EMIT(g, LessEqual, NULL, ids, last));
  const horn__value rows = HORN__EMIT(g, GatherV2, NULL, q->dout[0], horn__mask(g, ids, inside));
  horn__axes inner = {.axes = {.count = 0}};
  const int32_t rank = horn__type_of(g, q->in[0])->shape.rank;
  for (int32_t i = horn__type_of(g, ids)->shape.rank; i < rank; i++) inner.axes.values[inner.axes.count++] = i;
  q->din[0] = horn__mask(g, rows, HORN__EMIT(g, ExpandDims, &inner, inside));
  return HORN_OK;
}

const horn__op horn__op_UnsortedSegmentSum = {
    .name = "UnsortedSegmentSum", .id = HORN__OP_UnsortedSegmentSum, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
    .attributes = HORN__FIELDS(horn__segment_sum, segment_rows), .infer = segment_infer, .gradient = segment_gradient};

/* ---- OneHot(indices) -------------------------------------------------------------------------------------------------------------- */

static const horn__field one_hot_rows[] = {
    HORN__INT(horn__one_hot, depth, NULL, NULL),
    HORN__FLOAT(horn__one_hot, on_value, NULL, "1"),
    HORN__FLOAT(horn__one_hot, off_value, NULL, "0"),
    HORN__ENUM(horn__one_hot, dtype, horn__dtype_names, NULL, "\"int32\""),
};

static horn_status one_hot_infer(horn__infer *q) {
  const horn__one_hot *a = q->attributes;
  if (a->dtype == HORN_STRING) return horn__infer_fail(q, HORN_E_DTYPE, "numbers are not made strings of");
  HORN__TRY(horn__infer_dtype(q, 0, HORN_INT32));
  if (a->depth < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "depth %d is negative", a->depth);
  horn__shape y = q->in[0].shape;
  if (y.rank == HORN_MAX_RANK) return horn__infer_fail(q, HORN_E_LIMIT, "the result has too many dimensions");
  y.dims[y.rank++] = a->depth;
  q->out[0] = (horn__type){y, (horn_dtype)a->dtype};
  return HORN_OK;
}

const horn__op horn__op_OneHot = {
    .name = "OneHot", .id = HORN__OP_OneHot, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__NOT_DIFFERENTIABLE,
    .attributes = HORN__FIELDS(horn__one_hot, one_hot_rows), .infer = one_hot_infer};
