/* Weights as datasets: see weights.h. */
#include "write/weights.h"

static horn_status read_weight(horn_context *ctx, const void *from, void *out) {
  const horn__saved_array *array = from;
  return array->read(ctx, array, out);
}

void horn__h5w_weight(horn__h5w *file, horn__h5w_object *group, const char *path, const horn__target *target) {
  const horn__h5w_array array = {HORN__H5W_FLOAT32, target->rank, target->dims, target->count * sizeof(float), read_weight, target->array};
  horn__h5w_dataset(file, group, path, &array);
}
