/* Every op: values and shapes on the reference backend, the same on the others, inference with unknown dimensions, writing in place,
 * failing memory, and that no op is without a case. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/ref/ref.h"
#include "case.h"
#include "exact.h"
#include "test.h"
#include "ops/emit.h"
#include "tolerances.h"

static bool expects_failure(const op_case *row) { return row->outputs != NULL && row->outputs[0] == '!'; }

/* ---- values -------------------------------------------------------------------------------------------------------- */

static void check_same(const op_run *run, int32_t index, tolerance_kind kind, const horn__tensor *found, const horn__tensor *expected,
                       bool values) {
  char name[CASE_NAME], a[HORN__SHAPE_TEXT], b[HORN__SHAPE_TEXT];
  case_name(run, name, sizeof name);
  bool same_type = found->type.dtype == expected->type.dtype && horn__shape_equal(&found->type.shape, &expected->type.shape);
  if (!CHECK(same_type, "%s: output %d is %s %s, expected %s %s", name, index, horn__dtype_name(found->type.dtype),
             horn__shape_text(&found->type.shape, a, sizeof a), horn__dtype_name(expected->type.dtype),
             horn__shape_text(&expected->type.shape, b, sizeof b)))
    return;
  const bool comparable = values && (found->type.dtype != HORN_STRING || kind != TOLERANCE_BACKEND); /* numbers of two contexts */
  for (size_t i = 0, n = comparable ? case_size(found) : 0; i < n; i++) {
    double x = case_element(found, i), y = case_element(expected, i);
    if (!CHECK(tolerance_agree(run->op->name, found->type.dtype, kind, x, y), "%s: element %zu of output %d is %.9g, expected %.9g", name,
               i, index, x, y))
      return;
  }
}

static void check_expected(const op_run *run) {
  const char *text = run->outputs;
  for (int32_t i = 0; *text != '\0' && i < run->op->outputs; i++) {
    bool literal;
    horn__tensor *expected;
    if (case_operand(run->ctx, &text, 0, 0, CASE_FULL, &expected, &literal) != HORN_OK) exit(2);
    if (expected != NULL) check_same(run, i, TOLERANCE_VALUES, run->out[i], expected, literal);
    horn__tensor_release(run->ctx, expected);
  }
}

static void check_status(const op_run *run, horn_status status) {
  char name[CASE_NAME];
  case_name(run, name, sizeof name);
  if (expects_failure(run->row)) {
    const char *code = status == HORN_OK ? "OK" : horn__status_code(status);
    CHECK(strcmp(code, run->row->outputs + 1) == 0, "%s: expected %s, got %s", name, run->row->outputs, code);
    CHECK(strstr(run->ctx->error, run->op->name) != NULL, "%s: the message does not name the op: %s", name, run->ctx->error);
  } else {
    CHECK(status == HORN_OK, "%s: %s", name, run->ctx->error);
  }
}

/* Random results against the same function in double. */
static void check_exact(const op_run *run) {
  char name[CASE_NAME];
  const exact *function = exact_named(run->op);
  if (function == NULL || run->in[0]->type.dtype != HORN_FLOAT32 || run->row->attributes != NULL) return;
  const bool two = function->two != NULL;
  if (two && !horn__shape_equal(&run->in[0]->type.shape, &run->in[1]->type.shape)) return;
  for (size_t i = 0, n = case_size(run->out[0]); i < n; i++) {
    const double x = case_element(run->in[0], i), found = case_element(run->out[0], i), second = two ? case_element(run->in[1], i) : 0;
    const double expected = (float)(two ? function->two(x, second) : function->one(x)); /* infinite where float32 is */
    if (isnan(x) || isnan(second)) continue; /* of no interest to fmax: literal cases have them */
    if (!CHECK(tolerance_agree(run->op->name, HORN_FLOAT32, TOLERANCE_VALUES, found, expected), "%s: element %zu is %.9g, expected %.9g",
               case_name(run, name, sizeof name), i, found, expected))
      return;
  }
}

/* No kernel writes its inputs: they are made anew and compared. */
static void check_inputs_kept(const op_run *run, const char *shape) {
  op_run fresh;
  char name[CASE_NAME];
  if (case_prepare(&fresh, run->ctx, run->row, shape, CASE_FULL) != HORN_OK) exit(2);
  for (int32_t i = 0; i < run->count; i++)
    if (run->in[i] != NULL)
      CHECK(run->in[i]->bytes == 0 || memcmp(run->in[i]->data, fresh.in[i]->data, run->in[i]->bytes) == 0, "%s: wrote to input %d",
            case_name(run, name, sizeof name), i);
  case_release(&fresh);
}

static void test_values(horn_context *ctx, bool *seen) {
  FOR_EACH_CASE(row, shape) {
    op_run run;
    horn_status status = case_prepare(&run, ctx, row, *shape, CASE_FULL);
    if (status == HORN_OK) status = case_forward(&run);
    check_status(&run, status);
    if (status == HORN_OK && !expects_failure(row)) {
      seen[run.op->id] = true;
      check_expected(&run);
      check_exact(&run);
      check_inputs_kept(&run, *shape);
    }
    case_release(&run);
  }
}

static void test_coverage(const bool *seen) {
  for (int32_t id = 0; id < HORN__OP_COUNT; id++) CHECK(seen[id], "%s: has no case", horn__op_at(id)->name);
}

/* ---- activations --------------------------------------------------------------------------------------------------- */

/* One value through the op of an activation, as a kernel applies it to its result. */
static void check_activation_value(horn_context *ctx, const horn__node *node, int32_t activation, float x) {
  horn__tensor *in, *out;
  const horn__type type = {.shape = {.rank = 1, .dims = {1}}, .dtype = HORN_FLOAT32};
  if (horn__tensor_create(ctx, &type, true, &in) != HORN_OK) exit(2);
  *(float *)in->data = x;
  if (CHECK(horn__run_eager(ctx, node->op, node->attributes, &in, 1, &out) == HORN_OK, "%s: %s", node->op->name, ctx->error)) {
    const double found = case_element(out, 0), expected = (double)horn__activate(x, activation);
    CHECK(tolerance_agree(node->op->name, HORN_FLOAT32, TOLERANCE_VALUES, found, expected), "%s(%g) is %.9g, fused into a kernel %.9g",
          node->op->name, (double)x, found, expected);
    horn__tensor_release(ctx, out);
  }
  horn__tensor_release(ctx, in);
}

/* Each activation but linear that is one op is recognised as that activation. */
static void test_activations(horn_context *ctx) {
  horn__graph *graph;
  const horn__type type = {.shape = {.rank = 1, .dims = {1}}, .dtype = HORN_FLOAT32};
  if (horn__graph_create(ctx, &graph) != HORN_OK) exit(2);
  const horn__value x = horn__graph_input(graph, &type);
  CHECK(horn__activation_value(graph, x, HORN__ACTIVATION_LINEAR) == x, "linear adds a node");
  for (int32_t i = HORN__ACTIVATION_LINEAR + 1; i < HORN__ACTIVATION_GLU; i++) {
    int32_t recognised = -1;
    const horn__value y = horn__activation_value(graph, x, i);
    const horn__node *node = &graph->nodes[graph->node_count - 1];
    if (!CHECK(y != HORN__NONE && node->out[0] == y && node->in[0] == x, "%s is not one op", horn__activation_names[i])) continue;
    CHECK(horn__activation_of(node->op, node->attributes, &recognised) && recognised == i, "%s is recognised as %d", node->op->name, recognised);
    if (!horn__activation_in_kernels(i)) continue;
    for (float at = -8; at <= 8; at += 0.25f) check_activation_value(ctx, node, i, at);
    check_activation_value(ctx, node, i, NAN);
  }
  int32_t none;
  CHECK(!horn__activation_of(&horn__op_Elu, &(horn__alpha){0.5}, &none), "an ELU with another alpha is taken for the activation");
  CHECK(!horn__activation_of(&horn__op_HardSigmoid, &(horn__hard_sigmoid){0.2, 0.4}, &none), "another hard sigmoid is taken for the activation");
  CHECK(!horn__activation_of(&horn__op_Sin, NULL, &none), "Sin is taken for an activation");
  horn__graph_release(graph);
}

/* ---- unknown dimensions -------------------------------------------------------------------------------------------- */

/* A shape rule may leave a dimension open that it does not know, but never say a wrong one. */
static bool fits(const horn__type *guess, const horn__type *truth) {
  if (guess->dtype != truth->dtype || guess->shape.rank != truth->shape.rank) return false;
  for (int32_t i = 0; i < truth->shape.rank; i++)
    if (guess->shape.dims[i] != -1 && guess->shape.dims[i] != truth->shape.dims[i]) return false;
  return true;
}

/* axis -1: all dimensions are unknown; otherwise dimension `axis`. input -1: of every input; otherwise of that one. */
static void infer_open(const op_run *run, int32_t axis, int32_t input) {
  char name[CASE_NAME], a[HORN__SHAPE_TEXT], b[HORN__SHAPE_TEXT];
  horn__type in[HORN__MAX_INPUTS], out[HORN__MAX_OUTPUTS] = {0};
  for (int32_t i = 0; i < run->count; i++) {
    in[i] = run->in[i] == NULL ? (horn__type){.shape = {.rank = -1}} : run->in[i]->type;
    for (int32_t d = 0; d < in[i].shape.rank; d++)
      if ((axis == -1 || axis == d) && (input == -1 || input == i)) in[i].shape.dims[d] = -1;
  }
  case_name(run, name, sizeof name);
  horn_status status = horn__infer_types(run->ctx, run->op, run->attributes, in, run->count, out);
  if (!CHECK(status == HORN_OK, "%s: with unknown dimensions: %s", name, run->ctx->error)) return;
  for (int32_t i = 0; i < run->op->outputs; i++)
    CHECK(fits(&out[i], &run->out[i]->type), "%s: with unknown dimensions output %d is inferred as %s, and is %s", name, i,
          horn__shape_text(&out[i].shape, a, sizeof a), horn__shape_text(&run->out[i]->type.shape, b, sizeof b));
}

static void test_unknown_dimensions(horn_context *ctx) {
  FOR_EACH_CASE(row, shape) {
    op_run run;
    if (expects_failure(row) || (row->flags & CASE_ALL_KNOWN) != 0) continue;
    horn_status status = case_prepare(&run, ctx, row, *shape, CASE_FULL);
    if (status == HORN_OK) status = case_forward(&run);
    int32_t first = (row->flags & CASE_KNOWN_DIMS) != 0 ? 0 : -1, last = first == 0 ? 1 : HORN_MAX_RANK;
    for (int32_t axis = first; status == HORN_OK && axis < last; axis++)
      for (int32_t input = -1; input < run.count; input++) infer_open(&run, axis, input);
    case_release(&run);
  }
}

/* ---- in place ------------------------------------------------------------------------------------------------------- */

static horn__operand bind(const horn__tensor *tensor) {
  if (tensor == NULL) return (horn__operand){.type = {.shape = {.rank = -1}}};
  return (horn__operand){.type = tensor->type, .data = tensor->data, .present = true};
}

static horn_status run_step(horn__step *step) {
  step->kernel = horn__kernel_for(step);
  if (step->kernel->prepare != NULL) HORN__TRY(step->kernel->prepare(step));
  if (step->workspace_size != 0) step->workspace = horn__alloc(step->ctx, step->workspace_size + HORN__BUFFER_EXTRA, false);
  horn_status status = step->kernel->run(step);
  if (step->kernel->finish != NULL) step->kernel->finish(step);
  horn__free(step->ctx, step->workspace);
  return status;
}

/* A plan writes output 0 of an element-wise op over its input 0. */
static void check_in_place(op_run *run) {
  horn__operand in[HORN__MAX_INPUTS], out[HORN__MAX_OUTPUTS];
  for (int32_t i = 0; i < run->count; i++) in[i] = bind(run->in[i]);
  for (int32_t i = 0; i < run->op->outputs; i++) out[i] = bind(run->out[i]);
  out[0].data = in[0].data;
  horn__step step = {.ctx = run->ctx, .backend = run->ctx->backend, .op = run->op, .attributes = run->attributes, .inputs = run->count,
                     .outputs = run->op->outputs, .in = in, .out = out};
  char name[CASE_NAME];
  CHECK(run_step(&step) == HORN_OK, "%s: in place: %s", case_name(run, name, sizeof name), run->ctx->error);
  check_same(run, 0, TOLERANCE_VALUES, run->in[0], run->out[0], true);
}

static void test_in_place(horn_context *ctx) {
  FOR_EACH_CASE(row, shape) {
    op_run run;
    if (expects_failure(row)) continue;
    horn_status status = case_prepare(&run, ctx, row, *shape, CASE_FULL);
    if (status == HORN_OK) status = case_forward(&run);
    if (status == HORN_OK && (run.op->flags & HORN__ELEMENTWISE) != 0 && run.in[0]->type.dtype == run.out[0]->type.dtype &&
        horn__shape_equal(&run.in[0]->type.shape, &run.out[0]->type.shape))
      check_in_place(&run);
    case_release(&run);
  }
}

/* ---- failing memory -------------------------------------------------------------------------------------------------- */

typedef struct failing {
  horn__allocator real;
  long left; /* allocations that succeed */
} failing;

static void *fail_later(void *user, size_t size) {
  failing *f = user;
  return f->left-- > 0 ? f->real.alloc(f->real.user, size) : NULL;
}

static void release_real(void *user, void *block) {
  failing *f = user;
  f->real.release(f->real.user, block);
}

/* Lets the n-th allocation fail, n from 0 until none does: each time the op says so and keeps nothing. */
static void test_failing_memory(horn_context *ctx) {
  failing f = {.real = ctx->allocator};
  ctx->allocator = (horn__allocator){fail_later, release_real, &f};
  FOR_EACH_CASE(row, shape) {
    horn_status status = HORN_E_OUT_OF_MEMORY;
    if (expects_failure(row) || shape != case_shapes) continue;
    for (long n = 0; status == HORN_E_OUT_OF_MEMORY && n < 1000; n++) {
      op_run run;
      f.left = n;
      horn__free_spares(ctx);
      status = case_prepare(&run, ctx, row, "3,4", CASE_FULL);
      if (status == HORN_OK) status = case_forward(&run);
      if (status != HORN_OK) memset(run.out, 0, sizeof run.out);
      case_release(&run);
      CHECK(status == HORN_OK || status == HORN_E_OUT_OF_MEMORY, "%s: allocation %ld failed: %s", row->op->name, n, ctx->error);
    }
  }
  ctx->allocator = f.real;
}

/* ---- other backends -------------------------------------------------------------------------------------------------- */

static void test_backend(const char *name, horn_context *reference) {
  horn_context *ctx = case_context(name);
  if (ctx == NULL) return;
  test_in_place(ctx);
  FOR_EACH_CASE(row, shape) {
    op_run truth, run;
    if (expects_failure(row)) continue;
    if (case_prepare(&truth, reference, row, *shape, CASE_FULL) != HORN_OK || case_prepare(&run, ctx, row, *shape, CASE_FULL) != HORN_OK)
      exit(2);
    horn_status status = case_forward(&truth);
    if (status == HORN_OK) status = case_forward(&run);
    check_status(&run, status);
    for (int32_t i = 0; status == HORN_OK && i < run.op->outputs; i++)
      check_same(&run, i, TOLERANCE_BACKEND, run.out[i], truth.out[i], true);
    case_release(&truth);
    case_release(&run);
  }
  horn_context_release(ctx);
}

int main(void) {
  static bool seen[HORN__OP_COUNT];
  horn_context *ctx = case_context("ref");
  test_values(ctx, seen);
  test_coverage(seen);
  test_activations(ctx);
  test_unknown_dimensions(ctx);
  test_in_place(ctx);
  test_failing_memory(ctx);
  test_backend("xnn", ctx);
  horn_context_release(ctx);
  return test_end();
}
