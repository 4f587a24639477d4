/* Errors: a status code and one message on the context. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

static const char *const codes[] = {
    "OK",
#define HORN_ERROR(NAME, code, meaning) code,
#include "../errors.def"
#undef HORN_ERROR
};

const char *horn__status_code(horn_status status) {
  return (unsigned)status < HORN_STATUS_COUNT ? codes[status] : "INTERNAL";
}

horn_status horn__fail(horn_context *ctx, horn_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(ctx->error, sizeof ctx->error, format, arguments);
  va_end(arguments);
  return status;
}

horn_status horn__blame(horn_context *ctx, horn_status status, const char *format, ...) {
  if (status == HORN_OK) return status;
  char said[sizeof ctx->error];
  memcpy(said, ctx->error, sizeof said);
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(ctx->error, sizeof ctx->error, format, arguments);
  va_end(arguments);
  if (length < 0 || (size_t)length >= sizeof ctx->error) return status;
  snprintf(ctx->error + length, sizeof ctx->error - (size_t)length, ": %s", said);
  return status;
}
