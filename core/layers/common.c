/* What layer files share. */
#include "layers/common.h"

const char *const horn__data_formats[] = {"channels_last", "channels_first", NULL};
const char *const horn__window_paddings[] = {"valid", "same", NULL};
_Static_assert(HORN__VALID == 0 && HORN__SAME == 1, "horn__window_paddings follows horn__padding");

horn_status horn__check_least(const horn__layer *layer, const char *field, const int32_t *values, int32_t count, int32_t low) {
  for (int32_t i = 0; i < count; i++)
    if (values[i] < low) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s must be at least %d, got %d", field, low, values[i]);
  return HORN_OK;
}

horn_status horn__check_rank(const horn__layer *layer, const horn__type *input, int32_t rank) {
  if (input->shape.rank == rank) return HORN_OK;
  char shape[HORN__SHAPE_TEXT];
  return horn__layer_fail(layer, HORN_E_SHAPE, "expected an input of rank %d, got shape %s", rank,
                          horn__shape_text(&input->shape, shape, sizeof shape));
}

/* ---- axes --------------------------------------------------------------------------------------------------------- */

horn__value horn__axis_to_last(horn__graph *graph, horn__value x, int32_t axis) {
  if (x == HORN__NONE) return x;
  int32_t rank = horn__type_of(graph, x)->shape.rank;
  horn__transpose order = {{.count = rank}};
  if (axis == rank - 1) return x;
  for (int32_t i = 0; i < rank; i++) order.permutation.values[i] = i == rank - 1 ? axis : i < axis ? i : i + 1;
  return HORN__EMIT(graph, Transpose, &order, x);
}

horn__value horn__axis_from_last(horn__graph *graph, horn__value x, int32_t axis) {
  if (x == HORN__NONE) return x;
  int32_t rank = horn__type_of(graph, x)->shape.rank;
  horn__transpose order = {{.count = rank}};
  if (axis == rank - 1) return x;
  for (int32_t i = 0; i < rank; i++) order.permutation.values[i] = i == axis ? rank - 1 : i < axis ? i : i - 1;
  return HORN__EMIT(graph, Transpose, &order, x);
}

horn__value horn__to_channels_last(horn__graph *graph, horn__value x, int32_t data_format) {
  return data_format == HORN__CHANNELS_FIRST ? horn__axis_to_last(graph, x, 1) : x;
}

horn__value horn__from_channels_last(horn__graph *graph, horn__value x, int32_t data_format) {
  return data_format == HORN__CHANNELS_FIRST ? horn__axis_from_last(graph, x, 1) : x;
}

static const horn__axes height = {{1, {1}}};

horn__value horn__line_to_image(horn__graph *graph, horn__value x, int32_t axes) {
  return axes == 1 ? HORN__EMIT(graph, ExpandDims, &height, x) : x;
}

horn__value horn__image_to_line(horn__graph *graph, horn__value x, int32_t axes) {
  return axes == 1 ? HORN__EMIT(graph, Squeeze, &height, x) : x;
}

void horn__image_numbers(const int32_t *numbers, int32_t axes, int32_t flat, int32_t *out) {
  if (axes == 1) *out++ = flat;
  for (int32_t i = 0; i < axes; i++) out[i] = numbers[i];
}

horn__value horn__as_float(horn__graph *graph, horn__value x) {
  if (x == HORN__NONE || horn__type_of(graph, x)->dtype == HORN_FLOAT32) return x;
  return HORN__EMIT(graph, Cast, &(horn__cast){HORN_FLOAT32}, x);
}

/* ---- softmax ------------------------------------------------------------------------------------------------------ */

horn__value horn__mask_scores(horn__graph *graph, horn__value scores, horn__value mask, bool replace) {
  return horn__select(graph, mask, scores, replace ? horn__graph_scalar(graph, -1e9) : horn__shift(graph, scores, -1e9));
}

horn__value horn__softmax_over(horn__graph *g, horn__value x, const horn__ints *axes) {
  if (axes->count == 1) {
    horn__value y = HORN__EMIT(g, Softmax, NULL, horn__axis_to_last(g, x, axes->values[0]));
    return horn__axis_from_last(g, y, axes->values[0]);
  }
  const horn__reduce reduce = {*axes, true};
  horn__value exponential = HORN__EMIT(g, Exp, NULL, horn__sub(g, x, HORN__EMIT(g, Max, &reduce, x)));
  return horn__div(g, exponential, HORN__EMIT(g, Sum, &reduce, exponential));
}

/* ---- random numbers ------------------------------------------------------------------------------------------------ */

static const horn__ints any_shape = {.count = -1};

/* Another number for each draw of a graph, and the same whenever the model is built again. */
static int32_t salt_of(const horn__graph *graph) { return (int32_t)graph->node_count; }

horn__value horn__dropout(const horn__call *call, horn__value x, double rate, const horn__ints *noise_shape) {
  horn__graph *graph = call->graph;
  if (!horn__is_training(graph) || rate <= 0) return x;
  const horn__dropout_rate attributes = {salt_of(graph), noise_shape == NULL ? any_shape : *noise_shape, rate};
  return HORN__EMIT(graph, Dropout, &attributes, x, graph->seed);
}

horn__value horn__draw_uniform(const horn__call *call, horn__value like, const horn__ints *shape, double low, double high) {
  const horn__random_uniform attributes = {salt_of(call->graph), shape == NULL ? any_shape : *shape, low, high};
  return HORN__EMIT(call->graph, RandomUniform, &attributes, call->graph->seed, like);
}

horn__value horn__draw_gamma(const horn__call *call, horn__value like, const horn__ints *shape, double alpha) {
  const horn__random_gamma attributes = {salt_of(call->graph), shape == NULL ? any_shape : *shape, alpha, 1};
  return HORN__EMIT(call->graph, RandomGamma, &attributes, call->graph->seed, like);
}

horn__value horn__draw_normal(const horn__call *call, horn__value like, const horn__ints *shape, double mean, double stddev) {
  const horn__random_normal attributes = {salt_of(call->graph), shape == NULL ? any_shape : *shape, mean, stddev};
  return HORN__EMIT(call->graph, RandomStandardNormal, &attributes, call->graph->seed, like);
}
