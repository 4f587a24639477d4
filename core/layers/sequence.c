/* A sequence through a cell: at once where the cell can, step by step otherwise; and StackedRNNCells, cells one on top of the other.
 * Reference: rnn() of keras/src/backend/tensorflow/rnn.py, keras/src/layers/rnn/stacked_rnn_cells.py. */
#include "cJSON.h"
#include "layers/recurrent.h"

static const horn__axes time_axis = {{1, {1}}};

horn__value horn__reverse_time(horn__graph *graph, horn__value x) {
  static const horn__reverse time = {{1, {1}}};
  return x == HORN__NONE ? x : HORN__EMIT(graph, Reverse, &time, x);
}

/* ---- step by step ----------------------------------------------------------------------------------------------------------- */

static bool is_ours(const horn__cell *how) { return how == &horn__simple_cell || how == &horn__lstm_cell || how == &horn__gru_cell; }

static horn__value step_of(horn__graph *graph, horn__value x, int32_t t) {
  const horn__slice one = {.begin = {2, {0, t}}, .size = {2, {-1, 1}}};
  x = HORN__EMIT(graph, Slice, &one, x);
  return HORN__EMIT(graph, Squeeze, &time_axis, x);
}

/* Zeros [B, size], B that of x [B, ...]. */
static horn__value zeros(horn__graph *graph, horn__value x, int32_t size) {
  const horn__type *type = horn__type_of(graph, x);
  horn__reduce rest = {.axes = {.count = 0}, .keep_dims = false};
  for (int32_t i = 1; i < type->shape.rank; i++) rest.axes.values[rest.axes.count++] = i;
  const horn__tile columns = {{2, {1, size}}};
  x = HORN__EMIT(graph, Sum, &rest, x);
  x = HORN__EMIT(graph, ExpandDims, &time_axis, x);
  x = HORN__EMIT(graph, ZerosLike, NULL, x);
  return HORN__EMIT(graph, Tile, &columns, x);
}

/* The steps [B, ...] along a new axis 1. Concat takes so many inputs, so there may be levels of it. */
static horn__value stack(horn__graph *graph, horn__value *steps, int32_t count) {
  for (int32_t t = 0; t < count; t++) steps[t] = HORN__EMIT(graph, ExpandDims, &time_axis, steps[t]);
  while (count > 1) {
    int32_t made = 0;
    for (int32_t t = 0; t < count; t += HORN__MAX_CONCAT) {
      const int32_t part = count - t < HORN__MAX_CONCAT ? count - t : HORN__MAX_CONCAT;
      steps[made++] = part == 1 ? steps[t] : horn__emit(graph, &horn__op_Concat, &(horn__concat){1}, steps + t, part);
    }
    count = made;
  }
  return steps[0];
}

/* Keeps what was before, where the mask [B] is false. */
static horn__value where(horn__graph *graph, horn__value mask, horn__value now, horn__value before) {
  if (mask == HORN__NONE) return now;
  const int32_t rank = horn__type_of(graph, now)->shape.rank;
  horn__axes last = {{.count = rank - 1}};
  for (int32_t i = 1; i < rank; i++) last.axes.values[i - 1] = i;
  return horn__select(graph, rank < 2 ? mask : HORN__EMIT(graph, ExpandDims, &last, mask), now, before);
}

typedef struct walk {
  horn__layer *cell;
  const horn__cell *how;
  horn__sequence *s;
  int32_t states;
  horn__value dropped; /* what h is multiplied with before each step: the same elements are dropped in all; HORN__NONE: nothing */
} walk;

static horn_status advance(walk *w, int32_t t) {
  horn__sequence *s = w->s;
  horn__slot in[1 + HORN__MAX_STATES], out[HORN__MAX_SLOTS];
  horn__value mask = s->mask == HORN__NONE ? HORN__NONE : step_of(s->graph, s->mask, t);
  horn__call call = {.layer = w->cell, .graph = s->graph, .config = w->cell->config, .count = 1 + w->states, .in = in, .out = out};
  in[0] = (horn__slot){step_of(s->graph, s->x, t), HORN__NONE};
  for (int32_t k = 0; k < w->states; k++) in[1 + k] = (horn__slot){s->states[k], HORN__NONE};
  if (w->dropped != HORN__NONE) in[1].value = horn__mul(s->graph, in[1].value, w->dropped);
  HORN__TRY(s->graph->status);
  HORN__TRY(w->how->step == NULL ? horn__layer_run(&call) : w->how->step(&call));
  HORN__TRY(s->graph->status);
  if (call.outputs != 1 + w->states)
    return horn__layer_fail(w->cell, HORN_E_INVALID_ARGUMENT, "expected an output and %d states of a cell, got %d values", w->states, call.outputs);
  if (s->last == HORN__NONE && mask != HORN__NONE) s->last = HORN__EMIT(s->graph, ZerosLike, NULL, out[0].value);
  s->last = where(s->graph, mask, out[0].value, s->last);
  for (int32_t k = 0; k < w->states; k++) s->states[k] = where(s->graph, mask, out[1 + k].value, s->states[k]);
  return s->graph->status;
}

static horn_status run_steps(horn__layer *cell, const horn__cell *how, horn__sequence *s) {
  int32_t sizes[HORN__MAX_STATES];
  walk w = {.cell = cell, .how = how, .s = s, .states = how->states(cell, sizes), .dropped = HORN__NONE};
  const int32_t steps = horn__type_of(s->graph, s->x)->shape.dims[1];
  if (steps < 1 || steps > HORN__MAX_STEPS)
    return horn__layer_fail(cell, HORN_E_UNSUPPORTED, "it runs step by step, so that the number of steps must be known, and 1 to %d; got %d",
                            HORN__MAX_STEPS, steps);
  for (int32_t k = 0; k < w.states; k++)
    if (s->states[k] == HORN__NONE) s->states[k] = zeros(s->graph, s->x, sizes[k]);
  if (is_ours(how) && horn__is_training(s->graph)) {
    const horn__call call = {.layer = cell, .graph = s->graph};
    horn__value ones = horn__shift(s->graph, HORN__EMIT(s->graph, ZerosLike, NULL, s->states[0]), 1);
    w.dropped = horn__dropout(&call, ones, ((const horn__rnn_config *)cell->config)->recurrent_dropout, NULL);
  }
  horn__value *outputs = horn__arena_alloc(&s->graph->arena, (size_t)steps * sizeof *outputs);
  if (outputs == NULL) return HORN_E_OUT_OF_MEMORY;
  s->last = HORN__NONE;
  for (int32_t t = 0; t < steps; t++) {
    HORN__TRY(advance(&w, s->backwards ? steps - 1 - t : t));
    outputs[t] = s->last;
  }
  s->y = stack(s->graph, outputs, steps);
  return s->graph->status;
}

/* ---- at once ----------------------------------------------------------------------------------------------------------------- */

/* The type of one step of x [B, T, ...]. */
static horn__type step_type(const horn__type *x) {
  horn__type step = {.shape = {.rank = x->shape.rank - 1, .dims = {x->shape.dims[0]}}, .dtype = x->dtype};
  for (int32_t i = 1; i < step.shape.rank; i++) step.shape.dims[i] = x->shape.dims[i + 1];
  return step;
}

/* The last output where steps may have been masked: not the state, since it is zeros where no step ran. */
static horn__value last_step(horn__graph *graph, horn__value y) { return step_of(graph, horn__reverse_time(graph, y), 0); }

horn_status horn__run_sequence(horn__layer *cell, const horn__cell *how, horn__sequence *s) {
  const horn__type step = step_type(horn__type_of(s->graph, s->x));
  const bool from_zeros = s->states[0] == HORN__NONE;
  HORN__TRY(horn__layer_build(cell, &step, 1));
  if (is_ours(how)) {
    const horn__call call = {.layer = cell, .graph = s->graph};
    s->x = horn__dropout(&call, s->x, ((const horn__rnn_config *)cell->config)->dropout, &(horn__ints){3, {-1, 1, -1}});
  }
  if (how->run == NULL || (how->runs != NULL && !how->runs(cell, s->graph))) return run_steps(cell, how, s);
  HORN__TRY(how->run(cell, s));
  if (s->mask != HORN__NONE && !from_zeros) s->last = last_step(s->graph, s->y);
  return s->graph->status;
}

/* ---- StackedRNNCells: each cell's sequence is the next one's input ---------------------------------------------------------------- */

typedef struct stacked_config {
  const cJSON *cells;
  bool reverse_state_order; /* of no consequence: Keras turns the states round, and back before each step */
} stacked_config;

static const horn__field stacked_rows[] = {
    HORN__JSON(stacked_config, cells, NULL, NULL),
    HORN__FLAG(stacked_config, reverse_state_order),
};

static int32_t stacked_states(const horn__layer *layer, int32_t *sizes) {
  int32_t count = 0;
  for (size_t i = 0; i < layer->child_count; i++) count += layer->children[i]->type->cell->states(layer->children[i], sizes + count);
  return count;
}

/* Fails where the cells of a layer have more states than there is room for; before anybody asks for their sizes. */
static horn_status check_states(const horn__layer *layer, const horn__layer *cell, int32_t *count) {
  int32_t sizes[HORN__MAX_STATES];
  *count += cell->type->cell->states(cell, sizes);
  if (*count <= HORN__MAX_STATES) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_LIMIT, "its cells have more than %d states", HORN__MAX_STATES);
}

static horn_status stacked_create(horn__layer *layer) {
  const stacked_config *config = layer->config;
  const cJSON *item;
  int32_t states = 0;
  if (!cJSON_IsArray(config->cells) || config->cells->child == NULL)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "expected a list of cells");
  cJSON_ArrayForEach(item, config->cells) {
    horn__layer *cell;
    HORN__TRY(horn__add_child(layer, item, NULL, &cell));
    if (cell->type->cell == NULL) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s is no cell", cell->type->name);
    HORN__TRY(horn__prefix_child(layer, cell, cell->name));
    HORN__TRY(check_states(layer, cell, &states));
  }
  return HORN_OK;
}

static horn_status stacked_run(horn__layer *layer, horn__sequence *s) {
  int32_t sizes[HORN__MAX_STATES], at = 0;
  for (size_t i = 0; i < layer->child_count; i++) {
    horn__layer *cell = layer->children[i];
    horn__sequence own = {.graph = s->graph, .x = i == 0 ? s->x : s->y, .mask = s->mask, .backwards = i == 0 && s->backwards};
    const int32_t states = cell->type->cell->states(cell, sizes);
    if (i > 0 && s->backwards) own.mask = horn__reverse_time(s->graph, s->mask); /* the steps have been turned round */
    for (int32_t k = 0; k < states; k++) own.states[k] = s->states[at + k];
    HORN__TRY(horn__run_sequence(cell, cell->type->cell, &own));
    for (int32_t k = 0; k < states; k++) s->states[at + k] = own.states[k];
    at += states;
    s->y = own.y;
    s->last = own.last;
  }
  return s->graph->status;
}

const horn__cell horn__stacked_cells = {.states = stacked_states, .run = stacked_run};

/* One step of all cells. */
static horn_status stacked_call(horn__call *call) {
  int32_t sizes[HORN__MAX_STATES], at = 1, outputs;
  const int32_t states = stacked_states(call->layer, sizes);
  horn__slot in[1 + HORN__MAX_STATES], out[HORN__MAX_SLOTS];
  if (call->count != 1 + states)
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected %d states, got %d", states, call->count - 1);
  in[0] = call->in[0];
  for (size_t i = 0; i < call->layer->child_count; i++) {
    horn__layer *cell = call->layer->children[i];
    const int32_t own = cell->type->cell->states(cell, sizes);
    for (int32_t k = 0; k < own; k++) in[1 + k] = call->in[at + k];
    HORN__TRY(horn__layer_call(cell, call->graph, in, 1 + own, out, &outputs));
    for (int32_t k = 0; k < own; k++) call->out[at + k] = out[1 + k];
    at += own;
    in[0] = out[0];
  }
  call->outputs = 1 + states;
  return horn__return(call, in[0].value);
}

const horn__layer_class horn__layer_StackedRNNCells = {
    .name = "StackedRNNCells", .min_inputs = 2, .max_inputs = 1 + HORN__MAX_STATES, .config = HORN__FIELDS(stacked_config, stacked_rows),
    .cell = &horn__stacked_cells, .create = stacked_create, .call = stacked_call};
