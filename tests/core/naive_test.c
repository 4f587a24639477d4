/* Convolutions, pools, batch norm, SimpleRNN, LSTM and GRU: every case of theirs against sums in double precision that follow the
 * definitions word by word: no shape rule, no kernel and no helper of the core is used for them. */
#include <math.h>
#include <stdlib.h>

#include "case.h"
#include "ops/attributes.h"
#include "test.h"
#include "tolerances.h"

/* ---- comparing ------------------------------------------------------------------------------------------------------- */

static void compare(const op_run *run, int32_t output, const double *expected) {
  char name[CASE_NAME];
  const horn__tensor *found = run->out[output];
  for (size_t i = 0, n = case_size(found); i < n; i++) {
    if (!CHECK(tolerance_agree(run->op->name, HORN_FLOAT32, TOLERANCE_BACKEND, case_element(found, i), expected[i]),
               "%s: element %zu of output %d is %.9g, expected %.9g", case_name(run, name, sizeof name), i, output, case_element(found, i), expected[i]))
      return;
  }
}

static double *zeros(size_t count) {
  double *numbers = calloc(count + 1, sizeof *numbers);
  if (numbers == NULL) exit(2);
  return numbers;
}

static const horn__tensor *input(const op_run *run, int32_t i) { return i < run->count ? run->in[i] : NULL; }

static double sigmoid(double x) { return 0.5 + 0.5 * tanh(0.5 * x); }

static double activate(double x, int32_t activation) {
  switch (activation) {
    case HORN__ACTIVATION_LINEAR: return x;
    case HORN__ACTIVATION_RELU: return fmax(x, 0);
    case HORN__ACTIVATION_RELU6: return fmin(fmax(x, 0), 6);
    case HORN__ACTIVATION_ELU: return x > 0 ? x : exp(x) - 1;
    case HORN__ACTIVATION_SELU: return 1.05070098735548049342 * (x > 0 ? x : 1.67326324235437728481 * (exp(x) - 1));
    case HORN__ACTIVATION_SIGMOID: return sigmoid(x);
    case HORN__ACTIVATION_HARD_SIGMOID: return fmin(fmax(0.2 * x + 0.5, 0), 1);
    case HORN__ACTIVATION_HARD_SIGMOID_3: return fmin(fmax(x / 6 + 0.5, 0), 1);
    case HORN__ACTIVATION_TANH: return tanh(x);
    case HORN__ACTIVATION_SOFTPLUS: return log(1 + exp(x));
    case HORN__ACTIVATION_SOFTSIGN: return x / (1 + fabs(x));
    case HORN__ACTIVATION_SWISH: return x * sigmoid(x);
    case HORN__ACTIVATION_MISH: return x * tanh(log(1 + exp(x)));
    case HORN__ACTIVATION_GELU: return 0.5 * x * erfc(-x / sqrt(2));
    case HORN__ACTIVATION_GELU_NEW: return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
    case HORN__ACTIVATION_EXPONENTIAL: return exp(x);
    default: exit(2);
  }
}

/* ---- windows ----------------------------------------------------------------------------------------------------------- */

/* Rows or columns of padding before an axis, from the sizes of the axis and of its windows. */
static long before(int32_t padding, const int32_t *pads, int32_t axis, long size, long windows, long window, long stride, long dilation) {
  const long extent = (window - 1) * dilation + 1;
  const long missing = (windows - 1) * stride + extent - size;
  switch (padding) {
    case HORN__SAME: return missing > 0 ? missing / 2 : 0;
    case HORN__EXPLICIT: return pads[2 * axis];
    case HORN__CAUSAL: return extent - 1;
    default: return 0;
  }
}

static size_t index4(const int32_t *dims, long a, long b, long c, long d) {
  return (size_t)(((a * dims[1] + b) * dims[2] + c) * dims[3] + d);
}

/* A convolution as triples: every y is the sum of x times filter. Of the three one is unknown. */
typedef struct triples {
  const horn__conv *a;
  const int32_t *x, *filter, *y; /* shapes */
  bool depthwise;
  const horn__tensor *left, *right;
  double *out;
  int32_t unknown; /* 0: x, 1: filter, 2: y */
} triples;

static void add_triple(const triples *t, size_t x, size_t filter, size_t y) {
  if (t->unknown == 0) t->out[x] += case_element(t->left, y) * case_element(t->right, filter);
  if (t->unknown == 1) t->out[filter] += case_element(t->left, x) * case_element(t->right, y);
  if (t->unknown == 2) t->out[y] += case_element(t->left, x) * case_element(t->right, filter);
}

/* Output o at row i, column j of image n, tap (p, q) at row `row`, column `column` of x. */
static void add_tap(const triples *t, long n, long i, long j, long o, long p, long q, long row, long column) {
  if (row < 0 || row >= t->x[1] || column < 0 || column >= t->x[2]) return;
  const size_t y = index4(t->y, n, i, j, o);
  if (t->depthwise) {
    const long multiplier = t->filter[3];
    add_triple(t, index4(t->x, n, row, column, o / multiplier), index4(t->filter, p, q, o / multiplier, o % multiplier), y);
    return;
  }
  const long taken = t->filter[2], each = t->filter[3] / (t->x[3] / taken); /* channels and filters of one group */
  for (long c = 0; c < taken; c++) add_triple(t, index4(t->x, n, row, column, o / each * taken + c), index4(t->filter, p, q, c, o), y);
}

static void add_triples(const triples *t) {
  const horn__conv *a = t->a;
  const long top = before(a->padding, a->pads, 0, t->x[1], t->y[1], t->filter[0], a->strides[0], a->dilations[0]);
  const long left = before(a->padding, a->pads, 1, t->x[2], t->y[2], t->filter[1], a->strides[1], a->dilations[1]);
  for (long n = 0; n < t->y[0]; n++)
    for (long i = 0; i < t->y[1]; i++)
      for (long j = 0; j < t->y[2]; j++)
        for (long o = 0; o < t->y[3]; o++)
          for (long p = 0; p < t->filter[0]; p++)
            for (long q = 0; q < t->filter[1]; q++)
              add_tap(t, n, i, j, o, p, q, i * a->strides[0] - top + p * a->dilations[0], j * a->strides[1] - left + q * a->dilations[1]);
}

static const int32_t *dims(const horn__tensor *tensor) { return tensor->type.shape.dims; }

static void finish_convolution(const op_run *run, triples *t, const horn__tensor *bias) {
  const size_t count = case_size(run->out[0]), channels = (size_t)dims(run->out[0])[3];
  t->out = zeros(count);
  add_triples(t);
  for (size_t i = 0; i < count; i++)
    t->out[i] = activate(t->out[i] + (bias == NULL ? 0 : case_element(bias, i % channels)), t->a->activation);
  compare(run, 0, t->out);
  free(t->out);
}

static void check_conv(const op_run *run) {
  triples t = {.a = run->attributes, .x = dims(run->in[0]), .filter = dims(run->in[1]), .y = dims(run->out[0]),
               .depthwise = run->op == &horn__op_DepthwiseConv2dNative, .left = run->in[0], .right = run->in[1], .unknown = 2};
  finish_convolution(run, &t, input(run, 2));
}

static void check_backprop_input(const op_run *run) {
  triples t = {.a = run->attributes, .x = dims(run->out[0]), .filter = dims(run->in[1]), .y = dims(run->in[0]),
               .depthwise = run->op == &horn__op_DepthwiseConv2dNativeBackpropInput, .left = run->in[0], .right = run->in[1], .unknown = 0};
  finish_convolution(run, &t, input(run, 3));
}

static void check_backprop_filter(const op_run *run) {
  triples t = {.a = run->attributes, .x = dims(run->in[0]), .filter = dims(run->out[0]), .y = dims(run->in[1]),
               .depthwise = run->op == &horn__op_DepthwiseConv2dNativeBackpropFilter, .left = run->in[0], .right = run->in[1], .unknown = 1};
  finish_convolution(run, &t, NULL);
}

/* ---- pools ------------------------------------------------------------------------------------------------------------- */

/* The elements of x that window (i, j) of image n covers in channel c: how many; *sum, and the index of the first of the largest. */
static long cover(const horn__pool *a, const horn__tensor *x, const int32_t *y, long n, long i, long j, long c, double *sum, size_t *largest) {
  const int32_t *shape = dims(x);
  const long top = i * a->strides[0] - before(a->padding, a->pads, 0, shape[1], y[1], a->size[0], a->strides[0], 1);
  const long left = j * a->strides[1] - before(a->padding, a->pads, 1, shape[2], y[2], a->size[1], a->strides[1], 1);
  long count = 0;
  *sum = 0;
  for (long row = 0; row < shape[1]; row++) {
    for (long column = 0; column < shape[2]; column++) {
      if (row < top || row >= top + a->size[0] || column < left || column >= left + a->size[1]) continue;
      const size_t at = index4(shape, n, row, column, c);
      if (count == 0 || case_element(x, at) > case_element(x, *largest) || (isnan(case_element(x, at)) && !isnan(case_element(x, *largest))))
        *largest = at;
      *sum += case_element(x, at);
      count++;
    }
  }
  return count;
}

/* One window in one channel, for any of the four ops; dy is NULL for the two that are no gradients. */
static void add_window(const op_run *run, const horn__tensor *dy, long n, long i, long j, long c, const int32_t *y, double *out) {
  const horn__tensor *x = run->in[0];
  const bool average = run->op == &horn__op_AvgPool || run->op == &horn__op_AvgPoolGrad;
  double sum;
  size_t largest = 0, at = index4(y, n, i, j, c);
  const long count = cover(run->attributes, x, y, n, i, j, c, &sum, &largest);
  if (dy == NULL) {
    out[at] = average ? sum / (double)count : case_element(x, largest);
  } else if (!average) {
    out[largest] += case_element(dy, at);
  } else { /* the derivative of a mean, by asking which elements it has */
    const horn__pool *a = run->attributes;
    const int32_t *shape = dims(x);
    const long top = i * a->strides[0] - before(a->padding, a->pads, 0, shape[1], y[1], a->size[0], a->strides[0], 1);
    const long left = j * a->strides[1] - before(a->padding, a->pads, 1, shape[2], y[2], a->size[1], a->strides[1], 1);
    for (long row = 0; row < shape[1]; row++)
      for (long column = 0; column < shape[2]; column++)
        if (row >= top && row < top + a->size[0] && column >= left && column < left + a->size[1])
          out[index4(shape, n, row, column, c)] += case_element(dy, at) / (double)count;
  }
}

static void check_pool(const op_run *run) {
  const horn__tensor *dy = run->count > 1 ? run->in[run->count - 1] : NULL;
  const int32_t *y = dims(dy == NULL ? run->out[0] : dy);
  double *out = zeros(case_size(run->out[0]));
  for (long n = 0; n < y[0]; n++)
    for (long i = 0; i < y[1]; i++)
      for (long j = 0; j < y[2]; j++)
        for (long c = 0; c < y[3]; c++) add_window(run, dy, n, i, j, c, y, out);
  compare(run, 0, out);
  free(out);
}

/* ---- batch norm -------------------------------------------------------------------------------------------------------- */

static void check_batch_norm(const op_run *run) {
  const horn__batch_norm *a = run->attributes;
  const size_t count = case_size(run->out[0]), channels = case_size(run->in[3]);
  double *out = zeros(count);
  for (size_t i = 0; i < count; i++) {
    const size_t c = i % channels;
    const double normal = (case_element(run->in[0], i) - case_element(run->in[3], c)) / sqrt(case_element(run->in[4], c) + a->epsilon);
    out[i] = normal * (run->in[1] == NULL ? 1 : case_element(run->in[1], c)) + (run->in[2] == NULL ? 0 : case_element(run->in[2], c));
  }
  compare(run, 0, out);
  free(out);
}

/* ---- SimpleRNN, LSTM, GRU: Keras's equations, one unit after the other --------------------------------------------------------------- */

typedef struct recurrence {
  const op_run *run;
  const horn__rnn *a;
  long batch, steps, features, units, columns;
  const horn__tensor *bias, *mask;
} recurrence;

/* x[b, t] W[:, column] */
static double times_kernel(const recurrence *r, long b, long t, long column) {
  double sum = 0;
  for (long k = 0; k < r->features; k++)
    sum += case_element(r->run->in[0], (size_t)((b * r->steps + t) * r->features + k)) * case_element(r->run->in[1], (size_t)(k * r->columns + column));
  return sum;
}

/* h U[:, column] */
static double times_recurrent(const recurrence *r, const double *h, long column) {
  double sum = 0;
  for (long k = 0; k < r->units; k++) sum += h[k] * case_element(r->run->in[2], (size_t)(k * r->columns + column));
  return sum;
}

static double bias_at(const recurrence *r, long i) { return r->bias == NULL ? 0 : case_element(r->bias, (size_t)i); }

typedef void step_function(const recurrence *r, long b, long t, double *h, double *c);

static void simple_step(const recurrence *r, long b, long t, double *h, double *c) {
  (void)c;
  double *next = zeros((size_t)r->units);
  for (long u = 0; u < r->units; u++)
    next[u] = activate(times_kernel(r, b, t, u) + times_recurrent(r, h, u) + bias_at(r, u), r->a->activation);
  for (long u = 0; u < r->units; u++) h[u] = next[u];
  free(next);
}

static void lstm_step(const recurrence *r, long b, long t, double *h, double *c) {
  double *next = zeros((size_t)r->units);
  for (long u = 0; u < r->units; u++) {
    double gate[4];
    for (long g = 0; g < 4; g++) {
      const long column = g * r->units + u;
      gate[g] = activate(times_kernel(r, b, t, column) + times_recurrent(r, h, column) + bias_at(r, column),
                         g == 2 ? r->a->activation : r->a->recurrent_activation);
    }
    c[u] = gate[1] * c[u] + gate[0] * gate[2];
    next[u] = gate[3] * activate(c[u], r->a->activation);
  }
  for (long u = 0; u < r->units; u++) h[u] = next[u];
  free(next);
}

static void gru_step(const recurrence *r, long b, long t, double *h, double *c) {
  (void)c;
  const long n = r->units;
  double *z = zeros((size_t)n), *reset = zeros((size_t)n), *inner = zeros((size_t)n), *next = zeros((size_t)n);
  for (long g = 0; g < 2; g++) {
    for (long u = 0; u < n; u++) {
      const long column = g * n + u;
      const double recurrent_bias = r->a->reset_after ? bias_at(r, r->columns + column) : 0;
      (g == 0 ? z : reset)[u] = activate(times_kernel(r, b, t, column) + bias_at(r, column) + times_recurrent(r, h, column) + recurrent_bias,
                                         r->a->recurrent_activation);
    }
  }
  for (long u = 0; u < n; u++) inner[u] = reset[u] * h[u];
  for (long u = 0; u < n; u++) {
    const long column = 2 * n + u;
    const double recurrent = r->a->reset_after ? reset[u] * (times_recurrent(r, h, column) + bias_at(r, r->columns + column))
                                               : times_recurrent(r, inner, column);
    next[u] = z[u] * h[u] + (1 - z[u]) * activate(times_kernel(r, b, t, column) + bias_at(r, column) + recurrent, r->a->activation);
  }
  for (long u = 0; u < n; u++) h[u] = next[u];
  free(z), free(reset), free(inner), free(next);
}

/* Sequence b; `states`: h, and c of an LSTM. */
static void run_sequence(const recurrence *r, long b, step_function *step, double *sequence, double *h, double *c) {
  const horn__tensor *h0 = input(r->run, 4), *c0 = step == lstm_step ? input(r->run, 5) : NULL;
  for (long u = 0; u < r->units; u++) {
    h[u] = h0 == NULL ? 0 : case_element(h0, (size_t)(b * r->units + u));
    c[u] = c0 == NULL ? 0 : case_element(c0, (size_t)(b * r->units + u));
  }
  for (long s = 0; s < r->steps; s++) {
    const long t = r->a->backwards ? r->steps - 1 - s : s;
    const bool used = r->mask == NULL || case_element(r->mask, (size_t)(b * r->steps + t)) != 0;
    if (used) step(r, b, t, h, c);
    for (long u = 0; u < r->units; u++) {
      double *y = sequence + (b * r->steps + s) * r->units + u;
      *y = used ? h[u] : s == 0 ? 0 : y[-r->units];
    }
  }
}

static void check_recurrence(const op_run *run) {
  const bool is_lstm = run->op == &horn__op_LSTM;
  step_function *step = is_lstm ? lstm_step : run->op == &horn__op_GRU ? gru_step : simple_step;
  const int32_t *x = dims(run->in[0]);
  const recurrence r = {.run = run, .a = run->attributes, .batch = x[0], .steps = x[1], .features = x[2], .units = dims(run->in[2])[0],
                        .columns = dims(run->in[2])[1], .bias = input(run, 3), .mask = input(run, is_lstm ? 6 : 5)};
  double *sequence = zeros((size_t)(r.batch * r.steps * r.units));
  double *h = zeros((size_t)(r.batch * r.units)), *c = zeros((size_t)(r.batch * r.units));
  for (long b = 0; b < r.batch; b++) run_sequence(&r, b, step, sequence, h + b * r.units, c + b * r.units);
  compare(run, 0, sequence);
  compare(run, 1, h);
  if (is_lstm) compare(run, 2, c);
  free(sequence), free(h), free(c);
}

/* ---- all cases ----------------------------------------------------------------------------------------------------------- */

static const struct {
  const horn__op *op;
  void (*check)(const op_run *run);
} table[] = {
    {&horn__op_Conv2D, check_conv},
    {&horn__op_Conv2DBackpropInput, check_backprop_input},
    {&horn__op_Conv2DBackpropFilter, check_backprop_filter},
    {&horn__op_DepthwiseConv2dNative, check_conv},
    {&horn__op_DepthwiseConv2dNativeBackpropInput, check_backprop_input},
    {&horn__op_DepthwiseConv2dNativeBackpropFilter, check_backprop_filter},
    {&horn__op_MaxPool, check_pool},
    {&horn__op_MaxPoolGrad, check_pool},
    {&horn__op_AvgPool, check_pool},
    {&horn__op_AvgPoolGrad, check_pool},
    {&horn__op_FusedBatchNorm, check_batch_norm},
    {&horn__op_LSTM, check_recurrence},
    {&horn__op_GRU, check_recurrence},
    {&horn__op_SimpleRNN, check_recurrence},
};
enum { CHECKED = sizeof table / sizeof table[0] };

static void check_case(horn_context *ctx, const op_case *row, void (*check)(const op_run *run)) {
  op_run run;
  char name[CASE_NAME];
  horn_status status = case_prepare(&run, ctx, row, "", CASE_FULL);
  if (status == HORN_OK) status = case_forward(&run);
  if (CHECK(status == HORN_OK, "%s: %s", case_name(&run, name, sizeof name), ctx->error)) check(&run);
  case_release(&run);
}

int main(void) {
  unsigned cases[CHECKED] = {0};
  horn_context *ctx = case_context("ref");
  FOR_EACH_CASE(row, shape) {
    for (size_t k = 0; k < CHECKED; k++) {
      if (table[k].op != row->op || (row->outputs != NULL && row->outputs[0] == '!')) continue;
      check_case(ctx, row, table[k].check);
      cases[k]++;
    }
  }
  for (size_t k = 0; k < CHECKED; k++) CHECK(cases[k] >= 3, "%s: only %u cases were compared", table[k].op->name, cases[k]);
  horn_context_release(ctx);
  return test_end();
}
