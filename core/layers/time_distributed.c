/* TimeDistributed: a layer for each step of x [B, T, ...]; as one call, with the steps as a batch of B * T.
 * Reference: keras/src/layers/rnn/time_distributed.py. */
#include "cJSON.h"
#include "layers/common.h"

typedef struct distributed_config {
  const cJSON *layer;
} distributed_config;

static const horn__field distributed_rows[] = {HORN__JSON(distributed_config, layer, NULL, NULL)};

/* Keras 2 names the inner layer's weights after the wrapper; those of a model have names of their own. */
static horn_status distributed_create(horn__layer *layer) {
  horn__layer *inner;
  HORN__TRY(horn__add_child(layer, ((const distributed_config *)layer->config)->layer, NULL, &inner));
  if (inner->type == &horn__layer_Functional || inner->type == &horn__layer_Sequential) return HORN_OK;
  return horn__prefix_child(layer, inner, NULL);
}

/* x [B, T, ...] as [B * T, ...]. */
static horn__value merge(horn__graph *graph, horn__value x) {
  const horn__shape *from = &horn__type_of(graph, x)->shape;
  horn__reshape to = {.shape = {from->rank - 1, {-1}}};
  for (int32_t i = 1; i < to.shape.count; i++) to.shape.values[i] = from->dims[i + 1];
  return HORN__EMIT(graph, Reshape, &to, x);
}

/* A value of x's first two dimensions and y's others; only its shape is used. */
static horn__value like(horn__graph *graph, horn__value x, const horn__shape *y) {
  horn__reduce rest = {.axes = {.count = 0}};
  horn__axes more = {.axes = {.count = 0}};
  horn__tile times = {{2, {1, 1}}};
  const int32_t rank = horn__type_of(graph, x)->shape.rank;
  for (int32_t i = 2; i < rank; i++) rest.axes.values[rest.axes.count++] = i;
  for (int32_t i = 1; i < y->rank; i++) {
    more.axes.values[more.axes.count++] = i + 1;
    times.reps.values[times.reps.count++] = y->dims[i];
  }
  x = HORN__EMIT(graph, Sum, &rest, x);
  if (more.axes.count > 0) x = HORN__EMIT(graph, ExpandDims, &more, x);
  return HORN__EMIT(graph, Tile, &times, x);
}

/* y [B * T, ...] as [B, T, ...], B and T those of x. */
static horn__value split(horn__graph *graph, horn__value y, horn__value x) {
  const horn__shape shape = horn__type_of(graph, y)->shape, *from = &horn__type_of(graph, x)->shape;
  horn__reshape to = {.shape = {shape.rank + 1, {from->dims[0], from->dims[1]}}};
  for (int32_t i = 1; i < shape.rank; i++) to.shape.values[i + 1] = shape.dims[i];
  if (from->dims[0] >= 0 || from->dims[1] >= 0) return HORN__EMIT(graph, Reshape, &to, y);
  horn__value target = like(graph, horn__as_float(graph, x), &shape);
  return HORN__EMIT(graph, ReshapeLike, NULL, y, target);
}

/* The mask of an output: the inner layer's, as Keras 2 has it; otherwise the input's. Keras 2 knows one for each step of it. */
static horn__value output_mask(const horn__call *call, horn__value inner) {
  horn__value mask = call->in[0].mask;
  if (call->layer->keras >= 3) return mask;
  if (inner != HORN__NONE) return split(call->graph, inner, call->in[0].value);
  if (mask == HORN__NONE) return mask;
  horn__reduce rest = {.axes = {.count = 0}};
  const int32_t rank = horn__type_of(call->graph, mask)->shape.rank;
  for (int32_t i = 2; i < rank; i++) rest.axes.values[rest.axes.count++] = i;
  return rank > 2 ? HORN__EMIT(call->graph, Any, &rest, mask) : mask;
}

static horn_status check_input(const horn__call *call) {
  const horn__type *x = horn__call_type(call, 0);
  if (x->shape.rank < 3) return horn__check_rank(call->layer, x, 3);
  for (int32_t i = 2; i < x->shape.rank; i++)
    if (x->shape.dims[i] < 0) return horn__layer_fail(call->layer, HORN_E_SHAPE, "all dimensions of a step must be known, dimension %d is not", i);
  return HORN_OK;
}

static horn_status distributed_call(horn__call *call) {
  horn__slot in = {HORN__NONE, HORN__NONE};
  HORN__TRY(check_input(call));
  in.value = merge(call->graph, call->in[0].value);
  if (call->in[0].mask != HORN__NONE && horn__type_of(call->graph, call->in[0].mask)->shape.rank > 2)
    in.mask = merge(call->graph, call->in[0].mask);
  HORN__TRY(call->graph->status);
  HORN__TRY(horn__layer_call(call->layer->children[0], call->graph, &in, 1, call->out, &call->outputs));
  for (int32_t i = 0; i < call->outputs; i++) {
    call->out[i].mask = output_mask(call, call->out[i].mask);
    call->out[i].value = split(call->graph, call->out[i].value, call->in[0].value);
  }
  return call->graph->status;
}

const horn__layer_class horn__layer_TimeDistributed = {
    .name = "TimeDistributed", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(distributed_config, distributed_rows),
    .create = distributed_create, .call = distributed_call};
