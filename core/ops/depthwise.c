/* DepthwiseConv2dNative and its two backprops, whose gradients are one another. y[n, i, j, c * M + m] = sum over a, b of
 * x[n, i * stride + a * dilation - before, ..., c] * filter[a, b, c, m]. Reference: TensorFlow's nn_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field rows[] = {HORN__CONV_ROWS(2)};

/* ---- shape rules --------------------------------------------------------------------------------------------------- */

static horn_status check_images(const horn__infer *q, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    HORN__TRY(horn__infer_dtype(q, i, HORN_FLOAT32));
    HORN__TRY(horn__infer_rank(q, i, 4));
  }
  return horn__infer_activation(q, ((const horn__conv *)q->attributes)->activation);
}

/* C * M, -1 where one of them is unknown. */
static horn_status count_channels(const horn__infer *q, int32_t x, int32_t filter, int32_t *out) {
  int32_t channels = q->in[x].shape.dims[3], multiplier = q->in[filter].shape.dims[3];
  HORN__TRY(horn__infer_dim(q, filter, 2, &channels));
  if (channels == 0 || multiplier == 0) return horn__infer_fail(q, HORN_E_SHAPE, "expected a filter with one channel or more, got none");
  if (channels > 0 && multiplier > INT32_MAX / channels)
    return horn__infer_fail(q, HORN_E_LIMIT, "%d channels times %d filters each are too many", channels, multiplier);
  *out = channels < 0 || multiplier < 0 ? -1 : channels * multiplier;
  return HORN_OK;
}

/* The shape of y from inputs number x and filter. */
static horn_status forward_shape(const horn__infer *q, int32_t x, int32_t filter, horn__shape *y) {
  const horn__shape *image = &q->in[x].shape, *kernel = &q->in[filter].shape;
  *y = (horn__shape){.rank = 4, .dims = {image->dims[0], -1, -1, -1}};
  HORN__TRY(count_channels(q, x, filter, &y->dims[3]));
  return horn__infer_conv_size(q, image, kernel, y);
}

static horn_status depthwise_infer(horn__infer *q) {
  HORN__TRY(check_images(q, 2));
  q->out[0].dtype = HORN_FLOAT32;
  HORN__TRY(forward_shape(q, 0, 1, &q->out[0].shape));
  return horn__infer_bias(q, 2, q->out[0].shape.dims[3]);
}

/* Input dy must be what x and filter give; the result is like input `result`. */
static horn_status backprop_infer(horn__infer *q, int32_t x, int32_t filter, int32_t dy, int32_t result) {
  horn__shape y;
  HORN__TRY(check_images(q, 3));
  HORN__TRY(forward_shape(q, x, filter, &y));
  HORN__TRY(horn__infer_shape(q, dy, &y));
  q->out[0] = q->in[result];
  return HORN_OK;
}

static horn_status backprop_input_infer(horn__infer *q) { return backprop_infer(q, 2, 1, 0, 2); }
static horn_status backprop_filter_infer(horn__infer *q) { return backprop_infer(q, 0, 2, 1, 2); }

/* ---- gradients ----------------------------------------------------------------------------------------------------- */

static const horn__conv_ops ops = {&horn__op_DepthwiseConv2dNative, &horn__op_DepthwiseConv2dNativeBackpropInput,
                                   &horn__op_DepthwiseConv2dNativeBackpropFilter};

static horn_status depthwise_gradient(horn__gradient *q) {
  HORN__TRY(horn__check_unfused(q, ops.y, ((const horn__conv *)q->attributes)->activation, 2));
  return horn__gradient_of_y(q, &ops);
}

static horn_status backprop_input_gradient(horn__gradient *q) { return horn__gradient_of_dx(q, &ops); }
static horn_status backprop_filter_gradient(horn__gradient *q) { return horn__gradient_of_dfilter(q, &ops); }

const horn__op horn__op_DepthwiseConv2dNative = {
    .name = "DepthwiseConv2dNative", .id = HORN__OP_DepthwiseConv2dNative, .min_inputs = 2, .max_inputs = 3, .outputs = 1,
    .attributes = HORN__FIELDS(horn__conv, rows), .infer = depthwise_infer, .gradient = depthwise_gradient};

const horn__op horn__op_DepthwiseConv2dNativeBackpropInput = {
    .name = "DepthwiseConv2dNativeBackpropInput", .id = HORN__OP_DepthwiseConv2dNativeBackpropInput, .min_inputs = 3, .max_inputs = 3,
    .outputs = 1, .shape_only = 4, .attributes = HORN__FIELDS(horn__conv, rows), .infer = backprop_input_infer,
    .gradient = backprop_input_gradient};

const horn__op horn__op_DepthwiseConv2dNativeBackpropFilter = {
    .name = "DepthwiseConv2dNativeBackpropFilter", .id = HORN__OP_DepthwiseConv2dNativeBackpropFilter, .min_inputs = 3, .max_inputs = 3,
    .outputs = 1, .shape_only = 4, .attributes = HORN__FIELDS(horn__conv, rows), .infer = backprop_filter_infer,
    .gradient = backprop_filter_gradient};
