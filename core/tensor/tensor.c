/* Refcounted tensors. The struct and its elements are one allocation, so that a released one can be reused whole. */
#include <string.h>

#include "tensor/tensor.h"

enum { STRUCT_BYTES = 128 };
_Static_assert(sizeof(horn__tensor) <= STRUCT_BYTES, "elements stay 64-byte aligned behind the struct");

static void join_list(horn_context *ctx, horn__tensor *tensor) {
  tensor->next = ctx->string_tensors;
  if (tensor->next != NULL) tensor->next->previous = tensor;
  ctx->string_tensors = tensor;
}

static void leave_list(horn_context *ctx, horn__tensor *tensor) {
  *(tensor->previous == NULL ? &ctx->string_tensors : &tensor->previous->next) = tensor->next;
  if (tensor->next != NULL) tensor->next->previous = tensor->previous;
}

horn_status horn__tensor_create(horn_context *ctx, const horn__type *type, bool zero, horn__tensor **out) {
  HORN__TRY(horn__shape_check(ctx, "tensor", &type->shape, false));
  size_t bytes = horn__shape_size(&type->shape) * horn__dtype_size(type->dtype);
  if (bytes > SIZE_MAX / 2) return horn__fail(ctx, HORN_E_LIMIT, "tensor: %zu bytes are too many", bytes);
  unsigned char *block = horn__alloc(ctx, STRUCT_BYTES + bytes + HORN__BUFFER_EXTRA, false);
  if (block == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__tensor *tensor = (horn__tensor *)block;
  *tensor = (horn__tensor){.type = *type, .data = block + STRUCT_BYTES, .bytes = bytes, .references = 1};
  if (type->dtype == HORN_STRING) join_list(ctx, tensor);
  memset((unsigned char *)tensor->data + (zero ? 0 : bytes), 0, (zero ? bytes : 0) + HORN__BUFFER_EXTRA);
  *out = tensor;
  return HORN_OK;
}

horn_status horn__tensor_view(horn_context *ctx, horn__tensor *source, const horn__shape *shape, horn__tensor **out) {
  horn__tensor *view = horn__alloc(ctx, sizeof *view, false);
  if (view == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__tensor *owner = source->owner != NULL ? source->owner : source;
  *view = (horn__tensor){.type = {*shape, source->type.dtype}, .data = source->data, .bytes = source->bytes, .references = 1,
                         .owner = horn__tensor_retain(owner)};
  *out = view;
  return HORN_OK;
}

horn__tensor *horn__tensor_retain(horn__tensor *tensor) {
  tensor->references++;
  return tensor;
}

void horn__tensor_release(horn_context *ctx, horn__tensor *tensor) {
  if (tensor == NULL || --tensor->references != 0) return;
  horn__tensor *owner = tensor->owner;
  if (tensor->type.dtype == HORN_STRING && owner == NULL) leave_list(ctx, tensor);
  horn__free(ctx, tensor);
  horn__tensor_release(ctx, owner); /* an owner has no owner: no deep recursion */
}
