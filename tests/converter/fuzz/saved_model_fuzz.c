/* A SavedModel of real Keras with patches: the input is a list of (file, place, length, byte) that are written over its files, so that a fuzzer
 * gets deep at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "fuzz.h"
#include "keras/source.h"

enum { PATCH = 6, MAX_NUMBERS = 65536 };

static model_files original;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  model_read(FOLDER, "k2_15_text.saved_model", &original);
  return 0;
}

/* Copies of exactly the files' sizes; the first may be cut off. */
static void copy_files(model_files *out, const uint8_t *data, size_t size) {
  *out = original;
  for (size_t i = 0; i < out->count; i++) {
    horn_convert_file *file = &out->files[i];
    if (size >= 3 && data[0] % 8 == i) file->size = file->size * (data[1] + 256u * data[2]) / 65536;
    unsigned char *bytes = malloc(file->size + 1);
    if (bytes == NULL) exit(1);
    memcpy(bytes, original.files[i].bytes, file->size);
    file->bytes = bytes;
  }
}

static void apply(model_files *model, const uint8_t *patch) {
  const horn_convert_file *file = &model->files[patch[0] % model->count];
  size_t at = (patch[1] + 256u * patch[2] + 65536u * patch[3]) % (file->size + 1), length = patch[4] % 8u;
  for (size_t i = at; i < at + length && i < file->size; i++) ((unsigned char *)file->bytes)[i] = patch[5];
}

static void read_arrays(const horn__source *source) {
  for (size_t g = 0; g < source->group_count; g++) {
    for (size_t i = 0; i < source->groups[g].count; i++) {
      const horn__saved_array *array = source->groups[g].arrays[i];
      float *numbers = array->count > MAX_NUMBERS ? NULL : malloc(array->count * sizeof *numbers + 1);
      if (numbers != NULL) (void)array->read(source->ctx, array, numbers);
      free(numbers);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  horn_context ctx;
  horn__source source;
  model_files model;
  copy_files(&model, data, size);
  for (size_t at = 3; at + PATCH <= size; at += PATCH) apply(&model, data + at);
  fuzz_context(&ctx);
  horn__source_init(&source, &ctx);
  if (horn__read_source(&source, model.files, model.count, NULL) == HORN_OK) read_arrays(&source);
  horn__source_release(&source);
  horn__free_spares(&ctx);
  model_release(&model);
  return 0;
}
