/* graph.c, gradients.c and layout.c: gradients over branches, values that depend on nothing, copies with known shapes, packing. */
#include "graph/layout.h"

#include <stdlib.h>
#include <string.h>

#include "ops/attributes.h"
#include "small_graph.h"
#include "test.h"

/* ---- gradients ------------------------------------------------------------------------------------------------------- */

/* d (sum of y) / dx is `expected`; NULL: none. */
static void check_gradient(small_graph *s, const char *what, horn__value y, horn__value x, const char *expected) {
  horn__value dx = 12345;
  const horn_status status = horn__graph_gradients(s->graph, &y, NULL, 1, &x, 1, &dx);
  if (!CHECK(status == HORN_OK, "%s: %s", what, s->ctx->error)) return;
  if (expected == NULL) {
    CHECK(dx == HORN__NONE, "%s: expected no gradient", what);
  } else if (CHECK(dx >= 0, "%s: has no gradient", what)) {
    horn__tensor *found = small_evaluate(s, dx);
    CHECK(small_equals(found, expected), "%s: the gradient is not %s, its first element is %g", what, expected,
          case_size(found) == 0 ? 0 : case_element(found, 0));
    horn__tensor_release(s->ctx, found);
  }
}

/* y = x x + 3 x + x: three branches, one of them twice the same value */
static void test_fan_out(horn_context *ctx, bool open) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f{1,-2,5}", open);
  const horn__value y = horn__add(s.graph, horn__add(s.graph, horn__mul(s.graph, x, x), horn__scale(s.graph, x, 3)), x);
  check_gradient(&s, "fan-out", y, x, "f{6,0,14}");
  check_gradient(&s, "of itself", x, x, "f{1,1,1}");
  small_release(&s);
}

/* a gradient of a gradient: y = x^3, y'' = 6 x */
static void test_second_order(horn_context *ctx, bool open) {
  small_graph s;
  small_create(ctx, &s);
  horn__value dx;
  const horn__value x = small_input(&s, "f{1,-2,5}", open), y = horn__mul(s.graph, x, horn__mul(s.graph, x, x));
  small_must(ctx, horn__graph_gradients(s.graph, &y, NULL, 1, &x, 1, &dx));
  check_gradient(&s, "second order", dx, x, "f{6,-12,30}");
  small_release(&s);
}

static void test_independent(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f{1,2}", false), z = small_input(&s, "f{3,4}", false);
  const horn__value y = horn__mul(s.graph, z, z);
  check_gradient(&s, "another input", y, x, NULL);
  check_gradient(&s, "a constant", horn__graph_scalar(s.graph, 3), x, NULL);
  check_gradient(&s, "by shape alone", HORN__EMIT(s.graph, BroadcastLike, NULL, z, x), x, NULL);
  check_gradient(&s, "by a comparison alone", horn__mask(s.graph, z, HORN__EMIT(s.graph, Greater, NULL, x, z)), x, NULL);
  const horn__cast to_int = {HORN_INT32}, to_float = {HORN_FLOAT32};
  const horn__value rounded = HORN__EMIT(s.graph, Cast, &to_float, HORN__EMIT(s.graph, Cast, &to_int, x));
  check_gradient(&s, "through an integer", horn__mul(s.graph, rounded, z), x, NULL);
  const horn__one_hot one_hot = {3, 1, 0, HORN_FLOAT32};
  const horn__value picked = HORN__EMIT(s.graph, OneHot, &one_hot, HORN__EMIT(s.graph, Cast, &to_int, x));
  check_gradient(&s, "through an op without a gradient, of an integer", picked, x, NULL);
  check_gradient(&s, "beside an integer", horn__add(s.graph, rounded, x), x, "f{1,1}");
  small_release(&s);
}

/* x is a result itself: what comes before it is not asked */
static void test_middle(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value a = small_input(&s, "f{1,2}", false), x = horn__mul(s.graph, a, a), y = horn__mul(s.graph, x, x);
  check_gradient(&s, "of a result", y, x, "f{2,8}");
  small_release(&s);
}

/* several ys, one of them twice, one with a dy of its own; several xs, one of them twice */
static void test_several(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value a = small_input(&s, "f{1,2}", false), b = small_input(&s, "f{3,4}", false), dy = small_input(&s, "f{10,100}", false);
  const horn__value product = horn__mul(s.graph, a, b), sum = horn__add(s.graph, a, b);
  const horn__value ys[] = {product, sum, sum}, dys[] = {dy, HORN__NONE, HORN__NONE}, xs[] = {a, b, a};
  horn__value dxs[3];
  small_must(ctx, horn__graph_gradients(s.graph, ys, dys, 3, xs, 3, dxs));
  const char *const expected[] = {"f{32,402}", "f{12,202}", "f{32,402}"};
  for (int i = 0; i < 3; i++) {
    horn__tensor *found = small_evaluate(&s, dxs[i]);
    CHECK(small_equals(found, expected[i]), "several: gradient %d is not %s", i, expected[i]);
    horn__tensor_release(ctx, found);
  }
  small_release(&s);
}

/* FloorDiv's whole numbers have the gradient of the quotient. */
static void test_floor_div(horn_context *ctx, bool open) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value a = small_input(&s, "f{7,-7}", open), b = small_input(&s, "f{2,4}", open);
  const horn__value y = HORN__EMIT(s.graph, Cast, &(const horn__cast){HORN_FLOAT32}, HORN__EMIT(s.graph, FloorDiv, NULL, a, b));
  check_gradient(&s, "FloorDiv, a", y, a, "f{0.5,0.25}");
  check_gradient(&s, "FloorDiv, b", y, b, "f{-1.75,0.4375}");
  small_release(&s);
}

/* a recurrent layer's gradient cannot be differentiated where the number of steps is not known: the message says so */
static void test_undifferentiable(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f[1,2,2]{1,2,3,4}", true), w = small_input(&s, "f[2,3]{1,2,3,4,5,6}", false);
  const horn__value u = small_input(&s, "f[1,3]{1,2,3}", false), y = HORN__EMIT(s.graph, GRU, NULL, x, w, u);
  horn__value dx, ddx;
  small_must(ctx, horn__graph_gradients(s.graph, &y, NULL, 1, &x, 1, &dx));
  const horn_status status = horn__graph_gradients(s.graph, &dx, NULL, 1, &x, 1, &ddx);
  CHECK(status == HORN_E_UNSUPPORTED && strstr(ctx->error, "number of steps") != NULL, "no gradient: expected UNSUPPORTED, got %s (%s)",
        horn__status_code(status), ctx->error);
  small_release(&s);
}

/* Nodes of a gradient have the label of the node that they are the gradient of; later nodes have that of before. */
static void test_labels(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__value dx;
  const horn__value x = small_input(&s, "f{1,2}", false);
  s.graph->label = "layer";
  const horn__value y = HORN__EMIT(s.graph, Exp, NULL, x);
  s.graph->label = "loss";
  small_must(ctx, horn__graph_gradients(s.graph, &y, NULL, 1, &x, 1, &dx));
  CHECK(strcmp(s.graph->nodes[s.graph->values[dx].node].label, "layer") == 0, "a gradient has the label of its node");
  CHECK(strcmp(s.graph->label, "loss") == 0, "a gradient leaves the graph's label as it was");
  small_release(&s);
}

/* ---- emitting ---------------------------------------------------------------------------------------------------------- */

/* The first failure stays; what is emitted after it is nothing. */
static void test_failed_emit(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value a = small_input(&s, "f{1,2}", false), b = small_input(&s, "f{1,2,3}", false);
  s.graph->label = "some_layer";
  const horn__value bad = horn__add(s.graph, a, b), later = horn__mul(s.graph, bad, a);
  CHECK(bad == HORN__NONE && later == HORN__NONE && s.graph->status == HORN_E_SHAPE, "a failed emit gives nothing");
  CHECK(strstr(ctx->error, "some_layer") != NULL && strstr(ctx->error, "Add") != NULL, "the message says where: %s", ctx->error);
  CHECK(s.graph->node_count == 0, "a failed emit leaves no node");
  s.graph->status = HORN_OK;
  CHECK(HORN__EMIT(s.graph, Add, NULL, a, HORN__NONE) == HORN__NONE && s.graph->status != HORN_OK, "a required input must be there");
  small_release(&s);
}

/* Absent optional inputs at the end are left out. */
static void test_optional_inputs(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value a = small_input(&s, "f[1,2]{1,2}", false), b = small_input(&s, "f[2,1]{3,4}", false);
  const horn__value y = HORN__EMIT(s.graph, BatchMatMul, NULL, a, b, HORN__NONE);
  CHECK(s.graph->nodes[s.graph->values[y].node].inputs == 2, "an absent input at the end is left out");
  horn__tensor *found = small_evaluate(&s, y);
  CHECK(small_equals(found, "f[1,1]{11}"), "a product without its bias");
  horn__tensor_release(ctx, found);
  small_release(&s);
}

/* ---- copies with known shapes ------------------------------------------------------------------------------------------ */

static bool all_known(const horn__graph *graph) {
  for (size_t v = 0; v < graph->value_count; v++)
    if (!horn__shape_known(&graph->values[v].type.shape)) return false;
  return true;
}

static void test_specialize(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f[2,3]{1,2,3,4,5,6}", true), w = small_constant(&s, "f[3,1]{1,0,-1}", HORN__WEIGHT);
  const horn__value unused = horn__neg(s.graph, x);
  horn__value outputs[] = {HORN__EMIT(s.graph, BatchMatMul, NULL, x, w), x, w, HORN__NONE};
  horn__value dw;
  small_must(ctx, horn__graph_gradients(s.graph, outputs, NULL, 1, &w, 1, &dw));
  outputs[3] = dw;
  CHECK(unused >= 0 && !all_known(s.graph), "the graph has unknown dimensions");
  small_graph copy = s;
  small_must(ctx, horn__graph_specialize(s.graph, &s.given[0]->type, outputs, 4, &copy.graph));
  CHECK(all_known(copy.graph), "a specialized graph knows all dimensions");
  for (size_t n = 0; n < copy.graph->node_count; n++) CHECK(copy.graph->nodes[n].op != &horn__op_Neg, "a node that nobody needs is left out");
  const char *const expected[] = {"f[2,1]{-2,-2}", "f[2,3]{1,2,3,4,5,6}", "f[3,1]{1,0,-1}", "f[3,1]{5,7,9}"};
  for (int i = 0; i < 4; i++) {
    horn__tensor *found = small_evaluate(&copy, outputs[i]);
    CHECK(small_equals(found, expected[i]), "specialized output %d is not %s", i, expected[i]);
    horn__tensor_release(ctx, found);
  }
  horn__graph_release(copy.graph);
  small_release(&s);
}

/* Shapes that do not fit are found when they are known. */
static void test_specialize_misfit(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f[2,3]", true), w = small_constant(&s, "f[4,1]", HORN__WEIGHT);
  horn__value y = HORN__EMIT(s.graph, BatchMatMul, NULL, x, w);
  horn__graph *copy;
  CHECK(y >= 0, "unknown dimensions fit anything");
  CHECK(horn__graph_specialize(s.graph, &s.given[0]->type, &y, 1, &copy) == HORN_E_SHAPE, "known ones do not");
  small_release(&s);
}

/* ---- layout -------------------------------------------------------------------------------------------------------------- */

enum { REGIONS = 60, STEPS = 40 };

static bool apart(const horn__region *a, const horn__region *b) {
  if (a->first > b->last || b->first > a->last) return true;
  return a->offset + a->bytes + HORN__BUFFER_EXTRA <= b->offset || b->offset + b->bytes + HORN__BUFFER_EXTRA <= a->offset;
}

static void check_layout(const horn__region *regions, size_t count, size_t total, size_t live) {
  size_t largest = 0;
  for (int32_t step = 0; step < STEPS; step++) {
    size_t alive = 0;
    for (size_t i = 0; i < count; i++)
      if (regions[i].first <= step && step <= regions[i].last) alive += regions[i].bytes;
    if (alive > largest) largest = alive;
  }
  CHECK(live == largest, "layout: %zu bytes are alive at once, it says %zu", largest, live);
  for (size_t i = 0; i < count; i++) {
    CHECK(regions[i].offset % 64 == 0, "layout: offset %zu", regions[i].offset);
    CHECK(regions[i].offset + regions[i].bytes + HORN__BUFFER_EXTRA <= total, "layout: region %zu ends behind the block", i);
    for (size_t j = 0; j < i; j++) CHECK(apart(&regions[i], &regions[j]), "layout: regions %zu and %zu overlap", i, j);
  }
}

static void test_layout(horn_context *ctx) {
  srand(1);
  for (int round = 0; round < 30; round++) {
    horn__region regions[REGIONS], *list[REGIONS];
    const size_t count = (size_t)(rand() % (REGIONS + 1));
    for (size_t i = 0; i < count; i++) {
      const int32_t first = rand() % STEPS, length = rand() % 12;
      const bool to_end = rand() % 9 == 0;
      regions[i] = (horn__region){.first = first, .last = to_end ? INT32_MAX : first + length < STEPS ? first + length : STEPS - 1,
                                  .bytes = rand() % 7 == 0 ? 0 : (size_t)(rand() % 5000)};
      list[i] = &regions[i];
    }
    size_t total, live;
    small_must(ctx, horn__layout(ctx, list, count, STEPS, &total, &live));
    check_layout(regions, count, total, live);
  }
}

int main(void) {
  horn_context *ctx = case_context("ref");
  const uint64_t before = ctx->bytes_in_use;
  for (int open = 0; open < 2; open++) {
    test_fan_out(ctx, open != 0);
    test_second_order(ctx, open != 0);
    test_floor_div(ctx, open != 0);
  }
  test_independent(ctx);
  test_middle(ctx);
  test_several(ctx);
  test_undifferentiable(ctx);
  test_labels(ctx);
  test_failed_emit(ctx);
  test_optional_inputs(ctx);
  test_specialize(ctx);
  test_specialize_misfit(ctx);
  test_layout(ctx);
  CHECK(ctx->bytes_in_use == before, "graphs keep %llu bytes", (unsigned long long)(ctx->bytes_in_use - before));
  horn_context_release(ctx);
  return test_end();
}
