/* Permute and RepeatVector. Reference: keras/src/layers/reshaping/permute.py, repeat_vector.py. */
#include "layers/common.h"

/* ---- Permute: axis i of the result is axis dims[i - 1] of the input; the batch stays ------------------------------------------ */

typedef struct permute_config {
  horn__ints dims; /* from 1 on */
} permute_config;

static const horn__field permute_rows[] = {HORN__INTS(permute_config, dims, NULL, NULL)};

static horn_status permute_create(horn__layer *layer) {
  const horn__ints *dims = &((const permute_config *)layer->config)->dims;
  uint32_t seen = 0;
  if (dims->count < 1 || dims->count >= HORN_MAX_RANK)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "dims must have 1 to %d numbers, got %d", HORN_MAX_RANK - 1, dims->count);
  for (int32_t i = 0; i < dims->count; i++)
    if (dims->values[i] >= 1 && dims->values[i] <= dims->count) seen |= 1u << dims->values[i];
  if (seen == (1u << (dims->count + 1)) - 2) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "dims must be the numbers 1 to %d in some order", dims->count);
}

static horn_status permute_call(horn__call *call) {
  const permute_config *config = call->config;
  horn__transpose order = {.permutation = {.count = config->dims.count + 1}};
  for (int32_t i = 0; i < config->dims.count; i++) order.permutation.values[i + 1] = config->dims.values[i];
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), order.permutation.count));
  return horn__return(call, HORN__EMIT(call->graph, Transpose, &order, call->in[0].value));
}

const horn__layer_class horn__layer_Permute = {
    .name = "Permute", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(permute_config, permute_rows), .create = permute_create,
    .call = permute_call};

/* ---- RepeatVector: [B, F] -> [B, n, F] ------------------------------------------------------------------------------------------ */

typedef struct repeat_config {
  int32_t n;
} repeat_config;

static const horn__field repeat_rows[] = {HORN__INT(repeat_config, n, NULL, NULL)};

static horn_status repeat_create(horn__layer *layer) {
  return horn__check_least(layer, "n", &((const repeat_config *)layer->config)->n, 1, 1);
}

static horn_status repeat_call(horn__call *call) {
  static const horn__axes step = {.axes = {1, {1}}};
  const repeat_config *config = call->config;
  const horn__tile reps = {.reps = {3, {1, config->n, 1}}};
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 2));
  return horn__return(call, HORN__EMIT(call->graph, Tile, &reps, HORN__EMIT(call->graph, ExpandDims, &step, call->in[0].value)));
}

const horn__layer_class horn__layer_RepeatVector = {
    .name = "RepeatVector", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(repeat_config, repeat_rows), .create = repeat_create,
    .call = repeat_call};
