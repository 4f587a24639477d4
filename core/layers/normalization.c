/* BatchNormalization, in inference: y = (x - moving_mean) gamma / sqrt(moving_variance + epsilon) + beta, along one axis.
 * Reference: keras/src/layers/normalization/batch_normalization.py; Ioffe and Szegedy, Batch Normalization (2015). */
#include "layers/common.h"

typedef struct batch_normalization_config {
  int32_t axis;
  double momentum, epsilon;
  bool center, scale;
  HORN__WEIGHT_MEMBERS(beta);
  HORN__WEIGHT_MEMBERS(gamma);
  const cJSON *moving_mean_initializer, *moving_variance_initializer;
} batch_normalization_config;

static const horn__field batch_normalization_rows[] = {
    HORN__INT(batch_normalization_config, axis, NULL, "-1"),
    HORN__FLOAT(batch_normalization_config, momentum, NULL, "0.99"),
    HORN__FLOAT(batch_normalization_config, epsilon, NULL, "0.001"),
    HORN__BOOL(batch_normalization_config, center, NULL, "true"),
    HORN__BOOL(batch_normalization_config, scale, NULL, "true"),
    HORN__WEIGHT_ROWS(batch_normalization_config, beta, HORN__ZEROS),
    HORN__WEIGHT_ROWS(batch_normalization_config, gamma, HORN__ONES),
    HORN__JSON(batch_normalization_config, moving_mean_initializer, NULL, HORN__ZEROS),
    HORN__JSON(batch_normalization_config, moving_variance_initializer, NULL, HORN__ONES),
};

static horn_status find_axis(const horn__layer *layer, const horn__type *input, int32_t *out) {
  const batch_normalization_config *config = layer->config;
  if (horn__axis(config->axis, input->shape.rank, out)) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_SHAPE, "axis %d is out of range for an input of rank %d", config->axis, input->shape.rank);
}

static horn_status batch_normalization_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const batch_normalization_config *config = layer->config;
  int32_t axis;
  HORN__TRY(find_axis(layer, &inputs[0], &axis));
  const int32_t *channels = &inputs[0].shape.dims[axis];
  if (config->scale) HORN__TRY(horn__add_weight(layer, "gamma", 1, channels, true));
  if (config->center) HORN__TRY(horn__add_weight(layer, "beta", 1, channels, true));
  HORN__TRY(horn__add_weight(layer, "moving_mean", 1, channels, false));
  return horn__add_weight(layer, "moving_variance", 1, channels, false);
}

static horn_status batch_normalization_call(horn__call *call) {
  const batch_normalization_config *config = call->config;
  int32_t axis, next = 0;
  HORN__TRY(find_axis(call->layer, horn__call_type(call, 0), &axis));
  horn__value gamma = config->scale ? horn__weight_value(call, next++) : HORN__NONE;
  horn__value beta = config->center ? horn__weight_value(call, next++) : HORN__NONE;
  horn__value mean = horn__weight_value(call, next), variance = horn__weight_value(call, next + 1);
  horn__value x = horn__axis_to_last(call->graph, call->in[0].value, axis);
  horn__value y = HORN__EMIT(call->graph, FusedBatchNorm, &(horn__batch_norm){config->epsilon}, x, gamma, beta, mean, variance);
  return horn__return(call, horn__axis_from_last(call->graph, y, axis));
}

const horn__layer_class horn__layer_BatchNormalization = {
    .name = "BatchNormalization", .aliases = "BatchNormalizationV1|BatchNormalizationV2|SyncBatchNormalization", .mask = HORN__MASK_PASSES,
    .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(batch_normalization_config, batch_normalization_rows),
    .build = batch_normalization_build, .call = batch_normalization_call};
