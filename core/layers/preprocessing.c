/* Rescaling, CategoryEncoding, Discretization. Reference: keras/src/layers/preprocessing, keras/src/utils/numerical_utils.py. */
#include "cJSON.h"
#include "layers/encode.h"

/* ---- Rescaling: y = x scale + offset ------------------------------------------------------------------------------------ */

typedef struct rescaling_config {
  const cJSON *scale, *offset; /* a number, or a list of one for each of the last axis */
} rescaling_config;

static const horn__field rescaling_rows[] = {
    HORN__JSON(rescaling_config, scale, NULL, "1.0"),
    HORN__JSON(rescaling_config, offset, NULL, "0.0"),
};

static bool is_numbers(const cJSON *json) {
  const cJSON *item;
  if (!cJSON_IsArray(json) || json->child == NULL) return cJSON_IsNumber(json);
  cJSON_ArrayForEach(item, json) if (!cJSON_IsNumber(item)) return false;
  return true;
}

static horn_status rescaling_create(horn__layer *layer) {
  const rescaling_config *config = layer->config;
  if (config->scale != NULL && !is_numbers(config->scale))
    return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "scale must be a number or a list of numbers");
  if (config->offset != NULL && !is_numbers(config->offset))
    return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "offset must be a number or a list of numbers");
  return HORN_OK;
}

/* A number, a list of numbers, or where there is none `otherwise`, as a constant. */
static horn__value constant(horn__graph *graph, const cJSON *json, double otherwise) {
  if (!cJSON_IsArray(json)) return horn__graph_scalar(graph, json == NULL ? otherwise : json->valuedouble);
  const horn__type type = {horn__shape_of(1, (const int32_t[]){cJSON_GetArraySize(json)}), HORN_FLOAT32};
  horn__tensor *tensor;
  if (graph->status == HORN_OK) graph->status = horn__tensor_create(graph->ctx, &type, true, &tensor);
  if (graph->status != HORN_OK) return HORN__NONE;
  float *data = tensor->data;
  const cJSON *item;
  cJSON_ArrayForEach(item, json) *data++ = (float)item->valuedouble;
  horn__value value = horn__graph_tensor(graph, tensor, HORN__CONSTANT);
  horn__tensor_release(graph->ctx, tensor);
  return value;
}

static horn_status rescaling_call(horn__call *call) {
  const rescaling_config *config = call->config;
  horn__value x = horn__as_float(call->graph, call->in[0].value);
  x = horn__mul(call->graph, x, constant(call->graph, config->scale, 1));
  return horn__return(call, horn__add(call->graph, x, constant(call->graph, config->offset, 0)));
}

const horn__layer_class horn__layer_Rescaling = {
    .name = "Rescaling", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(rescaling_config, rescaling_rows),
    .create = rescaling_create, .call = rescaling_call};

/* ---- CategoryEncoding ------------------------------------------------------------------------------------------------------ */

typedef struct category_config {
  int32_t num_tokens, output_mode;
  bool sparse;
} category_config;

static const char *const category_modes[] = {"one_hot", "multi_hot|binary", "count", NULL};
static const horn__encoding category_encodings[] = {HORN__ENCODE_ONE_HOT, HORN__ENCODE_MULTI_HOT, HORN__ENCODE_COUNT};

static const horn__field category_rows[] = {
    HORN__INT(category_config, num_tokens, "max_tokens", NULL),
    HORN__ENUM(category_config, output_mode, category_modes, NULL, "\"multi_hot\""),
    HORN__BOOL(category_config, sparse, NULL, "false"),
};

static horn_status category_create(horn__layer *layer) {
  const category_config *config = layer->config;
  if (config->sparse) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "sparse tensors are not supported");
  return horn__check_least(layer, "num_tokens", &config->num_tokens, 1, 1);
}

static horn_status category_call(horn__call *call) {
  const category_config *config = call->config;
  const horn__encoding mode = category_encodings[config->output_mode];
  const horn__value weights = call->count > 1 ? call->in[1].value : HORN__NONE;
  if (weights != HORN__NONE && mode != HORN__ENCODE_COUNT)
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "count_weights are used with the output mode count alone");
  const horn__value x = horn__as_int(call->graph, call->in[0].value);
  const horn__value y = horn__encode(call->graph, x, mode, config->num_tokens, horn__as_float(call->graph, weights));
  return horn__return(call, horn__as_layer_dtype(call, y));
}

const horn__layer_class horn__layer_CategoryEncoding = {
    .name = "CategoryEncoding", .parameters = "inputs|count_weights", .min_inputs = 1, .max_inputs = 2,
    .config = HORN__FIELDS(category_config, category_rows), .create = category_create, .call = category_call};

/* ---- Discretization: in which of the ranges between bin_boundaries, which belong to the range above them -------------------- */

typedef struct discretization_config {
  const cJSON *bin_boundaries, *num_bins;
  double epsilon;
  int32_t output_mode;
  bool sparse;
} discretization_config;

static const char *const discretization_modes[] = {"int", "one_hot", "multi_hot|binary", "count", NULL};
static const horn__encoding discretization_encodings[] = {HORN__ENCODE_INT, HORN__ENCODE_ONE_HOT, HORN__ENCODE_MULTI_HOT, HORN__ENCODE_COUNT};

static const horn__field discretization_rows[] = {
    HORN__JSON(discretization_config, bin_boundaries, NULL, "null"),
    HORN__JSON(discretization_config, num_bins, NULL, "null"),
    HORN__FLOAT(discretization_config, epsilon, NULL, "0.01"),
    HORN__ENUM(discretization_config, output_mode, discretization_modes, NULL, "\"int\""),
    HORN__BOOL(discretization_config, sparse, NULL, "false"),
};

static horn_status discretization_create(horn__layer *layer) {
  const discretization_config *config = layer->config;
  if (config->sparse) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "sparse tensors are not supported");
  if (config->bin_boundaries == NULL)
    return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "it has no bin_boundaries: adapt() must have computed them before it is saved");
  if (!cJSON_IsArray(config->bin_boundaries) || !is_numbers(config->bin_boundaries))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "bin_boundaries must be a list of numbers");
  for (const cJSON *item = config->bin_boundaries->child; item->next != NULL; item = item->next)
    if (!(item->valuedouble <= item->next->valuedouble))
      return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "bin_boundaries must be in ascending order");
  return HORN_OK;
}

static horn_status discretization_call(horn__call *call) {
  const discretization_config *config = call->config;
  horn__graph *graph = call->graph;
  const horn__reshape row = {.shape = {2, {1, -1}}}, bounds = {.shape = {2, {1, cJSON_GetArraySize(config->bin_boundaries)}}};
  const horn__value x = horn__as_float(graph, call->in[0].value);
  const horn__value sequence = HORN__EMIT(graph, Reshape, &bounds, constant(graph, config->bin_boundaries, 0));
  const horn__search_sorted right = {1};
  const horn__value found = HORN__EMIT(graph, SearchSorted, &right, sequence, HORN__EMIT(graph, Reshape, &row, x));
  const horn__encoding mode = discretization_encodings[config->output_mode];
  return horn__return(call, horn__encode(graph, HORN__EMIT(graph, ReshapeLike, NULL, found, x), mode, bounds.shape.values[1] + 1, HORN__NONE));
}

const horn__layer_class horn__layer_Discretization = {
    .name = "Discretization", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(discretization_config, discretization_rows),
    .create = discretization_create, .call = discretization_call};
