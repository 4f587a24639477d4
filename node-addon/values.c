/* JavaScript values to C arguments, and results back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"

static bool type_error(addon_call *call, size_t index, const char *expected) {
  char message[128];
  snprintf(message, sizeof message, "argument %zu: expected %s", index, expected);
  napi_throw_type_error(call->env, "INVALID_ARGUMENT", message);
  return false;
}

static bool is_nothing(addon_call *call, size_t index) {
  napi_valuetype type;
  if (index >= call->count || napi_typeof(call->env, call->arguments[index], &type) != napi_ok) return true;
  return type == napi_undefined || type == napi_null;
}

bool addon_read_text(addon_call *call, size_t index, addon_text *out) {
  size_t length;
  if (index >= call->count || napi_get_value_string_utf8(call->env, call->arguments[index], NULL, 0, &length) != napi_ok)
    return type_error(call, index, "a string");
  out->data = malloc(length + 1);
  if (out->data == NULL) return type_error(call, index, "a shorter string: memory is used up");
  return napi_get_value_string_utf8(call->env, call->arguments[index], out->data, length + 1, &out->length) == napi_ok;
}

bool addon_read_optional_text(addon_call *call, size_t index, addon_text *out) {
  return is_nothing(call, index) || addon_read_text(call, index, out);
}

void addon_free_text(addon_text *text) { free(text->data); }

static bool read_bytes(addon_call *call, size_t index, napi_value value, addon_bytes *out) {
  bool typed = false, view = false, buffer = false;
  napi_is_typedarray(call->env, value, &typed);
  if (!typed) napi_is_dataview(call->env, value, &view);
  if (!typed && !view) napi_is_arraybuffer(call->env, value, &buffer);
  if (buffer) return napi_get_arraybuffer_info(call->env, value, &out->data, &out->length) == napi_ok;
  if (view) return napi_get_dataview_info(call->env, value, &out->length, &out->data, NULL, NULL) == napi_ok;
  if (!typed) return type_error(call, index, "a typed array or an ArrayBuffer");
  static const size_t widths[] = {[napi_int8_array] = 1, [napi_uint8_array] = 1, [napi_uint8_clamped_array] = 1, [napi_int16_array] = 2,
                                  [napi_uint16_array] = 2, [napi_int32_array] = 4, [napi_uint32_array] = 4, [napi_float32_array] = 4,
                                  [napi_float64_array] = 8, [napi_bigint64_array] = 8, [napi_biguint64_array] = 8};
  napi_typedarray_type type;
  size_t elements;
  if (napi_get_typedarray_info(call->env, value, &type, &elements, &out->data, NULL, NULL) != napi_ok ||
      (size_t)type >= sizeof widths / sizeof widths[0])
    return type_error(call, index, "a typed array of a known type");
  out->length = elements * widths[type];
  return true;
}

bool addon_read_bytes(addon_call *call, size_t index, addon_bytes *out) {
  if (is_nothing(call, index)) return true;
  if (!read_bytes(call, index, call->arguments[index], out)) return false;
  if (out->data == NULL) out->data = call->arguments; /* no bytes are not missing ones; nobody touches them */
  return true;
}

/* Length of an array or a typed array, or false. */
static bool list_length(addon_call *call, size_t index, uint32_t *length) {
  bool array = false, typed = false;
  if (index >= call->count) return false;
  napi_is_array(call->env, call->arguments[index], &array);
  if (array) return napi_get_array_length(call->env, call->arguments[index], length) == napi_ok;
  napi_is_typedarray(call->env, call->arguments[index], &typed);
  size_t elements = 0;
  if (!typed || napi_get_typedarray_info(call->env, call->arguments[index], NULL, &elements, NULL, NULL, NULL) != napi_ok) return false;
  *length = (uint32_t)elements;
  return true;
}

/* Whether a value is an integer between two, which heap.js asks for too. */
static bool read_integer(addon_call *call, napi_value value, int64_t low, int64_t high, int64_t *out) {
  double number;
  if (napi_get_value_double(call->env, value, &number) != napi_ok) return false;
  if (!(number >= (double)low && number <= (double)high) || number != (double)(int64_t)number) return false;
  *out = (int64_t)number;
  return true;
}

static bool list_element(addon_call *call, size_t index, uint32_t i, int64_t low, int64_t high, int64_t *out) {
  napi_value element;
  return napi_get_element(call->env, call->arguments[index], i, &element) == napi_ok && read_integer(call, element, low, high, out);
}

bool addon_read_shape(addon_call *call, size_t index, addon_shape *out) {
  uint32_t length;
  if (!list_length(call, index, &length) || length > HORN_MAX_RANK) return type_error(call, index, "an array of at most 8 dimensions");
  for (uint32_t i = 0; i < length; i++) {
    int64_t dim;
    if (!list_element(call, index, i, INT32_MIN, INT32_MAX, &dim)) return type_error(call, index, "an array of integers");
    out->dims[i] = (int32_t)dim;
  }
  out->rank = length;
  return true;
}

bool addon_room(addon_call *call, size_t count, addon_handles *out) {
  out->handles = count <= ADDON_MAX_RESULTS ? out->few : malloc(count * sizeof *out->handles);
  if (out->handles == NULL) {
    napi_throw_error(call->env, "OUT_OF_MEMORY", "memory is used up");
    return false;
  }
  out->count = count;
  return true;
}

void addon_free_handles(addon_handles *handles) {
  if (handles->handles != handles->few) free(handles->handles);
}

bool addon_read_handles(addon_call *call, size_t index, addon_handles *out) {
  uint32_t length;
  if (!list_length(call, index, &length)) return type_error(call, index, "an array of handles");
  if (!addon_room(call, length, out)) return false;
  for (uint32_t i = 0; i < length; i++) {
    int64_t handle;
    if (!list_element(call, index, i, 0, UINT32_MAX, &handle)) return type_error(call, index, "an array of handles");
    out->handles[i] = (uint32_t)handle;
  }
  return true;
}

bool addon_read_like(addon_call *call, size_t index, const addon_handles *list, addon_handles *out) {
  if (is_nothing(call, index)) return true;
  if (!addon_read_handles(call, index, out)) return false;
  return out->count == list->count || type_error(call, index, "as many handles as the list before it has");
}

bool addon_read_number(addon_call *call, size_t index, uint32_t *out) {
  int64_t number;
  if (index >= call->count || !read_integer(call, call->arguments[index], 0, UINT32_MAX, &number))
    return type_error(call, index, "an unsigned integer");
  *out = (uint32_t)number;
  return true;
}

/* ---- results ------------------------------------------------------------------------------------------------------------------ */

static const char *const codes[] = {
    "OK",
#define HORN_ERROR(NAME, code, meaning) code,
#include "errors.def"
#undef HORN_ERROR
};

static napi_value error_of(napi_env env, horn_status status, napi_value message) {
  napi_value code, error = NULL;
  napi_create_string_utf8(env, codes[status], NAPI_AUTO_LENGTH, &code);
  napi_create_error(env, code, message, &error);
  return error;
}

/* Everything below that makes objects leaves first: setters on Array.prototype, or on Error's, are JavaScript. */

bool addon_check(addon_call *call, horn_status status) {
  if (status == HORN_OK) return true;
  napi_value message = addon_string(call, horn_last_error(call->ctx));
  addon_leave(call);
  napi_throw(call->env, error_of(call->env, status, message));
  return false;
}

napi_value addon_error(napi_env env, horn_status status, const char *message) {
  napi_value text = NULL;
  napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text);
  return error_of(env, status, text);
}

napi_value addon_undefined(addon_call *call) {
  napi_value result = NULL;
  napi_get_undefined(call->env, &result);
  return result;
}

napi_value addon_number(addon_call *call, uint32_t number) {
  napi_value result = NULL;
  napi_create_uint32(call->env, number, &result);
  return result;
}

napi_value addon_copy(addon_call *call, const void *data, size_t bytes) {
  napi_value result = NULL;
  napi_create_buffer_copy(call->env, bytes, data, NULL, &result);
  return result;
}

napi_value addon_string(addon_call *call, const char *text) {
  napi_value result = NULL;
  napi_create_string_utf8(call->env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

napi_value addon_list(addon_call *call, const addon_handles *list) {
  napi_value result = NULL;
  addon_leave(call);
  napi_create_array_with_length(call->env, list->count, &result);
  for (size_t i = 0; i < list->count; i++) napi_set_element(call->env, result, (uint32_t)i, addon_number(call, list->handles[i]));
  return result;
}

/* 0 stands for a tensor that is absent: its numbers are 0. */
static void write_type(addon_call *call, uint32_t tensor, unsigned char *out) {
  int32_t numbers[2 + HORN_MAX_RANK] = {0};
  horn_dtype dtype = HORN_FLOAT32;
  size_t rank = 0;
  if (tensor != 0) horn_tensor_info(call->ctx, tensor, &dtype, numbers + 2, &rank);
  numbers[0] = (int32_t)dtype;
  numbers[1] = (int32_t)rank;
  memcpy(out, numbers, sizeof numbers);
}

napi_value addon_typed(addon_call *call, const addon_handles *list, const addon_bytes *types) {
  enum { TYPE_BYTES = (2 + HORN_MAX_RANK) * sizeof(int32_t) };
  for (size_t i = 0; i < list->count && (i + 1) * TYPE_BYTES <= types->length; i++)
    write_type(call, list->handles[i], (unsigned char *)types->data + i * TYPE_BYTES);
  return addon_list(call, list);
}

napi_value addon_info(addon_call *call, horn_dtype dtype, const int32_t *shape, size_t rank) {
  napi_value result = NULL, list, dim;
  addon_leave(call);
  napi_create_object(call->env, &result);
  napi_create_array_with_length(call->env, rank, &list);
  for (size_t i = 0; i < rank; i++) {
    napi_create_int32(call->env, shape[i], &dim);
    napi_set_element(call->env, list, (uint32_t)i, dim);
  }
  napi_set_named_property(call->env, result, "dtype", addon_number(call, (uint32_t)dtype));
  napi_set_named_property(call->env, result, "shape", list);
  return result;
}
