/* Random numbers: Philox's known answers, distributions, independence of seeds and salts, and the same numbers eagerly, in plans, on each
 * backend and for each number of threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/attributes.h"
#include "small_graph.h"
#include "test.h"

#define COUNT 40000

/* kat_vectors of Random123 (Salmon et al.) for philox4x32 with 10 rounds */
static void test_known_answers(void) {
  static const uint32_t rows[][10] = {
      {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
      {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
      {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
  };
  for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
    uint32_t out[4];
    horn__philox(rows[r] + 4, rows[r], out);
    CHECK(memcmp(out, rows[r] + 6, sizeof out) == 0, "known answer %zu: %08x %08x %08x %08x", r, out[0], out[1], out[2], out[3]);
  }
}

static double normal_below(double x) { return 0.5 * erfc(-x / sqrt(2)); }

static void test_quantiles(void) {
  for (double p = 1e-9; p < 1; p += 0.00097)
    CHECK(fabs(normal_below(horn__normal_quantile(p)) - p) <= 1e-13 * fmax(1, 1 / p) * p, "quantile of %g is %.17g", p, horn__normal_quantile(p));
  CHECK(fabs(horn__normal_quantile(0.5)) <= 0, "the median is 0");
  CHECK(fabs(horn__normal_quantile(0.975) - 1.959963984540054) < 1e-14, "quantile of 0.975");
}

/* ---- distributions ------------------------------------------------------------------------------------------------------ */

static horn__tensor *draw(horn_context *ctx, const horn__op *op, const void *attributes, const char *seed) {
  horn__tensor *in[2] = {small_tensor(ctx, seed), NULL}, *out;
  const horn__type type = {horn__shape_of(1, (const int32_t[]){COUNT}), HORN_FLOAT32};
  small_must(ctx, horn__tensor_create(ctx, &type, true, &in[1]));
  small_must(ctx, horn__run_eager(ctx, op, attributes, in, 2, &out));
  horn__tensor_release(ctx, in[0]);
  horn__tensor_release(ctx, in[1]);
  return out;
}

static int ascending(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* The largest distance of two distribution functions (Kolmogorov, Smirnov): above 1.95 / sqrt(n) once in a thousand. */
static void check_distribution(const char *name, horn__tensor *numbers, double (*below)(double)) {
  double most = 0;
  float *x = numbers->data;
  qsort(x, COUNT, sizeof *x, ascending);
  for (size_t i = 0; i < COUNT; i++) most = fmax(most, fabs(below((double)x[i]) - ((double)i + 0.5) / COUNT));
  CHECK(most < 1.95 / sqrt(COUNT), "%s: the distribution is %g off", name, most);
}

static double uniform_below(double x) { return (x + 1) / 4; }
static double shifted_below(double x) { return normal_below((x - 3) / 2); }
static double truncated_below(double x) { return (normal_below((x - 3) / 2) - normal_below(-2)) / (normal_below(2) - normal_below(-2)); }
static double exponential_below(double x) { return 1 - exp(-2 * x); } /* gamma with alpha 1, beta 2 */
static double half_below(double x) { return erf(sqrt(x)); }             /* gamma with alpha 1/2 */
static double two_below(double x) { return 1 - exp(-x) * (1 + x); }     /* gamma with alpha 2 */

static void test_distributions(horn_context *ctx) {
  const horn__random_normal normal = {.shape = {.count = -1}, .mean = 3, .stddev = 2};
  const struct {
    const horn__op *op;
    const void *attributes;
    double (*below)(double);
    double low, high;
  } rows[] = {
      {&horn__op_RandomUniform, &(horn__random_uniform){.shape = {.count = -1}, .minval = -1, .maxval = 3}, uniform_below, -1, 3},
      {&horn__op_RandomStandardNormal, &normal, shifted_below, -20, 20},
      {&horn__op_TruncatedNormal, &normal, truncated_below, -1, 7},
      {&horn__op_RandomGamma, &(horn__random_gamma){.shape = {.count = -1}, .alpha = 1, .beta = 2}, exponential_below, 0, 20},
      {&horn__op_RandomGamma, &(horn__random_gamma){.shape = {.count = -1}, .alpha = 0.5, .beta = 1}, half_below, 0, 20},
      {&horn__op_RandomGamma, &(horn__random_gamma){.shape = {.count = -1}, .alpha = 2, .beta = 1}, two_below, 0, 40},
  };
  for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
    horn__tensor *x = draw(ctx, rows[r].op, rows[r].attributes, "i{20,7}");
    check_distribution(rows[r].op->name, x, rows[r].below);
    const double least = case_element(x, 0), most = case_element(x, COUNT - 1); /* sorted by now */
    CHECK(least >= rows[r].low && most <= rows[r].high, "%s: from %g to %g", rows[r].op->name, least, most);
    horn__tensor_release(ctx, x);
  }
}

/* Each whole number about equally often: 6 standard deviations. */
static void test_integers(horn_context *ctx) {
  long counts[7] = {0};
  horn__tensor *x = draw(ctx, &horn__op_RandomUniformInt, &(horn__random_int){.shape = {.count = -1}, .minval = -3, .maxval = 4}, "i{1,2}");
  for (size_t i = 0; i < COUNT; i++) counts[(int)case_element(x, i) + 3]++;
  for (int k = 0; k < 7; k++)
    CHECK(fabs((double)counts[k] - COUNT / 7.0) < 6 * sqrt(COUNT * 6.0 / 49), "%d was drawn %ld times", k - 3, counts[k]);
  horn__tensor_release(ctx, x);
}

static void test_multinomial(horn_context *ctx) {
  const double probabilities[] = {0.1, 0.6, 0.3};
  long counts[3] = {0};
  horn__tensor *in[] = {small_tensor(ctx, "i{4,5}"), small_tensor(ctx, "f[1,3]{-2.302585,-0.5108256,-1.2039728}")}, *y;
  small_must(ctx, horn__run_eager(ctx, &horn__op_Multinomial, &(horn__multinomial){.num_samples = COUNT}, in, 2, &y));
  for (size_t i = 0; i < COUNT; i++) counts[(int)case_element(y, i)]++;
  for (int k = 0; k < 3; k++)
    CHECK(fabs((double)counts[k] - COUNT * probabilities[k]) < 6 * sqrt(COUNT * probabilities[k]), "class %d was drawn %ld times", k, counts[k]);
  horn__tensor_release(ctx, in[0]);
  horn__tensor_release(ctx, in[1]);
  horn__tensor_release(ctx, y);
}

/* ---- independence --------------------------------------------------------------------------------------------------------- */

static double correlation(const horn__tensor *a, const horn__tensor *b, size_t shift) {
  double sum = 0;
  for (size_t i = 0; i < COUNT; i++) sum += case_element(a, i) * case_element(b, (i + shift) % COUNT);
  return sum / COUNT;
}

/* Standard normal numbers: the mean product of two independent ones is 0, with a deviation of 1 / sqrt(n). */
static void test_independence(horn_context *ctx) {
  const struct {
    const char *seed;
    int32_t salt;
  } rows[] = {{"i{1,2}", 0}, {"i{1,2}", 1}, {"i{1,2}", 2}, {"i{1,3}", 0}, {"i{2,2}", 0}, {"i{2,1}", 0}, {"i{-1,2}", 0}, {"i{0,0}", 0}};
  enum { ROWS = sizeof rows / sizeof rows[0] };
  horn__tensor *x[ROWS];
  for (size_t r = 0; r < ROWS; r++)
    x[r] = draw(ctx, &horn__op_RandomStandardNormal, &(horn__random_normal){.salt = rows[r].salt, .shape = {.count = -1}, .stddev = 1}, rows[r].seed);
  for (size_t a = 0; a < ROWS; a++)
    for (size_t b = 0; b < ROWS; b++)
      for (size_t shift = a == b ? 1 : 0; shift < 5; shift++)
        CHECK(fabs(correlation(x[a], x[b], shift)) < 5 / sqrt(COUNT), "draws %zu and %zu, %zu apart: correlation %g", a, b, shift,
              correlation(x[a], x[b], shift));
  for (size_t r = 0; r < ROWS; r++) horn__tensor_release(ctx, x[r]);
}

/* ---- the same numbers, whoever computes them -------------------------------------------------------------------------------- */

static horn_context *context_with(const char *options) {
  horn_context *ctx = NULL;
  const horn_status status = horn_context_create(options, &ctx);
  small_must(ctx, status);
  return ctx;
}

static void test_everywhere(horn_context *reference, const char *options) {
  horn_context *ctx = context_with(options);
  const horn__random_uniform attributes = {.salt = 9, .shape = {.count = -1}, .maxval = 1};
  horn__tensor *a = draw(reference, &horn__op_RandomUniform, &attributes, "i{3,4}"), *b = draw(ctx, &horn__op_RandomUniform, &attributes, "i{3,4}");
  CHECK(memcmp(a->data, b->data, a->bytes) == 0, "%s: other numbers", options);
  horn__tensor_release(reference, a);
  horn__tensor_release(ctx, b);
  horn_context_release(ctx);
}

/* ---- dropout ------------------------------------------------------------------------------------------------------------------ */

/* About rate of the elements are 0, the others grow, so that the mean stays. */
static void test_dropout_rate(horn_context *ctx, double rate) {
  const horn__type type = {horn__shape_of(1, (const int32_t[]){COUNT}), HORN_FLOAT32};
  horn__tensor *in[2], *y;
  small_must(ctx, horn__tensor_create(ctx, &type, true, &in[0]));
  in[1] = small_tensor(ctx, "i{8,9}");
  for (size_t i = 0; i < COUNT; i++) ((float *)in[0]->data)[i] = 1;
  small_must(ctx, horn__run_eager(ctx, &horn__op_Dropout, &(horn__dropout_rate){.noise_shape = {.count = -1}, .rate = rate}, in, 2, &y));
  double dropped = 0;
  for (size_t i = 0; i < COUNT; i++) {
    const float element = ((const float *)y->data)[i];
    dropped += element <= 0;
    CHECK(element <= 0 || fabs((double)element * (1 - rate) - 1) < 1e-6, "an element that passes is %g", (double)element);
  }
  CHECK(fabs(dropped / COUNT - rate) < 5 * sqrt(rate * (1 - rate) / COUNT), "rate %g: %g were dropped", rate, dropped / COUNT);
  for (int i = 0; i < 2; i++) horn__tensor_release(ctx, in[i]);
  horn__tensor_release(ctx, y);
}

/* y = Dropout(x), d sum(y) / dx: 0 where y is, 1 / (1 - rate) elsewhere; in one plan, whose shapes the graph did not know. */
static void test_dropout_gradient(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f[40,25]<1,2>", true), seed = small_input(&s, "i{5,6}", false);
  const horn__dropout_rate attributes = {.salt = 3, .noise_shape = {.count = -1}, .rate = 0.5};
  const horn__value y = HORN__EMIT(s.graph, Dropout, &attributes, x, seed);
  horn__value wanted[2] = {y};
  small_must(ctx, horn__graph_gradients(s.graph, &y, NULL, 1, &x, 1, &wanted[1]));
  horn__plan *plan;
  float out[2][1000], *const given = s.given[0]->data;
  const horn__type types[] = {s.given[0]->type, s.given[1]->type};
  small_must(ctx, horn__plan_create(s.graph, types, wanted, 2, &plan));
  small_must(ctx, horn__plan_run(plan, (void *const[]){given, s.given[1]->data}, (void *const[]){out[0], out[1]}));
  int kept = 0;
  for (int i = 0; i < 1000; i++) {
    kept += out[0][i] > 0;
    CHECK(fabsf(out[0][i] - given[i] * out[1][i]) < 1e-6f && (out[1][i] <= 0 || fabsf(out[1][i] - 2) <= 0), "element %d: y %g, dx %g", i,
          (double)out[0][i], (double)out[1][i]);
  }
  CHECK(kept > 400 && kept < 600, "%d of 1000 passed", kept);
  horn__plan_release(plan);
  small_release(&s);
}

int main(void) {
  horn_context *ctx = case_context("ref");
  test_known_answers();
  test_quantiles();
  test_distributions(ctx);
  test_integers(ctx);
  test_multinomial(ctx);
  test_independence(ctx);
  test_everywhere(ctx, "{\"backend\":\"xnn\",\"threads\":1}");
  test_everywhere(ctx, "{\"backend\":\"xnn\",\"threads\":3}");
  test_dropout_rate(ctx, 0.1);
  test_dropout_rate(ctx, 0.75);
  test_dropout_gradient(ctx);
  horn_context_release(ctx);
  return test_end();
}
