/* Add, Concatenate. Reference: keras/src/layers/merging. */
#include "layers/common.h"

/* any_mask: a step counts where any mask says so, and all count where an input has none: Keras 3's rule. Without it a step counts where all
 * masks that are there say so: Keras 2's and TensorFlow.js's. */
typedef struct merge_config {
  int32_t axis; /* of Concatenate */
  bool any_mask;
} merge_config;

static horn_status merge_create(horn__layer *layer) {
  merge_config *config = layer->config;
  config->any_mask = config->any_mask || layer->keras >= 3;
  return HORN_OK;
}

/* ---- masks --------------------------------------------------------------------------------------------------------- */

static int32_t count_masks(const horn__call *call) {
  int32_t count = 0;
  for (int32_t i = 0; i < call->count; i++) count += call->in[i].mask != HORN__NONE;
  return count;
}

static horn__value merge_masks(const horn__call *call) {
  const horn__op *op = ((const merge_config *)call->config)->any_mask ? &horn__op_LogicalOr : &horn__op_LogicalAnd;
  horn__value mask = HORN__NONE;
  for (int32_t i = 0; i < call->count; i++) {
    horn__value other = call->in[i].mask;
    if (other == HORN__NONE) continue;
    mask = mask == HORN__NONE ? other : horn__emit(call->graph, op, NULL, (const horn__value[]){mask, other}, 2);
  }
  return mask;
}

/* ---- Add: inputs of lower rank get dimensions of 1 behind the batch ---------------------------------------------------- */

static bool ranks_differ(const horn__call *call) {
  bool differ = false;
  for (int32_t i = 1; i < call->count; i++) differ = differ || horn__call_type(call, i)->shape.rank != horn__call_type(call, 0)->shape.rank;
  return differ;
}

/* Broadcasting aligns last dimensions. Where ranks differ the batch is moved there for the sum: then it is aligned, and the others too. */
static horn_status add_call(horn__call *call) {
  const merge_config *config = call->config;
  const bool batch_last = ranks_differ(call);
  horn__value sum = HORN__NONE;
  if (batch_last && call->layer->operation) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "an operator on tensors of different ranks");
  for (int32_t i = 0; i < call->count; i++) {
    if (batch_last && horn__call_type(call, i)->shape.rank < 1)
      return horn__layer_fail(call->layer, HORN_E_SHAPE, "input %d is a scalar, others are not", i);
    horn__value term = batch_last ? horn__axis_to_last(call->graph, call->in[i].value, 0) : call->in[i].value;
    sum = i == 0 ? term : horn__add(call->graph, sum, term);
  }
  if (!config->any_mask || count_masks(call) == call->count) call->out[0].mask = merge_masks(call);
  return horn__return(call, batch_last ? horn__axis_from_last(call->graph, sum, 0) : sum);
}

static const horn__field add_rows[] = {HORN__FLAG(merge_config, any_mask)};

const horn__layer_class horn__layer_Add = {
    .name = "Add", .min_inputs = 2, .max_inputs = HORN__MAX_SLOTS, .config = HORN__FIELDS(merge_config, add_rows),
    .create = merge_create, .call = add_call};

/* ---- Concatenate ----------------------------------------------------------------------------------------------------- */

static const horn__field concatenate_rows[] = {HORN__INT(merge_config, axis, NULL, "-1"), HORN__FLAG(merge_config, any_mask)};

/* The mask of an input [B, T, ...] without one: true everywhere. */
static horn__value full_mask(horn__graph *graph, horn__value x) {
  horn__reduce rest = {.axes = {.count = 0}};
  const int32_t rank = horn__type_of(graph, x)->shape.rank;
  for (int32_t i = 2; i < rank; i++) rest.axes.values[rest.axes.count++] = i;
  if (rank > 2) x = HORN__EMIT(graph, Sum, &rest, x);
  x = HORN__EMIT(graph, ZerosLike, NULL, x);
  return HORN__EMIT(graph, Equal, NULL, x, x);
}

/* Masks follow each other where the inputs do so along time; there, and with any_mask, an input without one counts everywhere. */
static horn__value concatenate_masks(const horn__call *call, int32_t axis) {
  const int32_t count = count_masks(call);
  horn__value masks[HORN__MAX_SLOTS];
  if (count == 0 || axis == 0) return HORN__NONE;
  if (axis != 1 && ((const merge_config *)call->config)->any_mask && count < call->count) return full_mask(call->graph, call->in[0].value);
  if (axis != 1) return merge_masks(call);
  for (int32_t i = 0; i < call->count; i++)
    masks[i] = call->in[i].mask == HORN__NONE ? full_mask(call->graph, call->in[i].value) : call->in[i].mask;
  return horn__emit(call->graph, &horn__op_Concat, &(horn__concat){1}, masks, call->count);
}

static horn_status concatenate_call(horn__call *call) {
  const merge_config *config = call->config;
  const int32_t rank = horn__call_type(call, 0)->shape.rank;
  horn__value values[HORN__MAX_SLOTS];
  horn__concat concat;
  if (!horn__axis(config->axis, rank, &concat.axis))
    return horn__layer_fail(call->layer, HORN_E_SHAPE, "axis %d is out of range for inputs of rank %d", config->axis, rank);
  for (int32_t i = 0; i < call->count; i++) values[i] = call->in[i].value;
  call->out[0].mask = rank < 3 ? HORN__NONE : concatenate_masks(call, concat.axis);
  return horn__return(call, horn__emit(call->graph, &horn__op_Concat, &concat, values, call->count));
}

const horn__layer_class horn__layer_Concatenate = {
    .name = "Concatenate", .min_inputs = 1, .max_inputs = HORN__MAX_CONCAT, .config = HORN__FIELDS(merge_config, concatenate_rows),
    .create = merge_create, .call = concatenate_call};
