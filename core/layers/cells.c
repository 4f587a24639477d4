/* SimpleRNNCell, LSTMCell, GRUCell: one step of a recurrent layer. Inputs: x [B, F], then the states [B, units]; outputs: h, then the new
 * states, of which h is the first. Over a sequence each is one op, where its activations are element-wise and it drops no states.
 * Reference: keras/src/layers/rnn; the equations stand in backends/ref/rnn.c. */
#include "layers/recurrent.h"

/* ---- what the three share ------------------------------------------------------------------------------------------------ */

horn_status horn__cell_create(horn__layer *cell) {
  const horn__rnn_config *config = cell->config;
  HORN__TRY(horn__check_least(cell, "units", &config->units, 1, 1));
  if (config->units > INT32_MAX / 4) return horn__layer_fail(cell, HORN_E_LIMIT, "%d units are too many", config->units);
  return HORN_OK;
}

/* kernel [F, gates units], recurrent_kernel [units, gates units], and a bias of `biases` rows. */
static horn_status add_weights(horn__layer *cell, const horn__type *x, int32_t gates, int32_t biases) {
  const horn__rnn_config *config = cell->config;
  const int32_t columns = gates * config->units;
  if (x->shape.rank < 2) return horn__check_rank(cell, x, 2);
  HORN__TRY(horn__add_weight(cell, "kernel", 2, (const int32_t[]){x->shape.dims[x->shape.rank - 1], columns}, true));
  HORN__TRY(horn__add_weight(cell, "recurrent_kernel", 2, (const int32_t[]){config->units, columns}, true));
  if (!config->use_bias) return HORN_OK;
  if (biases == 1) return horn__add_weight(cell, "bias", 1, &columns, true);
  return horn__add_weight(cell, "bias", 2, (const int32_t[]){biases, columns}, true);
}

enum { KERNEL, RECURRENT, BIAS };

static horn__value bias_or_none(horn__call *call) {
  return ((const horn__rnn_config *)call->config)->use_bias ? horn__weight_value(call, BIAS) : HORN__NONE;
}

static horn__value add_or_none(horn__graph *graph, horn__value x, horn__value bias) { return bias == HORN__NONE ? x : horn__add(graph, x, bias); }

static horn__value times(horn__graph *graph, horn__value x, horn__value kernel) { return HORN__EMIT(graph, BatchMatMul, NULL, x, kernel); }

/* Columns of gate k, of `count` gates, along the last axis of x. */
static horn__value gate(const horn__call *call, horn__value x, int32_t k, int32_t count) {
  const int32_t units = ((const horn__rnn_config *)call->config)->units;
  const horn__slice part = {.begin = {2, {0, k * units}}, .size = {2, {-1, count * units}}};
  return HORN__EMIT(call->graph, Slice, &part, x);
}

static int32_t one_state(const horn__layer *cell, int32_t *sizes) {
  sizes[0] = ((const horn__rnn_config *)cell->config)->units;
  return 1;
}

static int32_t two_states(const horn__layer *cell, int32_t *sizes) {
  sizes[0] = sizes[1] = ((const horn__rnn_config *)cell->config)->units;
  return 2;
}

static bool runs_at_once(const horn__layer *cell, const horn__graph *graph) {
  const horn__rnn_config *config = cell->config;
  const bool drops_states = horn__is_training(graph) && config->recurrent_dropout > 0;
  return horn__activation_in_kernels(config->activation) && horn__activation_in_kernels(config->recurrent_activation) && !drops_states;
}

/* Emits a cell's op over a sequence; its outputs are the sequence, then the states. */
static horn_status run(horn__layer *cell, horn__sequence *s, const horn__op *op, int32_t states) {
  const horn__rnn_config *config = cell->config;
  horn__call call = {.layer = cell, .graph = s->graph, .config = config};
  const horn__rnn attributes = {.activation = config->activation, .recurrent_activation = config->recurrent_activation,
                                .backwards = s->backwards, .reset_after = config->reset_after};
  horn__value in[] = {s->x, horn__weight_value(&call, KERNEL), horn__weight_value(&call, RECURRENT), bias_or_none(&call),
                      HORN__NONE, HORN__NONE, HORN__NONE};
  for (int32_t k = 0; k < states; k++) in[4 + k] = s->states[k];
  in[4 + states] = s->mask;
  s->y = horn__emit(s->graph, op, &attributes, in, 5 + states);
  HORN__TRY(s->graph->status);
  for (int32_t k = 0; k < states; k++) s->states[k] = horn__sibling(s->graph, s->y, 1 + k);
  s->last = s->states[0];
  return HORN_OK;
}

/* h is the output and the first state. */
static horn_status give(horn__call *call, horn__value h, horn__value c) {
  call->outputs = c == HORN__NONE ? 2 : 3;
  call->out[1].value = h;
  call->out[2].value = c;
  return horn__return(call, h);
}

/* ---- SimpleRNNCell: h' = f(x W + h U + b) ------------------------------------------------------------------------------------ */

horn_status horn__simple_build(horn__layer *cell, const horn__type *inputs, int32_t count) {
  (void)count;
  return add_weights(cell, &inputs[0], 1, 1);
}

static horn_status simple_run(horn__layer *cell, horn__sequence *s) { return run(cell, s, &horn__op_SimpleRNN, 1); }

static horn_status simple_call(horn__call *call) {
  const horn__rnn_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value z = horn__add(g, times(g, call->in[0].value, horn__weight_value(call, KERNEL)),
                            times(g, call->in[1].value, horn__weight_value(call, RECURRENT)));
  return give(call, horn__activation_value(g, add_or_none(g, z, bias_or_none(call)), config->activation), HORN__NONE);
}

const horn__cell horn__simple_cell = {.states = one_state, .step = simple_call, .runs = runs_at_once, .run = simple_run};

static const horn__field simple_rows[] = {HORN__CELL_ROWS(horn__rnn_config)};

const horn__layer_class horn__layer_SimpleRNNCell = {
    .name = "SimpleRNNCell", .min_inputs = 2, .max_inputs = 2, .config = HORN__FIELDS(horn__rnn_config, simple_rows),
    .cell = &horn__simple_cell, .create = horn__cell_create, .build = horn__simple_build, .call = simple_call};

/* ---- LSTMCell: gates in the order i, f, g, o; c' = f c + i g, h' = o f(c') ------------------------------------------------------ */

horn_status horn__lstm_build(horn__layer *cell, const horn__type *inputs, int32_t count) {
  (void)count;
  return add_weights(cell, &inputs[0], 4, 1);
}

static horn_status lstm_run(horn__layer *cell, horn__sequence *s) { return run(cell, s, &horn__op_LSTM, 2); }

static horn_status lstm_call(horn__call *call) {
  const horn__rnn_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value z = horn__add(g, times(g, call->in[0].value, horn__weight_value(call, KERNEL)),
                            times(g, call->in[1].value, horn__weight_value(call, RECURRENT)));
  z = add_or_none(g, z, bias_or_none(call));
  horn__value input = horn__activation_value(g, gate(call, z, 0, 1), config->recurrent_activation);
  horn__value forget = horn__activation_value(g, gate(call, z, 1, 1), config->recurrent_activation);
  horn__value candidate = horn__activation_value(g, gate(call, z, 2, 1), config->activation);
  horn__value output = horn__activation_value(g, gate(call, z, 3, 1), config->recurrent_activation);
  horn__value c = horn__add(g, horn__mul(g, forget, call->in[2].value), horn__mul(g, input, candidate));
  return give(call, horn__mul(g, output, horn__activation_value(g, c, config->activation)), c);
}

const horn__cell horn__lstm_cell = {.states = two_states, .step = lstm_call, .runs = runs_at_once, .run = lstm_run};

static const horn__field lstm_rows[] = {
    HORN__BOOL(horn__rnn_config, unit_forget_bias, NULL, "true"),
    HORN__CELL_ROWS(horn__rnn_config),
    HORN__GATE_ROWS(horn__rnn_config),
};

const horn__layer_class horn__layer_LSTMCell = {
    .name = "LSTMCell", .min_inputs = 3, .max_inputs = 3, .config = HORN__FIELDS(horn__rnn_config, lstm_rows),
    .cell = &horn__lstm_cell, .create = horn__cell_create, .build = horn__lstm_build, .call = lstm_call};

/* ---- GRUCell: gates in the order z, r, h; with reset_after the bias is [2, 3 units]: of the input, of the state ------------------- */

horn_status horn__gru_build(horn__layer *cell, const horn__type *inputs, int32_t count) {
  (void)count;
  return add_weights(cell, &inputs[0], 3, ((const horn__rnn_config *)cell->config)->reset_after ? 2 : 1);
}

static horn_status gru_run(horn__layer *cell, horn__sequence *s) { return run(cell, s, &horn__op_GRU, 1); }

/* Row k of the bias where it has two; the whole bias, for the input alone, where it has one. */
static horn__value gru_bias(horn__call *call, int32_t k) {
  const horn__rnn_config *config = call->config;
  const horn__slice row = {.begin = {2, {k, 0}}, .size = {2, {1, -1}}};
  if (!config->use_bias || (k == 1 && !config->reset_after)) return HORN__NONE;
  horn__value bias = horn__weight_value(call, BIAS);
  return config->reset_after ? HORN__EMIT(call->graph, Slice, &row, bias) : bias;
}

/* f(x W + b + r (h U + b')) with reset_after, f(x W + b + (r h) U) without. x: x W + b, h: h U + b' of all gates. */
static horn__value gru_candidate(horn__call *call, horn__value x, horn__value h, horn__value reset) {
  const horn__rnn_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value inner = config->reset_after
                          ? horn__mul(g, reset, gate(call, h, 2, 1))
                          : times(g, horn__mul(g, reset, call->in[1].value), gate(call, horn__weight_value(call, RECURRENT), 2, 1));
  return horn__activation_value(g, horn__add(g, gate(call, x, 2, 1), inner), config->activation);
}

static horn_status gru_call(horn__call *call) {
  const horn__rnn_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value before = call->in[1].value;
  horn__value x = add_or_none(g, times(g, call->in[0].value, horn__weight_value(call, KERNEL)), gru_bias(call, 0));
  horn__value h = add_or_none(g, times(g, before, horn__weight_value(call, RECURRENT)), gru_bias(call, 1));
  horn__value gates = horn__add(g, gate(call, x, 0, 2), gate(call, h, 0, 2));
  horn__value update = horn__activation_value(g, gate(call, gates, 0, 1), config->recurrent_activation);
  horn__value reset = horn__activation_value(g, gate(call, gates, 1, 1), config->recurrent_activation);
  horn__value candidate = gru_candidate(call, x, h, reset);
  return give(call, horn__add(g, horn__mul(g, update, before), horn__mul(g, horn__minus(g, 1, update), candidate)), HORN__NONE);
}

const horn__cell horn__gru_cell = {.states = one_state, .step = gru_call, .runs = runs_at_once, .run = gru_run};

static const horn__field gru_rows[] = {
    HORN__BOOL(horn__rnn_config, reset_after, NULL, "false"),
    HORN__CELL_ROWS(horn__rnn_config),
    HORN__GATE_ROWS(horn__rnn_config),
};

const horn__layer_class horn__layer_GRUCell = {
    .name = "GRUCell", .min_inputs = 2, .max_inputs = 2, .config = HORN__FIELDS(horn__rnn_config, gru_rows),
    .cell = &horn__gru_cell, .create = horn__cell_create, .build = horn__gru_build, .call = gru_call};
