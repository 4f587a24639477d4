/* Conv1D, Conv2D, Conv3D, DepthwiseConv1D and 2D, SeparableConv1D and 2D: y = activation(convolution(x, kernel) + bias).
 * Reference: keras/src/layers/convolutional. */
#include "layers/convolution.h"

/* ---- shared pieces ------------------------------------------------------------------------------------------------- */

/* Along one axis there is one padding more than horn__window_paddings has. */
enum { LINE_CAUSAL = 2 };
static const char *const line_paddings[] = {"valid", "same", "causal", NULL};

horn_status horn__conv_check(const horn__layer *layer) {
  const horn__conv_config *config = layer->config;
  const int32_t axes = horn__layer_axes(layer);
  HORN__TRY(horn__check_least(layer, "kernel_size", config->kernel_size, axes, 1));
  HORN__TRY(horn__check_least(layer, "strides", config->strides, axes, 1));
  return horn__check_least(layer, "dilation_rate", config->dilation_rate, axes, 1);
}

horn_status horn__conv_channels(const horn__layer *layer, const horn__type *input, int32_t *out) {
  const horn__conv_config *config = layer->config;
  const int32_t axes = horn__layer_axes(layer);
  HORN__TRY(horn__check_rank(layer, input, axes + 2));
  *out = input->shape.dims[config->data_format == HORN__CHANNELS_FIRST ? 1 : axes + 1];
  return HORN_OK;
}

horn_status horn__conv_add_kernel(horn__layer *layer, const char *name, int32_t inputs, int32_t outputs) {
  const horn__conv_config *config = layer->config;
  const int32_t axes = horn__layer_axes(layer);
  int32_t dims[HORN_MAX_RANK];
  for (int32_t i = 0; i < axes; i++) dims[i] = config->kernel_size[i];
  dims[axes] = inputs;
  dims[axes + 1] = outputs;
  return horn__add_weight(layer, name, axes + 2, dims, true);
}

horn_status horn__conv_add_bias(horn__layer *layer, int32_t channels) {
  const horn__conv_config *config = layer->config;
  return config->use_bias ? horn__add_weight(layer, "bias", 1, &channels, true) : HORN_OK;
}

horn__conv horn__conv_attributes(const horn__layer *layer) {
  const horn__conv_config *config = layer->config;
  const int32_t axes = horn__layer_axes(layer);
  horn__conv attributes = {.padding = config->padding == LINE_CAUSAL ? HORN__CAUSAL : config->padding};
  horn__image_numbers(config->strides, axes, 1, attributes.strides);
  horn__image_numbers(config->dilation_rate, axes, 1, attributes.dilations);
  return attributes;
}

horn__value horn__conv_input(const horn__call *call) {
  const int32_t data_format = ((const horn__conv_config *)call->config)->data_format;
  return horn__line_to_image(call->graph, horn__to_channels_last(call->graph, call->in[0].value, data_format), horn__layer_axes(call->layer));
}

horn__value horn__conv_filter(horn__call *call, int32_t index) {
  const horn__axes first = {{1, {0}}};
  const horn__value kernel = horn__weight_value(call, index);
  return horn__layer_axes(call->layer) == 1 ? HORN__EMIT(call->graph, ExpandDims, &first, kernel) : kernel;
}

/* What runs over the last axis runs over the last axis of the layer's own data format. */
horn_status horn__conv_finish(horn__call *call, horn__value y, int32_t index) {
  const horn__conv_config *config = call->config;
  const bool over_axis = horn__activation_over_axis(config->activation);
  if (config->use_bias) y = horn__add(call->graph, y, horn__weight_value(call, index));
  if (!over_axis) y = horn__activation_value(call->graph, y, config->activation);
  y = horn__from_channels_last(call->graph, horn__image_to_line(call->graph, y, horn__layer_axes(call->layer)), config->data_format);
  if (over_axis) y = horn__activation_value(call->graph, y, config->activation);
  return horn__return(call, y);
}

static horn_status check_call(const horn__call *call) {
  return horn__check_rank(call->layer, horn__call_type(call, 0), horn__layer_axes(call->layer) + 2);
}

/* ---- Conv: kernel [kernel_size..., C / groups, filters] ----------------------------------------------------------------- */

#define CONV_ROWS(axes, paddings)                                                                                       \
  {HORN__CONV_CONFIG_ROWS(axes, paddings, HORN__LINEAR), HORN__INT(horn__conv_config, filters, NULL, NULL),                           \
   HORN__INT(horn__conv_config, groups, NULL, "1"), HORN__WEIGHT_ROWS(horn__conv_config, kernel, HORN__GLOROT_UNIFORM)}
static const horn__field conv1_rows[] = CONV_ROWS(1, line_paddings);
static const horn__field conv2_rows[] = CONV_ROWS(2, horn__window_paddings);
static const horn__field conv3_rows[] = CONV_ROWS(3, horn__window_paddings);

static horn_status conv_create(horn__layer *layer) {
  const horn__conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "filters", &config->filters, 1, 1));
  HORN__TRY(horn__check_least(layer, "groups", &config->groups, 1, 1));
  if (config->filters % config->groups != 0)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "filters (%d) must be a multiple of groups (%d)", config->filters, config->groups);
  return horn__conv_check(layer);
}

static horn_status conv_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const horn__conv_config *config = layer->config;
  int32_t channels;
  HORN__TRY(horn__conv_channels(layer, &inputs[0], &channels));
  if (channels >= 0 && channels % config->groups != 0)
    return horn__layer_fail(layer, HORN_E_SHAPE, "the input's %d channels must be a multiple of groups (%d)", channels, config->groups);
  HORN__TRY(horn__conv_add_kernel(layer, "kernel", channels < 0 ? -1 : channels / config->groups, config->filters));
  return horn__conv_add_bias(layer, config->filters);
}

static horn_status conv_call(horn__call *call) {
  HORN__TRY(check_call(call));
  const horn__conv attributes = horn__conv_attributes(call->layer);
  const horn__op *op = horn__layer_axes(call->layer) == 3 ? &horn__op_Conv3D : &horn__op_Conv2D;
  const horn__value in[] = {horn__conv_input(call), horn__conv_filter(call, 0)};
  return horn__conv_finish(call, horn__emit(call->graph, op, &attributes, in, 2), 1);
}

#define CONV(Name, other, rows)                                                                                                       \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .aliases = other, .min_inputs = 1, .max_inputs = 1,                     \
                                                .config = HORN__FIELDS(horn__conv_config, rows), .create = conv_create,               \
                                                .build = conv_build, .call = conv_call};
CONV(Conv1D, "Convolution1D", conv1_rows)
CONV(Conv2D, "Convolution2D", conv2_rows)
CONV(Conv3D, "Convolution3D", conv3_rows)

/* ---- DepthwiseConv: depthwise_kernel [kernel_size..., C, depth_multiplier] ------------------------------------------------ */

#define DEPTHWISE_ROWS(axes, paddings)                                                                       \
  {HORN__CONV_CONFIG_ROWS(axes, paddings, HORN__LINEAR), HORN__INT(horn__conv_config, depth_multiplier, NULL, "1"),        \
   HORN__WEIGHT_ROWS(horn__conv_config, depthwise, HORN__GLOROT_UNIFORM)}
static const horn__field depthwise1_rows[] = DEPTHWISE_ROWS(1, line_paddings);
static const horn__field depthwise2_rows[] = DEPTHWISE_ROWS(2, horn__window_paddings);

static horn_status depthwise_create(horn__layer *layer) {
  const horn__conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "depth_multiplier", &config->depth_multiplier, 1, 1));
  return horn__conv_check(layer);
}

/* Adds depthwise_kernel; *out is the number of channels of its result. */
static horn_status add_depthwise_kernel(horn__layer *layer, const horn__type *input, int32_t *out) {
  const horn__conv_config *config = layer->config;
  int32_t channels;
  HORN__TRY(horn__conv_channels(layer, input, &channels));
  HORN__TRY(horn__conv_add_kernel(layer, "depthwise_kernel", channels, config->depth_multiplier));
  if (channels > INT32_MAX / config->depth_multiplier)
    return horn__layer_fail(layer, HORN_E_LIMIT, "%d channels times depth_multiplier %d are too many", channels, config->depth_multiplier);
  *out = channels * config->depth_multiplier;
  return HORN_OK;
}

static horn_status depthwise_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  int32_t channels;
  HORN__TRY(add_depthwise_kernel(layer, &inputs[0], &channels));
  return horn__conv_add_bias(layer, channels);
}

static horn__value depthwise(horn__call *call) {
  const horn__conv attributes = horn__conv_attributes(call->layer);
  return HORN__EMIT(call->graph, DepthwiseConv2dNative, &attributes, horn__conv_input(call), horn__conv_filter(call, 0));
}

static horn_status depthwise_call(horn__call *call) {
  HORN__TRY(check_call(call));
  return horn__conv_finish(call, depthwise(call), 1);
}

#define DEPTHWISE(Name, rows)                                                                                                \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .min_inputs = 1, .max_inputs = 1,                              \
                                                .config = HORN__FIELDS(horn__conv_config, rows), .create = depthwise_create, \
                                                .build = depthwise_build, .call = depthwise_call};
DEPTHWISE(DepthwiseConv1D, depthwise1_rows)
DEPTHWISE(DepthwiseConv2D, depthwise2_rows)

/* ---- SeparableConv: a depthwise convolution, then pointwise_kernel [1..., C * depth_multiplier, filters] -------------------- */

#define SEPARABLE_ROWS(axes, paddings)                                                                                              \
  {HORN__CONV_CONFIG_ROWS(axes, paddings, HORN__LINEAR), HORN__INT(horn__conv_config, filters, NULL, NULL),                                       \
   HORN__INT(horn__conv_config, depth_multiplier, NULL, "1"), HORN__WEIGHT_ROWS(horn__conv_config, depthwise, HORN__GLOROT_UNIFORM), \
   HORN__WEIGHT_ROWS(horn__conv_config, pointwise, HORN__GLOROT_UNIFORM)}
static const horn__field separable1_rows[] = SEPARABLE_ROWS(1, line_paddings);
static const horn__field separable2_rows[] = SEPARABLE_ROWS(2, horn__window_paddings);

static horn_status separable_create(horn__layer *layer) {
  const horn__conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "filters", &config->filters, 1, 1));
  return depthwise_create(layer);
}

static horn_status separable_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const horn__conv_config *config = layer->config;
  const int32_t axes = horn__layer_axes(layer);
  int32_t channels;
  HORN__TRY(add_depthwise_kernel(layer, &inputs[0], &channels));
  const int32_t pointwise[] = {1, 1, channels, config->filters};
  HORN__TRY(horn__add_weight(layer, "pointwise_kernel", axes + 2, pointwise + 2 - axes, true));
  return horn__conv_add_bias(layer, config->filters);
}

static horn_status separable_call(horn__call *call) {
  HORN__TRY(check_call(call));
  const horn__conv pointwise = {.strides = {1, 1}, .dilations = {1, 1}, .padding = HORN__VALID};
  return horn__conv_finish(call, HORN__EMIT(call->graph, Conv2D, &pointwise, depthwise(call), horn__conv_filter(call, 1)), 2);
}

#define SEPARABLE(Name, other, rows)                                                                                         \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .aliases = other, .min_inputs = 1, .max_inputs = 1,            \
                                                .config = HORN__FIELDS(horn__conv_config, rows), .create = separable_create, \
                                                .build = separable_build, .call = separable_call};
SEPARABLE(SeparableConv1D, "SeparableConvolution1D", separable1_rows)
SEPARABLE(SeparableConv2D, "SeparableConvolution2D", separable2_rows)
