/* Any bytes as a model file, .keras or .h5: its config and all its arrays are read. */
#include <stdlib.h>

#include "fuzz.h"
#include "keras/source.h"

enum { MAX_NUMBERS = 65536 };

static void read_arrays(horn__source *source) {
  for (size_t g = 0; g < source->group_count; g++) {
    const horn__saved_group *group = &source->groups[g];
    for (size_t i = 0; i < group->count; i++) {
      const horn__saved_array *array = group->arrays[i];
      float *numbers = array->count > MAX_NUMBERS ? NULL : malloc(array->count * sizeof *numbers + 1);
      if (numbers != NULL) (void)array->read(source->ctx, array, numbers);
      free(numbers);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  horn_context ctx;
  horn__source source;
  fuzz_context(&ctx);
  horn__source_init(&source, &ctx);
  if (horn__read_source(&source, &(horn_convert_file){"", data, size}, 1, NULL) == HORN_OK) read_arrays(&source);
  horn__source_release(&source);
  horn__free_spares(&ctx);
  return 0;
}
