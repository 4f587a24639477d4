/* Any bytes as an HDF5 file: every object that is reached is read. */
#include <stdlib.h>

#include "fuzz.h"
#include "hdf5/hdf5.h"

enum { MAX_DEPTH = 16, MAX_NUMBERS = 65536 };

static void read_attributes(horn__h5 *h5, horn__h5_object *object) {
  static const char *const names[] = {"layer_names", "weight_names", "split", "fixed", "variable", "model_config"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char **list, *text;
    size_t count;
    bool found;
    (void)horn__h5_texts(h5, object, names[i], &list, &count, &found);
    (void)horn__h5_text(h5, object, names[i], &text);
  }
}

static void read_object(horn__h5 *h5, horn__h5_object *object, int depth) {
  const horn__h5_link *links;
  size_t count;
  horn__h5_shape shape;
  if (depth == MAX_DEPTH || horn__h5_mark(object)) return;
  read_attributes(h5, object);
  if (horn__h5_is_dataset(object) && horn__h5_describe(h5, object, &shape) == HORN_OK && shape.count <= MAX_NUMBERS) {
    float *numbers = malloc(shape.count * sizeof *numbers + 1);
    (void)horn__h5_read(h5, object, "dataset", numbers, shape.count);
    free(numbers);
  }
  if (horn__h5_links(h5, object, &links, &count) != HORN_OK) return;
  for (size_t i = 0; i < count; i++) {
    horn__h5_object *child;
    if (horn__h5_follow(h5, &links[i], &child) == HORN_OK) read_object(h5, child, depth + 1);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  horn_context ctx;
  horn__h5 *h5;
  fuzz_context(&ctx);
  if (horn__h5_open(&ctx, data, size, &h5) == HORN_OK) {
    read_object(h5, horn__h5_root(h5), 0);
    horn__h5_close(h5);
  }
  horn__free_spares(&ctx);
  return 0;
}
