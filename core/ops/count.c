/* DenseBincount, SearchSorted. Reference: TensorFlow's math_ops, TensorFlow.js's kernels of these names. */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field bincount_rows[] = {
    HORN__INT(horn__bincount, size, NULL, NULL),
    HORN__BOOL(horn__bincount, binary_output, NULL, "false"),
};

static horn_status bincount_infer(horn__infer *q) {
  const horn__bincount *a = q->attributes;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_INT32));
  if (a->size < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "size must be non-negative, but got %d", a->size);
  if (q->in[0].shape.rank < 1) return horn__infer_fail(q, HORN_E_SHAPE, "expected an input of rank 1 or more");
  if (horn__infer_has(q, 1)) {
    HORN__TRY(horn__infer_dtype(q, 1, HORN_FLOAT32));
    HORN__TRY(horn__infer_shape(q, 1, &q->in[0].shape));
  }
  q->out[0] = (horn__type){q->in[0].shape, HORN_FLOAT32};
  q->out[0].shape.dims[q->out[0].shape.rank - 1] = a->size;
  return HORN_OK;
}

const horn__op horn__op_DenseBincount = {
    .name = "DenseBincount", .id = HORN__OP_DenseBincount, .min_inputs = 1, .max_inputs = 2, .outputs = 1, .flags = HORN__NOT_DIFFERENTIABLE,
    .attributes = HORN__FIELDS(horn__bincount, bincount_rows), .infer = bincount_infer};

/* ---- SearchSorted ----------------------------------------------------------------------------------------------------- */

static const char *const sides[] = {"left", "right", NULL};
static const horn__field search_rows[] = {HORN__ENUM(horn__search_sorted, side, sides, NULL, "\"left\"")};

static horn_status search_infer(horn__infer *q) {
  int32_t batch;
  HORN__TRY(horn__infer_rank(q, 0, 2));
  HORN__TRY(horn__infer_rank(q, 1, 2));
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  HORN__TRY(horn__infer_dtype(q, 1, q->in[0].dtype));
  batch = q->in[0].shape.dims[0];
  HORN__TRY(horn__infer_dim(q, 1, 0, &batch));
  q->out[0] = (horn__type){q->in[1].shape, HORN_INT32};
  q->out[0].shape.dims[0] = batch;
  return HORN_OK;
}

const horn__op horn__op_SearchSorted = {
    .name = "SearchSorted", .id = HORN__OP_SearchSorted, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__NOT_DIFFERENTIABLE,
    .attributes = HORN__FIELDS(horn__search_sorted, search_rows), .infer = search_infer};
