/* Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: y = activation(the gradient of a convolution + bias), kernel [kernel_size..., filters, C].
 * Reference: keras/src/layers/convolutional/base_conv_transpose.py; Keras 2's conv_utils.deconv_output_length. */
#include "layers/convolution.h"

#define ROWS(axes)                                                                                                         \
  {HORN__CONV_CONFIG_ROWS(axes, horn__window_paddings, HORN__LINEAR), HORN__INT(horn__conv_config, filters, NULL, NULL),                 \
   HORN__INTS(horn__conv_config, output_padding, NULL, "null"), HORN__WEIGHT_ROWS(horn__conv_config, kernel, HORN__GLOROT_UNIFORM)}
static const horn__field rows1[] = ROWS(1), rows2[] = ROWS(2), rows3[] = ROWS(3);

static horn_status check_output_padding(const horn__layer *layer) {
  horn__conv_config *config = layer->config;
  horn__ints *padding = &config->output_padding;
  const int32_t axes = horn__layer_axes(layer);
  if (padding->count == -1) return HORN_OK;
  for (int32_t i = 1; padding->count == 1 && i < axes; i++) padding->values[i] = padding->values[0];
  if (padding->count != 1 && padding->count != axes)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "output_padding must be 1 or %d integers, got %d", axes, padding->count);
  padding->count = axes;
  for (int32_t i = 0; i < axes; i++)
    if (padding->values[i] >= config->strides[i])
      return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "strides (%d) must be greater than output_padding (%d)", config->strides[i],
                              padding->values[i]);
  return horn__check_least(layer, "output_padding", padding->values, axes, 0);
}

static horn_status create(horn__layer *layer) {
  const horn__conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "filters", &config->filters, 1, 1));
  HORN__TRY(horn__conv_check(layer));
  return check_output_padding(layer);
}

static horn_status build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const horn__conv_config *config = layer->config;
  int32_t channels;
  HORN__TRY(horn__conv_channels(layer, &inputs[0], &channels));
  HORN__TRY(horn__conv_add_kernel(layer, "kernel", config->filters, channels));
  return horn__conv_add_bias(layer, config->filters);
}

/* What is added to the smallest size that a convolution makes the input's of: (size - 1) stride + the window's extent, or + 1 with padding
 * "same". Keras's sizes: stride times the input's, or as much more as a longer window covers; with output_padding (size - 1) stride + extent +
 * output_padding, from which "same" takes half the extent at either end. */
static horn_status extra_of(const horn__layer *layer, int32_t axis, int32_t *out) {
  const horn__conv_config *config = layer->config;
  const int64_t extent = (int64_t)(config->kernel_size[axis] - 1) * config->dilation_rate[axis] + 1, stride = config->strides[axis];
  const bool same = config->padding == HORN__SAME;
  int64_t extra = same ? stride - 1 : stride > extent ? stride - extent : 0;
  if (config->output_padding.count != -1) extra = config->output_padding.values[axis] - (same && extent % 2 == 0);
  *out = (int32_t)extra;
  if (extra >= 0) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "padding \"same\" and a kernel_size of %d need an output_padding of 1 or more",
                          config->kernel_size[axis]);
}

static horn_status call_transpose(horn__call *call) {
  const int32_t axes = horn__layer_axes(call->layer);
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  horn__conv attributes = horn__conv_attributes(call->layer);
  int32_t extra[3];
  for (int32_t axis = 0; axis < axes; axis++) HORN__TRY(extra_of(call->layer, axis, &extra[axis]));
  horn__image_numbers(extra, axes, 0, attributes.extra);
  const horn__op *op = axes == 3 ? &horn__op_Conv3DBackpropInputV2 : &horn__op_Conv2DBackpropInput;
  const horn__value in[] = {horn__conv_input(call), horn__conv_filter(call, 0)};
  return horn__conv_finish(call, horn__emit(call->graph, op, &attributes, in, 2), 1);
}

#define TRANSPOSE(Name, other, rows)                                                                                              \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .aliases = other, .min_inputs = 1, .max_inputs = 1,                 \
                                                .config = HORN__FIELDS(horn__conv_config, rows), .create = create, .build = build, \
                                                .call = call_transpose};
TRANSPOSE(Conv1DTranspose, "Convolution1DTranspose", rows1)
TRANSPOSE(Conv2DTranspose, "Convolution2DTranspose|Deconv2D|Deconvolution2D", rows2)
TRANSPOSE(Conv3DTranspose, "Convolution3DTranspose|Deconv3D|Deconvolution3D", rows3)
