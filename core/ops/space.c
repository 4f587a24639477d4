/* Elements of an image moved between its axes: DepthToSpace and SpaceToDepth, SpaceToBatchND and BatchToSpaceND. Each is the other's gradient.
 * Reference: TensorFlow's array_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

/* ---- DepthToSpace: y[n, h b + i, w b + j, c] = x[n, h, w, (i b + j) C' + c]; SpaceToDepth is its inverse ------------------------------ */

static const horn__field depth_rows[] = {HORN__INT(horn__depth_to_space, block_size, NULL, NULL)};

static horn_status check_block(const horn__infer *q) {
  const int32_t b = ((const horn__depth_to_space *)q->attributes)->block_size;
  HORN__TRY(horn__infer_rank(q, 0, 4));
  if (b < 1 || b > 32767) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a block_size of 1 to 32767, got %d", b);
  return HORN_OK;
}

/* *dim times factor, where it is known. */
static horn_status multiply(const horn__infer *q, int32_t *dim, int32_t factor) {
  if (*dim > INT32_MAX / factor) return horn__infer_fail(q, HORN_E_LIMIT, "a dimension of %d times %d is too large", *dim, factor);
  if (*dim >= 0) *dim *= factor;
  return HORN_OK;
}

static horn_status divide(const horn__infer *q, int32_t axis, int32_t *dim, int32_t factor) {
  if (*dim >= 0 && *dim % factor != 0)
    return horn__infer_fail(q, HORN_E_SHAPE, "dimension %d, with padding %d, is no multiple of %d", axis, *dim, factor);
  if (*dim >= 0) *dim /= factor;
  return HORN_OK;
}

static horn_status depth_to_space_infer(horn__infer *q) {
  HORN__TRY(check_block(q));
  const int32_t b = ((const horn__depth_to_space *)q->attributes)->block_size;
  q->out[0] = q->in[0];
  int32_t *y = q->out[0].shape.dims;
  HORN__TRY(multiply(q, &y[1], b));
  HORN__TRY(multiply(q, &y[2], b));
  return divide(q, 3, &y[3], b * b);
}

static horn_status space_to_depth_infer(horn__infer *q) {
  HORN__TRY(check_block(q));
  const int32_t b = ((const horn__depth_to_space *)q->attributes)->block_size;
  q->out[0] = q->in[0];
  int32_t *y = q->out[0].shape.dims;
  HORN__TRY(divide(q, 1, &y[1], b));
  HORN__TRY(divide(q, 2, &y[2], b));
  return multiply(q, &y[3], b * b);
}

static horn_status depth_to_space_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, SpaceToDepth, q->attributes, q->dout[0]);
  return HORN_OK;
}

static horn_status space_to_depth_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, DepthToSpace, q->attributes, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_DepthToSpace = {
    .name = "DepthToSpace", .id = HORN__OP_DepthToSpace, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .attributes = HORN__FIELDS(horn__depth_to_space, depth_rows), .infer = depth_to_space_infer, .gradient = depth_to_space_gradient};

const horn__op horn__op_SpaceToDepth = {
    .name = "SpaceToDepth", .id = HORN__OP_SpaceToDepth, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .attributes = HORN__FIELDS(horn__depth_to_space, depth_rows), .infer = space_to_depth_infer, .gradient = space_to_depth_gradient};

/* ---- SpaceToBatchND, BatchToSpaceND -------------------------------------------------------------------------------------------------- */

static const horn__field to_batch_rows[] = {HORN__INTS(horn__space_batch, block_shape, NULL, NULL),
                                            HORN__INTS(horn__space_batch, paddings, NULL, NULL)};
static const horn__field to_space_rows[] = {HORN__INTS(horn__space_batch, block_shape, NULL, NULL),
                                            HORN__INTS(horn__space_batch, paddings, "crops", NULL)};

/* *blocks: how many elements a block has. */
static horn_status check_blocks(const horn__infer *q, int32_t *blocks) {
  const horn__space_batch *a = q->attributes;
  const int32_t axes = a->block_shape.count;
  int64_t product = 1;
  if (axes < 1 || axes >= q->in[0].shape.rank)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a block_shape of 1 to %d axes, got %d", q->in[0].shape.rank - 1, axes);
  if (a->paddings.count != 2 * axes)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a pair of numbers for each of %d axes, got %d numbers", axes, a->paddings.count);
  for (int32_t i = 0; i < axes; i++) {
    const int32_t block = a->block_shape.values[i];
    if (block < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a block of 1 or more, got %d", block);
    if ((product *= block) > INT32_MAX) return horn__infer_fail(q, HORN_E_LIMIT, "a block of more than %d elements", INT32_MAX);
    if (a->paddings.values[2 * i] < 0 || a->paddings.values[2 * i + 1] < 0)
      return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected numbers of 0 or more, got (%d, %d)", a->paddings.values[2 * i],
                              a->paddings.values[2 * i + 1]);
  }
  *blocks = (int32_t)product;
  return HORN_OK;
}

static horn_status to_batch_infer(horn__infer *q) {
  const horn__space_batch *a = q->attributes;
  int32_t blocks;
  HORN__TRY(check_blocks(q, &blocks));
  q->out[0] = q->in[0];
  int32_t *y = q->out[0].shape.dims;
  HORN__TRY(multiply(q, &y[0], blocks));
  for (int32_t i = 0; i < a->block_shape.count; i++) {
    if (y[1 + i] < 0) continue;
    const int64_t padded = (int64_t)y[1 + i] + a->paddings.values[2 * i] + a->paddings.values[2 * i + 1];
    if (padded > INT32_MAX) return horn__infer_fail(q, HORN_E_LIMIT, "a dimension of more than %d", INT32_MAX);
    y[1 + i] = (int32_t)padded;
    HORN__TRY(divide(q, 1 + i, &y[1 + i], a->block_shape.values[i]));
  }
  return HORN_OK;
}

static horn_status to_space_infer(horn__infer *q) {
  const horn__space_batch *a = q->attributes;
  int32_t blocks;
  HORN__TRY(check_blocks(q, &blocks));
  q->out[0] = q->in[0];
  int32_t *y = q->out[0].shape.dims;
  HORN__TRY(divide(q, 0, &y[0], blocks));
  for (int32_t i = 0; i < a->block_shape.count; i++) {
    if (y[1 + i] < 0) continue;
    HORN__TRY(multiply(q, &y[1 + i], a->block_shape.values[i]));
    const int64_t rest = (int64_t)y[1 + i] - a->paddings.values[2 * i] - a->paddings.values[2 * i + 1];
    if (rest < 0) return horn__infer_fail(q, HORN_E_SHAPE, "the crops of axis %d are more than its %d elements", 1 + i, y[1 + i]);
    y[1 + i] = (int32_t)rest;
  }
  return HORN_OK;
}

static horn_status to_batch_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, BatchToSpaceND, q->attributes, q->dout[0]);
  return HORN_OK;
}

static horn_status to_space_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, SpaceToBatchND, q->attributes, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_SpaceToBatchND = {
    .name = "SpaceToBatchND", .id = HORN__OP_SpaceToBatchND, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .attributes = HORN__FIELDS(horn__space_batch, to_batch_rows), .infer = to_batch_infer, .gradient = to_batch_gradient};

const horn__op horn__op_BatchToSpaceND = {
    .name = "BatchToSpaceND", .id = HORN__OP_BatchToSpaceND, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .attributes = HORN__FIELDS(horn__space_batch, to_space_rows), .infer = to_space_infer, .gradient = to_space_gradient};
