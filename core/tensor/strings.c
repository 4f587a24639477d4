/* Tensors of strings: read and written as bytes, and which strings are alive. */
#include <string.h>

#include "tensor/tensor.h"

void horn__strings_collect(horn_context *ctx) {
  if (!horn__strings_grown(ctx)) return;
  for (const horn__tensor *tensor = ctx->string_tensors; tensor != NULL; tensor = tensor->next)
    for (size_t i = 0, n = horn__shape_size(&tensor->type.shape); i < n; i++) horn__string_mark(ctx, ((const uint32_t *)tensor->data)[i]);
  horn__strings_sweep(ctx);
}

enum { LENGTH_BYTES = 4 };

static uint32_t read_length(const unsigned char *data) {
  return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

static horn_status read_elements(horn_context *ctx, const char *who, const unsigned char *data, size_t bytes, uint32_t *out, size_t count) {
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t length = bytes - at < LENGTH_BYTES ? SIZE_MAX : read_length(data + at);
    if (length == SIZE_MAX || length > bytes - at - LENGTH_BYTES)
      return horn__fail(ctx, HORN_E_FORMAT, "%s: string %zu of %zu is longer than the %zu bytes that are left", who, i, count, bytes - at);
    HORN__TRY(horn__string_intern(ctx, (const char *)data + at + LENGTH_BYTES, length, &out[i]));
    at += LENGTH_BYTES + length;
  }
  if (at == bytes) return HORN_OK;
  return horn__fail(ctx, HORN_E_FORMAT, "%s: %zu strings are %zu bytes long, got %zu", who, count, at, bytes);
}

horn_status horn__strings_read(horn_context *ctx, const char *who, const horn__shape *shape, const void *data, size_t bytes, horn__tensor **out) {
  const horn__type type = {*shape, HORN_STRING};
  HORN__TRY(horn__shape_check(ctx, who, shape, false));
  const size_t count = horn__shape_size(shape);
  if (count > bytes / LENGTH_BYTES)
    return horn__fail(ctx, HORN_E_FORMAT, "%s: %zu strings are at least %zu bytes long, got %zu", who, count, count * LENGTH_BYTES, bytes);
  horn__strings_collect(ctx);
  HORN__TRY(horn__tensor_create(ctx, &type, true, out));
  const horn_status status = read_elements(ctx, who, data, bytes, (*out)->data, count);
  if (status != HORN_OK) horn__tensor_release(ctx, *out);
  return status;
}

void horn__strings_write(horn__text *text, const horn__tensor *tensor) {
  for (size_t i = 0, n = horn__shape_size(&tensor->type.shape); i < n; i++) {
    const horn__string s = horn__string_at(text->ctx, ((const uint32_t *)tensor->data)[i]);
    const char length[LENGTH_BYTES] = {(char)(s.length & 255), (char)(s.length >> 8 & 255), (char)(s.length >> 16 & 255),
                                       (char)(s.length >> 24 & 255)};
    horn__text_bytes(text, length, sizeof length);
    horn__text_bytes(text, s.data, s.length);
  }
}
