/* Layers that make one tensor of several: Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate. Reference:
 * keras/src/layers/merging, tf_keras/src/layers/merging. */
#include "layers/common.h"

/* any_mask: a step counts where any mask says so, and all count where an input has none: Keras 3's rule. Without it a step counts where all
 * masks that are there say so: Keras 2's and TensorFlow.js's. With it, Multiply, Maximum and Minimum leave masked steps of an input out. */
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

/* The mask of the result of an element-wise layer. */
static void pass_masks(horn__call *call) {
  if (!((const merge_config *)call->config)->any_mask || count_masks(call) == call->count) call->out[0].mask = merge_masks(call);
}

/* ---- element-wise: inputs of lower rank get dimensions of 1 behind the batch ------------------------------------------------ */

static const horn__field merge_rows[] = {HORN__OWN(merge_config, any_mask)};

/* Each input in the highest rank of all. */
static horn_status align(const horn__call *call, horn__value *out) {
  int32_t most = 0;
  for (int32_t i = 0; i < call->count; i++)
    if (horn__call_type(call, i)->shape.rank > most) most = horn__call_type(call, i)->shape.rank;
  for (int32_t i = 0; i < call->count; i++) {
    const int32_t rank = horn__call_type(call, i)->shape.rank;
    horn__axes ones = {.axes = {.count = most - rank}};
    out[i] = call->in[i].value;
    if (rank == most) continue;
    if (rank < 1) return horn__layer_fail(call->layer, HORN_E_SHAPE, "input %d is a scalar, others are not", i);
    for (int32_t d = 0; d < ones.axes.count; d++) ones.axes.values[d] = 1 + d;
    out[i] = HORN__EMIT(call->graph, ExpandDims, &ones, out[i]);
  }
  return call->graph->status;
}

static horn_status combine(horn__call *call, const horn__op *op, horn__value *out) {
  horn__value values[HORN__MAX_SLOTS];
  HORN__TRY(align(call, values));
  *out = values[0];
  for (int32_t i = 1; i < call->count; i++) *out = horn__emit(call->graph, op, NULL, (const horn__value[]){*out, values[i]}, 2);
  pass_masks(call);
  return call->graph->status;
}

static horn_status add_call(horn__call *call) {
  horn__value y;
  HORN__TRY(combine(call, &horn__op_Add, &y));
  return horn__return(call, y);
}

static horn_status subtract_call(horn__call *call) {
  horn__value y;
  HORN__TRY(combine(call, &horn__op_Sub, &y));
  return horn__return(call, y);
}

static horn_status average_call(horn__call *call) {
  horn__value y;
  HORN__TRY(combine(call, &horn__op_Add, &y));
  return horn__return(call, horn__div(call->graph, y, horn__graph_scalar(call->graph, call->count)));
}

/* ---- element-wise, without masked steps ----------------------------------------------------------------------------------- */

static const horn__axes behind = {.axes = {1, {-1}}};

/* The mask of input i for each element: [B, T, 1]; HORN__NONE where it has none, or where masks change nothing. */
static horn__value step_mask(const horn__call *call, int32_t i) {
  if (!((const merge_config *)call->config)->any_mask || call->in[i].mask == HORN__NONE) return HORN__NONE;
  return HORN__EMIT(call->graph, ExpandDims, &behind, call->in[i].mask);
}

/* Masked steps count as 1, and are 0 where all inputs are masked. */
static horn_status multiply_call(horn__call *call) {
  horn__graph *g = call->graph;
  horn__value values[HORN__MAX_SLOTS], y = HORN__NONE;
  HORN__TRY(align(call, values));
  pass_masks(call);
  for (int32_t i = 0; i < call->count; i++) {
    const horn__value mask = step_mask(call, i);
    if (mask != HORN__NONE) values[i] = horn__select(g, mask, values[i], horn__graph_scalar(g, 1));
    y = i == 0 ? values[i] : horn__mul(g, y, values[i]);
  }
  if (count_masks(call) == call->count && step_mask(call, 0) != HORN__NONE)
    y = horn__mask(g, y, HORN__EMIT(g, ExpandDims, &behind, call->out[0].mask));
  return horn__return(call, y);
}

/* A masked step of one of two is the other's; the result has a mask while all so far have one. */
static horn_status extreme_call(horn__call *call, const horn__op *op) {
  horn__graph *g = call->graph;
  horn__value values[HORN__MAX_SLOTS];
  HORN__TRY(align(call, values));
  horn__value y = values[0], so_far = step_mask(call, 0);
  for (int32_t i = 1; i < call->count; i++) {
    const horn__value mask = step_mask(call, i);
    horn__value x = values[i];
    if (mask != HORN__NONE) x = horn__select(g, mask, x, y);
    if (so_far != HORN__NONE) y = horn__select(g, so_far, y, x);
    so_far = so_far == HORN__NONE || mask == HORN__NONE ? HORN__NONE : HORN__EMIT(g, LogicalOr, NULL, so_far, mask);
    y = horn__emit(g, op, NULL, (const horn__value[]){y, x}, 2);
  }
  pass_masks(call);
  return horn__return(call, y);
}

static horn_status maximum_call(horn__call *call) { return extreme_call(call, &horn__op_Maximum); }
static horn_status minimum_call(horn__call *call) { return extreme_call(call, &horn__op_Minimum); }

#define MERGE(Name, most, call_rule)                                                                                     \
  const horn__layer_class horn__layer_##Name = {                                                                         \
      .name = #Name, .min_inputs = 2, .max_inputs = most, .config = HORN__FIELDS(merge_config, merge_rows),              \
      .create = merge_create, .call = call_rule};

MERGE(Add, HORN__MAX_SLOTS, add_call)
MERGE(Subtract, 2, subtract_call)
MERGE(Multiply, HORN__MAX_SLOTS, multiply_call)
MERGE(Average, HORN__MAX_SLOTS, average_call)
MERGE(Maximum, HORN__MAX_SLOTS, maximum_call)
MERGE(Minimum, HORN__MAX_SLOTS, minimum_call)

/* ---- Concatenate ----------------------------------------------------------------------------------------------------- */

static const horn__field concatenate_rows[] = {HORN__INT(merge_config, axis, NULL, "-1"), HORN__OWN(merge_config, any_mask)};

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
