/* Rescaling: y = x scale + offset. Reference: keras/src/layers/preprocessing/rescaling.py. */
#include "cJSON.h"
#include "layers/common.h"

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
