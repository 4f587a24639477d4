/* InputLayer, Dense, Activation, Dropout, Flatten, Reshape. Reference: keras/src/layers/core, reshaping, regularization. */
#include "layers/layer.h"

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
  const cJSON *kernel_initializer, *bias_initializer, *kernel_regularizer, *bias_regularizer, *activity_regularizer, *kernel_constraint,
      *bias_constraint;
} dense_config;

static const horn__field dense_rows[] = {
    HORN__INT(dense_config, units, "output_dim", NULL),
    HORN__ENUM(dense_config, activation, horn__activation_names, NULL, "\"linear\""),
    HORN__BOOL(dense_config, use_bias, "bias", "true"),
    HORN__JSON(dense_config, kernel_initializer, "init", "null"),
    HORN__JSON(dense_config, bias_initializer, NULL, "null"),
    HORN__JSON(dense_config, kernel_regularizer, "W_regularizer", "null"),
    HORN__JSON(dense_config, bias_regularizer, "b_regularizer", "null"),
    HORN__JSON(dense_config, activity_regularizer, NULL, "null"),
    HORN__JSON(dense_config, kernel_constraint, "W_constraint", "null"),
    HORN__JSON(dense_config, bias_constraint, "b_constraint", "null"),
};

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
    .config = HORN__FIELDS(dense_config, dense_rows), .build = dense_build, .call = dense_call};

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

/* ---- Dropout: nothing in inference ------------------------------------------------------------------------------------ */

typedef struct dropout_config {
  double rate;
  horn__ints noise_shape, seed;
} dropout_config;

static const horn__field dropout_rows[] = {
    HORN__FLOAT(dropout_config, rate, "p", NULL),
    HORN__INTS(dropout_config, noise_shape, NULL, "null"),
    HORN__INTS(dropout_config, seed, NULL, "null"),
};

const horn__layer_class horn__layer_Dropout = {
    .name = "Dropout", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(dropout_config, dropout_rows), .call = pass};

/* ---- Flatten, Reshape -------------------------------------------------------------------------------------------------- */

typedef struct flatten_config {
  int32_t data_format;
} flatten_config;

static const char *const data_formats[] = {"channels_last|tf", "channels_first|th", NULL};
static const horn__field flatten_rows[] = {HORN__ENUM(flatten_config, data_format, data_formats, "dim_ordering", "\"channels_last\"")};

static horn_status flatten_call(horn__call *call) {
  const horn__shape *x = &horn__call_type(call, 0)->shape;
  if (x->rank < 1) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected an input of rank 1 or more, got a scalar");
  int64_t size = horn__shape_span(x, 1, x->rank);
  if (size < 0 || size > INT32_MAX)
    return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected an input with all dimensions known except the first");
  const horn__reshape flat = {{2, {-1, (int32_t)size}}};
  return horn__return(call, HORN__EMIT(call->graph, Reshape, &flat, call->in[0].value));
}

const horn__layer_class horn__layer_Flatten = {
    .name = "Flatten", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(flatten_config, flatten_rows), .call = flatten_call};

typedef struct reshape_config {
  horn__ints target_shape;
} reshape_config;

static const horn__field reshape_rows[] = {HORN__INTS(reshape_config, target_shape, NULL, NULL)};

/* The batch stays first; a -1 in the target is what is left of the known dimensions, so that the batch can be the unknown one. */
static horn_status reshape_call(horn__call *call) {
  const horn__ints *target = &((const reshape_config *)call->config)->target_shape;
  const horn__shape *x = &horn__call_type(call, 0)->shape;
  int64_t size = horn__shape_span(x, 1, x->rank), rest = 1;
  horn__reshape to = {{.count = target->count + 1, .values = {-1}}};
  if (target->count + 1 > HORN_MAX_RANK) return horn__layer_fail(call->layer, HORN_E_LIMIT, "target_shape has more than 7 dimensions");
  for (int32_t i = 0; i < target->count; i++)
    if (target->values[i] >= 0 && (rest *= target->values[i]) > INT32_MAX) return horn__layer_fail(call->layer, HORN_E_LIMIT, "target_shape is too large");
  for (int32_t i = 0; i < target->count; i++) {
    to.shape.values[i + 1] = target->values[i];
    if (target->values[i] < 0 && size >= 0 && rest > 0 && size % rest == 0) to.shape.values[i + 1] = (int32_t)(size / rest);
  }
  return horn__return(call, HORN__EMIT(call->graph, Reshape, &to, call->in[0].value));
}

const horn__layer_class horn__layer_Reshape = {
    .name = "Reshape", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(reshape_config, reshape_rows), .call = reshape_call};
