/* LSTM, GRU: one op over the whole sequence. Inputs: x [B, T, F], then the initial states [B, units], all or none; a mask may come with x.
 * Outputs: the sequence [B, T, units] or its last step, then with return_state the states. A stateful layer starts each prediction from
 * zeros. Reference: keras/src/layers/rnn; Hochreiter and Schmidhuber, Long Short-Term Memory (1997); Cho et al. (2014). */
#include "layers/common.h"

typedef struct rnn_config {
  int32_t units, activation, recurrent_activation, implementation;
  bool use_bias, return_sequences, return_state, go_backwards, stateful, unroll, time_major, zero_output_for_mask, unit_forget_bias, reset_after;
  double dropout, recurrent_dropout;
  HORN__WEIGHT_MEMBERS(kernel);
  HORN__WEIGHT_MEMBERS(recurrent);
  HORN__WEIGHT_MEMBERS(bias);
  const cJSON *activity_regularizer;
} rnn_config;

#define SHARED_ROWS                                                                                                   \
  HORN__INT(rnn_config, units, NULL, NULL), HORN__ENUM(rnn_config, activation, horn__activation_names, NULL, "\"tanh\""), \
      HORN__ENUM(rnn_config, recurrent_activation, horn__activation_names, NULL, "\"hard_sigmoid\""),                 \
      HORN__BOOL(rnn_config, use_bias, NULL, "true"), HORN__WEIGHT_ROWS(rnn_config, kernel, HORN__GLOROT_UNIFORM),    \
      HORN__WEIGHT_ROWS(rnn_config, recurrent, HORN__ORTHOGONAL), HORN__WEIGHT_ROWS(rnn_config, bias, HORN__ZEROS),   \
      HORN__JSON(rnn_config, activity_regularizer, NULL, "null"), HORN__FLOAT(rnn_config, dropout, NULL, "0"),        \
      HORN__FLOAT(rnn_config, recurrent_dropout, NULL, "0"), HORN__INT(rnn_config, implementation, NULL, "1"),        \
      HORN__BOOL(rnn_config, return_sequences, NULL, "false"), HORN__BOOL(rnn_config, return_state, NULL, "false"),   \
      HORN__BOOL(rnn_config, go_backwards, NULL, "false"), HORN__BOOL(rnn_config, stateful, NULL, "false"),           \
      HORN__BOOL(rnn_config, unroll, NULL, "false"), HORN__BOOL(rnn_config, time_major, NULL, "false"),               \
      HORN__FLAG(rnn_config, zero_output_for_mask)

/* ---- shared pieces ------------------------------------------------------------------------------------------------- */

static horn_status rnn_create(horn__layer *layer) {
  const rnn_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "units", &config->units, 1, 1));
  if (config->units > INT32_MAX / 4) return horn__layer_fail(layer, HORN_E_LIMIT, "%d units are too many", config->units);
  if (config->time_major) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "time_major is not supported");
  return HORN_OK;
}

/* kernel [F, gates units], recurrent_kernel [units, gates units]. */
static horn_status add_kernels(horn__layer *layer, const horn__type *x, int32_t gates) {
  const rnn_config *config = layer->config;
  HORN__TRY(horn__check_rank(layer, x, 3));
  HORN__TRY(horn__add_weight(layer, "kernel", 2, (const int32_t[]){x->shape.dims[2], gates * config->units}, true));
  return horn__add_weight(layer, "recurrent_kernel", 2, (const int32_t[]){config->units, gates * config->units}, true);
}

static horn_status check_states(const horn__call *call, int32_t states) {
  if (call->count == 1 || call->count == 1 + states) return HORN_OK;
  return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected 0 or %d initial states, got %d", states, call->count - 1);
}

static horn__value input_or_none(const horn__call *call, int32_t i) { return i < call->count ? call->in[i].value : HORN__NONE; }

static horn__rnn attributes(const rnn_config *config) {
  return (horn__rnn){.activation = config->activation, .recurrent_activation = config->recurrent_activation,
                     .backwards = config->go_backwards, .reset_after = config->reset_after};
}

static const horn__reverse reverse_time = {{1, {1}}};

/* Keras's zero_output_for_mask: zeros where the mask is false, instead of repeated outputs. The steps of a sequence [B, T, units] are in the
 * order in which they ran; its last axis is moved to the front so that the mask [B, T] is broadcast over it. */
static horn__value zero_steps(horn__call *call, horn__value sequence) {
  horn__value mask = call->in[0].mask;
  if (((const rnn_config *)call->config)->go_backwards) mask = HORN__EMIT(call->graph, Reverse, &reverse_time, mask);
  horn__value front = horn__axis_from_last(call->graph, sequence, 0);
  return horn__axis_to_last(call->graph, horn__mask(call->graph, front, mask), 0);
}

/* The same for the output of the last step that ran [B, units]. */
static horn__value zero_last(horn__call *call, horn__value last) {
  horn__value mask = call->in[0].mask;
  const horn__slice first = {.begin = {2, {0, 0}}, .size = {2, {-1, 1}}};
  if (!((const rnn_config *)call->config)->go_backwards) mask = HORN__EMIT(call->graph, Reverse, &reverse_time, mask);
  return horn__mask(call->graph, last, HORN__EMIT(call->graph, Slice, &first, mask));
}

/* The layer's outputs from those of the op: the sequence, then the states, the first of which is the output of the last step. */
static horn_status give(horn__call *call, horn__value sequence, int32_t states) {
  const rnn_config *config = call->config;
  const bool zero = config->zero_output_for_mask && call->in[0].mask != HORN__NONE;
  HORN__TRY(call->graph->status);
  if (config->return_state) call->outputs = 1 + states;
  for (int32_t i = 1; i < call->outputs; i++) call->out[i].value = horn__sibling(call->graph, sequence, i);
  horn__value last = horn__sibling(call->graph, sequence, 1);
  if (!config->return_sequences) return horn__return(call, zero ? zero_last(call, last) : last);
  call->out[0].mask = call->in[0].mask;
  return horn__return(call, zero ? zero_steps(call, sequence) : sequence);
}

/* ---- LSTM: gates in the order i, f, c, o; states h, c ----------------------------------------------------------------------- */

static const horn__field lstm_rows[] = {HORN__BOOL(rnn_config, unit_forget_bias, NULL, "true"), SHARED_ROWS};

static horn_status lstm_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const rnn_config *config = layer->config;
  HORN__TRY(add_kernels(layer, &inputs[0], 4));
  return config->use_bias ? horn__add_weight(layer, "bias", 1, (const int32_t[]){4 * config->units}, true) : HORN_OK;
}

static horn_status lstm_call(horn__call *call) {
  const rnn_config *config = call->config;
  HORN__TRY(check_states(call, 2));
  const horn__rnn rnn = attributes(config);
  horn__value kernel = horn__weight_value(call, 0), recurrent_kernel = horn__weight_value(call, 1);
  horn__value bias = config->use_bias ? horn__weight_value(call, 2) : HORN__NONE;
  horn__value y = HORN__EMIT(call->graph, LSTM, &rnn, call->in[0].value, kernel, recurrent_kernel, bias, input_or_none(call, 1),
                             input_or_none(call, 2), call->in[0].mask);
  return give(call, y, 2);
}

const horn__layer_class horn__layer_LSTM = {
    .name = "LSTM", .aliases = "LSTMV1|LSTMV2|UnifiedLSTM", .min_inputs = 1, .max_inputs = 3, .config = HORN__FIELDS(rnn_config, lstm_rows),
    .create = rnn_create, .build = lstm_build, .call = lstm_call};

/* ---- GRU: gates in the order z, r, h; with reset_after the bias is [2, 3 units]: of the input, of the state ------------------- */

static const horn__field gru_rows[] = {HORN__BOOL(rnn_config, reset_after, NULL, "false"), SHARED_ROWS};

static horn_status gru_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const rnn_config *config = layer->config;
  const int32_t bias[] = {2, 3 * config->units};
  HORN__TRY(add_kernels(layer, &inputs[0], 3));
  if (!config->use_bias) return HORN_OK;
  return config->reset_after ? horn__add_weight(layer, "bias", 2, bias, true) : horn__add_weight(layer, "bias", 1, bias + 1, true);
}

static horn_status gru_call(horn__call *call) {
  const rnn_config *config = call->config;
  HORN__TRY(check_states(call, 1));
  const horn__rnn rnn = attributes(config);
  horn__value kernel = horn__weight_value(call, 0), recurrent_kernel = horn__weight_value(call, 1);
  horn__value bias = config->use_bias ? horn__weight_value(call, 2) : HORN__NONE;
  horn__value y = HORN__EMIT(call->graph, GRU, &rnn, call->in[0].value, kernel, recurrent_kernel, bias, input_or_none(call, 1), call->in[0].mask);
  return give(call, y, 1);
}

const horn__layer_class horn__layer_GRU = {
    .name = "GRU", .aliases = "GRUV1|GRUV2|UnifiedGRU", .min_inputs = 1, .max_inputs = 2, .config = HORN__FIELDS(rnn_config, gru_rows),
    .create = rnn_create, .build = gru_build, .call = gru_call};
