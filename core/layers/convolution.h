/* convolution.h: what the layers of convolutions share. A layer over one axis computes as one over images of height 1, so that no op is
 * needed for it. Channels-first layers compute channels-last between two transposes. */
#ifndef HORN_LAYERS_CONVOLUTION_H
#define HORN_LAYERS_CONVOLUTION_H

#include "layers/common.h"

/** The config of any of them; of kernel_size, strides and dilation_rate a layer has as many numbers as axes. */
typedef struct horn__conv_config {
  int32_t filters, kernel_size[3], strides[3], padding, data_format, dilation_rate[3], groups, depth_multiplier, activation, implementation;
  horn__ints output_padding; /* of transposed ones; null: as much as fits */
  bool use_bias;
  HORN__WEIGHT_MEMBERS(kernel);
  HORN__WEIGHT_MEMBERS(depthwise);
  HORN__WEIGHT_MEMBERS(pointwise);
  HORN__WEIGHT_MEMBERS(bias);
  const cJSON *activity_regularizer;
} horn__conv_config;

#define HORN__LINEAR "\"linear\""

/** The rows that the tables of all of them begin with; axes: of the image, start: the activation by default. */
#define HORN__CONV_CONFIG_ROWS(axes, paddings, start)                                                                               \
  HORN__INT_N(horn__conv_config, kernel_size, axes, NULL, NULL), HORN__INT_N(horn__conv_config, strides, axes, NULL, "1"),          \
      HORN__ENUM(horn__conv_config, padding, paddings, NULL, "\"valid\""), HORN__DATA_FORMAT_ROW(horn__conv_config),                \
      HORN__INT_N(horn__conv_config, dilation_rate, axes, NULL, "1"),                                                              \
      HORN__ENUM(horn__conv_config, activation, horn__activation_names, NULL, start),                                       \
      HORN__BOOL(horn__conv_config, use_bias, NULL, "true"), HORN__WEIGHT_ROWS(horn__conv_config, bias, HORN__ZEROS),              \
      HORN__JSON(horn__conv_config, activity_regularizer, NULL, "null")

/** Fails unless the numbers of the shared rows are sizes. */
horn_status horn__conv_check(const horn__layer *layer);
/** Number of channels of the input; -1 where it is unknown, which the weights' shapes then complain of. */
horn_status horn__conv_channels(const horn__layer *layer, const horn__type *input, int32_t *out);
/** Adds the weight `name` [kernel_size..., inputs, outputs]. */
horn_status horn__conv_add_kernel(horn__layer *layer, const char *name, int32_t inputs, int32_t outputs);
/** Adds the bias, where the config has one. */
horn_status horn__conv_add_bias(horn__layer *layer, int32_t channels);

/** The attributes of the op, its input, and weight `index` as a filter. */
horn__conv horn__conv_attributes(const horn__layer *layer);
horn__value horn__conv_input(const horn__call *call);
horn__value horn__conv_filter(horn__call *call, int32_t index);
/** y + bias (weight `index`) through the activation, as the layer's output 0. */
horn_status horn__conv_finish(horn__call *call, horn__value y, int32_t index);

#endif
