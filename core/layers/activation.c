/* The layers that are an activation: Activation, ReLU, LeakyReLU, PReLU, ThresholdedReLU, ELU, Softmax.
 * Reference: keras/src/activations/activations.py,
 * keras/src/layers/activations. */
#include <math.h>

#include "cJSON.h"
#include "layers/common.h"

static horn__value apply(horn__graph *graph, const horn__op *op, horn__value x) { return horn__emit(graph, op, NULL, &x, 1); }

/* ---- Activation ----------------------------------------------------------------------------------------------------- */

typedef struct activation_config {
  int32_t activation;
} activation_config;

static const horn__field activation_rows[] = {HORN__ENUM(activation_config, activation, horn__activation_names, NULL, NULL)};

static horn_status activation_call(horn__call *call) {
  const activation_config *config = call->config;
  return horn__return(call, horn__activation_value(call->graph, call->in[0].value, config->activation));
}

const horn__layer_class horn__layer_Activation = {
    .name = "Activation", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(activation_config, activation_rows), .call = activation_call};

/* ---- ReLU: max_value where x >= max_value; x where threshold <= x; negative_slope (x - threshold) below ----------------- */

typedef struct relu_config {
  double max_value, negative_slope, threshold; /* max_value is NaN: none */
} relu_config;

static const horn__field relu_rows[] = {
    HORN__FLOAT(relu_config, max_value, NULL, "null"),
    HORN__FLOAT(relu_config, negative_slope, NULL, "0"),
    HORN__FLOAT(relu_config, threshold, NULL, "0"),
};

static horn_status relu_create(horn__layer *layer) {
  const relu_config *config = layer->config;
  if (config->max_value < 0) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "max_value must not be negative, got %g", config->max_value);
  return HORN_OK;
}

/* x where it is above the threshold, and zero below; at most max_value. */
static horn__value above(horn__graph *g, horn__value x, const relu_config *config) {
  const horn__clip clip = {0, config->max_value};
  if (config->threshold == 0 && config->max_value == 6) return apply(g, &horn__op_Relu6, x);
  if (config->threshold == 0 && isnan(config->max_value)) return apply(g, &horn__op_Relu, x);
  if (config->threshold != 0) x = horn__mask(g, x, HORN__EMIT(g, Greater, NULL, x, horn__graph_scalar(g, config->threshold)));
  return isnan(config->max_value) ? x : HORN__EMIT(g, ClipByValue, &clip, x);
}

static horn_status relu_call(horn__call *call) {
  const relu_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x = call->in[0].value;
  if (config->negative_slope == 0) return horn__return(call, above(g, x, config));
  if (config->threshold == 0 && isnan(config->max_value))
    return horn__return(call, HORN__EMIT(g, LeakyRelu, &(horn__alpha){config->negative_slope}, x));
  horn__value below = apply(g, &horn__op_Relu, horn__shift(g, horn__neg(g, x), config->threshold));
  return horn__return(call, horn__sub(g, above(g, x, config), horn__scale(g, below, config->negative_slope)));
}

const horn__layer_class horn__layer_ReLU = {
    .name = "ReLU", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(relu_config, relu_rows),
    .create = relu_create, .call = relu_call};

/* ---- LeakyReLU: x above zero, negative_slope x below -------------------------------------------------------------------- */

static const horn__field leaky_rows[] = {HORN__FLOAT(horn__alpha, alpha, "negative_slope", "0.3")};

static horn_status leaky_call(horn__call *call) {
  return horn__return(call, HORN__EMIT(call->graph, LeakyRelu, call->config, call->in[0].value));
}

const horn__layer_class horn__layer_LeakyReLU = {
    .name = "LeakyReLU", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(horn__alpha, leaky_rows),
    .call = leaky_call};

/* ---- PReLU: x above zero, alpha x below; alpha is learnt, the same along shared_axes -------------------------------------- */

typedef struct prelu_config {
  HORN__WEIGHT_MEMBERS(alpha);
  horn__ints shared_axes; /* counted with the batch: from 1 on */
} prelu_config;

static const horn__field prelu_rows[] = {
    HORN__WEIGHT_ROWS(prelu_config, alpha, HORN__ZEROS),
    HORN__INTS(prelu_config, shared_axes, NULL, "null"),
};

static horn_status prelu_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const prelu_config *config = layer->config;
  horn__shape shape = inputs[0].shape;
  if (shape.rank < 2) return horn__layer_fail(layer, HORN_E_SHAPE, "expected an input of rank 2 or more, got rank %d", shape.rank);
  for (int32_t i = 0; i < config->shared_axes.count; i++) {
    int32_t axis = config->shared_axes.values[i];
    if (axis < 1 || axis >= shape.rank)
      return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "shared_axes must be between 1 and %d, got %d", shape.rank - 1, axis);
    shape.dims[axis] = 1;
  }
  return horn__add_weight(layer, "alpha", shape.rank - 1, shape.dims + 1, true);
}

static horn_status prelu_call(horn__call *call) {
  return horn__return(call, HORN__EMIT(call->graph, Prelu, NULL, call->in[0].value, horn__weight_value(call, 0)));
}

const horn__layer_class horn__layer_PReLU = {
    .name = "PReLU", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(prelu_config, prelu_rows),
    .build = prelu_build, .call = prelu_call};

/* ---- ThresholdedReLU: x above theta, zero elsewhere -------------------------------------------------------------------------- */

typedef struct thresholded_config {
  double theta;
} thresholded_config;

static const horn__field thresholded_rows[] = {HORN__FLOAT(thresholded_config, theta, NULL, "1")};

static horn_status thresholded_call(horn__call *call) {
  const thresholded_config *config = call->config;
  const horn__value x = call->in[0].value;
  return horn__return(call, horn__mask(call->graph, x, horn__above(call->graph, x, config->theta)));
}

const horn__layer_class horn__layer_ThresholdedReLU = {
    .name = "ThresholdedReLU", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(thresholded_config, thresholded_rows), .call = thresholded_call};

/* ---- ELU: x above zero, alpha (exp(x) - 1) below ------------------------------------------------------------------------- */

static const horn__field elu_rows[] = {HORN__FLOAT(horn__alpha, alpha, NULL, "1")};

static horn_status elu_call(horn__call *call) {
  return horn__return(call, HORN__EMIT(call->graph, Elu, call->config, call->in[0].value));
}

const horn__layer_class horn__layer_ELU = {
    .name = "ELU", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(horn__alpha, elu_rows),
    .call = elu_call};

/* ---- Softmax: along an axis, or over several at once --------------------------------------------------------------------- */

typedef struct softmax_config {
  const cJSON *axis; /* a number or a list of them; NULL: -1 */
  bool zero_output_for_mask; /* Keras 3's rule: what is masked is zero, even where all is */
} softmax_config;

static const horn__field softmax_rows[] = {HORN__JSON(softmax_config, axis, NULL, "-1"), HORN__OWN(softmax_config, zero_output_for_mask)};

static horn_status softmax_create(horn__layer *layer) {
  softmax_config *config = layer->config;
  config->zero_output_for_mask = config->zero_output_for_mask || layer->keras >= 3;
  return HORN_OK;
}

static horn_status read_axis(const horn__layer *layer, const cJSON *json, int32_t rank, int32_t *out) {
  int64_t axis;
  if (!horn__json_int(json, -HORN_MAX_RANK, HORN_MAX_RANK, &axis) || !horn__axis((int32_t)axis, rank, out))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "axis must be an integer or a list of them within the input's rank %d", rank);
  return HORN_OK;
}

static horn_status read_axes(const horn__layer *layer, int32_t rank, horn__ints *out) {
  const cJSON *axis = ((const softmax_config *)layer->config)->axis, *item;
  *out = (horn__ints){.count = 1, .values = {rank - 1}};
  if (axis == NULL) return HORN_OK;
  if (!cJSON_IsArray(axis)) return read_axis(layer, axis, rank, &out->values[0]);
  if (cJSON_GetArraySize(axis) < 1 || cJSON_GetArraySize(axis) > rank)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "axis must name 1 to %d axes", rank);
  out->count = 0;
  cJSON_ArrayForEach(item, axis) HORN__TRY(read_axis(layer, item, rank, &out->values[out->count++]));
  return HORN_OK;
}

static horn_status softmax_call(horn__call *call) {
  const horn__shape *shape = &horn__call_type(call, 0)->shape;
  horn__graph *g = call->graph;
  horn__value x = call->in[0].value, mask = call->in[0].mask;
  horn__ints axes;
  if (shape->rank < 1) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected an input of rank 1 or more, got a scalar");
  HORN__TRY(read_axes(call->layer, shape->rank, &axes));
  const bool zero = ((const softmax_config *)call->config)->zero_output_for_mask;
  if (mask != HORN__NONE) x = horn__mask_scores(g, x, mask, zero);
  x = horn__softmax_over(g, x, &axes);
  return horn__return(call, mask != HORN__NONE && zero ? horn__mask(g, x, mask) : x);
}

const horn__layer_class horn__layer_Softmax = {
    .name = "Softmax", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(softmax_config, softmax_rows),
    .create = softmax_create, .call = softmax_call};
