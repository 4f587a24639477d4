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

horn_status horn__read_source(horn__source *source, const horn_convert_file *files, size_t count) {
  if (horn__file_named(files, count, "saved_model.pb") != NULL) return horn__read_saved_model(source, files, count);
  const horn_convert_file *model = horn__file_named(files, count, "model.json");
  if (model != NULL) return horn__read_tfjs(source, model, files, count);
  const void *bytes = files->bytes;
  const size_t size = files->size;
  if (size == 0) return horn__fail(source->ctx, HORN_E_FORMAT, "the file is empty");
  if (horn__zip_is(bytes, size)) return horn__read_keras_zip(source, bytes, size);
  if (horn__h5_is(bytes, size)) return horn__read_keras_h5(source, bytes, size);
  if (starts_with(bytes, size, "version https://git-lfs"))
    return horn__fail(source->ctx, HORN_E_FORMAT, "the file is a Git LFS pointer, not the model: fetch it with \"git lfs pull\"");
  if (starts_with(bytes, size, "{")) return horn__fail(source->ctx, HORN_E_FORMAT, "the file is JSON: expected a Keras .h5 or .keras file");
  if (starts_with(bytes, size, "<"))
    return horn__fail(source->ctx, HORN_E_FORMAT, "the file looks like a web page: expected a Keras .h5 or .keras file");
  return horn__fail(source->ctx, HORN_E_FORMAT, "the format is not known: expected HDF5 (.h5) or a zip archive (.keras)");
}

const char *horn__dims_text(const int32_t *dims, int32_t rank, char *text, size_t size) {
  size_t at = 0;
  for (int32_t i = 0; i <= rank && at < size; i++) {
    int n = i < rank ? snprintf(text + at, size - at, "%s%d", i == 0 ? "[" : ", ", dims[i]) : snprintf(text + at, size - at, rank == 0 ? "[]" : "]");
    at += n < 0 ? 0 : (size_t)n;
  }
  return text;
}
