/* Add, Concatenate. Reference: keras/src/layers/merging. */
#include "layers/common.h"

/* ---- masks --------------------------------------------------------------------------------------------------------- */

static horn__value join(horn__graph *graph, horn__value a, horn__value b, const horn__op *op) {
  if (a == HORN__NONE) return b;
  return b == HORN__NONE ? a : horn__emit(graph, op, NULL, (const horn__value[]){a, b}, 2);
}

/* Before Keras 3 a step counts where all masks that are there say so; since then where any does, and without one input's mask all count. */
static horn__value merge_masks(const horn__call *call) {
  const bool any = call->layer->keras >= 3;
  horn__value mask = HORN__NONE;
  for (int32_t i = 0; i < call->count; i++) {
    if (any && call->in[i].mask == HORN__NONE) return HORN__NONE;
    mask = join(call->graph, mask, call->in[i].mask, any ? &horn__op_LogicalOr : &horn__op_LogicalAnd);
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
  const bool batch_last = ranks_differ(call);
  horn__value sum = HORN__NONE;
  if (batch_last && call->layer->operation) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "an operator on tensors of different ranks");
  for (int32_t i = 0; i < call->count; i++) {
    if (batch_last && horn__call_type(call, i)->shape.rank < 1)
      return horn__layer_fail(call->layer, HORN_E_SHAPE, "input %d is a scalar, others are not", i);
    horn__value term = batch_last ? horn__axis_to_last(call->graph, call->in[i].value, 0) : call->in[i].value;
    sum = i == 0 ? term : horn__add(call->graph, sum, term);
  }
  call->out[0].mask = merge_masks(call);
  return horn__return(call, batch_last ? horn__axis_from_last(call->graph, sum, 0) : sum);
}

const horn__layer_class horn__layer_Add = {
    .name = "Add", .min_inputs = 2, .max_inputs = HORN__MAX_SLOTS, .config = HORN__NO_FIELDS, .call = add_call};

/* ---- Concatenate ----------------------------------------------------------------------------------------------------- */

typedef struct concatenate_config {
  int32_t axis;
} concatenate_config;

static const horn__field concatenate_rows[] = {HORN__INT(concatenate_config, axis, NULL, "-1")};

/* The mask of an input [B, T, ...] without one: true everywhere. */
static horn__value full_mask(horn__graph *graph, horn__value x) {
  horn__reduce rest = {.axes = {.count = 0}};
  const int32_t rank = horn__type_of(graph, x)->shape.rank;
  for (int32_t i = 2; i < rank; i++) rest.axes.values[rest.axes.count++] = i;
  if (rank > 2) x = HORN__EMIT(graph, Sum, &rest, x);
  x = HORN__EMIT(graph, ZerosLike, NULL, x);
  return HORN__EMIT(graph, Equal, NULL, x, x);
}

/* Masks follow each other where the inputs do so along time. */
static horn__value concatenate_masks(const horn__call *call, int32_t axis) {
  horn__value masks[HORN__MAX_SLOTS];
  bool none = true;
  for (int32_t i = 0; i < call->count; i++) none = none && call->in[i].mask == HORN__NONE;
  if (none || axis == 0) return HORN__NONE;
  if (axis != 1) return merge_masks(call);
  for (int32_t i = 0; i < call->count; i++)
    masks[i] = call->in[i].mask == HORN__NONE ? full_mask(call->graph, call->in[i].value) : call->in[i].mask;
  return horn__emit(call->graph, &horn__op_Concat, &(horn__concat){1}, masks, call->count);
}

static horn_status concatenate_call(horn__call *call) {
  const concatenate_config *config = call->config;
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
    .name = "Concatenate", .min_inputs = 1, .max_inputs = HORN__MAX_SLOTS, .config = HORN__FIELDS(concatenate_config, concatenate_rows),
    .call = concatenate_call};
