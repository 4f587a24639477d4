/* TensorFlow.js's layers format: model.json and the shards that its manifest names. Quantized weights become float32 again, as TensorFlow.js
 * reads them. Reference: tfjs-core/src/io/io_utils.ts, decodeWeights. */
#include <string.h>

#include "base/base.h"
#include "bundle/bundle.h"
#include "bytes/number.h"
#include "cJSON.h"
#include "keras/source.h"

/** How elements are stored. */
typedef struct stored {
  const char *name;
  horn__number number;
} stored;

static const stored types[] = {
    {"float32", {HORN__NUMBER_FLOAT32, 4, false}}, {"float16", {HORN__NUMBER_FLOAT16, 2, false}}, {"int32", {HORN__NUMBER_INT, 4, false}},
    {"uint16", {HORN__NUMBER_UINT, 2, false}},     {"uint8", {HORN__NUMBER_UINT, 1, false}},      {"bool", {HORN__NUMBER_UINT, 1, false}},
};

/* The shards of a group, one after the other. */
typedef struct shards {
  const horn_convert_file **files;
  size_t count, bytes;
} shards;

typedef struct weight {
  const shards *from;
  size_t offset;
  const stored *type;
  bool scaled;
  double scale, min;
} weight;

static horn_status damaged(horn__source *source, const char *what) { return horn__fail(source->ctx, HORN_E_FORMAT, "model.json: %s", what); }

/* ---- elements --------------------------------------------------------------------------------------------------------------- */

static void copy_bytes(const shards *from, size_t offset, uint8_t *out, size_t count) {
  for (size_t i = 0; i < from->count && count > 0; i++) {
    const size_t size = from->files[i]->size;
    if (offset >= size) {
      offset -= size;
      continue;
    }
    const size_t part = count < size - offset ? count : size - offset;
    memcpy(out, (const uint8_t *)from->files[i]->bytes + offset, part);
    out += part;
    count -= part;
    offset = 0;
  }
}

static horn_status read_weight(horn_context *ctx, const horn__saved_array *array, float *out) {
  const weight *w = array->from;
  const size_t width = w->type->number.size;
  uint8_t *bytes = horn__alloc(ctx, array->count * width + 1, false);
  if (bytes == NULL) return HORN_E_OUT_OF_MEMORY;
  copy_bytes(w->from, w->offset, bytes, array->count * width);
  horn__numbers_read(&w->type->number, bytes, array->count, out);
  for (size_t i = 0; w->scaled && i < array->count; i++) out[i] = (float)(out[i] * w->scale + w->min);
  horn__free(ctx, bytes);
  return HORN_OK;
}

/* ---- the manifest -------------------------------------------------------------------------------------------------------------- */

static const stored *type_named(const char *name) {
  for (size_t i = 0; name != NULL && i < sizeof types / sizeof types[0]; i++)
    if (strcmp(name, types[i].name) == 0) return &types[i];
  return NULL;
}

static double number_of(const cJSON *json, const char *key, double otherwise) {
  const cJSON *number = horn__json_get(json, key);
  return cJSON_IsNumber(number) ? number->valuedouble : otherwise;
}

static horn_status read_shape(horn__source *source, const cJSON *shape, horn__saved_array *out) {
  const cJSON *dim;
  out->count = 1;
  if (!cJSON_IsArray(shape)) return damaged(source, "a weight has no shape");
  cJSON_ArrayForEach(dim, shape) {
    int64_t number;
    if (out->rank == HORN_MAX_RANK || !horn__json_int(dim, 0, INT32_MAX, &number) || !horn__multiply(out->count, (size_t)number, &out->count))
      return horn__fail(source->ctx, HORN_E_FORMAT, "model.json: the shape of \"%.200s\" is not supported", out->name);
    out->dims[out->rank++] = (int32_t)number;
  }
  return HORN_OK;
}

static horn_status add_weight(horn__source *source, const cJSON *spec, const shards *from, size_t *offset, horn__saved_group *model) {
  horn__saved_array *array = horn__arena_alloc(&source->arena, sizeof *array);
  weight *w = horn__arena_alloc(&source->arena, sizeof *w);
  const char *name = horn__json_text(spec, "name");
  const cJSON *quantization = horn__json_get(spec, "quantization");
  size_t bytes;
  if (array == NULL || w == NULL) return HORN_E_OUT_OF_MEMORY;
  if (name == NULL) return damaged(source, "a weight has no name");
  *w = (weight){.from = from, .offset = *offset, .scale = number_of(quantization, "scale", 1), .min = number_of(quantization, "min", 0)};
  w->type = type_named(horn__json_text(quantization == NULL ? spec : quantization, "dtype"));
  w->scaled = quantization != NULL && w->type != NULL && w->type->number.kind == HORN__NUMBER_UINT;
  *array = (horn__saved_array){.name = horn__arena_text(&source->arena, name), .read = read_weight, .from = w};
  if (array->name == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(read_shape(source, horn__json_get(spec, "shape"), array));
  if (w->type == NULL)
    return horn__fail(source->ctx, HORN_E_UNSUPPORTED, "model.json: \"%.200s\" has a dtype that is not supported", name);
  if (!horn__multiply(array->count, w->type->number.size, &bytes) || bytes > from->bytes - *offset)
    return horn__fail(source->ctx, HORN_E_FORMAT, "model.json: the shards end before \"%.200s\" does", name);
  *offset += bytes;
  model->arrays[model->count++] = array;
  return HORN_OK;
}

static horn_status read_shards(horn__source *source, const cJSON *paths, const horn_convert_file *files, size_t count, shards *out) {
  const cJSON *path;
  out->files = horn__arena_alloc(&source->arena, (size_t)cJSON_GetArraySize(paths) * sizeof *out->files + 1);
  if (out->files == NULL) return HORN_E_OUT_OF_MEMORY;
  cJSON_ArrayForEach(path, paths) {
    const horn_convert_file *file = cJSON_IsString(path) ? horn__file_named(files, count, path->valuestring) : NULL;
    if (file == NULL)
      return horn__fail(source->ctx, HORN_E_NOT_FOUND, "model.json: the shard \"%.200s\" is not there",
                        cJSON_IsString(path) ? path->valuestring : "?");
    out->files[out->count++] = file;
    out->bytes += file->size;
  }
  return HORN_OK;
}

static horn_status read_group(horn__source *source, const cJSON *group, const horn_convert_file *files, size_t count) {
  const cJSON *weights = horn__json_get(group, "weights"), *spec;
  shards *from = horn__arena_alloc(&source->arena, sizeof *from);
  horn__saved_group *model;
  size_t offset = 0;
  if (from == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(read_shards(source, horn__json_get(group, "paths"), files, count, from));
  HORN__TRY(horn__source_group(source, "", (size_t)cJSON_GetArraySize(weights), &model));
  cJSON_ArrayForEach(spec, weights) HORN__TRY(add_weight(source, spec, from, &offset, model));
  return offset == from->bytes ? HORN_OK : damaged(source, "the shards have more bytes than the weights");
}

static horn_status keep_json(horn__source *source, const cJSON *json, const char **out) {
  horn__text text;
  if (json == NULL) return HORN_OK;
  horn__text_init(&text, source->ctx);
  horn__json_write(&text, json);
  horn_status status = text.status;
  if (status == HORN_OK) *out = horn__arena_text(&source->arena, text.data);
  horn__text_release(&text);
  return status == HORN_OK && *out == NULL ? HORN_E_OUT_OF_MEMORY : status;
}

static horn_status read_json(horn__source *source, const cJSON *json, const horn_convert_file *files, size_t count) {
  const cJSON *topology = horn__json_get(json, "modelTopology"), *training = horn__json_get(json, "trainingConfig"), *group;
  if (topology == NULL) return damaged(source, "it has no modelTopology: expected a model in TensorFlow.js's layers format");
  const char *format = horn__json_text(json, "format"), *version = horn__json_text(topology, "keras_version");
  if (format != NULL && strcmp(format, "graph-model") == 0)
    return horn__fail(source->ctx, HORN_E_UNSUPPORTED, "model.json: it is a graph model, which has no layers");
  source->keras_version = version == NULL ? "2" : horn__arena_text(&source->arena, version);
  if (source->keras_version == NULL) return HORN_E_OUT_OF_MEMORY;
  if (training == NULL) training = horn__json_get(topology, "training_config");
  HORN__TRY(keep_json(source, topology, &source->topology));
  source->config = source->topology;
  HORN__TRY(keep_json(source, training, &source->training_config));
  cJSON_ArrayForEach(group, horn__json_get(json, "weightsManifest")) HORN__TRY(read_group(source, group, files, count));
  return HORN_OK;
}

horn_status horn__read_tfjs(horn__source *source, const horn_convert_file *model, const horn_convert_file *files, size_t count) {
  cJSON *json;
  source->format = "TensorFlow.js layers model";
  source->grouping = HORN__BY_NAME;
  HORN__TRY(horn__json_parse(source->ctx, "model.json", model->bytes, model->size, HORN__MAX_MODEL_DEPTH, &json));
  horn_status status = read_json(source, json, files, count);
  horn__json_release(json);
  return status;
}
