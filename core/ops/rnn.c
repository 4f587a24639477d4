/* SimpleRNN, LSTM and GRU over whole sequences, and their gradients. Reference: Elman, Finding Structure in Time (1990); Hochreiter and
 * Schmidhuber, Long Short-Term Memory (1997); Cho et al. (2014), v1 (reset_after false) and v3 (true); keras/src/layers/rnn. The equations
 * stand in backends/ref/rnn.c. */
#include "ops/attributes.h"
#include "ops/emit.h"

/* activations as Keras has them; reset_after is GRU's alone */
static const horn__field simple_rows[] = {
    HORN__ENUM(horn__rnn, activation, horn__activation_names, NULL, "\"tanh\""),
    HORN__BOOL(horn__rnn, backwards, NULL, "false"),
};

static const horn__field lstm_rows[] = {
    HORN__ENUM(horn__rnn, activation, horn__activation_names, NULL, "\"tanh\""),
    HORN__ENUM(horn__rnn, recurrent_activation, horn__activation_names, NULL, "\"sigmoid\""),
    HORN__BOOL(horn__rnn, backwards, NULL, "false"),
};

static const horn__field gru_rows[] = {
    HORN__ENUM(horn__rnn, activation, horn__activation_names, NULL, "\"tanh\""),
    HORN__ENUM(horn__rnn, recurrent_activation, horn__activation_names, NULL, "\"sigmoid\""),
    HORN__BOOL(horn__rnn, backwards, NULL, "false"),
    HORN__BOOL(horn__rnn, reset_after, NULL, "true"),
};

/* ---- what the ops share: which input is what, and the sizes ------------------------------------------------------- */

enum { X, KERNEL, RECURRENT, BIAS, H0 }; /* the first inputs of all */

typedef struct cell {
  int32_t gates;               /* of the kernels: 4, 3 or 1 */
  int32_t states;              /* h, or h and c */
  int32_t saves;               /* outputs that are for the gradient alone: gates and cells, gates, none */
  int32_t mask, sequence, saved; /* inputs; the last two of the gradient */
  int32_t dsequence, inputs;   /* of the gradient: dsequence, then one d of each state, then the end */
} cell;

static const cell lstm = {.gates = 4, .states = 2, .saves = 2, .mask = 6, .sequence = 7, .saved = 8, .dsequence = 10, .inputs = 13};
static const cell gru = {.gates = 3, .states = 1, .saves = 1, .mask = 5, .sequence = 6, .saved = 7, .dsequence = 8, .inputs = 10};
static const cell simple = {.gates = 1, .states = 1, .saves = 0, .mask = 5, .sequence = 6, .saved = 7, .dsequence = 7, .inputs = 9};

/* -1: unknown */
typedef struct sizes {
  int32_t batch, steps, features, units, columns, four; /* columns: gates * units, four: 4 * units */
} sizes;

static horn__shape shape2(int32_t a, int32_t b) { return (horn__shape){.rank = 2, .dims = {a, b}}; }
static horn__shape shape3(int32_t a, int32_t b, int32_t c) { return (horn__shape){.rank = 3, .dims = {a, b, c}}; }

/* An input of this dtype and shape; an absent one fits. */
static horn_status check_input(const horn__infer *q, int32_t i, horn_dtype dtype, horn__shape shape) {
  if (!horn__infer_has(q, i)) return HORN_OK;
  HORN__TRY(horn__infer_dtype(q, i, dtype));
  return horn__infer_shape(q, i, &shape);
}

static horn_status find_units(const horn__infer *q, const cell *c, sizes *s) {
  const horn__shape *recurrent = &q->in[RECURRENT].shape;
  s->units = recurrent->dims[0] >= 0 || recurrent->dims[1] < 0 ? recurrent->dims[0] : recurrent->dims[1] / c->gates;
  if (s->units == 0 || s->features == 0) return horn__infer_fail(q, HORN_E_SHAPE, "expected one unit and one feature or more, got none");
  if (s->units > INT32_MAX / 4) return horn__infer_fail(q, HORN_E_LIMIT, "%d units are too many", s->units);
  s->columns = s->units < 0 ? -1 : c->gates * s->units;
  s->four = s->units < 0 ? -1 : 4 * s->units;
  return HORN_OK;
}

/* Batch and steps from all inputs that have them. */
static horn_status find_sizes(const horn__infer *q, const cell *c, sizes *s) {
  HORN__TRY(horn__infer_rank(q, X, 3));
  HORN__TRY(horn__infer_rank(q, KERNEL, 2));
  HORN__TRY(horn__infer_rank(q, RECURRENT, 2));
  const int32_t *x = q->in[X].shape.dims;
  *s = (sizes){.batch = x[0], .steps = x[1], .features = x[2]};
  HORN__TRY(horn__infer_dim(q, KERNEL, 0, &s->features));
  for (int32_t k = 0; k < c->states; k++) {
    if (!horn__infer_has(q, H0 + k)) continue;
    HORN__TRY(horn__infer_rank(q, H0 + k, 2));
    HORN__TRY(horn__infer_dim(q, H0 + k, 0, &s->batch));
  }
  if (horn__infer_has(q, c->mask)) {
    HORN__TRY(horn__infer_rank(q, c->mask, 2));
    HORN__TRY(horn__infer_dim(q, c->mask, 0, &s->batch));
    HORN__TRY(horn__infer_dim(q, c->mask, 1, &s->steps));
  }
  return find_units(q, c, s);
}

static horn__shape bias_shape(const horn__infer *q, const cell *c, const sizes *s) {
  const horn__rnn *a = q->attributes;
  if (c == &gru && a->reset_after) return shape2(2, s->columns);
  return (horn__shape){.rank = 1, .dims = {s->columns}};
}

static horn_status check_forward(const horn__infer *q, const cell *c, sizes *s) {
  const horn__rnn *a = q->attributes;
  HORN__TRY(horn__infer_activation(q, a->activation));
  HORN__TRY(horn__infer_activation(q, a->recurrent_activation));
  HORN__TRY(find_sizes(q, c, s));
  HORN__TRY(check_input(q, X, HORN_FLOAT32, shape3(s->batch, s->steps, s->features)));
  HORN__TRY(check_input(q, KERNEL, HORN_FLOAT32, shape2(s->features, s->columns)));
  HORN__TRY(check_input(q, RECURRENT, HORN_FLOAT32, shape2(s->units, s->columns)));
  HORN__TRY(check_input(q, BIAS, HORN_FLOAT32, bias_shape(q, c, s)));
  for (int32_t k = 0; k < c->states; k++) HORN__TRY(check_input(q, H0 + k, HORN_FLOAT32, shape2(s->batch, s->units)));
  return check_input(q, c->mask, HORN_BOOL, shape2(s->batch, s->steps));
}

static horn__type of_floats(horn__shape shape) { return (horn__type){shape, HORN_FLOAT32}; }

/* ---- SimpleRNN, LSTM, GRU ------------------------------------------------------------------------------------------- */

static horn_status forward_infer(horn__infer *q, const cell *c) {
  sizes s;
  HORN__TRY(check_forward(q, c, &s));
  int32_t i = 0;
  q->out[i++] = of_floats(shape3(s.batch, s.steps, s.units));
  for (int32_t k = 0; k < c->states; k++) q->out[i++] = of_floats(shape2(s.batch, s.units));
  for (int32_t k = 0; k < c->saves; k++) q->out[i++] = of_floats(shape3(s.batch, s.steps, k == 0 ? s.four : s.units));
  return HORN_OK;
}

static horn_status simple_infer(horn__infer *q) { return forward_infer(q, &simple); }
static horn_status lstm_infer(horn__infer *q) { return forward_infer(q, &lstm); }
static horn_status gru_infer(horn__infer *q) { return forward_infer(q, &gru); }

/* The inputs, sequence, gates (and cells), then what came back for the sequence and the states. */
static horn_status emit_gradient(horn__gradient *q, const cell *c, const horn__op *op) {
  const int32_t first_saved = 1 + c->states;
  for (int32_t k = 0; k < c->saves; k++)
    if (q->dout[first_saved + k] >= 0)
      return horn__fail(q->graph->ctx, HORN_E_UNSUPPORTED, "%s: gates and cells are for the gradient, and have none", op->name);
  horn__value in[HORN__MAX_INPUTS];
  for (int32_t i = 0; i < c->sequence; i++) in[i] = i < q->count ? q->in[i] : HORN__NONE;
  in[c->sequence] = q->out[0];
  for (int32_t k = 0; k < c->saves; k++) in[c->saved + k] = q->out[first_saved + k];
  for (int32_t k = 0; k < 1 + c->states; k++) in[c->dsequence + k] = q->dout[k];
  const horn__value first = horn__emit(q->graph, op, q->attributes, in, c->inputs);
  for (int32_t i = 0; i < c->mask && i < q->count; i++) q->din[i] = horn__sibling(q->graph, first, i);
  return HORN_OK;
}

static horn_status simple_gradient(horn__gradient *q) { return emit_gradient(q, &simple, &horn__op_SimpleRNNGrad); }
static horn_status lstm_gradient(horn__gradient *q) { return emit_gradient(q, &lstm, &horn__op_LSTMGrad); }
static horn_status gru_gradient(horn__gradient *q) { return emit_gradient(q, &gru, &horn__op_GRUGrad); }

const horn__op horn__op_SimpleRNN = {
    .name = "SimpleRNN", .id = HORN__OP_SimpleRNN, .min_inputs = 3, .max_inputs = 6, .outputs = 2,
    .attributes = HORN__FIELDS(horn__rnn, simple_rows), .infer = simple_infer, .gradient = simple_gradient};

const horn__op horn__op_LSTM = {
    .name = "LSTM", .id = HORN__OP_LSTM, .min_inputs = 3, .max_inputs = 7, .outputs = 5,
    .attributes = HORN__FIELDS(horn__rnn, lstm_rows), .infer = lstm_infer, .gradient = lstm_gradient};

const horn__op horn__op_GRU = {
    .name = "GRU", .id = HORN__OP_GRU, .min_inputs = 3, .max_inputs = 6, .outputs = 3,
    .attributes = HORN__FIELDS(horn__rnn, gru_rows), .infer = gru_infer, .gradient = gru_gradient};

/* ---- SimpleRNNGrad, LSTMGrad, GRUGrad ------------------------------------------------------------------------------- */

static horn_status check_saved(const horn__infer *q, const cell *c, const sizes *s) {
  for (int32_t i = c->sequence; i < c->dsequence; i++)
    if (!horn__infer_has(q, i)) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "input %d is missing", i);
  HORN__TRY(check_input(q, c->sequence, HORN_FLOAT32, shape3(s->batch, s->steps, s->units)));
  for (int32_t k = 0; k < c->saves; k++)
    HORN__TRY(check_input(q, c->saved + k, HORN_FLOAT32, shape3(s->batch, s->steps, k == 0 ? s->four : s->units)));
  return HORN_OK;
}

static horn_status grad_infer(horn__infer *q, const cell *c) {
  sizes s;
  HORN__TRY(check_forward(q, c, &s));
  HORN__TRY(check_saved(q, c, &s));
  HORN__TRY(check_input(q, c->dsequence, HORN_FLOAT32, shape3(s.batch, s.steps, s.units)));
  for (int32_t k = 1; k <= c->states; k++) HORN__TRY(check_input(q, c->dsequence + k, HORN_FLOAT32, shape2(s.batch, s.units)));
  for (int32_t i = X; i <= RECURRENT; i++) q->out[i] = q->in[i];
  q->out[BIAS] = of_floats(bias_shape(q, c, &s));
  for (int32_t k = 0; k < c->states; k++) q->out[H0 + k] = of_floats(shape2(s.batch, s.units));
  return HORN_OK;
}

static horn_status simple_grad_infer(horn__infer *q) { return grad_infer(q, &simple); }
static horn_status lstm_grad_infer(horn__infer *q) { return grad_infer(q, &lstm); }
static horn_status gru_grad_infer(horn__infer *q) { return grad_infer(q, &gru); }

/* ---- gradients of the gradients ------------------------------------------------------------------------------------------
 *
 * The recurrence is written out as ops, a step at a time, and differentiated twice. What was saved (sequence, gates, cells) is a function of
 * the other inputs, and gets no gradient of its own. */

static const horn__axes time_axis = {.axes = {.count = 1, .values = {1}}};
static const horn__concat along_time = {1};

typedef struct unrolled {
  horn__graph *g;
  const horn__rnn *attributes;
  int32_t units;
  horn__value kernel, recurrent, bias, mask;
  horn__value states[2]; /* h, c: so far */
} unrolled;

static horn__value first_or_sum(horn__graph *g, horn__value a, horn__value b) { return b == HORN__NONE ? a : horn__add(g, a, b); }
static horn__value product(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, BatchMatMul, NULL, a, b); }

/* Column blocks first .. first + count - 1 of a matrix, each `units` wide. */
static horn__value blocks(const unrolled *u, horn__value matrix, int32_t first, int32_t count) {
  const horn__slice part = {.begin = {.count = 2, .values = {0, first * u->units}}, .size = {.count = 2, .values = {-1, count * u->units}}};
  return HORN__EMIT(u->g, Slice, &part, matrix);
}

/* Index t of axis 1, which stays, as an axis of 1. */
static horn__value at_step(horn__graph *g, horn__value x, int32_t t) {
  const horn__slice part = {.begin = {.count = 2, .values = {0, t}}, .size = {.count = 2, .values = {-1, 1}}};
  return HORN__EMIT(g, Slice, &part, x);
}

static horn__value activated(const unrolled *u, horn__value z) { return horn__activation_value(u->g, z, u->attributes->activation); }
static horn__value gate(const unrolled *u, horn__value z) { return horn__activation_value(u->g, z, u->attributes->recurrent_activation); }

/* Each writes what becomes of the states at one step; the equations stand in backends/ref/rnn.c. */
typedef void unrolled_step(const unrolled *u, horn__value x, horn__value *next);

static void simple_step(const unrolled *u, horn__value x, horn__value *next) {
  horn__graph *g = u->g;
  next[0] = activated(u, first_or_sum(g, horn__add(g, product(g, x, u->kernel), product(g, u->states[0], u->recurrent)), u->bias));
}

static void lstm_step(const unrolled *u, horn__value x, horn__value *next) {
  horn__graph *g = u->g;
  const horn__value z = first_or_sum(g, horn__add(g, product(g, x, u->kernel), product(g, u->states[0], u->recurrent)), u->bias);
  const horn__value kept = horn__mul(g, gate(u, blocks(u, z, 1, 1)), u->states[1]);
  next[1] = horn__add(g, kept, horn__mul(g, gate(u, blocks(u, z, 0, 1)), activated(u, blocks(u, z, 2, 1))));
  next[0] = horn__mul(g, gate(u, blocks(u, z, 3, 1)), activated(u, next[1]));
}

/* Row 0 or 1 of GRU's two biases, the whole where there is one. */
static horn__value gru_bias(const unrolled *u, int32_t row) {
  if (u->bias == HORN__NONE || !u->attributes->reset_after) return row == 0 ? u->bias : HORN__NONE;
  const horn__slice part = {.begin = {.count = 1, .values = {row}}, .size = {.count = 1, .values = {1}}};
  return HORN__EMIT(u->g, Slice, &part, u->bias);
}

static void gru_step(const unrolled *u, horn__value x, horn__value *next) {
  horn__graph *g = u->g;
  const horn__value h = u->states[0], input = first_or_sum(g, product(g, x, u->kernel), gru_bias(u, 0));
  const bool after = u->attributes->reset_after;
  const horn__value inner = first_or_sum(g, product(g, h, after ? u->recurrent : blocks(u, u->recurrent, 0, 2)), gru_bias(u, 1));
  const horn__value gates = gate(u, horn__add(g, blocks(u, input, 0, 2), blocks(u, inner, 0, 2)));
  const horn__value update = blocks(u, gates, 0, 1), reset = blocks(u, gates, 1, 1);
  const horn__value recurrent = after ? horn__mul(g, reset, blocks(u, inner, 2, 1))
                                      : product(g, horn__mul(g, reset, h), blocks(u, u->recurrent, 2, 1));
  const horn__value candidate = activated(u, horn__add(g, blocks(u, input, 2, 1), recurrent));
  next[0] = horn__add(g, horn__mul(g, update, h), horn__mul(g, horn__minus(g, 1, update), candidate));
}

/* Runs step t and returns its output: where mask is false the states stay, and `last` comes again. */
static horn__value unroll_step(unrolled *u, const cell *c, unrolled_step *step, horn__value x, int32_t t, horn__value last) {
  horn__value next[2] = {HORN__NONE, HORN__NONE};
  step(u, HORN__EMIT(u->g, Squeeze, &time_axis, at_step(u->g, x, t)), next);
  const horn__value ran = u->mask == HORN__NONE ? HORN__NONE : at_step(u->g, u->mask, t);
  const horn__value output = ran == HORN__NONE ? next[0] : horn__select(u->g, ran, next[0], last);
  for (int32_t k = 0; k < c->states; k++) u->states[k] = ran == HORN__NONE ? next[k] : horn__select(u->g, ran, next[k], u->states[k]);
  return output;
}

/* Zeros [B, U]. */
static horn__value no_state(const unrolled *u, horn__value x) {
  const horn__value row = HORN__EMIT(u->g, Squeeze, &time_axis, at_step(u->g, x, 0));
  return HORN__EMIT(u->g, ZerosLike, NULL, blocks(u, product(u->g, row, u->kernel), 0, 1));
}

/* The sequence; u->states are the last states then. in: as LSTMGrad has them. */
static horn__value unroll(unrolled *u, const cell *c, unrolled_step *step, const horn__value *in, int32_t steps) {
  const horn__value zeros = no_state(u, in[X]);
  horn__value sequence = HORN__NONE, last = zeros;
  for (int32_t k = 0; k < c->states; k++) u->states[k] = in[H0 + k] == HORN__NONE ? zeros : in[H0 + k];
  for (int32_t s = 0; s < steps; s++) {
    last = unroll_step(u, c, step, in[X], u->attributes->backwards ? steps - 1 - s : s, last);
    const horn__value row = HORN__EMIT(u->g, ExpandDims, &time_axis, last);
    sequence = s == 0 ? row : HORN__EMIT(u->g, Concat, &along_time, sequence, row);
  }
  return sequence;
}

/* A list of values and, beside each, another value or an index that belongs to it. */
typedef struct pairs {
  horn__value a[HORN__MAX_INPUTS];
  int32_t b[HORN__MAX_INPUTS];
  int32_t count;
} pairs;

static void add_pair(pairs *list, horn__value a, horn__value b) {
  if (a == HORN__NONE || b == HORN__NONE) return;
  list->a[list->count] = a;
  list->b[list->count++] = b;
}

/* d (sum of dout of the gradients) / d inputs. Inputs are copied, so that one which was computed from another counts as itself alone. */
static horn_status gradient_of_gradient(horn__gradient *q, const cell *c, unrolled_step *step) {
  horn__graph *g = q->graph;
  const int32_t steps = horn__type_of(g, q->in[X])->shape.dims[1], units = horn__type_of(g, q->in[RECURRENT])->shape.dims[0];
  horn__value in[HORN__MAX_INPUTS], first[HORN__MAX_INPUTS], second[HORN__MAX_INPUTS];
  pairs outputs = {.count = 0}, wanted = {.count = 0}, inputs = {.count = 0};
  if (steps < 1 || units < 1)
    return horn__fail(g->ctx, HORN_E_UNSUPPORTED, "the gradient of a recurrent layer's gradient needs a known number of steps, one or more");
  for (int32_t i = 0; i < c->inputs; i++)
    in[i] = i < q->count && q->in[i] != HORN__NONE ? HORN__EMIT(g, Identity, NULL, q->in[i]) : HORN__NONE;
  unrolled u = {.g = g, .attributes = q->attributes, .units = units, .kernel = in[KERNEL], .recurrent = in[RECURRENT], .bias = in[BIAS],
                .mask = in[c->mask]};
  add_pair(&outputs, unroll(&u, c, step, in, steps), in[c->dsequence]);
  for (int32_t k = 0; k < c->states; k++) add_pair(&outputs, u.states[k], in[c->dsequence + 1 + k]);
  HORN__TRY(g->status);
  for (int32_t i = 0; i < c->mask; i++) add_pair(&inputs, in[i], i);
  HORN__TRY(horn__graph_gradients(g, outputs.a, outputs.b, outputs.count, inputs.a, inputs.count, first));
  for (int32_t k = 0; k < inputs.count; k++) add_pair(&wanted, first[k], q->dout[inputs.b[k]]);
  for (int32_t i = c->dsequence; i < c->inputs; i++) add_pair(&inputs, in[i], i);
  HORN__TRY(horn__graph_gradients(g, wanted.a, wanted.b, wanted.count, inputs.a, inputs.count, second));
  for (int32_t k = 0; k < inputs.count; k++) q->din[inputs.b[k]] = second[k];
  return HORN_OK;
}

static horn_status simple_grad_gradient(horn__gradient *q) { return gradient_of_gradient(q, &simple, simple_step); }
static horn_status lstm_grad_gradient(horn__gradient *q) { return gradient_of_gradient(q, &lstm, lstm_step); }
static horn_status gru_grad_gradient(horn__gradient *q) { return gradient_of_gradient(q, &gru, gru_step); }

const horn__op horn__op_SimpleRNNGrad = {
    .name = "SimpleRNNGrad", .id = HORN__OP_SimpleRNNGrad, .min_inputs = 3, .max_inputs = 9, .outputs = 5,
    .attributes = HORN__FIELDS(horn__rnn, simple_rows), .infer = simple_grad_infer, .gradient = simple_grad_gradient};

const horn__op horn__op_LSTMGrad = {
    .name = "LSTMGrad", .id = HORN__OP_LSTMGrad, .min_inputs = 3, .max_inputs = 13, .outputs = 6,
    .attributes = HORN__FIELDS(horn__rnn, lstm_rows), .infer = lstm_grad_infer, .gradient = lstm_grad_gradient};

const horn__op horn__op_GRUGrad = {
    .name = "GRUGrad", .id = HORN__OP_GRUGrad, .min_inputs = 3, .max_inputs = 10, .outputs = 5,
    .attributes = HORN__FIELDS(horn__rnn, gru_rows), .infer = gru_grad_infer, .gradient = gru_grad_gradient};
