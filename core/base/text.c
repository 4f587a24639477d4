/* A string that grows, with a sticky status so that writers need no check a line. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

void horn__text_init(horn__text *text, horn_context *ctx) {
  *text = (horn__text){.ctx = ctx, .status = HORN_OK};
}

void horn__text_release(horn__text *text) {
  horn__free(text->ctx, text->data);
  text->data = NULL;
  text->length = text->capacity = 0;
}

/* Makes room for `more` bytes and the terminator. */
static bool reserve(horn__text *text, size_t more) {
  if (text->status != HORN_OK) return false;
  void *data = text->data;
  text->status = horn__grow(text->ctx, &data, &text->capacity, text->length + more + 1, 1);
  text->data = data;
  return text->status == HORN_OK;
}

void horn__text_bytes(horn__text *text, const char *data, size_t length) {
  if (!reserve(text, length)) return;
  if (length != 0) memcpy(text->data + text->length, data, length);
  text->length += length;
  text->data[text->length] = '\0';
}

void horn__text_add(horn__text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0 || !reserve(text, (size_t)length)) return;
  va_start(arguments, format);
  vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
  va_end(arguments);
  text->length += (size_t)length;
}

void horn__text_quote(horn__text *text, const char *string) {
  horn__text_bytes(text, "\"", 1);
  for (const char *c = string; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') {
      horn__text_add(text, "\\%c", *c);
    } else if ((unsigned char)*c < 0x20) {
      horn__text_add(text, "\\u%04x", (unsigned)(unsigned char)*c);
    } else {
      horn__text_bytes(text, c, 1);
    }
  }
  horn__text_bytes(text, "\"", 1);
}

void horn__text_number(horn__text *text, double number, bool single) {
  if (isnan(number)) {
    horn__text_add(text, "NaN");
    return;
  }
  if (isinf(number)) {
    horn__text_add(text, number > 0 ? "Infinity" : "-Infinity");
    return;
  }
  if (fabs(number) < 1e15 && !(number < trunc(number)) && !(number > trunc(number))) { /* "10", not "1e+01": Python takes that for no integer */
    horn__text_add(text, "%.0f", number);
    return;
  }
  char digits[40];
  for (int precision = 1; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, number);
    double back = strtod(digits, NULL);
    if (single ? (float)back == (float)number : !(back < number) && !(back > number)) break;
  }
  horn__text_add(text, "%s", digits);
}

horn_status horn__answer(horn_context *ctx, horn__text *text, const char **out) {
  if (text->status != HORN_OK) {
    horn__text_release(text);
    return text->status;
  }
  horn__free(ctx, ctx->answer);
  ctx->answer = text->data;
  *out = text->data;
  return HORN_OK;
}
