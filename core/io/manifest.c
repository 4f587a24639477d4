/* Reads a weightsManifest of a model.json; quantization as TensorFlow.js has it. Reference: tfjs-core/src/io/{types,io_utils}.ts. */
#include "io/manifest.h"

#include <math.h>
#include <string.h>

#include "cJSON.h"

typedef struct stored {
  const char *name;
  size_t size;
} stored;

static const stored storages[] = {
    [HORN__STORED_FLOAT32] = {"float32", 4}, [HORN__STORED_INT32] = {"int32", 4}, [HORN__STORED_BOOL] = {"bool", 1},
    [HORN__STORED_STRING] = {"string", 4 /* at least: the length */},
    [HORN__STORED_FLOAT16] = {"float16", 2}, [HORN__STORED_UINT8] = {"uint8", 1}, [HORN__STORED_UINT16] = {"uint16", 2},
};
enum { STORAGES = sizeof storages / sizeof storages[0] };

static bool storage_named(const char *name, horn__storage *out) {
  for (int i = 0; name != NULL && i < STORAGES; i++) {
    if (strcmp(storages[i].name, name) != 0) continue;
    *out = (horn__storage)i;
    return true;
  }
  return false;
}

static horn_status read_shape(horn_context *ctx, const cJSON *json, horn__array *out) {
  const cJSON *shape = horn__json_get(json, "shape"), *item;
  if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > HORN_MAX_RANK)
    return horn__fail(ctx, HORN_E_FORMAT, "weight \"%.100s\": expected a shape of at most %d dimensions", out->name, HORN_MAX_RANK);
  out->elements = 1;
  cJSON_ArrayForEach(item, shape) {
    int64_t dim;
    if (!horn__json_int(item, 0, INT32_MAX, &dim) || !horn__multiply(out->elements, (size_t)dim, &out->elements))
      return horn__fail(ctx, HORN_E_FORMAT, "weight \"%.100s\": a dimension of its shape is no size", out->name);
    out->dims[out->rank++] = (int32_t)dim;
  }
  return HORN_OK;
}

static horn_status read_quantization(horn_context *ctx, const cJSON *json, horn__array *out) {
  const cJSON *scale = horn__json_get(json, "scale"), *minimum = horn__json_get(json, "min");
  const char *dtype = horn__json_text(json, "dtype");
  bool affine = false;
  if (storage_named(dtype, &out->storage)) {
    affine = out->storage == HORN__STORED_UINT8 || out->storage == HORN__STORED_UINT16;
    if (out->storage == HORN__STORED_FLOAT16 && out->dtype == HORN_FLOAT32) return HORN_OK;
  }
  if (!affine || out->dtype == HORN_BOOL || out->dtype == HORN_STRING || !cJSON_IsNumber(scale) || !cJSON_IsNumber(minimum))
    return horn__fail(ctx, HORN_E_UNSUPPORTED, "weight \"%.100s\": quantization to %.20s is not supported", out->name, dtype == NULL ? "?" : dtype);
  out->scale = scale->valuedouble;
  out->minimum = minimum->valuedouble;
  return HORN_OK;
}

static horn_status read_array(horn_context *ctx, const cJSON *json, horn__array *out) {
  out->name = horn__json_text(json, "name");
  if (out->name == NULL) return horn__fail(ctx, HORN_E_FORMAT, "weightsManifest: a weight has no name");
  HORN__TRY(read_shape(ctx, json, out));
  const char *group = horn__json_text(json, "group");
  out->optimizer = group != NULL && strcmp(group, "optimizer") == 0;
  const char *dtype = horn__json_text(json, "dtype");
  if (!storage_named(dtype, &out->storage) || out->storage > HORN__STORED_STRING)
    return horn__fail(ctx, HORN_E_UNSUPPORTED, "weight \"%.100s\": dtype %.20s is not supported, expected float32, int32, bool or string", out->name,
                      dtype == NULL ? "?" : dtype);
  static const horn_dtype dtypes[] = {HORN_FLOAT32, HORN_INT32, HORN_BOOL, HORN_STRING}; /* by storage */
  out->dtype = dtypes[out->storage];
  const cJSON *quantization = horn__json_get(json, "quantization");
  return quantization == NULL ? HORN_OK : read_quantization(ctx, quantization, out);
}

/* How many bytes strings take; more than `left` where one ends behind them. */
static size_t strings_size(const unsigned char *data, size_t left, size_t count) {
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    if (left - at < 4) return left + 1;
    const size_t length = (size_t)data[at] | (size_t)data[at + 1] << 8 | (size_t)data[at + 2] << 16 | (size_t)data[at + 3] << 24;
    if (length > left - at - 4) return left + 1;
    at += 4 + length;
  }
  return at;
}

/* Takes the array's bytes off the front of what is left. */
static horn_status take_bytes(horn_context *ctx, const unsigned char *data, size_t bytes, horn__manifest *manifest, horn__array *array) {
  const size_t left = bytes - manifest->bytes;
  size_t size;
  bool fits = horn__multiply(array->elements, storages[array->storage].size, &size) && size <= left;
  if (fits && array->storage == HORN__STORED_STRING) {
    size = strings_size(data + manifest->bytes, left, array->elements);
    fits = size <= left;
  }
  if (!fits)
    return horn__fail(ctx, HORN_E_FORMAT, "weight \"%.100s\": expected %zu elements of %s, but only %zu bytes of weights are left", array->name,
                      array->elements, storages[array->storage].name, left);
  array->data = data + manifest->bytes;
  array->bytes = size;
  manifest->bytes += size;
  return HORN_OK;
}

static size_t count_arrays(const cJSON *json) {
  size_t count = 0;
  const cJSON *group;
  cJSON_ArrayForEach(group, json) count += (size_t)cJSON_GetArraySize(horn__json_get(group, "weights"));
  return count;
}

horn_status horn__manifest_read(horn__arena *arena, const cJSON *json, const void *data, size_t bytes, horn__manifest *out) {
  horn_context *ctx = arena->ctx;
  static const unsigned char nothing[1];
  if (data == NULL && bytes != 0) return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "weights: expected %zu bytes, got NULL", bytes);
  const unsigned char *start = data == NULL ? nothing : data;
  const cJSON *group, *weight;
  size_t count = count_arrays(json);
  *out = (horn__manifest){.arrays = horn__arena_alloc(arena, count * sizeof(horn__array) + 1)};
  if (out->arrays == NULL) return HORN_E_OUT_OF_MEMORY;
  cJSON_ArrayForEach(group, json) {
    cJSON_ArrayForEach(weight, horn__json_get(group, "weights")) {
      horn__array *array = &out->arrays[out->count];
      HORN__TRY(read_array(ctx, weight, array));
      HORN__TRY(take_bytes(ctx, start, bytes, out, array));
      out->count++;
    }
  }
  if (out->bytes != bytes)
    return horn__fail(ctx, HORN_E_FORMAT, "weights: the manifest describes %zu bytes, got %zu", out->bytes, bytes);
  return HORN_OK;
}

float horn__half_to_float(uint16_t half) {
  int exponent = half >> 10 & 31, fraction = half & 1023;
  double value = exponent == 0 ? ldexp(fraction, -24) : exponent == 31 ? (fraction == 0 ? INFINITY : NAN) : ldexp(fraction + 1024, exponent - 25);
  return (float)(half >> 15 ? -value : value);
}

/* Stored element i of an integer storage. */
static double load(const horn__array *array, size_t i) {
  if (array->storage == HORN__STORED_UINT8) return array->data[i];
  return array->data[2 * i] | array->data[2 * i + 1] << 8;
}

/* Float as TensorFlow.js computes it: in double, then rounded to float. */
static void decode_affine(const horn__array *array, void *out) {
  for (size_t i = 0; i < array->elements; i++) {
    double value = load(array, i) * array->scale + array->minimum;
    if (array->dtype == HORN_FLOAT32)
      ((float *)out)[i] = (float)value;
    else
      ((int32_t *)out)[i] = value >= INT32_MAX ? INT32_MAX : value <= INT32_MIN ? INT32_MIN : isnan(value) ? 0 : (int32_t)floor(value + 0.5);
  }
}

void horn__array_decode(const horn__array *array, void *out) {
  switch (array->storage) {
    case HORN__STORED_FLOAT32:
    case HORN__STORED_INT32:
    case HORN__STORED_BOOL:
      memcpy(out, array->data, array->bytes);
      break;
    case HORN__STORED_STRING: break; /* no weight of a layer is one: refused before */
    case HORN__STORED_FLOAT16:
      for (size_t i = 0; i < array->elements; i++) ((float *)out)[i] = horn__half_to_float((uint16_t)load(array, i));
      break;
    case HORN__STORED_UINT8:
    case HORN__STORED_UINT16:
      decode_affine(array, out);
      break;
  }
}
