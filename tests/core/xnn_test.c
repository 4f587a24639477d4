/* The fast CPU backend against the reference one, in the ways in which a plan can use a kernel: inputs constant or not, results that nobody
 * reads, one thread or two, several runs of one prepared step, memory that runs out in prepare. Of an op with two kernels both are tried. */
#include <stdlib.h>
#include <string.h>

#include "backends/xnn/pair.h"
#include "case.h"
#include "test.h"
#include "tolerances.h"

typedef struct variant {
  bool constant;  /* inputs are constants of the plan */
  bool sole;      /* only output 0 is read */
} variant;

static const variant variants[] = {{false, false}, {true, false}, {true, true}};

static horn__operand input_of(const horn__tensor *tensor, bool constant) {
  if (tensor == NULL) return (horn__operand){.type = {.shape = {.rank = -1}}};
  return (horn__operand){.type = tensor->type, .data = constant ? tensor->data : NULL, .present = true, .constant = constant};
}

/* A step with operands of its own, on outputs of its own. */
typedef struct trial {
  horn__step step;
  horn__operand in[HORN__MAX_INPUTS], out[HORN__MAX_OUTPUTS];
  horn__tensor *results[HORN__MAX_OUTPUTS];
} trial;

static void make_trial(const op_run *run, const variant *v, horn_context *ctx, trial *t) {
  memset(t, 0, sizeof *t);
  for (int32_t i = 0; i < run->count; i++) t->in[i] = input_of(run->in[i], v->constant);
  for (int32_t i = 0; i < run->op->outputs; i++) {
    if (horn__tensor_create(ctx, &run->out[i]->type, true, &t->results[i]) != HORN_OK) exit(2);
    t->out[i] = (horn__operand){.type = run->out[i]->type, .present = !v->sole || i == 0};
  }
  t->step = (horn__step){.ctx = ctx, .backend = ctx->backend, .op = run->op, .attributes = run->attributes, .inputs = run->count,
                         .outputs = run->op->outputs, .in = t->in, .out = t->out};
  t->step.kernel = horn__kernel_for(&t->step);
}

static horn_status prepare(trial *t) { return t->step.kernel->prepare == NULL ? HORN_OK : t->step.kernel->prepare(&t->step); }

static void finish(trial *t) {
  if (t->step.kernel->finish != NULL) t->step.kernel->finish(&t->step);
}

static horn_status run_once(trial *t, const op_run *run) {
  for (int32_t i = 0; i < run->count; i++) t->in[i].data = run->in[i] == NULL ? NULL : run->in[i]->data;
  for (int32_t i = 0; i < run->op->outputs; i++) t->out[i].data = t->out[i].present ? t->results[i]->data : NULL;
  void *workspace = horn__alloc(t->step.ctx, t->step.workspace_size + HORN__BUFFER_EXTRA, false);
  if (workspace == NULL) exit(2);
  memset(workspace, 0xFF, t->step.workspace_size); /* NaN: nothing may depend on what was there */
  t->step.workspace = workspace;
  const uint64_t allocations = t->step.ctx->allocations;
  horn_status status = t->step.kernel->run(&t->step);
  CHECK(t->step.ctx->allocations == allocations, "%s: run allocates", run->op->name);
  horn__free(t->step.ctx, workspace);
  return status;
}

static void compare(const op_run *run, const trial *t, const variant *v, int32_t threads, int turn) {
  char name[CASE_NAME];
  for (int32_t k = 0; k < run->op->outputs; k++) {
    for (size_t i = 0, n = t->out[k].present ? case_size(run->out[k]) : 0; i < n; i++) {
      const double found = case_element(t->results[k], i), expected = case_element(run->out[k], i);
      if (!CHECK(tolerance_agree(run->op->name, run->out[k]->type.dtype, TOLERANCE_BACKEND, found, expected),
                 "%s, constant %d, sole %d, %d threads, run %d: element %zu of output %d is %.9g, expected %.9g",
                 case_name(run, name, sizeof name), v->constant, v->sole, threads, turn, i, k, found, expected))
        return;
    }
  }
}

static void release_results(trial *t, int32_t count) {
  for (int32_t i = 0; i < count; i++) horn__tensor_release(t->step.ctx, t->results[i]);
}

static void try_kernel(const op_run *run, const variant *v, horn_context *ctx, const horn__kernel *kernel) {
  char name[CASE_NAME];
  trial t;
  make_trial(run, v, ctx, &t);
  if (kernel != NULL) t.step.kernel = kernel;
  const bool runs = kernel == NULL || kernel->accepts(&t.step);
  horn_status status = runs ? prepare(&t) : HORN_OK;
  for (int turn = 0; turn < 2 && runs && status == HORN_OK; turn++) {
    status = run_once(&t, run);
    if (status == HORN_OK) compare(run, &t, v, ctx->backend->threads, turn);
  }
  CHECK(status == HORN_OK, "%s: %s", case_name(run, name, sizeof name), ctx->error);
  finish(&t);
  release_results(&t, run->op->outputs);
}

static void try_variant(const op_run *run, const variant *v, horn_context *ctx) {
  const horn__pair *pair = horn__xnn_pair(run->op);
  try_kernel(run, v, ctx, pair == NULL ? NULL : &pair->operator);
  if (pair != NULL) try_kernel(run, v, ctx, &pair->own);
}

/* ---- memory that runs out ---------------------------------------------------------------------------------------------- */

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

/* prepare says so, and finish releases what it had made. */
static void try_failing_memory(const op_run *run, horn_context *ctx) {
  horn_status status = HORN_E_OUT_OF_MEMORY;
  for (long n = 0; status == HORN_E_OUT_OF_MEMORY && n < 100; n++) {
    trial t;
    make_trial(run, &variants[1], ctx, &t);
    const uint64_t before = ctx->bytes_in_use;
    failing f = {ctx->allocator, n};
    ctx->allocator = (horn__allocator){fail_later, release_real, &f};
    status = prepare(&t);
    ctx->allocator = f.real;
    finish(&t);
    CHECK(ctx->bytes_in_use == before, "%s: prepare keeps memory after allocation %ld failed", run->op->name, n);
    release_results(&t, run->op->outputs);
  }
  CHECK(status == HORN_OK, "%s: prepare: %s", run->op->name, ctx->error);
}

/* ---- all cases ---------------------------------------------------------------------------------------------------------- */

/* The case's inputs, and its outputs on the other backend. */
static bool run_reference(op_run *run, horn_context *ctx, horn__backend *reference, const op_case *row, const char *shape) {
  horn__backend *tested = ctx->backend;
  ctx->backend = reference;
  const bool fine = case_prepare(run, ctx, row, shape, CASE_FULL) == HORN_OK && case_forward(run) == HORN_OK;
  ctx->backend = tested;
  return CHECK(fine, "%s: %s", row->op->name, ctx->error);
}

/* Both backends in one context: the numbers of strings are those of theirs. */
static void test_threads(int32_t threads) {
  horn_context *ctx = case_context("xnn");
  horn__backend *reference;
  if (!CHECK(ctx != NULL, "this build has no backend xnn")) return;
  const horn__backend_class *type = ctx->backend->type;
  type->close(ctx->backend);
  if (type->open(ctx, threads, &ctx->backend) != HORN_OK || horn__backend_ref.open(ctx, 1, &reference) != HORN_OK) exit(2);
  CHECK(ctx->backend->threads == threads, "expected %d threads, got %d", threads, ctx->backend->threads);
  FOR_EACH_CASE(row, shape) {
    op_run run;
    if (row->outputs != NULL && row->outputs[0] == '!') continue;
    if (run_reference(&run, ctx, reference, row, *shape)) {
      for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) try_variant(&run, &variants[v], ctx);
      try_failing_memory(&run, ctx);
    }
    case_release(&run);
  }
  horn__backend_ref.close(reference);
  horn_context_release(ctx);
}

int main(void) {
  test_threads(1);
  test_threads(2);
  return test_end();
}
