/* Shapes and dtypes. */
#include <stdio.h>
#include <string.h>

#include "tensor/tensor.h"

/* Less than what size_t holds, with room for a few sums. */
#define MAX_BITS (SIZE_MAX > UINT32_MAX ? 48 : 30)
#define MAX_BYTES ((int64_t)1 << MAX_BITS)

horn__shape horn__shape_of(int32_t rank, const int32_t *dims) {
  horn__shape shape = {.rank = rank};
  for (int32_t i = 0; i < rank; i++) shape.dims[i] = dims[i];
  return shape;
}

bool horn__shape_known(const horn__shape *shape) {
  for (int32_t i = 0; i < shape->rank; i++)
    if (shape->dims[i] < 0) return false;
  return true;
}

bool horn__shape_equal(const horn__shape *a, const horn__shape *b) {
  return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof a->dims[0]) == 0;
}

size_t horn__shape_size(const horn__shape *shape) {
  size_t size = 1;
  for (int32_t i = 0; i < shape->rank; i++) size *= (size_t)shape->dims[i];
  return size;
}

int64_t horn__shape_span(const horn__shape *shape, int32_t from, int32_t to) {
  int64_t size = 1;
  for (int32_t i = from; i < to; i++) {
    if (shape->dims[i] < 0) return -1;
    size *= shape->dims[i];
  }
  return size;
}

horn_status horn__shape_check(horn_context *ctx, const char *who, const horn__shape *shape, bool unknown) {
  if (shape->rank < 0 || shape->rank > HORN_MAX_RANK)
    return horn__fail(ctx, HORN_E_LIMIT, "%s: expected a rank of at most %d, got %d", who, HORN_MAX_RANK, shape->rank);
  int64_t bytes = 4;
  for (int32_t i = 0; i < shape->rank; i++) {
    int32_t dim = shape->dims[i];
    if (dim < (unknown ? -1 : 0)) return horn__fail(ctx, HORN_E_SHAPE, "%s: dimension %d of the shape is %d", who, i, dim);
    if (dim <= 0) continue; /* a zero hides no overflow of the others: they are all checked */
    if (bytes > MAX_BYTES / dim) return horn__fail(ctx, HORN_E_LIMIT, "%s: the shape has more than 2^%d bytes", who, MAX_BITS);
    bytes *= dim;
  }
  return HORN_OK;
}

const char *horn__shape_text(const horn__shape *shape, char *text, size_t n) {
  size_t used = (size_t)snprintf(text, n, "[");
  for (int32_t i = 0; i < shape->rank && used + 16 < n; i++) {
    const char *comma = i == 0 ? "" : ",";
    if (shape->dims[i] < 0)
      used += (size_t)snprintf(text + used, n - used, "%snull", comma);
    else
      used += (size_t)snprintf(text + used, n - used, "%s%d", comma, shape->dims[i]);
  }
  snprintf(text + used, n - used, "]");
  return text;
}

bool horn__axis(int32_t axis, int32_t rank, int32_t *out) {
  if (axis < -rank || axis >= rank) return false;
  *out = axis < 0 ? axis + rank : axis;
  return true;
}

/* ---- dtypes ------------------------------------------------------------------------------------------------------ */

static const size_t sizes[] = {
#define HORN_DTYPE(NAME, text, type) sizeof(type),
#include "../dtypes.def"
#undef HORN_DTYPE
};

const char *const horn__dtype_names[] = {
#define HORN_DTYPE(NAME, text, type) text,
#include "../dtypes.def"
#undef HORN_DTYPE
    NULL,
};

size_t horn__dtype_size(horn_dtype dtype) { return sizes[dtype]; }

const char *horn__dtype_name(horn_dtype dtype) { return horn__dtype_names[dtype]; }
