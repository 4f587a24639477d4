/* Normalization: y = (x - mean) / sqrt(variance) with numbers of a data set, for each index along the axes that are kept; inverted
 * y = mean + x sqrt(variance). They are weights, or stand in the config. Reference: keras/src/layers/preprocessing/normalization.py. */
#include <stdlib.h>

#include "cJSON.h"
#include "layers/common.h"

typedef struct standardize_config {
  horn__ints axis;
  const cJSON *mean, *variance; /* nested lists of numbers, aligned at their ends with the axes that are kept; NULL: weights */
  bool invert;
} standardize_config;

static const horn__field standardize_rows[] = {
    HORN__INTS(standardize_config, axis, NULL, "-1"),
    HORN__JSON(standardize_config, mean, NULL, "null"),
    HORN__JSON(standardize_config, variance, NULL, "null"),
    HORN__BOOL(standardize_config, invert, NULL, "false"),
};

static horn_status standardize_create(horn__layer *layer) {
  const standardize_config *config = layer->config;
  if ((config->mean == NULL) == (config->variance == NULL)) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "when setting values directly, both mean and variance must be set");
}

static int ascending(const void *a, const void *b) { return *(const int32_t *)a - *(const int32_t *)b; }

/* The axes that are kept, in the order of x. */
static horn_status find_axes(const horn__layer *layer, const horn__shape *x, horn__ints *out) {
  const horn__ints *axes = &((const standardize_config *)layer->config)->axis;
  out->count = axes->count;
  if (axes->count > x->rank) return horn__layer_fail(layer, HORN_E_SHAPE, "%d axes for an input of rank %d", axes->count, x->rank);
  for (int32_t i = 0; i < axes->count; i++)
    if (!horn__axis(axes->values[i], x->rank, &out->values[i]))
      return horn__layer_fail(layer, HORN_E_SHAPE, "axis %d is out of range for an input of rank %d", axes->values[i], x->rank);
  qsort(out->values, (size_t)out->count, sizeof *out->values, ascending);
  return HORN_OK;
}

static horn_status standardize_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const standardize_config *config = layer->config;
  const horn__shape *x = &inputs[0].shape;
  horn__ints axes;
  int32_t dims[HORN_MAX_RANK];
  HORN__TRY(find_axes(layer, x, &axes));
  if (config->mean != NULL) return HORN_OK;
  for (int32_t i = 0; i < axes.count; i++) dims[i] = x->dims[axes.values[i]];
  HORN__TRY(horn__add_weight(layer, "mean", axes.count, dims, false));
  HORN__TRY(horn__add_weight(layer, "variance", axes.count, dims, false));
  layer->weights[1].initializer = HORN__ONES;
  HORN__TRY(horn__add_weight(layer, "count", 0, NULL, false));
  layer->weights[2].counts = true;
  return HORN_OK;
}

/* ---- numbers in the config ---------------------------------------------------------------------------------------------- */

/* The shape of nested lists, by their first members. */
static bool list_shape(const cJSON *json, horn__shape *out) {
  for (out->rank = 0; cJSON_IsArray(json); json = json->child) {
    if (out->rank == HORN_MAX_RANK || json->child == NULL) return false;
    out->dims[out->rank++] = cJSON_GetArraySize(json);
  }
  return true;
}

/* Copies the numbers of lists of exactly this shape; depth is that of the shape. */
static bool copy_numbers(const cJSON *json, const horn__shape *shape, int32_t depth, float **out) {
  const cJSON *item;
  if (depth == shape->rank) {
    if (!cJSON_IsNumber(json)) return false;
    *(*out)++ = (float)json->valuedouble;
    return true;
  }
  if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != shape->dims[depth]) return false;
  cJSON_ArrayForEach(item, json) if (!copy_numbers(item, shape, depth + 1, out)) return false;
  return true;
}

/* mean or variance of the config as a constant that broadcasts against x. */
static horn_status constant_of(const horn__call *call, const cJSON *json, const horn__ints *axes, horn__value *out) {
  horn__type type = {.shape = {.rank = 0}, .dtype = HORN_FLOAT32};
  horn__graph *g = call->graph;
  horn__tensor *tensor;
  if (!list_shape(json, &type.shape) || type.shape.rank > axes->count)
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "mean and variance must be numbers, or lists of them along the axes");
  HORN__TRY(horn__tensor_create(g->ctx, &type, true, &tensor));
  float *data = tensor->data;
  const bool read = copy_numbers(json, &type.shape, 0, &data);
  horn__reshape shape = {.shape = {.count = horn__call_type(call, 0)->shape.rank}};
  for (int32_t i = 0; i < shape.shape.count; i++) shape.shape.values[i] = 1;
  for (int32_t i = 1; i <= type.shape.rank; i++) shape.shape.values[axes->values[axes->count - i]] = type.shape.dims[type.shape.rank - i];
  *out = read ? HORN__EMIT(g, Reshape, &shape, horn__graph_tensor(g, tensor, HORN__CONSTANT)) : HORN__NONE;
  horn__tensor_release(g->ctx, tensor);
  return read ? g->status : horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "mean and variance must be lists of one shape");
}

static horn__value weight_of(horn__call *call, int32_t index, const horn__ints *axes) {
  const horn__shape *x = &horn__call_type(call, 0)->shape;
  horn__reshape shape = {.shape = {.count = x->rank}};
  for (int32_t i = 0; i < x->rank; i++) shape.shape.values[i] = 1;
  for (int32_t i = 0; i < axes->count; i++) shape.shape.values[axes->values[i]] = x->dims[axes->values[i]];
  return HORN__EMIT(call->graph, Reshape, &shape, horn__weight_value(call, index));
}

static horn_status standardize_call(horn__call *call) {
  const standardize_config *config = call->config;
  horn__graph *g = call->graph;
  horn__ints axes;
  horn__value mean, variance;
  HORN__TRY(find_axes(call->layer, &horn__call_type(call, 0)->shape, &axes));
  if (config->mean != NULL) {
    HORN__TRY(constant_of(call, config->mean, &axes, &mean));
    HORN__TRY(constant_of(call, config->variance, &axes, &variance));
  } else {
    mean = weight_of(call, 0, &axes);
    variance = weight_of(call, 1, &axes);
  }
  const horn__value x = horn__as_float(g, call->in[0].value); /* and no deviation is below keras.config.epsilon() */
  const horn__value deviation = HORN__EMIT(g, Maximum, NULL, HORN__EMIT(g, Sqrt, NULL, variance), horn__graph_scalar(g, 1e-7));
  return horn__return(call, config->invert ? horn__add(g, mean, horn__mul(g, x, deviation)) : horn__div(g, horn__sub(g, x, mean), deviation));
}

const horn__layer_class horn__layer_Normalization = {
    .name = "Normalization", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(standardize_config, standardize_rows), .create = standardize_create, .build = standardize_build,
    .call = standardize_call};
