/* InputLayer, Dense. Reference: keras/src/layers/core. */
#include "layers/common.h"

static horn_status pass(horn__call *call) { return horn__return(call, call->in[0].value); }

/* ---- InputLayer: its shape is layer->batch_input_shape ---------------------------------------------------------------- */

typedef struct input_config {
  bool sparse;
} input_config;

static const horn__field input_rows[] = {HORN__BOOL(input_config, sparse, NULL, "false")};

const horn__layer_class horn__layer_InputLayer = {
    .name = "InputLayer", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(input_config, input_rows), .call = pass};

/* ---- Dense: y = activation(x kernel + bias) ---------------------------------------------------------------------------- */

typedef struct dense_config {
  int32_t units, activation;
  bool use_bias;
  HORN__WEIGHT_MEMBERS(kernel);
  HORN__WEIGHT_MEMBERS(bias);
  const cJSON *activity_regularizer;
} dense_config;

static const horn__field dense_rows[] = {
    HORN__INT(dense_config, units, NULL, NULL),
    HORN__ENUM(dense_config, activation, horn__activation_names, NULL, "\"linear\""),
    HORN__BOOL(dense_config, use_bias, NULL, "true"),
    HORN__WEIGHT_ROWS(dense_config, kernel, HORN__GLOROT_UNIFORM),
    HORN__WEIGHT_ROWS(dense_config, bias, HORN__ZEROS),
    HORN__JSON(dense_config, activity_regularizer, NULL, "null"),
};

static horn_status dense_create(horn__layer *layer) {
  return horn__check_least(layer, "units", &((const dense_config *)layer->config)->units, 1, 1);
}

static horn_status dense_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const dense_config *config = layer->config;
  const horn__shape *x = &inputs[0].shape;
  if (x->rank < 2) return horn__layer_fail(layer, HORN_E_SHAPE, "expected an input of rank 2 or more, got rank %d", x->rank);
  HORN__TRY(horn__add_weight(layer, "kernel", 2, (const int32_t[]){x->dims[x->rank - 1], config->units}, true));
  return config->use_bias ? horn__add_weight(layer, "bias", 1, &config->units, true) : HORN_OK;
}

static horn_status dense_call(horn__call *call) {
  const dense_config *config = call->config;
  horn__value y = HORN__EMIT(call->graph, BatchMatMul, NULL, call->in[0].value, horn__weight_value(call, 0));
  if (config->use_bias) y = horn__add(call->graph, y, horn__weight_value(call, 1));
  return horn__return(call, horn__activation_value(call->graph, y, config->activation));
}

const horn__layer_class horn__layer_Dense = {
    .name = "Dense", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(dense_config, dense_rows), .create = dense_create, .build = dense_build, .call = dense_call};
