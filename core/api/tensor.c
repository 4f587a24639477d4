/* The public functions on tensors. */
#include <string.h>

#include "api/handles.h"

horn_status horn__type_read(horn_context *ctx, const char *who, horn_dtype dtype, const int32_t *shape, size_t rank, bool unknown, horn__type *out) {
  if ((unsigned)dtype >= HORN_DTYPE_COUNT) return horn__fail(ctx, HORN_E_DTYPE, "%s: %d is no dtype", who, (int)dtype);
  if (rank > HORN_MAX_RANK) return horn__fail(ctx, HORN_E_LIMIT, "%s: expected a rank of at most %d, got %zu", who, HORN_MAX_RANK, rank);
  *out = (horn__type){horn__shape_of((int32_t)rank, shape), dtype};
  return horn__shape_check(ctx, who, &out->shape, unknown);
}

static horn_status check_bytes(horn_context *ctx, const char *who, const horn__type *type, size_t bytes) {
  size_t expected = horn__shape_size(&type->shape) * horn__dtype_size(type->dtype);
  char shape[HORN__SHAPE_TEXT];
  if (type->dtype == HORN_STRING)
    return horn__fail(ctx, HORN_E_DTYPE, "%s: the bytes of strings are given to horn_tensor_create and taken by horn_tensor_strings alone", who);
  if (bytes == expected) return HORN_OK;
  return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: expected %zu bytes for shape %s of %s, got %zu", who, expected,
                    horn__shape_text(&type->shape, shape, sizeof shape), horn__dtype_name(type->dtype), bytes);
}

horn_status horn_tensor_create(horn_context *ctx, horn_dtype dtype, const int32_t *shape, size_t rank, const void *data, size_t bytes,
                               horn_tensor *out_tensor) {
  horn__type type;
  horn__tensor *tensor;
  HORN__TRY(horn__type_read(ctx, "tensor", dtype, shape, rank, false, &type));
  if (dtype == HORN_STRING && (data != NULL || bytes != 0)) {
    if (data == NULL) return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "tensor: expected %zu bytes, got NULL", bytes);
    HORN__TRY(horn__strings_read(ctx, "tensor", &type.shape, data, bytes, &tensor));
    return horn__tensor_handle(ctx, tensor, out_tensor);
  }
  if (data != NULL || bytes != 0) HORN__TRY(check_bytes(ctx, "tensor", &type, bytes));
  HORN__TRY(horn__tensor_create(ctx, &type, data == NULL, &tensor));
  if (data != NULL) memcpy(tensor->data, data, bytes);
  return horn__tensor_handle(ctx, tensor, out_tensor);
}

horn_status horn_tensor_release(horn_context *ctx, horn_tensor tensor) {
  horn__slot_entry *entry = horn__handle_find(ctx, tensor);
  if (entry == NULL || (entry->kind != HORN__TENSOR && entry->kind != HORN__SYMBOL))
    return horn__handle_get(ctx, "tensor", tensor, HORN__TENSOR, &entry);
  horn__entry_release(ctx, entry);
  return HORN_OK;
}

horn_status horn_tensor_info(horn_context *ctx, horn_tensor tensor, horn_dtype *out_dtype, int32_t *out_shape, size_t *out_rank) {
  horn__slot_entry *entry = horn__handle_find(ctx, tensor);
  const horn__type *type;
  if (entry != NULL && entry->kind == HORN__SYMBOL) {
    type = horn__type_of(horn__graph_of(entry->as.graph), entry->value);
  } else {
    HORN__TRY(horn__handle_get(ctx, "tensor", tensor, HORN__TENSOR, &entry));
    type = &entry->as.tensor->type;
  }
  *out_dtype = type->dtype;
  *out_rank = (size_t)type->shape.rank;
  memcpy(out_shape, type->shape.dims, sizeof type->shape.dims);
  return HORN_OK;
}

horn_status horn_tensor_read(horn_context *ctx, horn_tensor tensor, void *data, size_t bytes) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "tensor", tensor, HORN__TENSOR, &entry));
  HORN__TRY(check_bytes(ctx, "tensor", &entry->as.tensor->type, bytes));
  if (bytes != 0) memcpy(data, entry->as.tensor->data, bytes);
  return HORN_OK;
}

horn_status horn_tensor_write(horn_context *ctx, horn_tensor tensor, const void *data, size_t bytes) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "tensor", tensor, HORN__TENSOR, &entry));
  HORN__TRY(check_bytes(ctx, "tensor", &entry->as.tensor->type, bytes));
  if (bytes != 0 && data != entry->as.tensor->data) memcpy(entry->as.tensor->data, data, bytes);
  horn__tensor_written(entry->as.tensor);
  return HORN_OK;
}

horn_status horn_tensor_assign(horn_context *ctx, horn_tensor target, horn_tensor source) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "assign", source, HORN__TENSOR, &entry));
  const horn__tensor *from = entry->as.tensor;
  HORN__TRY(horn__handle_get(ctx, "assign", target, HORN__TENSOR, &entry));
  horn__tensor *to = entry->as.tensor;
  char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
  if (from->type.dtype != to->type.dtype || !horn__shape_equal(&from->type.shape, &to->type.shape))
    return horn__fail(ctx, HORN_E_SHAPE, "assign: expected %s of shape %s, got %s of shape %s", horn__dtype_name(to->type.dtype),
                      horn__shape_text(&to->type.shape, want, sizeof want), horn__dtype_name(from->type.dtype),
                      horn__shape_text(&from->type.shape, got, sizeof got));
  memmove(to->data, from->data, to->bytes);
  horn__tensor_written(to);
  return HORN_OK;
}

horn_status horn_tensor_strings(horn_context *ctx, horn_tensor tensor, const void **out_data, size_t *out_bytes) {
  horn__slot_entry *entry;
  horn__text text;
  const char *data;
  HORN__TRY(horn__handle_get(ctx, "tensor", tensor, HORN__TENSOR, &entry));
  if (entry->as.tensor->type.dtype != HORN_STRING)
    return horn__fail(ctx, HORN_E_DTYPE, "tensor: expected string, got %s", horn__dtype_name(entry->as.tensor->type.dtype));
  horn__text_init(&text, ctx);
  horn__text_bytes(&text, "", 0); /* there are bytes, if none */
  horn__strings_write(&text, entry->as.tensor);
  const size_t length = text.length;
  HORN__TRY(horn__answer(ctx, &text, &data));
  *out_data = data;
  *out_bytes = length;
  return HORN_OK;
}

horn_status horn_tensor_data(horn_context *ctx, horn_tensor tensor, const void **out_data, size_t *out_bytes) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "tensor", tensor, HORN__TENSOR, &entry));
  HORN__TRY(check_bytes(ctx, "tensor", &entry->as.tensor->type, entry->as.tensor->bytes));
  *out_data = entry->as.tensor->data;
  *out_bytes = entry->as.tensor->bytes;
  return HORN_OK;
}

horn_status horn_tensor_reshape(horn_context *ctx, horn_tensor tensor, const int32_t *shape, size_t rank, horn_tensor *out_tensor) {
  horn__slot_entry *entry;
  horn__type type;
  horn__tensor *view;
  HORN__TRY(horn__handle_get(ctx, "reshape", tensor, HORN__TENSOR, &entry));
  horn__tensor *source = entry->as.tensor;
  HORN__TRY(horn__type_read(ctx, "reshape", source->type.dtype, shape, rank, false, &type));
  if (horn__shape_size(&type.shape) != horn__shape_size(&source->type.shape)) {
    char from[HORN__SHAPE_TEXT], to[HORN__SHAPE_TEXT];
    return horn__fail(ctx, HORN_E_SHAPE, "reshape: cannot reshape %s to %s: the sizes differ",
                      horn__shape_text(&source->type.shape, from, sizeof from), horn__shape_text(&type.shape, to, sizeof to));
  }
  HORN__TRY(horn__tensor_view(ctx, source, &type.shape, &view));
  return horn__tensor_handle(ctx, view, out_tensor);
}
