/* Sources: groups, arrays that are HDF5 datasets, telling formats apart. */
#include "keras/source.h"

#include <stdio.h>
#include <string.h>

#include "bundle/bundle.h"
#include "zip/zip.h"

void horn__source_init(horn__source *source, horn_context *ctx) {
  *source = (horn__source){.ctx = ctx, .keras_version = "1"};
  horn__arena_init(&source->arena, ctx);
}

void horn__source_release(horn__source *source) {
  horn__h5_close(source->file);
  horn__free(source->ctx, source->groups);
  horn__arena_release(&source->arena);
}

horn_status horn__source_group(horn__source *source, const char *name, size_t capacity, horn__saved_group **out) {
  void *groups = source->groups;
  horn_status status = horn__grow(source->ctx, &groups, &source->group_capacity, source->group_count + 1, sizeof **out);
  source->groups = groups;
  HORN__TRY(status);
  horn__saved_array **arrays = horn__arena_alloc(&source->arena, capacity * sizeof *arrays + 1);
  if (arrays == NULL) return HORN_E_OUT_OF_MEMORY;
  *out = &source->groups[source->group_count++];
  **out = (horn__saved_group){.name = name, .arrays = arrays};
  return HORN_OK;
}

/* ---- arrays of HDF5 ------------------------------------------------------------------------------------------------ */

typedef struct dataset {
  horn__h5 *file;
  horn__h5_object *object;
} dataset;

static horn_status read_dataset(horn_context *ctx, const horn__saved_array *array, float *out) {
  (void)ctx;
  const dataset *from = array->from;
  return horn__h5_read(from->file, from->object, array->name, out, array->count);
}

horn_status horn__source_dataset(horn__source *source, const char *name, horn__h5_object *object, horn__saved_array **out) {
  horn__h5_shape shape;
  HORN__TRY(horn__blame(source->ctx, horn__h5_describe(source->file, object, &shape), "\"%.200s\"", name));
  horn__saved_array *array = horn__arena_alloc(&source->arena, sizeof *array);
  dataset *from = horn__arena_alloc(&source->arena, sizeof *from);
  if (array == NULL || from == NULL) return HORN_E_OUT_OF_MEMORY;
  *from = (dataset){source->file, object};
  *array = (horn__saved_array){.name = name, .rank = shape.rank, .count = shape.count, .read = read_dataset, .from = from};
  for (int32_t i = 0; i < shape.rank; i++) {
    if (shape.dims[i] > INT32_MAX)
      return horn__fail(source->ctx, HORN_E_LIMIT, "\"%.200s\": a dimension of %llu", name, (unsigned long long)shape.dims[i]);
    array->dims[i] = (int32_t)shape.dims[i];
  }
  *out = array;
  return HORN_OK;
}

_Static_assert((int)HORN__H5_MAX_RANK <= (int)HORN_MAX_RANK, "a dataset's dimensions fit an array's");

/* ---- formats --------------------------------------------------------------------------------------------------------- */

static bool starts_with(const void *bytes, size_t size, const char *text) { return size >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0; }

/* What files are, told from names and first bytes, as tensorflowjs_converter names it; NULL: none of these. */
static const char *format_of(const horn_convert_file *files, size_t count) {
  if (horn__file_named(files, count, "saved_model.pb") != NULL) return "keras_saved_model";
  if (horn__file_named(files, count, "model.json") != NULL) return "tfjs_layers_model";
  if (count == 1 && horn__zip_is(files->bytes, files->size)) return "keras_keras";
  return count == 1 && horn__h5_is(files->bytes, files->size) ? "keras" : NULL;
}

/* Says why files are not known. */
static horn_status unknown(horn_context *ctx, const horn_convert_file *files, size_t count) {
  const void *bytes = files->bytes;
  const size_t size = files->size;
  if (count > 1) {
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%zu files, none of them named saved_model.pb or model.json: "
                      "expected one Keras .h5 or .keras file, or all files of one saved model", count);
  }
  if (size == 0) return horn__fail(ctx, HORN_E_FORMAT, "the file is empty");
  if (starts_with(bytes, size, "version https://git-lfs"))
    return horn__fail(ctx, HORN_E_FORMAT, "the file is a Git LFS pointer, not the model: fetch it with \"git lfs pull\"");
  if (starts_with(bytes, size, "{"))
    return horn__fail(ctx, HORN_E_FORMAT, "the file is JSON: if it is a model of TensorFlow.js, name it model.json and give its shards too");
  if (starts_with(bytes, size, "<")) return horn__fail(ctx, HORN_E_FORMAT, "the file looks like a web page: expected a Keras .h5 or .keras file");
  return horn__fail(ctx, HORN_E_FORMAT, "the format is not known: expected HDF5 (.h5) or a zip archive (.keras)");
}

horn_status horn__read_source(horn__source *source, const horn_convert_file *files, size_t count, const char *wanted) {
  const char *found = format_of(files, count);
  if (found == NULL) return unknown(source->ctx, files, count);
  if (wanted != NULL && strcmp(wanted, found) != 0)
    return horn__fail(source->ctx, HORN_E_INVALID_ARGUMENT, "the input format was to be %.40s, found %s", wanted, found);
  if (strcmp(found, "keras_saved_model") == 0) return horn__read_saved_model(source, files, count);
  if (strcmp(found, "tfjs_layers_model") == 0) return horn__read_tfjs(source, horn__file_named(files, count, "model.json"), files, count);
  if (strcmp(found, "keras_keras") == 0) return horn__read_keras_zip(source, files->bytes, files->size);
  return horn__read_keras_h5(source, files->bytes, files->size);
}

const char *horn__dims_text(const int32_t *dims, int32_t rank, char *text, size_t size) {
  size_t at = 0;
  for (int32_t i = 0; i <= rank && at < size; i++) {
    int n = i < rank ? snprintf(text + at, size - at, "%s%d", i == 0 ? "[" : ", ", dims[i]) : snprintf(text + at, size - at, rank == 0 ? "[]" : "]");
    at += n < 0 ? 0 : (size_t)n;
  }
  return text;
}
