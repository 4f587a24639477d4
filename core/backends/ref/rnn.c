/* Reference kernels of SimpleRNN, LSTM and GRU: one sequence after the other; the input's part of all steps first, then the recurrence. W is
 * the kernel, U the recurrent kernel, f the activation, s the recurrent activation. Equations: keras/src/layers/rnn. */
#include "backends/ref/rnn.h"

#include <string.h>

enum { X, KERNEL, RECURRENT, BIAS, H0, C0 };

horn__recurrence horn__recurrence_of(const horn__step *step, int32_t states) {
  const int32_t *x = step->in[X].type.shape.dims, *recurrent = step->in[RECURRENT].type.shape.dims;
  return (horn__recurrence){
      .attributes = step->attributes, .batch = (size_t)x[0], .steps = (size_t)x[1], .features = (size_t)x[2],
      .units = (size_t)recurrent[0], .columns = (size_t)recurrent[1],
      .x = step->in[X].data, .kernel = step->in[KERNEL].data, .recurrent = step->in[RECURRENT].data, .bias = horn__input_data(step, BIAS),
      .h0 = horn__input_data(step, H0), .c0 = states == 2 ? horn__input_data(step, C0) : NULL, .mask = horn__input_data(step, H0 + states)};
}

horn__columns horn__kernel_columns(const horn__recurrence *r, size_t from, size_t count) {
  return (horn__columns){r->kernel + from, r->features, count, r->columns};
}

horn__columns horn__recurrent_columns(const horn__recurrence *r, size_t from, size_t count) {
  return (horn__columns){r->recurrent + from, r->units, count, r->columns};
}

void horn__add_product(float *y, const float *x, horn__columns m) {
  for (size_t k = 0; k < m.rows; k++)
    for (size_t j = 0; j < m.count; j++) y[j] += x[k] * m.data[k * m.stride + j];
}

void horn__project(const horn__recurrence *r, size_t b, size_t s, float *z) {
  horn__fill(z, r->bias, r->columns);
  horn__add_product(z, r->x + (b * r->steps + horn__time(r, s)) * r->features, horn__kernel_columns(r, 0, r->columns));
}

/* ---- one step ------------------------------------------------------------------------------------------------------ */

/* A sequence in progress. */
typedef struct state {
  float *h, *c;
  const float *last; /* the last output: h, or zeros before the first step */
} state;

/* z holds x W + b; h advances. */
static void simple_step(const horn__recurrence *r, float *z, const state *now) {
  horn__add_product(z, now->h, horn__recurrent_columns(r, 0, r->units));
  horn__activate_all(z, r->units, r->attributes->activation); /* h' = f(x W + h U + b) */
  memcpy(now->h, z, r->units * sizeof *z);
}

/* z holds x W + b for i, f, g, o and becomes the gates; h and c advance. */
static void lstm_step(const horn__recurrence *r, float *z, const state *now) {
  const size_t n = r->units;
  const int32_t f = r->attributes->activation, s = r->attributes->recurrent_activation;
  horn__add_product(z, now->h, horn__recurrent_columns(r, 0, 4 * n));
  horn__activate_all(z, 2 * n, s);         /* i, f = s(x W + h U + b) */
  horn__activate_all(z + 2 * n, n, f);     /* g = f(x W + h U + b) */
  horn__activate_all(z + 3 * n, n, s);     /* o = s(x W + h U + b) */
  const float *input = z, *forget = z + n, *candidate = z + 2 * n, *output = z + 3 * n;
  for (size_t u = 0; u < n; u++) {
    now->c[u] = forget[u] * now->c[u] + input[u] * candidate[u]; /* c' = f c + i g */
    now->h[u] = output[u] * horn__activate(now->c[u], f);        /* h' = o f(c') */
  }
}

/* z holds x W + b for z, r, candidate and becomes the gates; z + 3 U gets what GRUGrad wants of the candidate; h advances. */
static void gru_step(const horn__recurrence *r, float *z, const state *now) {
  const size_t n = r->units;
  const bool after = r->attributes->reset_after;
  float *update = z, *reset = z + n, *candidate = z + 2 * n, *inner = z + 3 * n;
  const float *bias = after && r->bias != NULL ? r->bias + 3 * n : NULL; /* the recurrent one */
  for (size_t u = 0; bias != NULL && u < 2 * n; u++) z[u] += bias[u];
  horn__add_product(z, now->h, horn__recurrent_columns(r, 0, 2 * n));
  horn__activate_all(z, 2 * n, r->attributes->recurrent_activation); /* z, r = s(x W + h U + b) */
  if (after) { /* candidate = f(x W + b + r (h U + b')) */
    horn__fill(inner, bias == NULL ? NULL : bias + 2 * n, n);
    horn__add_product(inner, now->h, horn__recurrent_columns(r, 2 * n, n));
    for (size_t u = 0; u < n; u++) candidate[u] += reset[u] * inner[u];
  } else { /* candidate = f(x W + b + (r h) U) */
    for (size_t u = 0; u < n; u++) inner[u] = reset[u] * now->h[u];
    horn__add_product(candidate, inner, horn__recurrent_columns(r, 2 * n, n));
  }
  horn__activate_all(candidate, n, r->attributes->activation);
  for (size_t u = 0; u < n; u++) now->h[u] = update[u] * now->h[u] + (1 - update[u]) * candidate[u]; /* h' = z h + (1 - z) candidate */
}

/* ---- sequences ----------------------------------------------------------------------------------------------------- */

/* Where the outputs go; NULL: nobody reads them. */
typedef struct results {
  float *sequence, *h, *c, *gates, *cells;
} results;

typedef void step_function(const horn__recurrence *r, float *z, const state *now);

/* Sequence b; gates [T, 4 U] are its own or scratch. zeros [U] */
static void run_sequence(const horn__recurrence *r, size_t b, step_function *advance, float *gates, const float *zeros, const results *out,
                         state now) {
  const size_t n = r->units;
  horn__fill(now.h, horn__row(r, r->h0, b), n);
  horn__fill(now.c, horn__row(r, r->c0, b), n);
  now.last = zeros;
  for (size_t s = 0; s < r->steps; s++) horn__project(r, b, s, gates + s * 4 * n);
  for (size_t s = 0; s < r->steps; s++) {
    if (horn__masked(r, b, s)) {
      memset(gates + s * 4 * n, 0, 4 * n * sizeof *gates);
    } else {
      advance(r, gates + s * 4 * n, &now);
      now.last = now.h;
    }
    const size_t row = (b * r->steps + s) * n;
    if (out->sequence != NULL) memcpy(out->sequence + row, now.last, n * sizeof(float));
    if (out->cells != NULL) memcpy(out->cells + row, now.c, n * sizeof(float));
  }
  if (out->h != NULL) memcpy(out->h + b * n, now.h, n * sizeof(float));
  if (out->c != NULL) memcpy(out->c + b * n, now.c, n * sizeof(float));
}

static horn_status run(const horn__step *step, const horn__recurrence *r, step_function *advance, const results *out) {
  void *at = step->workspace;
  state now = {.h = horn__take_workspace(&at, r->units, sizeof(float)), .c = horn__take_workspace(&at, r->units, sizeof(float))};
  float *zeros = horn__take_workspace(&at, r->units, sizeof(float));
  float *scratch = out->gates != NULL ? NULL : horn__take_workspace(&at, r->steps, 4 * r->units * sizeof(float));
  memset(zeros, 0, r->units * sizeof *zeros);
  for (size_t b = 0; b < r->batch; b++)
    run_sequence(r, b, advance, scratch == NULL ? out->gates + b * r->steps * 4 * r->units : scratch, zeros, out, now);
  return HORN_OK;
}

static horn_status prepare(horn__step *step, int32_t states) {
  const horn__recurrence r = horn__recurrence_of(step, states);
  for (int32_t k = 0; k < 3; k++) HORN__TRY(horn__add_workspace(step, r.units, sizeof(float)));
  if (1 + states < step->outputs && step->out[1 + states].present) return HORN_OK; /* the gates' own memory does */
  return horn__add_workspace(step, r.steps, 4 * r.units * sizeof(float));
}

static horn_status simple_prepare(horn__step *step) { return prepare(step, 1); }
static horn_status lstm_prepare(horn__step *step) { return prepare(step, 2); }
static horn_status gru_prepare(horn__step *step) { return prepare(step, 1); }

static horn_status simple(const horn__step *step) {
  const horn__recurrence r = horn__recurrence_of(step, 1);
  const results out = {.sequence = step->out[0].data, .h = step->out[1].data};
  return run(step, &r, simple_step, &out);
}

static horn_status lstm(const horn__step *step) {
  const horn__recurrence r = horn__recurrence_of(step, 2);
  const results out = {step->out[0].data, step->out[1].data, step->out[2].data, step->out[3].data, step->out[4].data};
  return run(step, &r, lstm_step, &out);
}

static horn_status gru(const horn__step *step) {
  const horn__recurrence r = horn__recurrence_of(step, 1);
  const results out = {.sequence = step->out[0].data, .h = step->out[1].data, .gates = step->out[2].data};
  return run(step, &r, gru_step, &out);
}

const horn__kernel horn__ref_SimpleRNN = {.prepare = simple_prepare, .run = simple};
const horn__kernel horn__ref_LSTM = {.prepare = lstm_prepare, .run = lstm};
const horn__kernel horn__ref_GRU = {.prepare = gru_prepare, .run = gru};
