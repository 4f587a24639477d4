/* How layers of categories write indices. Reference: keras/src/utils/numerical_utils.py, encode_categorical_inputs. */
#include "layers/encode.h"

#include <string.h>

horn__value horn__as_int(horn__graph *graph, horn__value x) {
  if (x == HORN__NONE || horn__type_of(graph, x)->dtype == HORN_INT32) return x;
  return HORN__EMIT(graph, Cast, &(horn__cast){HORN_INT32}, x);
}

horn__value horn__as_layer_dtype(const horn__call *call, horn__value x) {
  const char *dtype = call->layer->dtype;
  const bool integer = dtype != NULL && (strncmp(dtype, "int", 3) == 0 || strncmp(dtype, "uint", 4) == 0);
  return integer ? horn__as_int(call->graph, x) : x;
}

static horn__value one_hot(horn__graph *graph, horn__value x, int32_t depth) {
  const horn__shape *shape = x == HORN__NONE ? NULL : &horn__type_of(graph, x)->shape;
  const horn__one_hot attributes = {depth, 1, 0, HORN_FLOAT32};
  const horn__axes last = {{1, {-1}}};
  if (shape != NULL && shape->rank > 1 && shape->dims[shape->rank - 1] == 1) x = HORN__EMIT(graph, Squeeze, &last, x);
  return HORN__EMIT(graph, OneHot, &attributes, x);
}

/* The axis of the samples as the last one. */
static horn__value samples(horn__graph *graph, horn__value x) {
  if (x == HORN__NONE) return x;
  const int32_t rank = horn__type_of(graph, x)->shape.rank;
  if (rank == 0) return HORN__EMIT(graph, ExpandDims, (&(horn__axes){{1, {0}}}), x);
  return rank > 2 ? horn__axis_to_last(graph, x, 1) : x;
}

horn__value horn__encode(horn__graph *graph, horn__value x, horn__encoding mode, int32_t depth, horn__value weights) {
  if (mode == HORN__ENCODE_INT) return x;
  if (mode == HORN__ENCODE_ONE_HOT) return one_hot(graph, x, depth);
  const horn__bincount attributes = {depth, mode == HORN__ENCODE_MULTI_HOT};
  return HORN__EMIT(graph, DenseBincount, &attributes, samples(graph, x), samples(graph, weights));
}
