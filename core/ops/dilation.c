/* Dilation2D and its gradients (morphology): y[n, i, j, c] = max over a, b of x[n, i * stride + a * dilation - before, ..., c] + filter[a, b, c].
 * Reference: TensorFlow's nn_ops; Serra, Image Analysis and Mathematical Morphology (1982). */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field rows[] = {HORN__INT_N(horn__conv, strides, 2, NULL, "1"), HORN__INT_N(horn__conv, dilations, 2, NULL, "1"),
                                   HORN__PADDING_ROWS(horn__conv, 2)};

static horn_status dilated_shape(const horn__infer *q, horn__shape *y) {
  for (int32_t i = 0; i < 2; i++) {
    HORN__TRY(horn__infer_dtype(q, i, HORN_FLOAT32));
    HORN__TRY(horn__infer_rank(q, i, 4 - i));
  }
  const horn__shape *x = &q->in[0].shape, *filter = &q->in[1].shape;
  *y = (horn__shape){.rank = 4, .dims = {x->dims[0], -1, -1, x->dims[3]}};
  HORN__TRY(horn__infer_dim(q, 1, 2, &y->dims[3]));
  return horn__infer_conv_size(q, x, filter, y);
}

static horn_status dilation_infer(horn__infer *q) {
  q->out[0].dtype = HORN_FLOAT32;
  return dilated_shape(q, &q->out[0].shape);
}

/* (x, filter, dy) -> the type of x or of filter */
static horn_status backprop_infer(horn__infer *q, int32_t like) {
  horn__shape y;
  HORN__TRY(dilated_shape(q, &y));
  HORN__TRY(horn__infer_dtype(q, 2, HORN_FLOAT32));
  HORN__TRY(horn__infer_shape(q, 2, &y));
  q->out[0] = q->in[like];
  return HORN_OK;
}

static horn_status backprop_input_infer(horn__infer *q) { return backprop_infer(q, 0); }
static horn_status backprop_filter_infer(horn__infer *q) { return backprop_infer(q, 1); }

static horn_status gather_infer(horn__infer *q) {
  for (int32_t i = 0; i < 2; i++) {
    if (!horn__infer_has(q, 2 + i)) continue;
    HORN__TRY(horn__infer_dtype(q, 2 + i, HORN_FLOAT32));
    HORN__TRY(horn__infer_shape(q, 2 + i, &q->in[i].shape));
  }
  return dilation_infer(q);
}

/* Of all four only what is linear has a gradient: which taps are largest does not change but at ties. */

static horn__value to_input(horn__gradient *q, horn__value dy) {
  return HORN__EMIT(q->graph, Dilation2DBackpropInput, q->attributes, q->in[0], q->in[1], dy);
}

static horn__value to_filter(horn__gradient *q, horn__value dy) {
  return HORN__EMIT(q->graph, Dilation2DBackpropFilter, q->attributes, q->in[0], q->in[1], dy);
}

static horn_status dilation_gradient(horn__gradient *q) {
  q->din[0] = to_input(q, q->dout[0]);
  q->din[1] = to_filter(q, q->dout[0]);
  return HORN_OK;
}

static horn_status gather_gradient(horn__gradient *q) {
  if (q->count > 2 && q->in[2] != HORN__NONE) q->din[2] = to_input(q, q->dout[0]);
  if (q->count > 3 && q->in[3] != HORN__NONE) q->din[3] = to_filter(q, q->dout[0]);
  return HORN_OK;
}

static horn_status backprop_input_gradient(horn__gradient *q) {
  q->din[2] = HORN__EMIT(q->graph, Dilation2DGather, q->attributes, q->in[0], q->in[1], q->dout[0]);
  return HORN_OK;
}

static horn_status backprop_filter_gradient(horn__gradient *q) {
  q->din[2] = HORN__EMIT(q->graph, Dilation2DGather, q->attributes, q->in[0], q->in[1], HORN__NONE, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_Dilation2D = {
    .name = "Dilation2D", .id = HORN__OP_Dilation2D, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
    .attributes = HORN__FIELDS(horn__conv, rows), .infer = dilation_infer, .gradient = dilation_gradient};

const horn__op horn__op_Dilation2DBackpropInput = {
    .name = "Dilation2DBackpropInput", .id = HORN__OP_Dilation2DBackpropInput, .min_inputs = 3, .max_inputs = 3, .outputs = 1,
    .attributes = HORN__FIELDS(horn__conv, rows), .infer = backprop_input_infer, .gradient = backprop_input_gradient};

const horn__op horn__op_Dilation2DBackpropFilter = {
    .name = "Dilation2DBackpropFilter", .id = HORN__OP_Dilation2DBackpropFilter, .min_inputs = 3, .max_inputs = 3, .outputs = 1,
    .attributes = HORN__FIELDS(horn__conv, rows), .infer = backprop_filter_infer, .gradient = backprop_filter_gradient};

const horn__op horn__op_Dilation2DGather = {
    .name = "Dilation2DGather", .id = HORN__OP_Dilation2DGather, .min_inputs = 2, .max_inputs = 4, .outputs = 1,
    .attributes = HORN__FIELDS(horn__conv, rows), .infer = gather_infer, .gradient = gather_gradient};
