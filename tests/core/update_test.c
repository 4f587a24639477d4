/* plan.c: weights that a run of their graph updates. Whatever shares memory with whom, a run reads what they were before and leaves what they
 * become; the plan stays the same from run to run. */
#include <string.h>

#include "ops/attributes.h"
#include "small_graph.h"
#include "test.h"

enum { MOST = 4 };

/* A plan of a graph with updates, and room for its outputs. */
typedef struct updated {
  const small_graph *s;
  const char *what;
  horn__plan *plan;
  horn__value outputs[MOST];
  horn__tensor *out[MOST];
  int32_t count;
} updated;

static updated plan_of(const small_graph *s, const char *what, const horn__value *outputs, int32_t count) {
  updated u = {.s = s, .what = what, .count = count};
  horn__type types[MOST_GIVEN];
  for (size_t i = 0; i < s->graph->input_count; i++) types[i] = s->given[i]->type;
  memcpy(u.outputs, outputs, (size_t)count * sizeof *outputs);
  small_must(s->ctx, s->graph->status);
  small_must(s->ctx, horn__plan_create(s->graph, types, outputs, count, &u.plan));
  for (int32_t k = 0; k < count; k++) small_must(s->ctx, horn__tensor_create(s->ctx, horn__plan_output(u.plan, k), false, &u.out[k]));
  return u;
}

static void run(updated *u) {
  void *in[MOST_GIVEN], *out[MOST];
  const horn__plan *before = u->plan;
  for (size_t i = 0; i < u->s->graph->input_count; i++) in[i] = u->s->given[i]->data;
  for (int32_t k = 0; k < u->count; k++) out[k] = u->out[k]->data;
  small_must(u->s->ctx, horn__plan_renew(&u->plan, u->s->graph, u->outputs));
  CHECK(u->plan == before, "%s: a run that updates its own weights makes its plan again", u->what);
  const uint64_t allocations = u->s->ctx->allocations;
  small_must(u->s->ctx, horn__plan_run(u->plan, in, out));
  CHECK(u->s->ctx->allocations == allocations, "%s: a run allocates", u->what);
}

static void release(updated *u) {
  for (int32_t k = 0; k < u->count; k++) horn__tensor_release(u->s->ctx, u->out[k]);
  horn__plan_release(u->plan);
}

static void expect_weight(const updated *u, horn__value weight, const char *expected) {
  const horn__tensor *tensor = u->s->graph->values[weight].tensor;
  CHECK(small_equals(tensor, expected), "%s: the weight is %g, ... not %s", u->what, case_element(tensor, 0), expected);
}

static void expect_output(const updated *u, int32_t k, const char *expected) {
  CHECK(small_equals(u->out[k], expected), "%s: output %d is %g, ... not %s", u->what, k, case_element(u->out[k], 0), expected);
}

static void expect_copies(const updated *u, size_t expected) {
  CHECK(horn__plan_copied_updates(u->plan) == expected, "%s: %zu updates are copied, expected %zu", u->what, horn__plan_copied_updates(u->plan),
        expected);
}

/* Adam's first moment: m' = 0.5 m + x, w' = w - m'. No number is copied. */
static void test_in_place(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value x = small_input(&s, "f{1,2}", true);
  const horn__value m = small_constant(&s, "f{2,4}", HORN__WEIGHT), w = small_constant(&s, "f{10,20}", HORN__WEIGHT);
  const horn__value y = horn__mul(g, w, x), next = horn__add(g, horn__scale(g, m, 0.5), x);
  horn__graph_update(g, m, next);
  horn__graph_update(g, w, horn__sub(g, w, next));
  updated u = plan_of(&s, "moments", &y, 1);
  expect_copies(&u, 0);
  run(&u);
  expect_output(&u, 0, "f{10,40}");
  expect_weight(&u, m, "f{2,4}");
  expect_weight(&u, w, "f{8,16}");
  run(&u);
  expect_output(&u, 0, "f{8,32}");
  expect_weight(&u, m, "f{2,4}");
  expect_weight(&u, w, "f{6,12}");
  release(&u);
  small_release(&s);
}

/* The weight is read after its update is computed, or in another shape by the very node: the old elements stay until all has run. */
static void test_late_readers(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value x = small_input(&s, "f{1,2}", false);
  const horn__value w = small_constant(&s, "f{10,20}", HORN__WEIGHT), one = small_constant(&s, "f[1]{3}", HORN__WEIGHT);
  const horn__value square = small_constant(&s, "f[2,2]{1,2,3,4}", HORN__WEIGHT);
  const horn__value next = horn__add(g, w, x), y = horn__mul(g, w, next);
  const horn__reduce all = {.axes = {1, {0}}, .keep_dims = true};
  horn__graph_update(g, w, next);
  horn__graph_update(g, one, HORN__EMIT(g, Sum, &all, horn__mul(g, one, x)));
  horn__graph_update(g, square, HORN__EMIT(g, BatchMatMul, NULL, square, square)); /* reads while it writes */
  const horn__value outputs[] = {y, w};
  updated u = plan_of(&s, "late readers", outputs, 2);
  expect_copies(&u, 2);
  run(&u);
  expect_output(&u, 0, "f{110,440}");
  expect_output(&u, 1, "f{10,20}");
  expect_weight(&u, w, "f{11,22}");
  expect_weight(&u, one, "f[1]{9}");
  expect_weight(&u, square, "f[2,2]{7,10,15,22}");
  release(&u);
  small_release(&s);
}

/* Two weights become one another, a third one an input, a fourth one a constant, a fifth one a view of an output. */
static void test_leaves(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value x = small_input(&s, "f{5,6}", true);
  const horn__value a = small_constant(&s, "f[2]{1,2}", HORN__WEIGHT), b = small_constant(&s, "f[2]{3,4}", HORN__WEIGHT);
  const horn__value c = small_constant(&s, "f[2]", HORN__WEIGHT), d = small_constant(&s, "f[2]", HORN__WEIGHT), e = small_constant(&s, "f[1,2]", HORN__WEIGHT);
  const horn__value y = horn__neg(g, x);
  const horn__reshape row = {.shape = {2, {1, 2}}};
  horn__graph_update(g, a, b);
  horn__graph_update(g, b, HORN__EMIT(g, Identity, NULL, a));
  horn__graph_update(g, c, x);
  horn__graph_update(g, d, small_constant(&s, "f[2]{7,8}", HORN__CONSTANT));
  horn__graph_update(g, e, HORN__EMIT(g, Reshape, &row, y));
  updated u = plan_of(&s, "leaves", &y, 1);
  for (int round = 0; round < 3; round++) {
    run(&u);
    expect_output(&u, 0, "f{-5,-6}");
    expect_weight(&u, a, round % 2 == 0 ? "f{3,4}" : "f{1,2}");
    expect_weight(&u, b, round % 2 == 0 ? "f{1,2}" : "f{3,4}");
    expect_weight(&u, c, "f{5,6}");
    expect_weight(&u, d, "f{7,8}");
    expect_weight(&u, e, "f[1,2]{-5,-6}");
  }
  release(&u);
  small_release(&s);
}

/* A tensor that is two weights of the graph: both are read before either is written. */
static void test_shared(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value a = small_constant(&s, "f{1,2}", HORN__WEIGHT), same = horn__graph_tensor(g, g->values[a].tensor, HORN__WEIGHT);
  const horn__value next = horn__scale(g, a, 10), y = horn__add(g, next, same);
  horn__graph_update(g, a, next);
  updated u = plan_of(&s, "shared", &y, 1);
  run(&u);
  expect_output(&u, 0, "f{11,22}");
  expect_weight(&u, a, "f{10,20}");
  release(&u);
  small_release(&s);
}

/* Updates are made for any outputs, for none too; of two the last one counts; counters are whole numbers. */
static void test_any_outputs(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value count = small_constant(&s, "i[]{41}", HORN__WEIGHT), w = small_constant(&s, "f{1,2}", HORN__WEIGHT);
  horn__graph_update(g, w, horn__scale(g, w, 100));
  horn__graph_update(g, w, horn__scale(g, w, 2));
  horn__graph_update(g, count, horn__add(g, count, horn__graph_scalar_of(g, 1, HORN_INT32)));
  updated u = plan_of(&s, "no output", &w, 0);
  run(&u);
  expect_weight(&u, count, "i[]{42}");
  expect_weight(&u, w, "f{2,4}");
  expect_copies(&u, 0);
  release(&u);
  small_release(&s);
}

/* A learning rate that is written between runs makes no new plan; a frozen kernel is packed, and packed again where it is written. */
static void test_other_weights(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value x = small_input(&s, "f[1,2]{1,1}", true), frozen = small_constant(&s, "f[2,2]{1,0,0,1}", HORN__WEIGHT);
  const horn__value rate = small_constant(&s, "f[]{0.5}", HORN__WEIGHT), w = small_constant(&s, "f[1,2]{8,8}", HORN__WEIGHT);
  const horn__value y = HORN__EMIT(g, BatchMatMul, NULL, x, frozen);
  horn__graph_update(g, w, horn__sub(g, w, horn__mul(g, rate, y)));
  updated u = plan_of(&s, "other weights", &y, 1);
  run(&u);
  expect_weight(&u, w, "f[1,2]{7.5,7.5}");
  *(float *)g->values[rate].tensor->data = 1;
  horn__tensor_written(g->values[rate].tensor);
  run(&u);
  expect_weight(&u, w, "f[1,2]{6.5,6.5}");
  ((float *)g->values[frozen].tensor->data)[0] = 3;
  horn__tensor_written(g->values[frozen].tensor);
  small_must(ctx, horn__plan_renew(&u.plan, g, u.outputs));
  run(&u);
  expect_output(&u, 0, "f[1,2]{3,1}");
  expect_weight(&u, w, "f[1,2]{3.5,5.5}");
  release(&u);
  small_release(&s);
}

static void test_misfit(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f{1,2,3}", true), w = small_constant(&s, "f{1,2}", HORN__WEIGHT);
  horn__graph_update(s.graph, w, x);
  horn__plan *plan;
  const horn_status status = horn__plan_create(s.graph, &s.given[0]->type, &w, 0, &plan);
  CHECK(status == HORN_E_SHAPE, "a weight of 2 elements becomes 3: %d", (int)status);
  small_release(&s);
}

static void test_backend(const char *name) {
  horn_context *ctx = case_context(name);
  if (ctx == NULL) return;
  const uint64_t before = ctx->bytes_in_use;
  test_in_place(ctx);
  test_late_readers(ctx);
  test_leaves(ctx);
  test_shared(ctx);
  test_any_outputs(ctx);
  test_other_weights(ctx);
  test_misfit(ctx);
  CHECK(ctx->bytes_in_use == before, "%s: updates keep %llu bytes", name, (unsigned long long)(ctx->bytes_in_use - before));
  horn_context_release(ctx);
}

int main(void) {
  test_backend("ref");
  test_backend("xnn");
  return test_end();
}
