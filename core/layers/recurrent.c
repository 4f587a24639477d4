/* SimpleRNN, LSTM, GRU, and RNN over any cell. Inputs: x [B, T, F], then the initial states [B, units], all or none; a mask may come with x.
 * Outputs: the sequence [B, T, units] or its last step, then with return_state the states. A stateful layer goes on from the states that its
 * last run has left. Reference: keras/src/layers/rnn; Elman, Finding Structure in Time (1990); Hochreiter and Schmidhuber, Long Short-Term
 * Memory (1997); Cho et al. (2014). */
#include "cJSON.h"
#include "layers/recurrent.h"

/* ---- states ---------------------------------------------------------------------------------------------------------------- */

/* The layer that is the cell, and how it runs: a layer's own weights, or those of an RNN's child. */
static horn__layer *cell_of(const horn__layer *layer) { return layer->child_count == 0 ? (horn__layer *)layer : layer->children[0]; }
static const horn__cell *how_of(const horn__layer *layer) { return cell_of(layer)->type->cell; }

static horn_status check_states(const horn__call *call, int32_t states) {
  if (call->count == 1 || call->count == 1 + states) return HORN_OK;
  return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected 0 or %d initial states, got %d", states, call->count - 1);
}

/* The states that the last run has left, as values of the graph. */
static horn_status kept_states(horn__call *call, horn__sequence *s, const int32_t *sizes, int32_t states) {
  const int32_t batch = horn__type_of(s->graph, s->x)->shape.dims[0];
  if (batch < 0)
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "If an RNN is stateful, it needs to know its batch size. Specify the batch size "
                            "of your input tensors: by batch_shape (batchInputShape) of the first layer, or of the input");
  for (int32_t k = 0; k < states; k++) {
    const horn__type type = {horn__shape_of(2, (const int32_t[]){batch, sizes[k]}), HORN_FLOAT32};
    s->states[k] = horn__state_value(call, k, states, &type);
    if (s->states[k] == HORN__NONE) return call->graph->status == HORN_OK ? HORN_E_OUT_OF_MEMORY : call->graph->status;
  }
  return HORN_OK;
}

static horn_status initial_states(horn__call *call, horn__sequence *s, const int32_t *sizes, int32_t states) {
  const horn__rnn_config *config = call->config;
  for (int32_t k = 0; k < states; k++) s->states[k] = HORN__NONE;
  if (config->stateful) HORN__TRY(kept_states(call, s, sizes, states));
  for (int32_t k = 0; 1 + k < call->count; k++) s->states[k] = call->in[1 + k].value;
  return HORN_OK;
}

/* ---- zero_output_for_mask: zeros where the mask is false, instead of repeated outputs ----------------------------------------- */

/* The steps of a sequence [B, T, units] are in the order in which they ran; its last axis is moved to the front so that the mask [B, T] is
 * broadcast over it. */
static horn__value zero_steps(const horn__sequence *s) {
  horn__value mask = s->backwards ? horn__reverse_time(s->graph, s->mask) : s->mask;
  horn__value front = horn__axis_from_last(s->graph, s->y, 0);
  return horn__axis_to_last(s->graph, horn__mask(s->graph, front, mask), 0);
}

/* The same for the output of the last step that ran [B, units]. */
static horn__value zero_last(const horn__sequence *s) {
  const horn__slice first = {.begin = {2, {0, 0}}, .size = {2, {-1, 1}}};
  horn__value mask = s->backwards ? s->mask : horn__reverse_time(s->graph, s->mask);
  return horn__mask(s->graph, s->last, HORN__EMIT(s->graph, Slice, &first, mask));
}

/* ---- call ---------------------------------------------------------------------------------------------------------------------- */

/* [T, B, ...] from [B, T, ...] and back, where the layer is time_major. */
static horn__value turn(const horn__call *call, horn__value x) {
  if (x == HORN__NONE || !((const horn__rnn_config *)call->config)->time_major) return x;
  horn__transpose order = {{.count = horn__type_of(call->graph, x)->shape.rank}};
  for (int32_t i = 0; i < order.permutation.count; i++) order.permutation.values[i] = i < 2 ? 1 - i : i;
  return HORN__EMIT(call->graph, Transpose, &order, x);
}

static horn_status give(horn__call *call, const horn__sequence *s, int32_t states) {
  const horn__rnn_config *config = call->config;
  const bool zero = config->zero_output_for_mask && s->mask != HORN__NONE;
  if (config->return_state) call->outputs = 1 + states;
  for (int32_t k = 0; k < states && config->return_state; k++) call->out[1 + k].value = s->states[k];
  if (!config->return_sequences) return horn__return(call, zero ? zero_last(s) : s->last);
  call->out[0].mask = call->in[0].mask;
  return horn__return(call, turn(call, zero ? zero_steps(s) : s->y));
}

static horn_status rnn_call(horn__call *call) {
  const horn__rnn_config *config = call->config;
  horn__layer *cell = cell_of(call->layer);
  int32_t sizes[HORN__MAX_STATES];
  const int32_t states = how_of(call->layer)->states(cell, sizes);
  horn__sequence s = {.graph = call->graph, .x = turn(call, call->in[0].value), .mask = turn(call, call->in[0].mask),
                      .backwards = config->go_backwards};
  HORN__TRY(check_states(call, states));
  HORN__TRY(call->graph->status);
  HORN__TRY(initial_states(call, &s, sizes, states));
  HORN__TRY(horn__run_sequence(cell, how_of(call->layer), &s));
  for (int32_t k = 0; k < states && config->stateful; k++) horn__keep_state(call, k, s.states[k]);
  return give(call, &s, states);
}

/* ---- SimpleRNN, LSTM, GRU: layers that are their own cells ------------------------------------------------------------------------ */

static horn_status simple_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  HORN__TRY(horn__check_rank(layer, &inputs[0], 3));
  return horn__simple_build(layer, inputs, count);
}

static horn_status lstm_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  HORN__TRY(horn__check_rank(layer, &inputs[0], 3));
  return horn__lstm_build(layer, inputs, count);
}

static horn_status gru_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  HORN__TRY(horn__check_rank(layer, &inputs[0], 3));
  return horn__gru_build(layer, inputs, count);
}

static const horn__field simple_rows[] = {HORN__CELL_ROWS(horn__rnn_config), HORN__SEQUENCE_ROWS(horn__rnn_config)};

const horn__layer_class horn__layer_SimpleRNN = {
    .name = "SimpleRNN", .since_keras3 = "seed", .min_inputs = 1, .max_inputs = 2,
    .config = HORN__FIELDS(horn__rnn_config, simple_rows), .cell = &horn__simple_cell,
    .create = horn__cell_create, .build = simple_build, .call = rnn_call};

static const horn__field lstm_rows[] = {
    HORN__BOOL(horn__rnn_config, unit_forget_bias, NULL, "true"),
    HORN__CELL_ROWS(horn__rnn_config),
    HORN__GATE_ROWS(horn__rnn_config),
    HORN__SEQUENCE_ROWS(horn__rnn_config),
};

const horn__layer_class horn__layer_LSTM = {
    .name = "LSTM", .aliases = "LSTMV1|LSTMV2|UnifiedLSTM", .min_inputs = 1, .max_inputs = 3,
    .config = HORN__FIELDS(horn__rnn_config, lstm_rows), .cell = &horn__lstm_cell, .create = horn__cell_create, .build = lstm_build,
    .call = rnn_call};

static const horn__field gru_rows[] = {
    HORN__BOOL(horn__rnn_config, reset_after, NULL, "false"),
    HORN__CELL_ROWS(horn__rnn_config),
    HORN__GATE_ROWS(horn__rnn_config),
    HORN__SEQUENCE_ROWS(horn__rnn_config),
};

const horn__layer_class horn__layer_GRU = {
    .name = "GRU", .aliases = "GRUV1|GRUV2|UnifiedGRU", .min_inputs = 1, .max_inputs = 2,
    .config = HORN__FIELDS(horn__rnn_config, gru_rows), .cell = &horn__gru_cell, .create = horn__cell_create, .build = gru_build,
    .call = rnn_call};

static int32_t foreign_states(const horn__layer *cell, int32_t *sizes) {
  (void)cell;
  sizes[0] = 1;
  return 1;
}

const horn__cell horn__foreign_cell = {.states = foreign_states};

/* ---- RNN ------------------------------------------------------------------------------------------------------------------------ */

static horn_status rnn_create(horn__layer *layer) {
  const horn__rnn_config *config = layer->config;
  horn__layer *cell;
  HORN__TRY(horn__add_child(layer, config->cell, NULL, &cell));
  if (cell->type->cell == NULL || cell->type->call == rnn_call)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "expected a cell, got %s", cell->type->name);
  return horn__prefix_child(layer, cell, cell->name);
}

static horn_status rnn_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  if (inputs[0].shape.rank >= 3) return HORN_OK;
  return horn__check_rank(layer, &inputs[0], 3);
}

static const horn__field rnn_rows[] = {HORN__JSON(horn__rnn_config, cell, NULL, NULL), HORN__SEQUENCE_ROWS(horn__rnn_config)};

const horn__layer_class horn__layer_RNN = {
    .name = "RNN", .min_inputs = 1, .max_inputs = 1 + HORN__MAX_STATES, .config = HORN__FIELDS(horn__rnn_config, rnn_rows),
    .create = rnn_create, .build = rnn_build, .call = rnn_call};
