/* InputLayer, Identity, ActivityRegularization, Masking, Dense. Reference: keras/src/layers/core, keras/src/layers/regularization. */
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

/* ---- Identity: all its inputs --------------------------------------------------------------------------------------- */

typedef struct identity_config {
  bool keep_mask; /* Keras 3's rule; in Keras 2 a mask ends here */
} identity_config;

static const horn__field identity_rows[] = {HORN__OWN(identity_config, keep_mask)};

static horn_status identity_create(horn__layer *layer) {
  identity_config *config = layer->config;
  config->keep_mask = config->keep_mask || layer->keras >= 3;
  return HORN_OK;
}

static horn_status identity_call(horn__call *call) {
  const identity_config *config = call->config;
  for (int32_t i = 0; i < call->count; i++) {
    call->out[i] = call->in[i];
    if (!config->keep_mask) call->out[i].mask = HORN__NONE;
  }
  call->outputs = call->count;
  return HORN_OK;
}

const horn__layer_class horn__layer_Identity = {
    .name = "Identity", .min_inputs = 1, .max_inputs = HORN__MAX_SLOTS, .config = HORN__FIELDS(identity_config, identity_rows),
    .create = identity_create, .call = identity_call};

/* ---- ActivityRegularization: its input; a term of the loss, in training ----------------------------------------------------- */

typedef struct activity_config {
  double l1, l2;
} activity_config;

static const horn__field activity_rows[] = {HORN__FLOAT(activity_config, l1, NULL, "0"), HORN__FLOAT(activity_config, l2, NULL, "0")};

const horn__layer_class horn__layer_ActivityRegularization = {
    .name = "ActivityRegularization", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(activity_config, activity_rows), .call = pass};

/* ---- Masking: a step whose numbers are all mask_value is masked, and zero ---------------------------------------------------- */

typedef struct masking_config {
  double mask_value;
} masking_config;

static const horn__field masking_rows[] = {HORN__FLOAT(masking_config, mask_value, NULL, "0")};

static horn_status masking_call(horn__call *call) {
  static const horn__reduce features = {.axes = {1, {-1}}, .keep_dims = true};
  static const horn__axes last = {.axes = {1, {-1}}};
  const masking_config *config = call->config;
  const horn__type *x = horn__call_type(call, 0);
  if (x->shape.rank < 2) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected an input of rank 2 or more, got rank %d", x->shape.rank);
  const horn__value value = horn__graph_scalar_of(call->graph, config->mask_value, x->dtype);
  const horn__value used = HORN__EMIT(call->graph, Any, &features, HORN__EMIT(call->graph, NotEqual, NULL, call->in[0].value, value));
  const horn__value zero = horn__graph_scalar_of(call->graph, 0, x->dtype);
  call->out[0].mask = HORN__EMIT(call->graph, Squeeze, &last, used);
  return horn__return(call, horn__select(call->graph, used, call->in[0].value, zero));
}

const horn__layer_class horn__layer_Masking = {
    .name = "Masking", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(masking_config, masking_rows), .call = masking_call};

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
