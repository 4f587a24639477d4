/* Reference kernels of SimpleRNNGrad, LSTMGrad and GRUGrad: backpropagation through time, one sequence after the other from its last step to
 * its first. da is the gradient of what goes into the activations. The forward equations stand in rnn.c. */
#include "backends/ref/rnn_grad.h"

#include <string.h>

typedef horn__rnn_back pass;
typedef horn__rnn_back_state state;

/* ---- pieces --------------------------------------------------------------------------------------------------------- */

/* dx[k] += sum over j of m[k, j] * dy[j] */
static void add_transposed(float *dx, const float *dy, horn__columns m) {
  for (size_t k = 0; k < m.rows; k++) {
    float sum = 0;
    for (size_t j = 0; j < m.count; j++) sum += m.data[k * m.stride + j] * dy[j];
    dx[k] += sum;
  }
}

/* sums[k, from + j] += x[k] * dy[j], with `stride` columns */
static void add_outer(double *sums, size_t stride, const float *x, size_t rows, const float *dy, size_t count) {
  for (size_t k = 0; k < rows; k++)
    for (size_t j = 0; j < count; j++) sums[k * stride + j] += (double)x[k] * (double)dy[j];
}

static void add_all(double *sums, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) sums[i] += (double)x[i];
}

/* x += y, y absent: nothing */
static void add_row(float *x, const float *y, size_t count) {
  for (size_t i = 0; y != NULL && i < count; i++) x[i] += y[i];
}

static void times_slope(float *da, const float *inputs, const float *outputs, size_t count, int32_t activation) {
  for (size_t i = 0; i < count; i++) da[i] *= horn__activation_slope(inputs[i], outputs[i], activation);
}

/* What da[0..columns), the gradient of x W + b, gives to dx and the sums. */
static void back_through_projection(const pass *p, size_t b, size_t s, const float *da) {
  const horn__recurrence *r = &p->r;
  const size_t row = (b * r->steps + horn__time(r, s)) * r->features;
  if (p->dx != NULL) add_transposed(p->dx + row, da, horn__kernel_columns(r, 0, r->columns));
  if (p->sums.kernel != NULL) add_outer(p->sums.kernel, r->columns, r->x + row, r->features, da, r->columns);
  if (p->sums.bias != NULL) add_all(p->sums.bias, da, r->columns);
}

/* What da, the gradient of h' U for columns from..from + count, gives to dh' and the sums; h' is h or r h. */
static void back_through_recurrent(const pass *p, const float *h, const float *da, size_t from, size_t count, float *dh) {
  const horn__recurrence *r = &p->r;
  add_transposed(dh, da, horn__recurrent_columns(r, from, count));
  if (p->sums.recurrent != NULL) add_outer(p->sums.recurrent + from, r->columns, h, r->units, da, count);
}

/* ---- one step -------------------------------------------------------------------------------------------------------- */

/* The gates that the forward pass kept of a step. */
static const float *gates_of(const pass *p, size_t b, size_t s) { return p->in.gates + (b * p->r.steps + s) * 4 * p->r.units; }

/* h' = f(x W + h U + b) */
static void simple_back(const pass *p, size_t b, size_t s) {
  const size_t n = p->r.units;
  const state *now = &p->now;
  if (p->inputs_needed) {
    horn__project(&p->r, b, s, now->inputs);
    horn__add_product(now->inputs, now->h, horn__recurrent_columns(&p->r, 0, n));
  }
  memcpy(now->da, now->dh, n * sizeof *now->da);
  memset(now->dh, 0, n * sizeof *now->dh);
  times_slope(now->da, now->inputs, p->in.sequence + (b * p->r.steps + s) * n, n, p->r.attributes->activation);
  p->projection(p, b, s, now->da);
  p->recurrent(p, now->h, now->da, 0, n, now->dh);
}

/* c' = f c + i g, h' = o f(c') */
static void lstm_back(const pass *p, size_t b, size_t s) {
  const size_t n = p->r.units;
  const float *gates = gates_of(p, b, s);
  const state *now = &p->now;
  const int32_t activation = p->r.attributes->activation, recurrent_activation = p->r.attributes->recurrent_activation;
  const float *input = gates, *forget = gates + n, *candidate = gates + 2 * n, *output = gates + 3 * n;
  const float *cell = p->in.cells + (b * p->r.steps + s) * n;
  float *da = now->da;
  if (p->inputs_needed) {
    horn__project(&p->r, b, s, now->inputs);
    horn__add_product(now->inputs, now->h, horn__recurrent_columns(&p->r, 0, 4 * n));
  }
  for (size_t u = 0; u < n; u++) {
    const float y = horn__activate(cell[u], activation);
    now->dc[u] += now->dh[u] * output[u] * horn__activation_slope(cell[u], y, activation); /* dc' += dh' o f'(c') */
    da[u] = now->dc[u] * candidate[u];         /* di = dc' g */
    da[n + u] = now->dc[u] * now->c[u];        /* df = dc' c */
    da[2 * n + u] = now->dc[u] * input[u];     /* dg = dc' i */
    da[3 * n + u] = now->dh[u] * y;            /* do = dh' f(c') */
    now->dc[u] *= forget[u];                   /* dc = dc' f */
    now->dh[u] = 0;
  }
  times_slope(da, now->inputs, gates, 2 * n, recurrent_activation);
  times_slope(da + 2 * n, now->inputs + 2 * n, candidate, n, activation);
  times_slope(da + 3 * n, now->inputs + 3 * n, output, n, recurrent_activation);
  p->projection(p, b, s, da);
  p->recurrent(p, now->h, da, 0, 4 * n, now->dh);
}

/* What went into z, r and the candidate. */
static void gru_inputs(const pass *p, size_t b, size_t s, const float *gates) {
  const horn__recurrence *r = &p->r;
  const size_t n = r->units;
  const float *reset = gates + n, *inner = gates + 3 * n;
  float *a = p->now.inputs;
  horn__project(r, b, s, a);
  horn__add_product(a, p->now.h, horn__recurrent_columns(r, 0, 2 * n));
  if (!r->attributes->reset_after) {
    horn__add_product(a + 2 * n, inner, horn__recurrent_columns(r, 2 * n, n));
    return;
  }
  add_row(a, r->bias == NULL ? NULL : r->bias + 3 * n, 2 * n);
  for (size_t u = 0; u < n; u++) a[2 * n + u] += reset[u] * inner[u];
}

/* candidate = f(x W + b + r inner), inner = h U + b' */
static void reset_after_back(const pass *p, const float *gates) {
  const size_t n = p->r.units;
  const float *reset = gates + n, *inner = gates + 3 * n;
  float *da = p->now.da, *dreset = da + n, *dinner = da + 3 * n;
  for (size_t u = 0; u < n; u++) {
    dreset[u] = da[2 * n + u] * inner[u];
    dinner[u] = da[2 * n + u] * reset[u];
  }
  p->recurrent(p, p->now.h, dinner, 2 * n, n, p->now.dh);
}

/* candidate = f(x W + b + inner U), inner = r h */
static void reset_before_back(const pass *p, const float *gates) {
  const size_t n = p->r.units;
  const float *reset = gates + n, *inner = gates + 3 * n;
  float *da = p->now.da, *dreset = da + n, *dinner = da + 3 * n;
  memset(dinner, 0, n * sizeof *dinner);
  p->recurrent(p, inner, da + 2 * n, 2 * n, n, dinner);
  for (size_t u = 0; u < n; u++) {
    dreset[u] = dinner[u] * p->now.h[u];
    p->now.dh[u] += dinner[u] * reset[u];
  }
}

/* h' = z h + (1 - z) candidate */
static void gru_back(const pass *p, size_t b, size_t s) {
  const size_t n = p->r.units;
  const float *gates = gates_of(p, b, s);
  const state *now = &p->now;
  const bool after = p->r.attributes->reset_after;
  const float *update = gates, *candidate = gates + 2 * n;
  float *da = now->da;
  if (p->inputs_needed) gru_inputs(p, b, s, gates);
  for (size_t u = 0; u < n; u++) {
    da[u] = now->dh[u] * (now->h[u] - candidate[u]); /* dz = dh' (h - candidate) */
    da[2 * n + u] = now->dh[u] * (1 - update[u]);    /* dcandidate = dh' (1 - z) */
    now->dh[u] *= update[u];                         /* dh = dh' z + ... */
  }
  times_slope(da + 2 * n, now->inputs + 2 * n, candidate, n, p->r.attributes->activation);
  if (after)
    reset_after_back(p, gates);
  else
    reset_before_back(p, gates);
  times_slope(da, now->inputs, gates, 2 * n, p->r.attributes->recurrent_activation);
  p->projection(p, b, s, da);
  p->recurrent(p, now->h, da, 0, 2 * n, now->dh);
  if (!after || p->sums.bias == NULL) return;
  add_all(p->sums.bias + 3 * n, da, 2 * n);
  add_all(p->sums.bias + 5 * n, da + 3 * n, n);
}

/* ---- sequences ------------------------------------------------------------------------------------------------------- */

/* The first step of sequence b that ran. */
static size_t first_step(const horn__recurrence *r, size_t b) {
  size_t s = 0;
  while (s < r->steps && horn__masked(r, b, s)) s++;
  return s;
}

static const float *or_zeros(const pass *p, const float *row) { return row == NULL ? p->now.zeros : row; }

void horn__rnn_back_sequence(pass *p, size_t b) {
  const horn__recurrence *r = &p->r;
  const size_t n = r->units, first = first_step(r, b);
  horn__fill(p->now.dh, horn__row(r, p->in.dh, b), n);
  horn__fill(p->now.dc, horn__row(r, p->in.dc, b), n);
  horn__fill(p->now.dlast, NULL, n);
  for (size_t s = r->steps; s-- > 0;) {
    const size_t row = b * r->steps + s;
    add_row(p->now.dlast, horn__row(r, p->in.dsequence, row), n);
    if (horn__masked(r, b, s)) continue;
    add_row(p->now.dh, p->now.dlast, n);
    horn__fill(p->now.dlast, NULL, n);
    /* sequence is the state once a step has run; before that it is zeros, the state h0 */
    p->now.h = or_zeros(p, s > first ? p->in.sequence + (row - 1) * n : horn__row(r, r->h0, b));
    p->now.c = p->in.cells == NULL ? NULL : or_zeros(p, s > 0 ? p->in.cells + (row - 1) * n : horn__row(r, r->c0, b));
    p->back(p, b, s);
  }
  if (p->dh0 != NULL) memcpy(p->dh0 + b * n, p->now.dh, n * sizeof(float));
  if (p->dc0 != NULL) memcpy(p->dc0 + b * n, p->now.dc, n * sizeof(float));
}

static horn_status prepare(horn__step *step) {
  const size_t units = (size_t)step->in[2].type.shape.dims[0];
  HORN__TRY(horn__add_workspace(step, HORN__RNN_BACK_ROWS * units, sizeof(float)));
  for (int32_t i = HORN__DKERNEL; i <= HORN__DBIAS; i++)
    if (step->out[i].present) HORN__TRY(horn__add_workspace(step, horn__elements(&step->out[i]), sizeof(double)));
  return HORN_OK;
}

/* A zeroed piece of the workspace. */
static void *take(void **at, size_t count, size_t width) {
  void *piece = horn__take_workspace(at, count, width);
  memset(piece, 0, count * width);
  return piece;
}

void horn__rnn_back_start(pass *p, float *rows) {
  const size_t n = p->r.units;
  memset(rows, 0, HORN__RNN_BACK_ROWS * n * sizeof *rows);
  p->now = (state){.zeros = rows, .dh = rows + n, .dc = rows + 2 * n, .dlast = rows + 3 * n, .da = rows + 4 * n, .inputs = rows + 8 * n};
}

static horn_status run(const horn__step *step, pass p) {
  void *at = step->workspace;
  horn__rnn_back_start(&p, take(&at, HORN__RNN_BACK_ROWS * p.r.units, sizeof(float)));
  double **const sums[] = {&p.sums.kernel, &p.sums.recurrent, &p.sums.bias};
  for (int32_t i = HORN__DKERNEL; i <= HORN__DBIAS; i++)
    if (step->out[i].data != NULL) *sums[i - HORN__DKERNEL] = take(&at, horn__elements(&step->out[i]), sizeof(double));
  if (p.dx != NULL) memset(p.dx, 0, horn__elements(&step->out[HORN__DX]) * sizeof(float));
  for (size_t b = 0; b < p.r.batch; b++) horn__rnn_back_sequence(&p, b);
  for (int32_t i = HORN__DKERNEL; i <= HORN__DBIAS; i++)
    for (size_t k = 0, count = *sums[i - HORN__DKERNEL] == NULL ? 0 : horn__elements(&step->out[i]); k < count; k++)
      ((float *)step->out[i].data)[k] = (float)(*sums[i - HORN__DKERNEL])[k];
  return HORN_OK;
}

static pass pass_of(const horn__step *step, int32_t states, horn__rnn_back_step *back) {
  pass p = {.r = horn__recurrence_of(step, states), .back = back, .projection = back_through_projection, .recurrent = back_through_recurrent,
            .dx = step->out[HORN__DX].data, .dh0 = step->out[HORN__DH0].data};
  p.inputs_needed = horn__slope_reads_x(p.r.attributes->activation) || horn__slope_reads_x(p.r.attributes->recurrent_activation);
  return p;
}

horn__rnn_back horn__simple_way_back(const horn__step *step) {
  pass p = pass_of(step, 1, simple_back);
  p.in = (horn__rnn_kept){.sequence = step->in[6].data, .dsequence = horn__input_data(step, 7), .dh = horn__input_data(step, 8)};
  return p;
}

horn__rnn_back horn__lstm_way_back(const horn__step *step) {
  pass p = pass_of(step, 2, lstm_back);
  p.in = (horn__rnn_kept){.sequence = step->in[7].data, .gates = step->in[8].data, .cells = step->in[9].data,
                          .dsequence = horn__input_data(step, 10), .dh = horn__input_data(step, 11), .dc = horn__input_data(step, 12)};
  p.dc0 = step->out[HORN__DC0].data;
  return p;
}

horn__rnn_back horn__gru_way_back(const horn__step *step) {
  pass p = pass_of(step, 1, gru_back);
  p.in = (horn__rnn_kept){.sequence = step->in[6].data, .gates = step->in[7].data, .dsequence = horn__input_data(step, 8),
                          .dh = horn__input_data(step, 9)};
  return p;
}

static horn_status simple_grad(const horn__step *step) { return run(step, horn__simple_way_back(step)); }
static horn_status lstm_grad(const horn__step *step) { return run(step, horn__lstm_way_back(step)); }
static horn_status gru_grad(const horn__step *step) { return run(step, horn__gru_way_back(step)); }

const horn__kernel horn__ref_SimpleRNNGrad = {.prepare = prepare, .run = simple_grad};
const horn__kernel horn__ref_LSTMGrad = {.prepare = prepare, .run = lstm_grad};
const horn__kernel horn__ref_GRUGrad = {.prepare = prepare, .run = gru_grad};
