/* SimpleRNNGrad, LSTMGrad and GRUGrad. A few sequences at a time go back, each on a thread of its own, with U packed the other way round; they
 * keep the gradients of all gates, so that those of x, W and U are products over all steps at once. Equations: backends/ref/rnn_grad.c. */
#include <string.h>

#include "backends/ref/rnn_grad.h"
#include "backends/xnn/xnn.h"

enum { GROUP = 8 /* sequences that go back before the sums take what they have kept */ };

typedef struct work {
  const horn__step *step;
  const horn__isa *isa;
  horn__rnn_back pass;
  size_t first, second;           /* columns of U up to GRU's candidate, and behind */
  size_t second_at;               /* where the gradient of the second ones lies in a row of da */
  size_t width;                   /* of a row of da */
  size_t group_start;             /* its first sequence */
  float *across, *recurrent;      /* W and U, packed the other way round */
  float *rows, *da, *h;           /* of each sequence of a group: its state; by step, da and the state before */
  float *packed, *packed_first, *packed_second; /* its da, by columns of W and U */
  float *dkernel, *drecurrent, *dbias;
} work;

/* Sizes in floats, of one sequence where it is one's. */
typedef struct sizes {
  size_t across, recurrent, rows, da, h, packed, packed_first, packed_second;
} sizes;

static bool is_gru(const horn__recurrence *r) { return r->columns == 3 * r->units; }

static sizes sizes_of(const horn__recurrence *r) {
  const size_t n = r->units, first = is_gru(r) ? 2 * n : r->columns;
  return (sizes){.across = r->columns * horn__packed_columns(r->features), .recurrent = r->columns * horn__packed_columns(n),
                 .rows = HORN__RNN_BACK_ROWS * n, .da = r->steps * (r->columns == n ? n : 4 * n), .h = r->steps * n,
                 .packed = r->steps * horn__packed_columns(r->columns), .packed_first = is_gru(r) ? r->steps * horn__packed_columns(first) : 0,
                 .packed_second = is_gru(r) ? r->steps * horn__packed_columns(n) : 0};
}

/* ---- prepare ---------------------------------------------------------------------------------------------------------- */

static bool accepts(const horn__step *step, int32_t states) {
  const horn__recurrence r = horn__recurrence_of(step, states);
  const double each = (double)(r.steps + 16) * 4 * (double)(r.columns + 64);
  const double bytes = 4 * ((double)GROUP * each + 2 * (double)(r.columns + 16) * (double)(r.features + r.units + 32));
  return r.batch != 0 && r.steps != 0 && r.features != 0 && r.units != 0 && bytes < (double)(SIZE_MAX / 2);
}

static horn_status prepare(horn__step *step, int32_t states) {
  const horn__recurrence r = horn__recurrence_of(step, states);
  const sizes s = sizes_of(&r);
  const size_t once[] = {s.across, s.recurrent}, each[] = {s.rows, s.da, s.h, s.packed, s.packed_first, s.packed_second};
  for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) HORN__TRY(horn__add_workspace(step, once[i], sizeof(float)));
  for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) HORN__TRY(horn__add_workspace(step, GROUP * each[i], sizeof(float)));
  return HORN_OK;
}

static horn_status prepare_one(horn__step *step) { return prepare(step, 1); }
static horn_status prepare_two(horn__step *step) { return prepare(step, 2); }
static bool accepts_one(const horn__step *step) { return accepts(step, 1); }
static bool accepts_two(const horn__step *step) { return accepts(step, 2); }

/* ---- the way back of a sequence ------------------------------------------------------------------------------------------ */

static void keep(const horn__rnn_back *p, size_t b, size_t s, const float *da) {
  const work *w = p->context;
  const size_t row = (b - w->group_start) * p->r.steps + s;
  memcpy(w->da + row * w->width, da, w->width * sizeof *da);
  memcpy(w->h + row * p->r.units, p->now.h, p->r.units * sizeof *da);
}

/* dh += da U' for some columns of U */
static void recur(const horn__rnn_back *p, const float *h, const float *da, size_t from, size_t count, float *dh) {
  (void)h;
  const work *w = p->context;
  const size_t n = p->r.units;
  w->isa->product(&(const horn__product){.a = da, .a_row = (ptrdiff_t)count, .a_column = 1,
                                         .b = w->recurrent + from * horn__packed_columns(n), .y = dh, .y_row = n, .rows = 1, .inner = count,
                                         .columns = n});
}

/* dx = da W', for all steps of a sequence; times run the other way where it was read backwards. */
static void project(const work *w, size_t b, const float *da) {
  const horn__recurrence *r = &w->pass.r;
  const bool backwards = r->attributes->backwards;
  float *dx = w->pass.dx + b * r->steps * r->features;
  memset(dx, 0, r->steps * r->features * sizeof *dx);
  w->isa->product(&(const horn__product){.a = backwards ? da + (r->steps - 1) * w->width : da,
                                         .a_row = backwards ? -(ptrdiff_t)w->width : (ptrdiff_t)w->width, .a_column = 1, .b = w->across, .y = dx,
                                         .y_row = r->features, .rows = r->steps, .inner = r->columns, .columns = r->features});
}

static void pack_gradients(const work *w, size_t i, const float *da) {
  const horn__recurrence *r = &w->pass.r;
  const sizes s = sizes_of(r);
  w->isa->product_pack(da, w->width, 1, r->steps, r->columns, w->packed + i * s.packed);
  if (w->second == 0) return;
  w->isa->product_pack(da, w->width, 1, r->steps, w->first, w->packed_first + i * s.packed_first);
  w->isa->product_pack(da + w->second_at, w->width, 1, r->steps, w->second, w->packed_second + i * s.packed_second);
}

static void go_back(void *context, size_t start, size_t count) {
  const work *w = context;
  const sizes s = sizes_of(&w->pass.r);
  for (size_t i = start; i < start + count; i++) {
    horn__rnn_back pass = w->pass;
    float *da = w->da + i * s.da;
    memset(da, 0, s.da * sizeof *da); /* masked steps have none */
    memset(w->h + i * s.h, 0, s.h * sizeof *da);
    horn__rnn_back_start(&pass, w->rows + i * s.rows);
    horn__rnn_back_sequence(&pass, w->group_start + i);
    pack_gradients(w, i, da);
    if (pass.dx != NULL) project(w, w->group_start + i, da);
  }
}

/* ---- sums over the sequences of a group ------------------------------------------------------------------------------------ */

static size_t group_size(const work *w) {
  const size_t left = w->pass.r.batch - w->group_start;
  return left < GROUP ? left : GROUP;
}

/* Some rows of dW += x' da */
static void sum_kernel(void *context, size_t start, size_t count) {
  const work *w = context;
  const horn__recurrence *r = &w->pass.r;
  const sizes s = sizes_of(r);
  const ptrdiff_t features = (ptrdiff_t)r->features;
  for (size_t i = 0; i < group_size(w); i++) {
    const float *x = r->x + ((w->group_start + i) * r->steps + horn__time(r, 0)) * r->features;
    w->isa->product(&(const horn__product){.a = x + start, .a_row = 1, .a_column = r->attributes->backwards ? -features : features,
                                           .b = w->packed + i * s.packed, .y = w->dkernel + start * r->columns, .y_row = r->columns, .rows = count,
                                           .inner = r->steps, .columns = r->columns});
  }
}

/* Some rows of dU += h' da; without reset_after it is r h that the candidate's columns meet. */
static void sum_recurrent(void *context, size_t start, size_t count) {
  const work *w = context;
  const horn__recurrence *r = &w->pass.r;
  const sizes s = sizes_of(r);
  const size_t n = r->units;
  for (size_t i = 0; i < group_size(w); i++) {
    horn__product p = {.a = w->h + i * s.h + start, .a_row = 1, .a_column = (ptrdiff_t)n, .b = w->second == 0 ? w->packed + i * s.packed :
                       w->packed_first + i * s.packed_first, .y = w->drecurrent + start * r->columns, .y_row = r->columns, .rows = count,
                       .inner = r->steps, .columns = w->first};
    w->isa->product(&p);
    if (w->second == 0) continue;
    if (!r->attributes->reset_after) {
      p.a = w->pass.in.gates + (w->group_start + i) * r->steps * 4 * n + 3 * n + start;
      p.a_column = (ptrdiff_t)(4 * n);
    }
    p.b = w->packed_second + i * s.packed_second;
    p.y += w->first;
    p.columns = w->second;
    w->isa->product(&p);
  }
}

static void add_columns(const work *w, float *sums, size_t from, size_t count) {
  const float *da = w->da + from;
  for (size_t row = 0; row < group_size(w) * w->pass.r.steps; row++)
    for (size_t j = 0; j < count; j++) sums[j] += da[row * w->width + j];
}

static void sum_bias(const work *w) {
  const horn__recurrence *r = &w->pass.r;
  add_columns(w, w->dbias, 0, r->columns);
  if (!is_gru(r) || !r->attributes->reset_after) return;
  add_columns(w, w->dbias + r->columns, 0, w->first);
  add_columns(w, w->dbias + r->columns + w->first, w->second_at, w->second);
}

/* ---- run ------------------------------------------------------------------------------------------------------------------ */

static void run_group(const work *w) {
  const horn__recurrence *r = &w->pass.r;
  const double steps = (double)r->steps, columns = 2.0 * (double)r->columns, rows = steps * (double)group_size(w);
  horn__xnn_parallel(w->step, group_size(w), steps * columns * (double)(r->units + r->features), go_back, (void *)w);
  if (w->dkernel != NULL) horn__xnn_parallel(w->step, r->features, rows * columns, sum_kernel, (void *)w);
  if (w->drecurrent != NULL) horn__xnn_parallel(w->step, r->units, rows * columns, sum_recurrent, (void *)w);
  if (w->dbias != NULL) sum_bias(w);
}

/* The pieces of the workspace, in prepare's order. */
static void take_workspace(work *w, const sizes *s) {
  void *at = w->step->workspace;
  w->across = horn__take_workspace(&at, s->across, sizeof(float));
  w->recurrent = horn__take_workspace(&at, s->recurrent, sizeof(float));
  float **const each[] = {&w->rows, &w->da, &w->h, &w->packed, &w->packed_first, &w->packed_second};
  const size_t counts[] = {s->rows, s->da, s->h, s->packed, s->packed_first, s->packed_second};
  for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) *each[i] = horn__take_workspace(&at, GROUP * counts[i], sizeof(float));
}

/* A zeroed output, NULL where nobody reads it. */
static float *sums_of(const horn__step *step, int32_t index) {
  float *sums = step->out[index].data;
  if (sums != NULL) memset(sums, 0, horn__size_of(&step->out[index]) * sizeof *sums);
  return sums;
}

static horn_status run(const horn__step *step, horn__rnn_back pass) {
  const horn__recurrence *r = &pass.r;
  const sizes s = sizes_of(r);
  const size_t n = r->units;
  work w = {.step = step, .isa = horn__isa_of(step), .pass = pass, .first = is_gru(r) ? 2 * n : r->columns, .second = is_gru(r) ? n : 0,
            .second_at = r->attributes->reset_after ? 3 * n : 2 * n, .width = r->columns == n ? n : 4 * n,
            .dkernel = sums_of(step, HORN__DKERNEL), .drecurrent = sums_of(step, HORN__DRECURRENT), .dbias = sums_of(step, HORN__DBIAS)};
  take_workspace(&w, &s);
  w.pass.projection = keep;
  w.pass.recurrent = recur;
  w.pass.context = &w;
  if (pass.dx != NULL) w.isa->product_pack(r->kernel, 1, r->columns, r->columns, r->features, w.across);
  w.isa->product_pack(r->recurrent, 1, r->columns, w.first, n, w.recurrent);
  if (w.second != 0)
    w.isa->product_pack(r->recurrent + w.first, 1, r->columns, w.second, n, w.recurrent + w.first * horn__packed_columns(n));
  for (; w.group_start < r->batch; w.group_start += GROUP) run_group(&w);
  return HORN_OK;
}

static horn_status simple_grad(const horn__step *step) { return run(step, horn__simple_way_back(step)); }
static horn_status lstm_grad(const horn__step *step) { return run(step, horn__lstm_way_back(step)); }
static horn_status gru_grad(const horn__step *step) { return run(step, horn__gru_way_back(step)); }

const horn__kernel horn__xnn_SimpleRNNGrad = {.accepts = accepts_one, .prepare = prepare_one, .run = simple_grad};
const horn__kernel horn__xnn_LSTMGrad = {.accepts = accepts_two, .prepare = prepare_two, .run = lstm_grad};
const horn__kernel horn__xnn_GRUGrad = {.accepts = accepts_one, .prepare = prepare_one, .run = gru_grad};
