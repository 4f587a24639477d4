/* The table of ops and what their shape rules share. */
#include "ops/op.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const horn__op *const table[] = {
#define HORN_OP(Name) [HORN__OP_##Name] = &horn__op_##Name,
#include "ops/ops.def"
#undef HORN_OP
};

const horn__op *horn__op_named(const char *name) {
  for (int32_t i = 0; i < HORN__OP_COUNT; i++)
    if (strcmp(table[i]->name, name) == 0) return table[i];
  return NULL;
}

const horn__op *horn__op_at(int32_t id) { return table[id]; }

horn_status horn__infer_fail(const horn__infer *q, horn_status status, const char *format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return horn__fail(q->ctx, status, "%s: %s", q->op->name, message);
}

horn_status horn__infer_dtype(const horn__infer *q, int32_t i, horn_dtype dtype) {
  if (q->in[i].dtype == dtype) return HORN_OK;
  return horn__infer_fail(q, HORN_E_DTYPE, "expected input %d to be %s, got %s", i, horn__dtype_name(dtype),
                          horn__dtype_name(q->in[i].dtype));
}

horn_status horn__infer_rank(const horn__infer *q, int32_t i, int32_t rank) {
  if (q->in[i].shape.rank == rank) return HORN_OK;
  char shape[HORN__SHAPE_TEXT];
  return horn__infer_fail(q, HORN_E_SHAPE, "expected input %d to have rank %d, got shape %s", i, rank,
                          horn__shape_text(&q->in[i].shape, shape, sizeof shape));
}

horn_status horn__infer_float(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  q->out[0] = q->in[0];
  return HORN_OK;
}

horn_status horn__infer_number(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  q->out[0] = q->in[0];
  return HORN_OK;
}

bool horn__infer_has(const horn__infer *q, int32_t i) { return i < q->count && q->in[i].shape.rank >= 0; }

/* One dimension of a broadcast; -2 where the two do not fit. */
static int32_t broadcast_dim(int32_t a, int32_t b) {
  if (a == b || b == 1) return a;
  if (a == 1) return b;
  if (a == -1) return b;
  return b == -1 ? a : -2;
}

horn_status horn__infer_broadcast(const horn__infer *q, const horn__shape *a, const horn__shape *b, horn__shape *out) {
  horn__shape result = {.rank = a->rank > b->rank ? a->rank : b->rank};
  for (int32_t i = 1; i <= result.rank; i++) {
    int32_t left = i <= a->rank ? a->dims[a->rank - i] : 1;
    int32_t right = i <= b->rank ? b->dims[b->rank - i] : 1;
    int32_t dim = broadcast_dim(left, right);
    if (dim == -2) {
      char first[HORN__SHAPE_TEXT], second[HORN__SHAPE_TEXT];
      return horn__infer_fail(q, HORN_E_SHAPE, "operands could not be broadcast together with shapes %s and %s",
                              horn__shape_text(a, first, sizeof first), horn__shape_text(b, second, sizeof second));
    }
    result.dims[result.rank - i] = dim;
  }
  *out = result;
  return HORN_OK;
}

horn_status horn__infer_shape(const horn__infer *q, int32_t i, const horn__shape *expected) {
  const horn__shape *found = &q->in[i].shape;
  bool fits = found->rank == expected->rank;
  for (int32_t k = 0; fits && k < expected->rank; k++)
    fits = found->dims[k] == expected->dims[k] || found->dims[k] < 0 || expected->dims[k] < 0;
  if (fits) return HORN_OK;
  char wanted[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
  return horn__infer_fail(q, HORN_E_SHAPE, "expected input %d to have shape %s, got %s", i,
                          horn__shape_text(expected, wanted, sizeof wanted), horn__shape_text(found, got, sizeof got));
}

horn_status horn__infer_dim(const horn__infer *q, int32_t i, int32_t axis, int32_t *dim) {
  int32_t found = q->in[i].shape.dims[axis];
  if (*dim < 0) *dim = found;
  if (found < 0 || found == *dim) return HORN_OK;
  char shape[HORN__SHAPE_TEXT];
  return horn__infer_fail(q, HORN_E_SHAPE, "expected dimension %d of input %d to be %d, got shape %s", axis, i, *dim,
                          horn__shape_text(&q->in[i].shape, shape, sizeof shape));
}

horn_status horn__infer_bias(const horn__infer *q, int32_t i, int32_t channels) {
  if (!horn__infer_has(q, i)) return HORN_OK;
  HORN__TRY(horn__infer_dtype(q, i, HORN_FLOAT32));
  HORN__TRY(horn__infer_rank(q, i, 1));
  return horn__infer_dim(q, i, 0, &channels);
}

const char *const horn__padding_names[] = {"valid", "same", "explicit", "causal", NULL};
const char *const horn__image_axes[3] = {"depth", "height", "width"};

int32_t horn__window(int32_t size, int32_t window, int32_t stride, int32_t dilation, horn__padding padding, int32_t *before,
                     int32_t *after) {
  int64_t extent = (int64_t)(window - 1) * dilation + 1;
  if (padding == HORN__VALID) *before = *after = 0;
  if (padding == HORN__CAUSAL) *before = (int32_t)(extent - 1), *after = 0;
  if (size < 0) {
    if (padding == HORN__SAME) *before = *after = 0;
    return -1;
  }
  if (padding == HORN__SAME) {
    int64_t out = ((int64_t)size + stride - 1) / stride;
    int64_t needed = (out - 1) * stride + extent - size;
    if (needed < 0) needed = 0;
    *before = (int32_t)(needed / 2);
    *after = (int32_t)(needed - needed / 2);
    return (int32_t)out;
  }
  int64_t room = (int64_t)size + *before + *after - extent;
  return room < 0 ? -2 : (int32_t)(room / stride + 1);
}

static horn_status check_slide(const horn__infer *q, const char *axis, const horn__slide *s) {
  const bool unknown = s->window == -1;
  if (s->window < 1 && !unknown) return horn__infer_fail(q, HORN_E_SHAPE, "expected a %s of the window of 1 or more, got %d", axis, s->window);
  if (s->stride < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a %s stride of 1 or more, got %d", axis, s->stride);
  if (s->dilation < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a %s dilation of 1 or more, got %d", axis, s->dilation);
  if ((uint32_t)s->padding > HORN__CAUSAL) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "unknown padding %d", (int)s->padding);
  if (s->padding == HORN__EXPLICIT && (s->before < 0 || s->after < 0))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected %s padding of 0 or more, got (%d, %d)", axis, s->before, s->after);
  if (!unknown && (int64_t)(s->window - 1) * s->dilation >= INT32_MAX)
    return horn__infer_fail(q, HORN_E_LIMIT, "%s: a window of %d with dilation %d is too large", axis, s->window, s->dilation);
  return HORN_OK;
}

horn_status horn__infer_slide(const horn__infer *q, const char *axis, const horn__slide *slide, int32_t size, int32_t *out) {
  int32_t before = slide->before, after = slide->after;
  HORN__TRY(check_slide(q, axis, slide));
  if (slide->padding == HORN__EXPLICIT && (int64_t)(size < 0 ? 0 : size) + before + after > INT32_MAX)
    return horn__infer_fail(q, HORN_E_LIMIT, "%s padding (%d, %d) of %d is too large", axis, before, after, size);
  *out = slide->window < 0 ? -1 : horn__window(size, slide->window, slide->stride, slide->dilation, slide->padding, &before, &after);
  if (*out >= -1) return HORN_OK;
  return horn__infer_fail(q, HORN_E_SHAPE, "a window of %s %d with dilation %d is larger than the input's %d with padding (%d, %d)", axis,
                          slide->window, slide->dilation, size, before, after);
}
