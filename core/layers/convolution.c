/* Conv2D, DepthwiseConv2D, SeparableConv2D: y = activation(convolution(x, kernel) + bias). Channels-first layers compute channels-last between
 * two transposes. Reference: keras/src/layers/convolutional. */
#include "layers/common.h"

typedef struct conv_config {
  int32_t filters, kernel_size[2], strides[2], padding, data_format, dilation_rate[2], groups, depth_multiplier, activation;
  bool use_bias;
  HORN__WEIGHT_MEMBERS(kernel);
  HORN__WEIGHT_MEMBERS(depthwise);
  HORN__WEIGHT_MEMBERS(pointwise);
  HORN__WEIGHT_MEMBERS(bias);
  const cJSON *activity_regularizer;
} conv_config;

/* The rows that all of them have. */
#define SHARED_ROWS                                                                                              \
  HORN__INT_N(conv_config, kernel_size, 2, NULL, NULL), HORN__INT_N(conv_config, strides, 2, NULL, "1"),         \
      HORN__ENUM(conv_config, padding, horn__window_paddings, NULL, "\"valid\""), HORN__DATA_FORMAT_ROW(conv_config), \
      HORN__INT_N(conv_config, dilation_rate, 2, NULL, "1"),                                                     \
      HORN__ENUM(conv_config, activation, horn__activation_names, NULL, "\"linear\""),                           \
      HORN__BOOL(conv_config, use_bias, NULL, "true"), HORN__WEIGHT_ROWS(conv_config, bias, HORN__ZEROS),        \
      HORN__JSON(conv_config, activity_regularizer, NULL, "null")

/* ---- shared pieces ------------------------------------------------------------------------------------------------- */

static horn_status check_shared(const horn__layer *layer) {
  const conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "kernel_size", config->kernel_size, 2, 1));
  HORN__TRY(horn__check_least(layer, "strides", config->strides, 2, 1));
  return horn__check_least(layer, "dilation_rate", config->dilation_rate, 2, 1);
}

/* Number of channels of the input; -1 where it is unknown, which the weights' shapes then complain of. */
static horn_status input_channels(const horn__layer *layer, const horn__type *input, int32_t *out) {
  const conv_config *config = layer->config;
  HORN__TRY(horn__check_rank(layer, input, 4));
  *out = input->shape.dims[config->data_format == HORN__CHANNELS_FIRST ? 1 : 3];
  return HORN_OK;
}

static horn_status add_bias(horn__layer *layer, int32_t channels) {
  const conv_config *config = layer->config;
  return config->use_bias ? horn__add_weight(layer, "bias", 1, &channels, true) : HORN_OK;
}

static horn__conv window(const conv_config *config) {
  return (horn__conv){.strides = {config->strides[0], config->strides[1]},
                      .dilations = {config->dilation_rate[0], config->dilation_rate[1]},
                      .padding = config->padding};
}

/* The channels-last input of a call. */
static horn__value input(const horn__call *call) {
  return horn__to_channels_last(call->graph, call->in[0].value, ((const conv_config *)call->config)->data_format);
}

/* y + bias (weight `index`) through the activation, back in the layer's data format. What runs over the last axis runs over the last axis of
 * that format. */
static horn_status finish(horn__call *call, horn__value y, int32_t index) {
  const conv_config *config = call->config;
  const bool over_axis = config->activation == HORN__ACTIVATION_SOFTMAX || config->activation == HORN__ACTIVATION_LOG_SOFTMAX;
  if (config->use_bias) y = horn__add(call->graph, y, horn__weight_value(call, index));
  if (!over_axis) y = horn__activation_value(call->graph, y, config->activation);
  y = horn__from_channels_last(call->graph, y, config->data_format);
  if (over_axis) y = horn__activation_value(call->graph, y, config->activation);
  return horn__return(call, y);
}

/* ---- Conv2D: kernel [h, w, C / groups, filters] ----------------------------------------------------------------------- */

static const horn__field conv2d_rows[] = {
    HORN__INT(conv_config, filters, NULL, NULL),
    HORN__INT(conv_config, groups, NULL, "1"),
    HORN__WEIGHT_ROWS(conv_config, kernel, HORN__GLOROT_UNIFORM),
    SHARED_ROWS,
};

static horn_status conv2d_create(horn__layer *layer) {
  const conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "filters", &config->filters, 1, 1));
  HORN__TRY(horn__check_least(layer, "groups", &config->groups, 1, 1));
  if (config->filters % config->groups != 0)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "filters (%d) must be a multiple of groups (%d)", config->filters, config->groups);
  return check_shared(layer);
}

static horn_status conv2d_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const conv_config *config = layer->config;
  int32_t channels;
  HORN__TRY(input_channels(layer, &inputs[0], &channels));
  if (channels >= 0 && channels % config->groups != 0)
    return horn__layer_fail(layer, HORN_E_SHAPE, "the input's %d channels must be a multiple of groups (%d)", channels, config->groups);
  const int32_t kernel[] = {config->kernel_size[0], config->kernel_size[1], channels < 0 ? -1 : channels / config->groups, config->filters};
  HORN__TRY(horn__add_weight(layer, "kernel", 4, kernel, true));
  return add_bias(layer, config->filters);
}

static horn_status conv2d_call(horn__call *call) {
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  const horn__conv attributes = window(call->config);
  return finish(call, HORN__EMIT(call->graph, Conv2D, &attributes, input(call), horn__weight_value(call, 0)), 1);
}

const horn__layer_class horn__layer_Conv2D = {
    .name = "Conv2D", .aliases = "Convolution2D", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(conv_config, conv2d_rows),
    .create = conv2d_create, .build = conv2d_build, .call = conv2d_call};

/* ---- DepthwiseConv2D: depthwise_kernel [h, w, C, depth_multiplier] ---------------------------------------------------- */

static const horn__field depthwise_rows[] = {
    HORN__INT(conv_config, depth_multiplier, NULL, "1"),
    HORN__WEIGHT_ROWS(conv_config, depthwise, HORN__GLOROT_UNIFORM),
    SHARED_ROWS,
};

static horn_status depthwise_create(horn__layer *layer) {
  const conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "depth_multiplier", &config->depth_multiplier, 1, 1));
  return check_shared(layer);
}

/* Adds depthwise_kernel; *out is the number of channels of its result. */
static horn_status add_depthwise_kernel(horn__layer *layer, const horn__type *input, int32_t *out) {
  const conv_config *config = layer->config;
  int32_t channels;
  HORN__TRY(input_channels(layer, input, &channels));
  const int32_t kernel[] = {config->kernel_size[0], config->kernel_size[1], channels, config->depth_multiplier};
  HORN__TRY(horn__add_weight(layer, "depthwise_kernel", 4, kernel, true));
  if (channels > INT32_MAX / config->depth_multiplier)
    return horn__layer_fail(layer, HORN_E_LIMIT, "%d channels times depth_multiplier %d are too many", channels, config->depth_multiplier);
  *out = channels * config->depth_multiplier;
  return HORN_OK;
}

static horn_status depthwise_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  int32_t channels;
  HORN__TRY(add_depthwise_kernel(layer, &inputs[0], &channels));
  return add_bias(layer, channels);
}

static horn_status depthwise_call(horn__call *call) {
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  const horn__conv attributes = window(call->config);
  return finish(call, HORN__EMIT(call->graph, DepthwiseConv2dNative, &attributes, input(call), horn__weight_value(call, 0)), 1);
}

const horn__layer_class horn__layer_DepthwiseConv2D = {
    .name = "DepthwiseConv2D", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(conv_config, depthwise_rows),
    .create = depthwise_create, .build = depthwise_build, .call = depthwise_call};

/* ---- SeparableConv2D: a depthwise convolution, then pointwise_kernel [1, 1, C * depth_multiplier, filters] ------------- */

static const horn__field separable_rows[] = {
    HORN__INT(conv_config, filters, NULL, NULL),
    HORN__INT(conv_config, depth_multiplier, NULL, "1"),
    HORN__WEIGHT_ROWS(conv_config, depthwise, HORN__GLOROT_UNIFORM),
    HORN__WEIGHT_ROWS(conv_config, pointwise, HORN__GLOROT_UNIFORM),
    SHARED_ROWS,
};

static horn_status separable_create(horn__layer *layer) {
  const conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "filters", &config->filters, 1, 1));
  return depthwise_create(layer);
}

static horn_status separable_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const conv_config *config = layer->config;
  int32_t channels;
  HORN__TRY(add_depthwise_kernel(layer, &inputs[0], &channels));
  HORN__TRY(horn__add_weight(layer, "pointwise_kernel", 4, (const int32_t[]){1, 1, channels, config->filters}, true));
  return add_bias(layer, config->filters);
}

static horn_status separable_call(horn__call *call) {
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  const horn__conv depthwise = window(call->config), pointwise = {.strides = {1, 1}, .dilations = {1, 1}, .padding = HORN__VALID};
  horn__value y = HORN__EMIT(call->graph, DepthwiseConv2dNative, &depthwise, input(call), horn__weight_value(call, 0));
  return finish(call, HORN__EMIT(call->graph, Conv2D, &pointwise, y, horn__weight_value(call, 1)), 2);
}

const horn__layer_class horn__layer_SeparableConv2D = {
    .name = "SeparableConv2D", .aliases = "SeparableConvolution2D", .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(conv_config, separable_rows), .create = separable_create, .build = separable_build, .call = separable_call};
