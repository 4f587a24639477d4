/* plan.c and fuse.c: what a plan computes is what its nodes compute one by one, whatever shares memory with what; it writes its outputs and
 * nothing else, allocates nothing when it runs, and fuses what it should. */
#include <stdlib.h>
#include <string.h>

#include "ops/attributes.h"
#include "small_graph.h"
#include "test.h"
#include "tolerances.h"

enum { MOST_OUTPUTS = 12, GUARD = 64, GUARD_BYTE = 0xA5 };

/* ---- running a plan ---------------------------------------------------------------------------------------------------- */

typedef struct planned {
  const small_graph *s;
  const char *what;
  horn__plan *plan;
  int32_t count;
  unsigned char *out[MOST_OUTPUTS];
  size_t bytes[MOST_OUTPUTS];
} planned;

static planned plan_of(const small_graph *s, const char *what, const horn__value *outputs, int32_t count) {
  planned p = {.s = s, .what = what, .count = count};
  horn__type types[MOST_GIVEN];
  for (size_t i = 0; i < s->graph->input_count; i++) types[i] = s->given[i]->type;
  small_must(s->ctx, horn__plan_create(s->graph, types, outputs, count, &p.plan));
  CHECK(horn__plan_fits(p.plan, types), "%s: a plan fits the shapes that it was made for", what);
  for (int32_t k = 0; k < count; k++) {
    const horn__type *type = horn__plan_output(p.plan, k);
    p.bytes[k] = horn__shape_size(&type->shape) * horn__dtype_size(type->dtype);
    p.out[k] = aligned_alloc(64, (p.bytes[k] + HORN__BUFFER_EXTRA + GUARD + 63) & ~(size_t)63);
    if (p.out[k] == NULL) exit(2);
  }
  return p;
}

/* Runs once: nothing is allocated, inputs stay as they are, nothing is written behind an output. */
static void run_once(planned *p) {
  void *inputs[MOST_GIVEN], *copies[MOST_GIVEN];
  const size_t input_count = p->s->graph->input_count;
  for (size_t i = 0; i < input_count; i++) {
    inputs[i] = p->s->given[i]->data;
    copies[i] = malloc(p->s->given[i]->bytes + 1);
    if (copies[i] == NULL) exit(2);
    memcpy(copies[i], inputs[i], p->s->given[i]->bytes);
  }
  for (int32_t k = 0; k < p->count; k++) memset(p->out[k], GUARD_BYTE, p->bytes[k] + GUARD);
  const uint64_t allocations = p->s->ctx->allocations;
  small_must(p->s->ctx, horn__plan_run(p->plan, inputs, (void *const *)p->out));
  CHECK(p->s->ctx->allocations == allocations, "%s: a run allocates", p->what);
  for (size_t i = 0; i < input_count; i++) {
    CHECK(memcmp(copies[i], inputs[i], p->s->given[i]->bytes) == 0, "%s: input %zu was written", p->what, i);
    free(copies[i]);
  }
  for (int32_t k = 0; k < p->count; k++)
    for (size_t b = 0; b < GUARD; b++)
      if (!CHECK(p->out[k][p->bytes[k] + b] == GUARD_BYTE, "%s: output %d was written behind its end", p->what, k)) break;
}

static bool same_numbers(const horn__tensor *found, const horn__tensor *expected) {
  bool same = horn__shape_equal(&found->type.shape, &expected->type.shape) && found->type.dtype == expected->type.dtype;
  for (size_t i = 0; same && i < case_size(expected); i++)
    same = tolerance_agree("", found->type.dtype, TOLERANCE_BACKEND, case_element(found, i), case_element(expected, i));
  return same;
}

static void compare(const planned *p, int32_t k, horn__value value) {
  horn__tensor *expected = small_evaluate(p->s, value);
  horn__tensor found = {.type = *horn__plan_output(p->plan, k), .data = p->out[k]};
  if (CHECK(horn__shape_equal(&found.type.shape, &expected->type.shape) && found.type.dtype == expected->type.dtype,
            "%s: output %d has another type than its value", p->what, k))
    for (size_t i = 0; i < case_size(expected); i++)
      if (!CHECK(tolerance_agree("", found.type.dtype, TOLERANCE_BACKEND, case_element(&found, i), case_element(expected, i)),
                 "%s: element %zu of output %d is %.9g, node by node %.9g", p->what, i, k, case_element(&found, i), case_element(expected, i)))
        break;
  horn__tensor_release(p->s->ctx, expected);
}

static void plan_release(planned *p) {
  for (int32_t k = 0; k < p->count; k++) free(p->out[k]);
  horn__plan_release(p->plan);
}

/* Plans, runs twice, compares. Returns the number of steps. */
static size_t check_plan(const small_graph *s, const char *what, const horn__value *outputs, int32_t count) {
  planned p = plan_of(s, what, outputs, count);
  for (int round = 0; round < 2; round++) {
    run_once(&p);
    for (int32_t k = 0; k < count; k++) compare(&p, k, outputs[k]);
  }
  size_t steps = horn__plan_steps(p.plan), block, live;
  horn__plan_memory(p.plan, &block, &live);
  CHECK(block >= live, "%s: a block of %zu bytes holds %zu at once", what, block, live);
  plan_release(&p);
  return steps;
}

#define CHECK_PLAN(s, what, ...) \
  check_plan((s), (what), (const horn__value[]){__VA_ARGS__}, (int32_t)(sizeof((const horn__value[]){__VA_ARGS__}) / sizeof(horn__value)))

/* ---- who shares memory with whom ------------------------------------------------------------------------------------------ */

static horn__value reshape(horn__graph *g, horn__value x, int32_t a, int32_t b) {
  const horn__reshape shape = {.shape = {2, {a, b}}};
  return HORN__EMIT(g, Reshape, &shape, x);
}

static void test_views(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value x = small_input(&s, "f[2,3]", true), c = small_constant(&s, "f[2,3]{1,2,3,4,5,6}", HORN__CONSTANT);
  const horn__value y = horn__add(g, x, c), view = reshape(g, y, 3, 2), again = reshape(g, view, 6, 1);
  CHECK_PLAN(&s, "a view", view);
  CHECK_PLAN(&s, "a value and its views", y, view, again);
  CHECK_PLAN(&s, "a view before its value", again, y);
  CHECK_PLAN(&s, "a view of an input", reshape(g, x, 3, 2));
  CHECK_PLAN(&s, "a view of a constant", reshape(g, c, 3, 2));
  CHECK_PLAN(&s, "a view that is read", horn__neg(g, again), horn__neg(g, view));
  CHECK_PLAN(&s, "a view that is read and given", horn__neg(g, again), again);
  small_release(&s);
}

static void test_leaves(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f[2,3]", true), unused = small_input(&s, "i[4]", false);
  const horn__value c = small_constant(&s, "f[]{7}", HORN__CONSTANT), w = small_constant(&s, "b[3]{1,0,1}", HORN__WEIGHT);
  const horn__value y = horn__neg(s.graph, x);
  CHECK_PLAN(&s, "an input", x);
  CHECK_PLAN(&s, "an input twice", x, x);
  CHECK_PLAN(&s, "constants", c, w, c);
  CHECK_PLAN(&s, "the same result twice", y, y, y);
  CHECK_PLAN(&s, "all kinds", w, y, x, c, unused, y);
  CHECK_PLAN(&s, "no node", unused, w);
  small_release(&s);
}

/* Element-wise ops may write over what dies with them, and over nothing else. */
static void test_in_place(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value x = small_input(&s, "f[2,3]", true), row = small_input(&s, "f[1,3]", true);
  const horn__value a = HORN__EMIT(g, Exp, NULL, x), b = horn__neg(g, a), c = HORN__EMIT(g, Tanh, NULL, b);
  CHECK_PLAN(&s, "over an input", b);
  CHECK_PLAN(&s, "over a view of an input", horn__neg(g, reshape(g, x, 3, 2)), x);
  CHECK_PLAN(&s, "over an output", a, b, c);
  CHECK_PLAN(&s, "an output in the middle", c, a);
  CHECK_PLAN(&s, "over what is read later", horn__add(g, c, a), b);
  CHECK_PLAN(&s, "over both operands", horn__mul(g, a, a));
  CHECK_PLAN(&s, "over the second operand", HORN__EMIT(g, Sqrt, NULL, horn__sub(g, row, horn__neg(g, a))));
  CHECK_PLAN(&s, "over the narrower operand", horn__sub(g, HORN__EMIT(g, Exp, NULL, row), x));
  CHECK_PLAN(&s, "over an operand that is seen as a view too", horn__add(g, c, reshape(g, reshape(g, c, 3, 2), 2, 3)));
  CHECK_PLAN(&s, "a comparison has another type", horn__mask(g, c, HORN__EMIT(g, Greater, NULL, c, b)));
  small_release(&s);
}

static void test_empty(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f[0,3]", true), w = small_constant(&s, "f[3,2]{1,2,3,4,5,6}", HORN__WEIGHT);
  const horn__value y = HORN__EMIT(s.graph, BatchMatMul, NULL, x, w), z = horn__neg(s.graph, y);
  horn__value dw;
  small_must(ctx, horn__graph_gradients(s.graph, &z, NULL, 1, &w, 1, &dw));
  CHECK_PLAN(&s, "nothing", x, y, z);
  CHECK_PLAN(&s, "the gradient of nothing", dw);
  small_release(&s);
}

/* Results that nobody reads have no memory; what is read for its shape alone is not computed. */
static void test_unread(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__rnn rnn = {.activation = HORN__ACTIVATION_TANH, .recurrent_activation = HORN__ACTIVATION_SIGMOID};
  const horn__value x = small_input(&s, "f[2,4,3]", true);
  const horn__value kernel = small_constant(&s, "f[3,8]", HORN__WEIGHT), recurrent = small_constant(&s, "f[2,8]", HORN__WEIGHT);
  const horn__value sequence = HORN__EMIT(g, LSTM, &rnn, x, kernel, recurrent), h = horn__sibling(g, sequence, 1), c = horn__sibling(g, sequence, 2);
  horn__value dx, dkernel;
  small_must(ctx, horn__graph_gradients(g, &h, NULL, 1, &x, 1, &dx));
  small_must(ctx, horn__graph_gradients(g, &c, NULL, 1, &kernel, 1, &dkernel));
  CHECK_PLAN(&s, "h alone", h);
  CHECK_PLAN(&s, "c and the sequence", c, sequence);
  CHECK_PLAN(&s, "dx alone", dx);
  CHECK_PLAN(&s, "dkernel and h", dkernel, h);
  const horn__value shape_giver = HORN__EMIT(g, Exp, NULL, HORN__EMIT(g, Tanh, NULL, x));
  CHECK(CHECK_PLAN(&s, "shapes alone", HORN__EMIT(g, ZerosLike, NULL, shape_giver)) == 1, "what is read for its shape alone is not computed");
  small_release(&s);
}

static void test_fits(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  const horn__value x = small_input(&s, "f[2,3]", true), y = horn__neg(s.graph, x);
  planned p = plan_of(&s, "fits", &y, 1);
  horn__type other = s.given[0]->type;
  other.shape.dims[0] = 5;
  CHECK(!horn__plan_fits(p.plan, &other), "a plan does not fit another shape");
  other = s.given[0]->type;
  other.dtype = HORN_INT32;
  CHECK(!horn__plan_fits(p.plan, &other), "a plan does not fit another dtype");
  plan_release(&p);
  small_release(&s);
}

/* ---- fusing ------------------------------------------------------------------------------------------------------------ */

static void check_steps(const char *what, size_t steps, size_t expected) {
  CHECK(steps == expected, "%s: expected %zu steps, got %zu", what, expected, steps);
}

static void test_fuse_products(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__conv conv = {.strides = {1, 1}, .dilations = {1, 1}, .padding = HORN__SAME};
  const horn__value x = small_input(&s, "f[1,4,4,3]", true), filter = small_constant(&s, "f[2,2,3,5]", HORN__WEIGHT);
  const horn__value bias = small_constant(&s, "f[5]", HORN__WEIGHT), wide = small_constant(&s, "f[1,1,1,5]", HORN__WEIGHT);
  const horn__value one = small_constant(&s, "f[1]{3}", HORN__WEIGHT), row = small_constant(&s, "f[4,5]", HORN__WEIGHT);
  const horn__value y = HORN__EMIT(g, Conv2D, &conv, x, filter), biased = horn__add(g, y, bias), relu = HORN__EMIT(g, Relu, NULL, biased);
  check_steps("bias and activation", CHECK_PLAN(&s, "bias and activation", relu), 1);
  check_steps("bias on the left", CHECK_PLAN(&s, "bias on the left", horn__add(g, wide, y)), 1);
  check_steps("activation alone", CHECK_PLAN(&s, "activation alone", HORN__EMIT(g, Sigmoid, NULL, y)), 1);
  check_steps("two activations", CHECK_PLAN(&s, "two activations", HORN__EMIT(g, Sigmoid, NULL, relu)), 2);
  check_steps("two biases", CHECK_PLAN(&s, "two biases", horn__add(g, biased, wide)), 2);
  check_steps("bias behind an activation", CHECK_PLAN(&s, "bias behind an activation", horn__add(g, relu, bias)), 2);
  check_steps("softmax", CHECK_PLAN(&s, "softmax", HORN__EMIT(g, Softmax, NULL, biased)), 2);
  check_steps("one number for all channels", CHECK_PLAN(&s, "one number for all channels", horn__add(g, y, one)), 2);
  check_steps("a number a pixel", CHECK_PLAN(&s, "a number a pixel", horn__add(g, y, row)), 2);
  check_steps("a wanted product", CHECK_PLAN(&s, "a wanted product", relu, y), 3);
  check_steps("a wanted sum", CHECK_PLAN(&s, "a wanted sum", relu, biased), 2);
  check_steps("a product read twice", CHECK_PLAN(&s, "a product read twice", horn__mul(g, relu, y)), 4);
  check_steps("a product added to itself", CHECK_PLAN(&s, "a product added to itself", horn__add(g, y, y)), 2);
  small_release(&s);
}

static horn__value norm(small_graph *s, horn__value x, const char *channels) {
  static const horn__batch_norm attributes = {0.01};
  char variance[64];
  snprintf(variance, sizeof variance, "%s<0.1,3>", channels);
  return HORN__EMIT(s->graph, FusedBatchNorm, &attributes, x, small_constant(s, channels, HORN__WEIGHT), small_constant(s, channels, HORN__WEIGHT),
                    small_constant(s, channels, HORN__WEIGHT), small_constant(s, variance, HORN__WEIGHT));
}

static void test_fuse_norms(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__conv conv = {.strides = {1, 1}, .dilations = {1, 1}, .padding = HORN__VALID};
  const horn__value x = small_input(&s, "f[2,5,4,6]", true);
  const horn__value grouped = HORN__EMIT(g, Conv2D, &conv, x, small_constant(&s, "f[2,2,3,4]", HORN__WEIGHT));
  const horn__value biased = horn__add(g, grouped, small_constant(&s, "f[4]", HORN__WEIGHT));
  const horn__value deep = HORN__EMIT(g, DepthwiseConv2dNative, &conv, x, small_constant(&s, "f[3,2,6,2]", HORN__WEIGHT));
  const horn__value dense = HORN__EMIT(g, BatchMatMul, NULL, x, small_constant(&s, "f[6,3]", HORN__WEIGHT));
  const horn__matmul transposed = {.transpose_b = true};
  const horn__value turned = HORN__EMIT(g, BatchMatMul, &transposed, x, small_constant(&s, "f[3,6]", HORN__WEIGHT));
  check_steps("norm of groups", CHECK_PLAN(&s, "norm of groups", norm(&s, grouped, "f[4]")), 1);
  check_steps("norm of a bias", CHECK_PLAN(&s, "norm of a bias", HORN__EMIT(g, Relu6, NULL, norm(&s, biased, "f[4]"))), 1);
  check_steps("norm of depthwise", CHECK_PLAN(&s, "norm of depthwise", norm(&s, deep, "f[12]")), 1);
  check_steps("norm of a product", CHECK_PLAN(&s, "norm of a product", norm(&s, dense, "f[3]")), 1);
  check_steps("norm of a transposed product", CHECK_PLAN(&s, "norm of a transposed product", norm(&s, turned, "f[3]")), 2);
  check_steps("norm of an activation", CHECK_PLAN(&s, "norm of an activation", norm(&s, HORN__EMIT(g, Relu, NULL, grouped), "f[4]")), 2);
  check_steps("norm alone", CHECK_PLAN(&s, "norm alone", norm(&s, x, "f[6]")), 1);
  check_steps("two norms", CHECK_PLAN(&s, "two norms", norm(&s, norm(&s, grouped, "f[4]"), "f[4]")), 1);
  check_steps("a norm whose filter another node reads", CHECK_PLAN(&s, "shared filter", norm(&s, dense, "f[3]"), dense), 2);
  small_release(&s);
}

static void test_fuse_pads(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__conv valid = {.strides = {2, 1}, .dilations = {1, 1}, .padding = HORN__VALID};
  const horn__conv same = {.strides = {2, 1}, .dilations = {1, 1}, .padding = HORN__SAME};
  const horn__pad zeros = {{8, {0, 0, 1, 2, 0, 3, 0, 0}}, 0}, ones = {{8, {0, 0, 1, 2, 0, 3, 0, 0}}, 1}, deep = {{8, {0, 0, 1, 1, 0, 0, 1, 1}}, 0};
  const horn__value x = small_input(&s, "f[2,3,4,2]", true), filter = small_constant(&s, "f[2,3,2,3]", HORN__WEIGHT);
  const horn__value wide = small_constant(&s, "f[2,3,4,3]", HORN__WEIGHT), padded = HORN__EMIT(g, PadV2, &zeros, x);
  check_steps("zeros around", CHECK_PLAN(&s, "zeros around", HORN__EMIT(g, Conv2D, &valid, padded, filter)), 1);
  check_steps("ones around", CHECK_PLAN(&s, "ones around", HORN__EMIT(g, Conv2D, &valid, HORN__EMIT(g, PadV2, &ones, x), filter)), 2);
  check_steps("more channels", CHECK_PLAN(&s, "more channels", HORN__EMIT(g, Conv2D, &valid, HORN__EMIT(g, PadV2, &deep, x), wide)), 2);
  check_steps("zeros around and same", CHECK_PLAN(&s, "zeros around and same", HORN__EMIT(g, Conv2D, &same, padded, filter)), 2);
  check_steps("zeros that are wanted", CHECK_PLAN(&s, "zeros that are wanted", HORN__EMIT(g, Conv2D, &valid, padded, filter), padded), 2);
  small_release(&s);
}

static void test_fold_constants(horn_context *ctx) {
  small_graph s;
  small_create(ctx, &s);
  horn__graph *g = s.graph;
  const horn__value x = small_input(&s, "f[3]", true), w = small_constant(&s, "f[3]", HORN__WEIGHT);
  const horn__value folded = HORN__EMIT(g, Exp, NULL, horn__scale(g, w, 2));
  check_steps("constants", CHECK_PLAN(&s, "constants", folded), 0);
  check_steps("constants and x", CHECK_PLAN(&s, "constants and x", horn__add(g, folded, x)), 1);
  small_release(&s);
}

/* ---- random graphs ------------------------------------------------------------------------------------------------------- */

enum { NODES = 24 };

static horn__value any(const horn__value *values, int32_t count) { return values[rand() % count]; }

/* One of [2,3], [3,2], [6,1] or [1,3] by its first dimension; the value has elements enough. */
static horn__value random_node(horn__graph *g, const horn__value *values, int32_t count) {
  const horn__value a = any(values, count), b = any(values, count);
  const horn__shape *x = &horn__type_of(g, a)->shape, *y = &horn__type_of(g, b)->shape;
  const bool equal = horn__shape_equal(x, y), whole = horn__shape_size(x) == 6;
  switch (rand() % 9) {
    case 0: return horn__neg(g, a);
    case 1: return HORN__EMIT(g, Tanh, NULL, a);
    case 2: return HORN__EMIT(g, Relu, NULL, a);
    case 3: return equal || (x->dims[1] == 3 && y->dims[1] == 3) ? horn__add(g, a, b) : a;
    case 4: return equal || (x->dims[1] == 3 && y->dims[1] == 3) ? HORN__EMIT(g, Tanh, NULL, horn__mul(g, a, b)) : b;
    case 5: return whole ? reshape(g, a, 3, 2) : a;
    case 6: return whole ? reshape(g, a, 2, 3) : HORN__EMIT(g, Identity, NULL, a);
    case 7: return x->dims[1] == y->dims[0] ? HORN__EMIT(g, Tanh, NULL, HORN__EMIT(g, BatchMatMul, NULL, a, b)) : a;
    default: return x->dims[1] == 3 && y->dims[1] == 3 && x->dims[0] >= y->dims[0] ? HORN__EMIT(g, SumLike, NULL, a, b) : a;
  }
}

/* Only [2,3], [3,2] and [1,3] stay in the game; a product may have made another shape. */
static bool playable(const horn__graph *g, horn__value value) {
  const int32_t *dims = horn__type_of(g, value)->shape.dims;
  return dims[0] * dims[1] == 6 || (dims[0] == 1 && dims[1] == 3);
}

/* Adds random nodes to `count` values; returns how many there are then. */
static int32_t grow(small_graph *s, horn__value *values, int32_t count) {
  for (int32_t n = 0; n < NODES; n++) {
    const horn__value value = random_node(s->graph, values, count);
    small_must(s->ctx, s->graph->status);
    if (playable(s->graph, value)) values[count++] = value;
  }
  return count;
}

static void test_random_graph(horn_context *ctx, int seed) {
  small_graph s;
  char what[40];
  horn__value values[NODES + 8], outputs[MOST_OUTPUTS];
  int32_t count = 0, wanted = 0;
  snprintf(what, sizeof what, "random graph %d", seed);
  srand((unsigned)seed);
  small_create(ctx, &s);
  const horn__value x = values[count++] = small_input(&s, "f[2,3]", false), row = values[count++] = small_input(&s, "f[1,3]", false);
  values[count++] = small_constant(&s, "f[3,2]", HORN__WEIGHT);
  values[count++] = small_constant(&s, "f[2,3]{0.5,-1,2,1,0,-0.5}", HORN__CONSTANT);
  count = grow(&s, values, count);
  for (int32_t k = rand() % 4 + 1; k > 0; k--) outputs[wanted++] = any(values, count);
  const horn__value xs[] = {x, row};
  horn__value dxs[2];
  small_must(ctx, horn__graph_gradients(s.graph, outputs, NULL, wanted, xs, 2, dxs));
  for (int k = 0; k < 2; k++)
    if (dxs[k] >= 0 && rand() % 2 == 0) outputs[wanted++] = dxs[k];
  check_plan(&s, what, outputs, wanted);
  small_release(&s);
}

/* A copy: the value may be a weight itself. */
static horn__tensor *evaluate_now(const small_graph *s, horn__value value) {
  horn__tensor *live = small_evaluate(s, value), *copy;
  small_must(s->ctx, horn__run_eager(s->ctx, &horn__op_Identity, NULL, &live, 1, &copy));
  horn__tensor_release(s->ctx, live);
  return copy;
}

/* Weights of a random graph become random values of it, among them one another: outputs and new weights are what the nodes compute one by one
 * from the old ones. */
static void test_random_updates(horn_context *ctx, int seed) {
  enum { WEIGHTS = 3 };
  small_graph s;
  char what[40];
  horn__value values[NODES + 8], weights[WEIGHTS], wanted[2];
  horn__tensor *next[WEIGHTS];
  int32_t count = 0;
  snprintf(what, sizeof what, "random updates %d", seed);
  srand((unsigned)seed);
  small_create(ctx, &s);
  values[count++] = small_input(&s, "f[2,3]", false);
  for (int k = 0; k < WEIGHTS; k++) weights[k] = values[count++] = small_constant(&s, k == 0 ? "f[3,2]" : "f[2,3]", HORN__WEIGHT);
  count = grow(&s, values, count);
  for (int k = 0; k < WEIGHTS; k++) {
    const horn__value value = horn__add(s.graph, horn__scale(s.graph, weights[k], 0.5), weights[k]), other = any(values, count);
    const bool fits = horn__shape_equal(&horn__type_of(s.graph, other)->shape, &horn__type_of(s.graph, weights[k])->shape);
    small_must(ctx, horn__graph_update(s.graph, weights[k], fits ? other : value));
  }
  for (int k = 0; k < 2; k++) wanted[k] = any(values, count);
  planned p = plan_of(&s, what, wanted, 2);
  horn__tensor *before[2] = {evaluate_now(&s, wanted[0]), evaluate_now(&s, wanted[1])};
  for (int k = 0; k < WEIGHTS; k++) next[k] = evaluate_now(&s, s.graph->updates[k].next);
  run_once(&p);
  for (int k = 0; k < 2; k++) {
    const horn__tensor found = {.type = *horn__plan_output(p.plan, k), .data = p.out[k]};
    CHECK(same_numbers(&found, before[k]), "%s: output %d", what, k);
    horn__tensor_release(ctx, before[k]);
  }
  for (int k = 0; k < WEIGHTS; k++) {
    CHECK(same_numbers(s.graph->values[weights[k]].tensor, next[k]), "%s: weight %d", what, k);
    horn__tensor_release(ctx, next[k]);
  }
  plan_release(&p);
  small_release(&s);
}

/* ---- all --------------------------------------------------------------------------------------------------------------- */

static void test_backend(const char *name) {
  horn_context *ctx = case_context(name);
  if (ctx == NULL) return;
  const uint64_t before = ctx->bytes_in_use;
  test_views(ctx);
  test_leaves(ctx);
  test_in_place(ctx);
  test_empty(ctx);
  test_unread(ctx);
  test_fits(ctx);
  test_fuse_products(ctx);
  test_fuse_norms(ctx);
  test_fuse_pads(ctx);
  test_fold_constants(ctx);
  for (int seed = 1; seed <= 400; seed++) test_random_graph(ctx, seed);
  for (int seed = 1; seed <= 400; seed++) test_random_updates(ctx, seed);
  CHECK(ctx->bytes_in_use == before, "%s: plans keep %llu bytes", name, (unsigned long long)(ctx->bytes_in_use - before));
  horn_context_release(ctx);
}

int main(void) {
  test_backend("ref");
  test_backend("xnn");
  return test_end();
}
