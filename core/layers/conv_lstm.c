/* ConvLSTM1D, 2D, 3D: an LSTM whose products are convolutions. Gates i, f, g, o of conv(x, kernel) + conv(h, recurrent_kernel) + bias;
 * c' = f c + i g, h' = o f(c'). x [B, T, axes..., C], states [B, axes..., filters]; all steps compute channels-last, and a line as an image of
 * height 1. Reference: keras/src/layers/rnn/conv_lstm.py; Shi et al., Convolutional LSTM Network (2015). */
#include "layers/convolution.h"
#include "layers/recurrent.h"

typedef struct conv_lstm_config {
  horn__conv_config conv; /* first: the pieces of convolutions read it */
  int32_t recurrent_activation;
  bool unit_forget_bias, return_sequences, return_state, go_backwards, stateful, unroll, zero_output_for_mask;
  double dropout, recurrent_dropout;
  HORN__WEIGHT_MEMBERS(recurrent);
  const cJSON *seed;
} conv_lstm_config;

#define ROWS(axes)                                                                                                               \
  {HORN__CONV_CONFIG_ROWS(axes, horn__window_paddings, "\"tanh\""), HORN__INT(horn__conv_config, filters, NULL, NULL),            \
   HORN__ENUM(conv_lstm_config, recurrent_activation, horn__activation_names, NULL, "\"hard_sigmoid\""),                         \
   HORN__WEIGHT_ROWS(horn__conv_config, kernel, HORN__GLOROT_UNIFORM), HORN__WEIGHT_ROWS(conv_lstm_config, recurrent, HORN__ORTHOGONAL), \
   HORN__BOOL(conv_lstm_config, unit_forget_bias, NULL, "true"), HORN__FLOAT(conv_lstm_config, dropout, NULL, "0"),              \
   HORN__FLOAT(conv_lstm_config, recurrent_dropout, NULL, "0"), HORN__JSON(conv_lstm_config, seed, NULL, "null"),                \
   HORN__BOOL(conv_lstm_config, return_sequences, NULL, "false"), HORN__BOOL(conv_lstm_config, return_state, NULL, "false"),     \
   HORN__BOOL(conv_lstm_config, go_backwards, NULL, "false"), HORN__BOOL(conv_lstm_config, stateful, NULL, "false"),             \
   HORN__BOOL(conv_lstm_config, unroll, NULL, "false"), HORN__FLAG(conv_lstm_config, zero_output_for_mask)}
static const horn__field rows1[] = ROWS(1), rows2[] = ROWS(2), rows3[] = ROWS(3);

enum { KERNEL, RECURRENT, BIAS, STATES = 2 };

static bool channels_first(const horn__layer *layer) { return ((const horn__conv_config *)layer->config)->data_format == HORN__CHANNELS_FIRST; }

static horn_status create(horn__layer *layer) {
  const conv_lstm_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "filters", &config->conv.filters, 1, 1));
  if (config->conv.filters > INT32_MAX / 4) return horn__layer_fail(layer, HORN_E_LIMIT, "%d filters are too many", config->conv.filters);
  layer->data = horn__arena_alloc(layer->arena, sizeof(horn__value));
  return layer->data == NULL ? HORN_E_OUT_OF_MEMORY : horn__conv_check(layer);
}

static horn_status build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const int32_t axes = horn__layer_axes(layer), filters = ((const horn__conv_config *)layer->config)->filters;
  HORN__TRY(horn__check_rank(layer, &inputs[0], axes + 3));
  HORN__TRY(horn__conv_add_kernel(layer, "kernel", inputs[0].shape.dims[channels_first(layer) ? 2 : axes + 2], 4 * filters));
  HORN__TRY(horn__conv_add_kernel(layer, "recurrent_kernel", filters, 4 * filters));
  return horn__conv_add_bias(layer, 4 * filters);
}

/* ---- one step ------------------------------------------------------------------------------------------------------------- */

static horn__value convolve(horn__call *call, const horn__conv *attributes, horn__value x, int32_t kernel) {
  const horn__value in[] = {x, horn__conv_filter(call, kernel)};
  return horn__emit(call->graph, horn__layer_axes(call->layer) == 3 ? &horn__op_Conv3D : &horn__op_Conv2D, attributes, in, 2);
}

static horn__value convolve_input(horn__call *call, horn__value x) {
  const horn__conv attributes = horn__conv_attributes(call->layer);
  return convolve(call, &attributes, x, KERNEL);
}

static horn__value convolve_state(horn__call *call, horn__value h) {
  static const horn__conv attributes = {.strides = {1, 1, 1}, .dilations = {1, 1, 1}, .padding = HORN__SAME};
  return convolve(call, &attributes, h, RECURRENT);
}

/* Gate k of four along the last axis. */
static horn__value gate(const horn__call *call, horn__value gates, int32_t k) {
  const int32_t filters = ((const horn__conv_config *)call->config)->filters, last = horn__type_of(call->graph, gates)->shape.rank - 1;
  horn__slice part = {.begin = {.count = last + 1}, .size = {.count = last + 1}};
  for (int32_t i = 0; i < last; i++) part.size.values[i] = -1;
  part.begin.values[last] = k * filters;
  part.size.values[last] = filters;
  return HORN__EMIT(call->graph, Slice, &part, gates);
}

/* layer->data: what h is multiplied with before each step of the call in progress, HORN__NONE: nothing. */
static horn__value dropped_state(const horn__call *call) {
  const horn__value drop = *(const horn__value *)call->layer->data;
  return drop == HORN__NONE ? call->in[1].value : horn__mul(call->graph, call->in[1].value, drop);
}

static horn_status step(horn__call *call) {
  const conv_lstm_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value gates = convolve_input(call, call->in[0].value);
  if (config->conv.use_bias) gates = horn__add(g, gates, horn__weight_value(call, BIAS));
  gates = horn__add(g, gates, convolve_state(call, dropped_state(call)));
  HORN__TRY(g->status);
  horn__value input = horn__activation_value(g, gate(call, gates, 0), config->recurrent_activation);
  horn__value forget = horn__activation_value(g, gate(call, gates, 1), config->recurrent_activation);
  horn__value candidate = horn__activation_value(g, gate(call, gates, 2), config->conv.activation);
  horn__value output = horn__activation_value(g, gate(call, gates, 3), config->recurrent_activation);
  horn__value c = horn__add(g, horn__mul(g, forget, call->in[2].value), horn__mul(g, input, candidate));
  horn__value h = horn__mul(g, output, horn__activation_value(g, c, config->conv.activation));
  call->outputs = 1 + STATES;
  call->out[1].value = h;
  call->out[2].value = c;
  return horn__return(call, h);
}

static int32_t state_sizes(const horn__layer *cell, int32_t *sizes) {
  sizes[0] = sizes[1] = ((const horn__conv_config *)cell->config)->filters;
  return STATES;
}

static const horn__cell conv_lstm_cell = {.states = state_sizes, .step = step};

/* ---- between the layer's format and that of the steps: `channels` is the axis of the channels where they come first ------------- */

static horn__value inward(const horn__call *call, horn__value x, int32_t channels) {
  const horn__axes height = {{1, {channels}}};
  if (channels_first(call->layer)) x = horn__axis_to_last(call->graph, x, channels);
  return horn__layer_axes(call->layer) == 1 ? HORN__EMIT(call->graph, ExpandDims, &height, x) : x;
}

static horn__value outward(const horn__call *call, horn__value y, int32_t channels) {
  const horn__axes height = {{1, {channels}}};
  if (horn__layer_axes(call->layer) == 1) y = HORN__EMIT(call->graph, Squeeze, &height, y);
  return channels_first(call->layer) ? horn__axis_from_last(call->graph, y, channels) : y;
}

enum { OF_STATE = 1, OF_SEQUENCE = 2 };

/* ---- states ------------------------------------------------------------------------------------------------------------------ */

/* Zeros of a state's shape, which is that of a convolution of the first step; it is never computed, since its shape alone is read. */
static horn__value zero_state(horn__call *call, horn__value x) {
  const horn__slice one = {.begin = {2, {0, 0}}, .size = {2, {-1, 1}}};
  const horn__axes time_axis = {{1, {1}}};
  horn__value first = HORN__EMIT(call->graph, Slice, &one, x);
  first = HORN__EMIT(call->graph, Squeeze, &time_axis, first);
  horn__value gates = convolve_input(call, first);
  if (call->graph->status != HORN_OK) return HORN__NONE;
  return HORN__EMIT(call->graph, ZerosLike, NULL, gate(call, gates, 0));
}

static horn_status initial_states(horn__call *call, horn__sequence *s) {
  const conv_lstm_config *config = call->config;
  const horn__value zeros = zero_state(call, s->x);
  HORN__TRY(call->graph->status);
  const horn__type type = *horn__type_of(call->graph, zeros);
  if (config->stateful && !horn__shape_known(&type.shape))
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "If an RNN is stateful, it needs to know its batch size and the size of its "
                            "images");
  for (int32_t k = 0; k < STATES; k++) {
    s->states[k] = config->stateful ? horn__state_value(call, k, STATES, &type) : zeros;
    if (call->count > 1) s->states[k] = inward(call, call->in[1 + k].value, OF_STATE);
  }
  return call->graph->status;
}

/* ---- call ---------------------------------------------------------------------------------------------------------------------- */

/* Zeros where the mask is false; it has the first axes of y. */
static horn__value zero_masked(horn__graph *graph, horn__value y, horn__value mask) {
  horn__axes rest = {{.count = 0}};
  for (int32_t i = horn__type_of(graph, mask)->shape.rank; i < horn__type_of(graph, y)->shape.rank; i++) rest.axes.values[rest.axes.count++] = i;
  return horn__mask(graph, y, HORN__EMIT(graph, ExpandDims, &rest, mask));
}

static horn__value sequence_of(const horn__call *call, const horn__sequence *s) {
  const conv_lstm_config *config = call->config;
  horn__value y = s->y;
  if (config->zero_output_for_mask && s->mask != HORN__NONE)
    y = zero_masked(s->graph, y, s->backwards ? horn__reverse_time(s->graph, s->mask) : s->mask);
  return outward(call, y, OF_SEQUENCE);
}

static horn__value last_of(const horn__call *call, const horn__sequence *s) {
  const conv_lstm_config *config = call->config;
  const horn__slice one = {.begin = {2, {0, 0}}, .size = {2, {-1, 1}}};
  const horn__axes time_axis = {{1, {1}}};
  horn__value y = s->last;
  if (config->zero_output_for_mask && s->mask != HORN__NONE) {
    horn__value mask = s->backwards ? s->mask : horn__reverse_time(s->graph, s->mask);
    mask = HORN__EMIT(s->graph, Slice, &one, mask);
    y = zero_masked(s->graph, y, HORN__EMIT(s->graph, Squeeze, &time_axis, mask));
  }
  return outward(call, y, OF_STATE);
}

/* In training elements of x and of h are dropped, the same ones at all steps and for all gates. */
static horn__value drop_inputs(const horn__call *call, horn__value x) {
  horn__ints noise = {.count = horn__type_of(call->graph, x)->shape.rank};
  for (int32_t i = 0; i < noise.count; i++) noise.values[i] = i == 1 ? 1 : -1;
  return horn__dropout(call, x, ((const conv_lstm_config *)call->config)->dropout, &noise);
}

static void drop_states(const horn__call *call, horn__value h) {
  const double rate = ((const conv_lstm_config *)call->config)->recurrent_dropout;
  horn__value *drop = call->layer->data;
  *drop = HORN__NONE;
  if (!horn__is_training(call->graph) || rate <= 0) return;
  h = HORN__EMIT(call->graph, ZerosLike, NULL, h);
  *drop = horn__dropout(call, horn__shift(call->graph, h, 1), rate, NULL);
}

static horn_status conv_lstm_call(horn__call *call) {
  const conv_lstm_config *config = call->config;
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), horn__layer_axes(call->layer) + 3));
  if (call->count != 1 && call->count != 1 + STATES)
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected 0 or %d initial states, got %d", STATES, call->count - 1);
  horn__sequence s = {.graph = call->graph, .x = inward(call, call->in[0].value, OF_SEQUENCE), .mask = call->in[0].mask,
                      .backwards = config->go_backwards};
  HORN__TRY(call->graph->status);
  HORN__TRY(initial_states(call, &s));
  s.x = drop_inputs(call, s.x);
  drop_states(call, s.states[0]);
  HORN__TRY(horn__run_sequence(call->layer, &conv_lstm_cell, &s));
  for (int32_t k = 0; k < STATES && config->stateful; k++) horn__keep_state(call, k, s.states[k]);
  if (config->return_state) call->outputs = 1 + STATES;
  for (int32_t k = 0; k < STATES && config->return_state; k++) call->out[1 + k].value = outward(call, s.states[k], OF_STATE);
  if (config->return_sequences) call->out[0].mask = call->in[0].mask;
  return horn__return(call, config->return_sequences ? sequence_of(call, &s) : last_of(call, &s));
}

#define CONV_LSTM(Name, rows)                                                                                                    \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .since_keras3 = "seed", .min_inputs = 1, .max_inputs = 1 + STATES, \
                                                .config = HORN__FIELDS(conv_lstm_config, rows), .create = create, .build = build, \
                                                .call = conv_lstm_call};
CONV_LSTM(ConvLSTM1D, rows1)
CONV_LSTM(ConvLSTM2D, rows2)
CONV_LSTM(ConvLSTM3D, rows3)
