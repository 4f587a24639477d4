/* Flatten, Reshape. Reference: keras/src/layers/reshaping. */
#include "layers/common.h"

/* ---- Flatten ----------------------------------------------------------------------------------------------------- */

typedef struct flatten_config {
  int32_t data_format;
} flatten_config;

static const horn__field flatten_rows[] = {HORN__DATA_FORMAT_ROW(flatten_config)};

/* Channels-first inputs are flattened as if they were channels-last, so that what follows need not know. */
static horn_status flatten_call(horn__call *call) {
  const flatten_config *config = call->config;
  const horn__shape *x = &horn__call_type(call, 0)->shape;
  if (x->rank < 1) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected an input of rank 1 or more, got a scalar");
  int64_t size = horn__shape_span(x, 1, x->rank);
  if (size < 0 || size > INT32_MAX)
    return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected an input with all dimensions known except the first");
  const horn__reshape flat = {.shape = {2, {-1, (int32_t)size}}};
  horn__value values = x->rank < 3 ? call->in[0].value : horn__to_channels_last(call->graph, call->in[0].value, config->data_format);
  return horn__return(call, HORN__EMIT(call->graph, Reshape, &flat, values));
}

const horn__layer_class horn__layer_Flatten = {
    .name = "Flatten", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(flatten_config, flatten_rows), .call = flatten_call};

/* ---- Reshape ----------------------------------------------------------------------------------------------------- */

typedef struct reshape_config {
  horn__ints target_shape;
} reshape_config;

static const horn__field reshape_rows[] = {HORN__INTS(reshape_config, target_shape, NULL, NULL)};

static horn_status reshape_create(horn__layer *layer) {
  const horn__ints *target = &((const reshape_config *)layer->config)->target_shape;
  if (target->count + 1 > HORN_MAX_RANK)
    return horn__layer_fail(layer, HORN_E_LIMIT, "target_shape has more than %d dimensions", HORN_MAX_RANK - 1);
  int32_t open = 0;
  for (int32_t i = 0; i < target->count; i++) open += target->values[i] < 0;
  if (open > 1) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "target_shape can have at most one -1, got %d", open);
  return horn__check_least(layer, "target_shape", target->values, target->count, -1);
}

/* Product of the known dimensions of the target, -1 where it is too large. */
static int64_t known_size(const horn__ints *target) {
  int64_t size = 1;
  for (int32_t i = 0; i < target->count; i++)
    if (target->values[i] >= 0 && (size *= target->values[i]) > INT32_MAX) return -1;
  return size;
}

/* The batch stays first; a -1 in the target is what is left of the known dimensions. */
static horn_status reshape_call(horn__call *call) {
  const horn__ints *target = &((const reshape_config *)call->config)->target_shape;
  const horn__shape *x = &horn__call_type(call, 0)->shape;
  if (x->rank < 1) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected an input of rank 1 or more, got a scalar");
  int64_t size = horn__shape_span(x, 1, x->rank), known = known_size(target);
  if (known < 0) return horn__layer_fail(call->layer, HORN_E_LIMIT, "target_shape is too large");
  horn__reshape to = {.shape = {.count = target->count + 1, .values = {-1}}, .keep_first = true};
  for (int32_t i = 0; i < target->count; i++) {
    to.shape.values[i + 1] = target->values[i];
    if (target->values[i] < 0 && size >= 0 && known > 0 && size % known == 0) to.shape.values[i + 1] = (int32_t)(size / known);
  }
  return horn__return(call, HORN__EMIT(call->graph, Reshape, &to, call->in[0].value));
}

const horn__layer_class horn__layer_Reshape = {
    .name = "Reshape", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(reshape_config, reshape_rows),
    .create = reshape_create, .call = reshape_call};
