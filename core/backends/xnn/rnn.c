/* SimpleRNN, LSTM and GRU. A few sequences advance together: the input's part of some steps ahead as one product, then step by step the
 * recurrent part, with matrices packed for our own product of few rows. Groups of sequences are independent, so threads share them out and
 * never wait for one another within a run. Equations: backends/ref/rnn.c. */
#include <string.h>

#include "backends/ref/rnn.h"
#include "backends/xnn/xnn.h"

enum {
  KERNEL = 1,
  RECURRENT = 2,
  GROUP = 6, /* sequences that advance together */
  AHEAD = 12 /* steps whose input part is computed at once */
};

/* Pieces of memory, in elements. */
typedef struct layout {
  size_t kernel, recurrent;   /* packed matrices */
  size_t bias;                /* what z starts from */
  size_t h, c, z;             /* of one group; z 0: the gates are an output, and z is there */
  size_t groups;
} layout;

typedef struct rnn {
  layout layout;
  float *kernel, *recurrent;  /* packed in prepare; NULL: packed at each run, at the start of the workspace */
} rnn;

/* ---- packing ---------------------------------------------------------------------------------------------------------- */

/* GRU's recurrent kernel is two matrices: the gates' and the candidate's, since the reset gate comes between them. */
static size_t first_columns(const horn__recurrence *r) { return r->columns == 3 * r->units ? 2 * r->units : r->columns; }

static size_t packed_recurrent(const horn__recurrence *r) {
  const size_t first = first_columns(r);
  return r->units * (horn__packed_columns(first) + horn__packed_columns(r->columns - first));
}

static void pack_kernel(const horn__isa *isa, const horn__recurrence *r, float *packed) {
  isa->product_pack(r->kernel, r->columns, 1, r->features, r->columns, packed);
}

static float *candidate_part(const horn__recurrence *r, float *packed) { return packed + r->units * horn__packed_columns(first_columns(r)); }

static void pack_recurrent(const horn__isa *isa, const horn__recurrence *r, float *packed) {
  const size_t first = first_columns(r);
  isa->product_pack(r->recurrent, r->columns, 1, r->units, first, packed);
  isa->product_pack(r->recurrent + first, r->columns, 1, r->units, r->columns - first, candidate_part(r, packed));
}

/* ---- prepare ---------------------------------------------------------------------------------------------------------- */

static bool accepts(const horn__step *step, int32_t states) {
  const horn__rnn *a = step->attributes;
  const horn__recurrence r = horn__recurrence_of(step, states);
  const double bytes = 16.0 * (double)(r.units + 16) * (double)(r.features + r.units + GROUP * AHEAD) * sizeof(float);
  return r.batch != 0 && r.steps != 0 && horn__xnn_activates(a->activation) && horn__xnn_activates(a->recurrent_activation) &&
         bytes < (double)(SIZE_MAX / 2);
}

static size_t lines(size_t elements) { return (elements + 15) & ~(size_t)15; } /* whole cache lines */

static layout make_layout(const horn__step *step, const horn__recurrence *r, int32_t states) {
  const size_t ahead = r->steps < AHEAD ? r->steps : AHEAD;
  return (layout){.kernel = r->features * horn__packed_columns(r->columns), .recurrent = packed_recurrent(r),
                  .bias = lines(r->columns), .h = lines(GROUP * r->units), .c = lines(GROUP * r->units),
                  .z = 1 + states < step->outputs && step->out[1 + states].present ? 0 : lines(GROUP * ahead * 4 * r->units),
                  .groups = (r->batch + GROUP - 1) / GROUP};
}

static horn_status pack_constants(horn__step *step, const horn__recurrence *r, rnn *state) {
  if (step->in[KERNEL].constant) {
    state->kernel = horn__alloc(step->ctx, state->layout.kernel * sizeof(float), false);
    if (state->kernel == NULL) return HORN_E_OUT_OF_MEMORY;
    pack_kernel(horn__isa_of(step), r, state->kernel);
  }
  if (step->in[RECURRENT].constant) {
    state->recurrent = horn__alloc(step->ctx, state->layout.recurrent * sizeof(float), false);
    if (state->recurrent == NULL) return HORN_E_OUT_OF_MEMORY;
    pack_recurrent(horn__isa_of(step), r, state->recurrent);
  }
  return HORN_OK;
}

static horn_status prepare(horn__step *step, int32_t states) {
  HORN__TRY(horn__xnn_state(step, sizeof(rnn)));
  rnn *state = step->state;
  const horn__recurrence r = horn__recurrence_of(step, states);
  state->layout = make_layout(step, &r, states);
  const layout *l = &state->layout;
  HORN__TRY(pack_constants(step, &r, state));
  if (state->kernel == NULL) HORN__TRY(horn__add_workspace(step, l->kernel, sizeof(float)));
  if (state->recurrent == NULL) HORN__TRY(horn__add_workspace(step, l->recurrent, sizeof(float)));
  HORN__TRY(horn__add_workspace(step, l->bias, sizeof(float)));
  return horn__add_workspace(step, l->groups, (l->h + l->c + l->z) * sizeof(float));
}

static void finish(horn__step *step) {
  rnn *state = step->state;
  if (state == NULL) return;
  horn__free(step->ctx, state->kernel);
  horn__free(step->ctx, state->recurrent);
  horn__free(step->ctx, state);
}

/* ---- one group --------------------------------------------------------------------------------------------------------- */

typedef struct outputs {
  float *sequence, *h, *c, *gates, *cells; /* NULL: nobody reads it */
} outputs;

typedef struct work {
  const horn__step *step;
  const horn__isa *isa;
  const horn__recurrence *r;
  const layout *layout;
  const float *kernel, *bias;
  float *recurrent, *groups;
  outputs out;
} work;

/* The sequences first .. first + count. */
typedef struct group {
  size_t first, count;
  float *h, *c;
  float *z;           /* of sequence i at step s: z + i * z_sequence + (s - z_start) * 4 U */
  size_t z_sequence, z_start;
  bool started[GROUP]; /* whether a step has run that was not masked */
} group;

static float *z_of(const work *w, const group *g, size_t i, size_t s) { return g->z + i * g->z_sequence + (s - g->z_start) * 4 * w->r->units; }

static group start_group(const work *w, size_t index) {
  const horn__recurrence *r = w->r;
  const layout *l = w->layout;
  const size_t n = r->units, ahead = r->steps < AHEAD ? r->steps : AHEAD;
  float *own = w->groups + index * (l->h + l->c + l->z);
  group g = {.first = index * GROUP, .h = own, .c = own + l->h, .z = own + l->h + l->c, .z_sequence = ahead * 4 * n};
  g.count = r->batch - g.first < GROUP ? r->batch - g.first : GROUP;
  for (size_t i = 0; i < g.count; i++) {
    horn__fill(g.h + i * n, horn__row(r, r->h0, g.first + i), n);
    horn__fill(g.c + i * n, horn__row(r, r->c0, g.first + i), n);
  }
  return g;
}

/* z = x W + b for steps from .. from + count. */
static void project(const work *w, group *g, size_t from, size_t count) {
  const horn__recurrence *r = w->r;
  const ptrdiff_t features = (ptrdiff_t)r->features;
  g->z_start = from;
  if (w->out.gates != NULL) {
    g->z = w->out.gates + (g->first * r->steps + from) * 4 * r->units;
    g->z_sequence = r->steps * 4 * r->units;
  }
  for (size_t i = 0; i < g->count; i++) {
    const float *x = r->x + ((g->first + i) * r->steps + horn__time(r, from)) * r->features;
    for (size_t s = from; s < from + count; s++) memcpy(z_of(w, g, i, s), w->bias, r->columns * sizeof(float));
    w->isa->product(&(const horn__product){.a = x, .a_row = r->attributes->backwards ? -features : features, .a_column = 1, .b = w->kernel,
                                           .y = z_of(w, g, i, from), .y_row = 4 * r->units, .rows = count, .inner = r->features,
                                           .columns = r->columns});
  }
}

/* Multiplies h of all sequences with columns of the recurrent kernel, onto z from column `to` on. */
static void recur(const work *w, const group *g, size_t s, const float *packed, size_t to, size_t columns) {
  const size_t n = w->r->units;
  w->isa->product(&(const horn__product){.a = g->h, .a_row = (ptrdiff_t)n, .a_column = 1, .b = packed, .y = z_of(w, g, 0, s) + to,
                                         .y_row = g->z_sequence, .rows = g->count, .inner = n, .columns = columns});
}

/* h' = f(x W + h U + b) */
static void simple_step(const work *w, const group *g, size_t s) {
  const horn__recurrence *r = w->r;
  recur(w, g, s, w->recurrent, 0, r->units);
  for (size_t i = 0; i < g->count; i++) {
    if (horn__masked(r, g->first + i, s)) continue;
    float *h = g->h + i * r->units;
    memcpy(h, z_of(w, g, i, s), r->units * sizeof *h);
    horn__xnn_activate(w->step, r->attributes->activation, h, r->units);
  }
}

/* Gates, then c' = f c + i g and h' = o f(c'). */
static void lstm_cell(const work *w, float *z, float *h, float *c) {
  const size_t n = w->r->units;
  const int32_t f = w->r->attributes->activation, s = w->r->attributes->recurrent_activation;
  horn__xnn_activate(w->step, s, z, 2 * n);
  horn__xnn_activate(w->step, f, z + 2 * n, n);
  horn__xnn_activate(w->step, s, z + 3 * n, n);
  w->isa->binary(HORN__BINARY_Multiply, c, 1, z + n, 1, c, n);
  w->isa->multiply_onto(z, z + 2 * n, c, n);
  memcpy(h, c, n * sizeof *h);
  horn__xnn_activate(w->step, f, h, n);
  w->isa->binary(HORN__BINARY_Multiply, h, 1, z + 3 * n, 1, h, n);
}

static void lstm_step(const work *w, const group *g, size_t s) {
  const horn__recurrence *r = w->r;
  recur(w, g, s, w->recurrent, 0, r->columns);
  for (size_t i = 0; i < g->count; i++)
    if (!horn__masked(r, g->first + i, s)) lstm_cell(w, z_of(w, g, i, s), g->h + i * r->units, g->c + i * r->units);
}

/* candidate = f(x W + b + r (h U + b')): the inner part is a product of its own, behind the candidate. */
static void gru_after(const work *w, const group *g, size_t s) {
  const horn__recurrence *r = w->r;
  const size_t n = r->units;
  const float *bias = r->bias == NULL ? NULL : r->bias + 5 * n;
  for (size_t i = 0; i < g->count; i++) horn__fill(z_of(w, g, i, s) + 3 * n, bias, n);
  recur(w, g, s, w->recurrent, 0, 2 * n);
  recur(w, g, s, candidate_part(r, w->recurrent), 3 * n, n);
  for (size_t i = 0; i < g->count; i++) {
    float *z = z_of(w, g, i, s);
    horn__xnn_activate(w->step, r->attributes->recurrent_activation, z, 2 * n);
    w->isa->multiply_onto(z + n, z + 3 * n, z + 2 * n, n);
  }
}

/* candidate = f(x W + b + (r h) U) */
static void gru_before(const work *w, const group *g, size_t s) {
  const horn__recurrence *r = w->r;
  const size_t n = r->units;
  recur(w, g, s, w->recurrent, 0, 2 * n);
  for (size_t i = 0; i < g->count; i++) {
    float *z = z_of(w, g, i, s);
    horn__xnn_activate(w->step, r->attributes->recurrent_activation, z, 2 * n);
    w->isa->binary(HORN__BINARY_Multiply, z + n, 1, g->h + i * n, 1, z + 3 * n, n);
  }
  float *first = z_of(w, g, 0, s);
  w->isa->product(&(const horn__product){.a = first + 3 * n, .a_row = (ptrdiff_t)g->z_sequence, .a_column = 1,
                                         .b = candidate_part(r, w->recurrent), .y = first + 2 * n, .y_row = g->z_sequence, .rows = g->count,
                                         .inner = n, .columns = n});
}

/* h' = z h + (1 - z) candidate */
static void gru_step(const work *w, const group *g, size_t s) {
  const horn__recurrence *r = w->r;
  (r->attributes->reset_after ? gru_after : gru_before)(w, g, s);
  for (size_t i = 0; i < g->count; i++) {
    float *z = z_of(w, g, i, s), *candidate = z + 2 * r->units;
    horn__xnn_activate(w->step, r->attributes->activation, candidate, r->units);
    if (!horn__masked(r, g->first + i, s)) w->isa->gru_state(z, candidate, g->h + i * r->units, r->units);
  }
}

/* What step s leaves behind. A masked one repeats the last output: zeros before the first. */
static void write_step(const work *w, group *g, size_t s) {
  const horn__recurrence *r = w->r;
  const size_t n = r->units;
  for (size_t i = 0; i < g->count; i++) {
    const size_t b = g->first + i, row = (b * r->steps + s) * n;
    const bool masked = horn__masked(r, b, s);
    g->started[i] = g->started[i] || !masked;
    if (masked && w->out.gates != NULL) memset(z_of(w, g, i, s), 0, 4 * n * sizeof(float));
    if (w->out.sequence != NULL) horn__fill(w->out.sequence + row, g->started[i] ? g->h + i * n : NULL, n);
    if (w->out.cells != NULL) memcpy(w->out.cells + row, g->c + i * n, n * sizeof(float));
  }
}

typedef void advance_function(const work *w, const group *g, size_t s);

static void run_group(const work *w, size_t index, advance_function *advance) {
  const horn__recurrence *r = w->r;
  const size_t n = r->units;
  group g = start_group(w, index);
  for (size_t s = 0; s < r->steps; s++) {
    if (s % AHEAD == 0) project(w, &g, s, r->steps - s < AHEAD ? r->steps - s : AHEAD);
    advance(w, &g, s);
    write_step(w, &g, s);
  }
  if (w->out.h != NULL) memcpy(w->out.h + g.first * n, g.h, g.count * n * sizeof(float));
  if (w->out.c != NULL) memcpy(w->out.c + g.first * n, g.c, g.count * n * sizeof(float));
}

/* ---- run ---------------------------------------------------------------------------------------------------------------- */

static void run_simple_groups(void *context, size_t start, size_t count) {
  for (size_t i = start; i < start + count; i++) run_group(context, i, simple_step);
}

static void run_lstm_groups(void *context, size_t start, size_t count) {
  for (size_t i = start; i < start + count; i++) run_group(context, i, lstm_step);
}

static void run_gru_groups(void *context, size_t start, size_t count) {
  for (size_t i = start; i < start + count; i++) run_group(context, i, gru_step);
}

/* With reset_after a GRU has two biases; the gates add both. */
static void fill_bias(const horn__recurrence *r, float *bias) {
  horn__fill(bias, r->bias, r->columns);
  if (!r->attributes->reset_after || r->bias == NULL || r->columns != 3 * r->units) return;
  for (size_t i = 0; i < 2 * r->units; i++) bias[i] += r->bias[r->columns + i];
}

static horn_status run(const horn__step *step, const horn__recurrence *r, const outputs *out, pthreadpool_task_1d_tile_1d_t task) {
  const rnn *state = step->state;
  const layout *l = &state->layout;
  void *at = step->workspace;
  float *kernel = state->kernel, *recurrent = state->recurrent;
  if (kernel == NULL) pack_kernel(horn__isa_of(step), r, kernel = horn__take_workspace(&at, l->kernel, sizeof(float)));
  if (recurrent == NULL) pack_recurrent(horn__isa_of(step), r, recurrent = horn__take_workspace(&at, l->recurrent, sizeof(float)));
  float *bias = horn__take_workspace(&at, l->bias, sizeof(float));
  fill_bias(r, bias);
  work w = {step, horn__isa_of(step), r, l, kernel, bias, recurrent, horn__take_workspace(&at, l->groups, (l->h + l->c + l->z) * sizeof(float)),
            *out};
  const double step_cost = 2.0 * (double)r->columns * (double)(r->features + r->units) + 100.0 * (double)r->units;
  horn__xnn_parallel(step, l->groups, (double)(r->steps * GROUP) * step_cost, task, &w);
  return HORN_OK;
}

static horn_status simple(const horn__step *step) {
  const horn__recurrence r = horn__recurrence_of(step, 1);
  const outputs out = {.sequence = step->out[0].data, .h = step->out[1].data};
  return run(step, &r, &out, run_simple_groups);
}

static horn_status lstm(const horn__step *step) {
  const horn__recurrence r = horn__recurrence_of(step, 2);
  const outputs out = {step->out[0].data, step->out[1].data, step->out[2].data, step->out[3].data, step->out[4].data};
  return run(step, &r, &out, run_lstm_groups);
}

static horn_status gru(const horn__step *step) {
  const horn__recurrence r = horn__recurrence_of(step, 1);
  const outputs out = {.sequence = step->out[0].data, .h = step->out[1].data, .gates = step->out[2].data};
  return run(step, &r, &out, run_gru_groups);
}

static bool one_state_accepts(const horn__step *step) { return accepts(step, 1); }
static bool two_states_accept(const horn__step *step) { return accepts(step, 2); }
static horn_status one_state_prepare(horn__step *step) { return prepare(step, 1); }
static horn_status two_states_prepare(horn__step *step) { return prepare(step, 2); }

const horn__kernel horn__xnn_SimpleRNN = {.accepts = one_state_accepts, .prepare = one_state_prepare, .run = simple, .finish = finish};
const horn__kernel horn__xnn_LSTM = {.accepts = two_states_accept, .prepare = two_states_prepare, .run = lstm, .finish = finish};
const horn__kernel horn__xnn_GRU = {.accepts = one_state_accepts, .prepare = one_state_prepare, .run = gru, .finish = finish};
