/* Every op with a gradient: the emitted nodes, run one by one, against central differences, with all dimensions known and with none known
 * when the gradient is written; plans of those nodes on each backend against the nodes; and gradients of gradients, by differences too. */
#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "test.h"
#include "tolerances.h"

static const double step = 1.0 / 256;
enum { MOST_ELEMENTS = 48 /* of one input that are moved */ };

/* d (sum over outputs of weight * output) / d input */
typedef struct problem {
  op_run run;
  int32_t ys;
  int32_t output[HORN__MAX_OUTPUTS];        /* index of the output that has weight i */
  horn__tensor *weight[HORN__MAX_OUTPUTS];
  int32_t xs;
  int32_t input[HORN__MAX_INPUTS];          /* index of the input of gradient i */
  horn__tensor *dx[HORN__MAX_INPUTS];       /* NULL: zeros */
} problem;

static bool differentiable_output(const op_run *run, int32_t i) {
  return run->out[i]->type.dtype == HORN_FLOAT32 && (run->row->differentiable == 0 || (run->row->differentiable >> i & 1) != 0);
}

static bool differentiable_input(const op_run *run, int32_t i) {
  return run->in[i] != NULL && run->in[i]->type.dtype == HORN_FLOAT32 && (run->op->shape_only >> i & 1) == 0;
}

static void must(horn_context *ctx, horn_status status) {
  if (status == HORN_OK) return;
  fprintf(stderr, "%s\n", ctx->error);
  exit(2);
}

static void pose(problem *p) {
  for (int32_t i = 0; i < p->run.op->outputs; i++) {
    if (!differentiable_output(&p->run, i)) continue;
    must(p->run.ctx, horn__tensor_create(p->run.ctx, &p->run.out[i]->type, false, &p->weight[p->ys]));
    float *w = p->weight[p->ys]->data;
    for (size_t e = 0, n = case_size(p->weight[p->ys]); e < n; e++) w[e] = (float)((double)(e * 37 % 19) / 9.5 - 0.9);
    p->output[p->ys++] = i;
  }
  for (int32_t i = 0; i < p->run.count; i++)
    if (differentiable_input(&p->run, i)) p->input[p->xs++] = i;
}

/* ---- by the emitted nodes -------------------------------------------------------------------------------------------- */

/* Runs all nodes one after the other; by_value has the tensors of the inputs and gets one reference to every result. */
static void evaluate(const horn__graph *graph, horn__tensor **by_value) {
  for (size_t v = 0; v < graph->value_count; v++)
    if (graph->values[v].tensor != NULL) by_value[v] = horn__tensor_retain(graph->values[v].tensor);
  for (size_t n = 0; n < graph->node_count; n++) {
    const horn__node *node = &graph->nodes[n];
    horn__tensor *in[HORN__MAX_INPUTS], *out[HORN__MAX_OUTPUTS];
    for (int32_t i = 0; i < node->inputs; i++) in[i] = node->in[i] < 0 ? NULL : by_value[node->in[i]];
    must(graph->ctx, horn__run_eager(graph->ctx, node->op, node->attributes, in, node->inputs, out));
    for (int32_t i = 0; i < node->op->outputs; i++) by_value[node->out[i]] = out[i];
  }
}

static horn__value input_like(horn__graph *graph, const horn__tensor *tensor, bool open, bool batch_only) {
  horn__type type = tensor->type;
  for (int32_t d = 0; open && d < (batch_only && type.shape.rank > 1 ? 1 : type.shape.rank); d++) type.shape.dims[d] = -1;
  return horn__graph_input(graph, &type);
}

/* Emits the op on inputs of a graph and its gradient. given: the tensors of the graph's inputs, in their order. */
static horn_status differentiate(const problem *p, horn__graph *graph, bool open, horn__value *dxs, horn__tensor **given) {
  const op_run *run = &p->run;
  const bool batch_only = (run->row->flags & CASE_KNOWN_DIMS) != 0;
  horn__value in[HORN__MAX_INPUTS], xs[HORN__MAX_INPUTS], ys[HORN__MAX_OUTPUTS], dys[HORN__MAX_OUTPUTS];
  for (int32_t i = 0; i < run->count; i++) {
    in[i] = HORN__NONE;
    if (run->in[i] == NULL) continue;
    given[graph->input_count] = run->in[i];
    in[i] = input_like(graph, run->in[i], open, batch_only);
  }
  horn__value first = horn__emit(graph, run->op, run->attributes, in, run->count);
  for (int32_t i = 0; i < p->ys && graph->status == HORN_OK; i++) {
    ys[i] = horn__sibling(graph, first, p->output[i]);
    given[graph->input_count] = p->weight[i];
    dys[i] = input_like(graph, p->weight[i], open, batch_only);
  }
  for (int32_t i = 0; i < p->xs; i++) xs[i] = in[p->input[i]];
  HORN__TRY(graph->status);
  return horn__graph_gradients(graph, ys, dys, p->ys, xs, p->xs, dxs);
}

/* dx by a plan for the types of the given tensors. */
static void plan_gradients(problem *p, const horn__graph *graph, horn__tensor *const *given, const horn__value *dxs) {
  horn__type types[HORN__MAX_INPUTS + HORN__MAX_OUTPUTS];
  void *in[HORN__MAX_INPUTS + HORN__MAX_OUTPUTS], *out[HORN__MAX_INPUTS];
  horn__value outputs[HORN__MAX_INPUTS];
  horn__plan *plan;
  int32_t count = 0;
  for (size_t i = 0; i < graph->input_count; i++) types[i] = given[i]->type, in[i] = given[i]->data;
  for (int32_t i = 0; i < p->xs; i++)
    if (dxs[i] != HORN__NONE) outputs[count++] = dxs[i];
  must(p->run.ctx, horn__plan_create(graph, types, outputs, count, &plan));
  for (int32_t i = 0, k = 0; i < p->xs; i++) {
    if (dxs[i] == HORN__NONE) continue;
    must(p->run.ctx, horn__tensor_create(p->run.ctx, horn__plan_output(plan, k), false, &p->dx[i]));
    out[k++] = p->dx[i]->data;
  }
  must(p->run.ctx, horn__plan_run(plan, in, out));
  horn__plan_release(plan);
}

/* dx by running the nodes one after the other. */
static void node_gradients(problem *p, const horn__graph *graph, horn__tensor *const *given, const horn__value *dxs) {
  horn__tensor **by_value = calloc(graph->value_count + 1, sizeof(horn__tensor *));
  if (by_value == NULL) exit(2);
  for (size_t i = 0; i < graph->input_count; i++) by_value[graph->inputs[i]] = horn__tensor_retain(given[i]);
  evaluate(graph, by_value);
  for (int32_t i = 0; i < p->xs; i++) p->dx[i] = dxs[i] == HORN__NONE ? NULL : horn__tensor_retain(by_value[dxs[i]]);
  for (size_t v = 0; v < graph->value_count; v++) horn__tensor_release(p->run.ctx, by_value[v]);
  free(by_value);
}

/* open: all dimensions are unknown while the gradient is written */
static bool by_graph(problem *p, bool open, bool plan) {
  char name[CASE_NAME];
  horn__value dxs[HORN__MAX_INPUTS];
  horn__tensor *given[HORN__MAX_INPUTS + HORN__MAX_OUTPUTS];
  horn__graph *graph;
  must(p->run.ctx, horn__graph_create(p->run.ctx, &graph));
  horn_status status = differentiate(p, graph, open, dxs, given);
  CHECK(status == HORN_OK, "%s: gradient%s: %s", case_name(&p->run, name, sizeof name), open ? " with unknown dimensions" : "",
        p->run.ctx->error);
  if (status == HORN_OK) (plan ? plan_gradients : node_gradients)(p, graph, given, dxs);
  horn__graph_release(graph);
  return status == HORN_OK;
}

/* ---- by differences -------------------------------------------------------------------------------------------------- */

static double weighted_sum(problem *p) {
  double sum = 0;
  horn__tensor *out[HORN__MAX_OUTPUTS];
  must(p->run.ctx, horn__run_eager(p->run.ctx, p->run.op, p->run.attributes, p->run.in, p->run.count, out));
  for (int32_t i = 0; i < p->ys; i++)
    for (size_t e = 0, n = case_size(p->weight[i]); e < n; e++) sum += case_element(p->weight[i], e) * case_element(out[p->output[i]], e);
  for (int32_t i = 0; i < p->run.op->outputs; i++) horn__tensor_release(p->run.ctx, out[i]);
  return sum;
}

static double difference(problem *p, float *x) {
  if (p->run.op == &horn__op_StopGradient) return 0; /* it is there to say so */
  const float middle = *x;
  *x = (float)(middle + step);
  const float right = *x;
  const double after = weighted_sum(p);
  *x = (float)(middle - step);
  const double before = weighted_sum(p), width = (double)right - (double)*x;
  *x = middle;
  return (after - before) / width;
}

static void compare(problem *p, int32_t k, bool open) {
  char name[CASE_NAME], a[HORN__SHAPE_TEXT], b[HORN__SHAPE_TEXT];
  case_name(&p->run, name, sizeof name);
  horn__tensor *x = p->run.in[p->input[k]];
  if (p->dx[k] != NULL &&
      !CHECK(horn__shape_equal(&p->dx[k]->type.shape, &x->type.shape), "%s: gradient of input %d has shape %s, the input %s", name,
             p->input[k], horn__shape_text(&p->dx[k]->type.shape, a, sizeof a), horn__shape_text(&x->type.shape, b, sizeof b)))
    return;
  size_t n = case_size(x), stride = n / MOST_ELEMENTS + 1;
  for (size_t e = 0; e < n; e += stride) {
    double expected = difference(p, (float *)x->data + e), found = p->dx[k] == NULL ? 0 : case_element(p->dx[k], e);
    if (!CHECK(tolerance_agree(p->run.op->name, HORN_FLOAT32, TOLERANCE_GRADIENT, found, expected),
               "%s%s: gradient of element %zu of input %d is %.6g, by differences %.6g", name, open ? " (unknown dimensions)" : "", e,
               p->input[k], found, expected))
      return;
  }
}

/* ---- all cases ------------------------------------------------------------------------------------------------------- */

static void start(problem *p, horn_context *ctx, const op_case *row, const char *shape) {
  *p = (problem){0};
  must(ctx, case_prepare(&p->run, ctx, row, shape, CASE_COARSE));
  must(ctx, case_forward(&p->run));
  if (!p->run.literal) pose(p);
}

static void stop(problem *p) {
  for (int32_t i = 0; i < p->ys; i++) horn__tensor_release(p->run.ctx, p->weight[i]);
  for (int32_t i = 0; i < p->xs; i++) horn__tensor_release(p->run.ctx, p->dx[i]);
  case_release(&p->run);
}

/* The gradients of a plan on a backend are those of the nodes on the reference one. */
static void check_plan(const problem *truth, horn_context *ctx, const char *shape, bool open) {
  problem p;
  char name[CASE_NAME];
  start(&p, ctx, truth->run.row, shape);
  bool made = by_graph(&p, open, true);
  for (int32_t k = 0; made && k < p.xs; k++) {
    size_t n = truth->dx[k] == NULL ? 0 : case_size(truth->dx[k]);
    CHECK((p.dx[k] == NULL) == (truth->dx[k] == NULL) && (n == 0 || case_size(p.dx[k]) == n), "%s: the plan's gradient has another size",
          case_name(&p.run, name, sizeof name));
    for (size_t e = 0; e < n; e++)
      if (!CHECK(tolerance_agree(p.run.op->name, HORN_FLOAT32, TOLERANCE_BACKEND, case_element(p.dx[k], e), case_element(truth->dx[k], e)),
                 "%s: gradient of element %zu of input %d is %.7g by a plan on %s, %.7g by nodes", case_name(&p.run, name, sizeof name), e,
                 p.input[k], case_element(p.dx[k], e), ctx->backend->type->name, case_element(truth->dx[k], e)))
        break;
  }
  stop(&p);
}

/* Returns whether the gradient of some input was compared. contexts: the reference backend first, NULL-terminated. */
static bool check_case(horn_context *const *contexts, const op_case *row, const char *shape, bool open) {
  problem p;
  bool compared = false;
  start(&p, contexts[0], row, shape);
  if (p.ys > 0 && p.xs > 0 && by_graph(&p, open, false)) {
    for (int32_t k = 0; k < p.xs; k++) {
      compare(&p, k, open);
      compared = compared || case_size(p.run.in[p.input[k]]) > 0;
    }
    for (horn_context *const *ctx = contexts; *ctx != NULL; ctx++) check_plan(&p, *ctx, shape, open);
  }
  stop(&p);
  return compared;
}

/* ---- gradients of gradients ------------------------------------------------------------------------------------------ */

/* L = sum over k of weight k * (gradient of input k); its own gradient, and L itself, by one graph. */
typedef struct second {
  problem p;
  horn__graph *graph;
  horn__tensor *given[2 * HORN__MAX_INPUTS + HORN__MAX_OUTPUTS]; /* of the graph's inputs: those of the op, weights of ys, weights of dxs */
  horn__tensor *weight[HORN__MAX_INPUTS];
  horn__value dxs[HORN__MAX_INPUTS], ddxs[HORN__MAX_INPUTS];     /* NONE: zeros */
  size_t first_nodes;                                            /* of the op and its gradient */
} second;

/* Emits the op, its gradient, and the gradient of that. False where the op's gradient depends on no input. */
static bool differentiate_twice(second *s) {
  problem *p = &s->p;
  horn__value xs[HORN__MAX_INPUTS], ys[HORN__MAX_INPUTS], dys[HORN__MAX_INPUTS];
  int32_t count = 0;
  must(p->run.ctx, differentiate(p, s->graph, false, s->dxs, s->given));
  s->first_nodes = s->graph->node_count;
  for (int32_t i = 0, k = 0; i < p->run.count; i++) {
    if (p->run.in[i] == NULL) continue;
    for (int32_t n = 0; n < p->xs; n++)
      if (p->input[n] == i) xs[n] = s->graph->inputs[k];
    k++;
  }
  for (int32_t k = 0; k < p->xs; k++) {
    if (s->dxs[k] == HORN__NONE) continue;
    const horn__tensor *x = p->run.in[p->input[k]];
    must(p->run.ctx, horn__tensor_create(p->run.ctx, &x->type, false, &s->weight[k]));
    for (size_t e = 0, n = case_size(x); e < n; e++) ((float *)s->weight[k]->data)[e] = (float)((double)(e * 29 % 23) / 11.5 - 0.85);
    s->given[s->graph->input_count] = s->weight[k];
    dys[count] = horn__graph_input(s->graph, &x->type);
    ys[count++] = s->dxs[k];
  }
  must(p->run.ctx, horn__graph_gradients(s->graph, ys, dys, count, xs, p->xs, s->ddxs));
  return count > 0;
}

/* Runs all nodes, or those of the first gradient alone: L, and the gradients of L (or NULL) by a reference each. */
static double run_twice(second *s, bool all, horn__tensor **ddx) {
  const problem *p = &s->p;
  horn__tensor **by_value = calloc(s->graph->value_count + 1, sizeof(horn__tensor *));
  if (by_value == NULL) exit(2);
  for (size_t i = 0; i < s->graph->input_count; i++) by_value[s->graph->inputs[i]] = horn__tensor_retain(s->given[i]);
  horn__graph part = *s->graph;
  if (!all) part.node_count = s->first_nodes;
  evaluate(&part, by_value);
  double sum = 0;
  for (int32_t k = 0; k < p->xs; k++) {
    for (size_t e = 0, n = s->weight[k] == NULL ? 0 : case_size(s->weight[k]); e < n; e++)
      sum += case_element(s->weight[k], e) * case_element(by_value[s->dxs[k]], e);
    if (all) ddx[k] = s->ddxs[k] == HORN__NONE ? NULL : horn__tensor_retain(by_value[s->ddxs[k]]);
  }
  for (size_t v = 0; v < s->graph->value_count; v++) horn__tensor_release(p->run.ctx, by_value[v]);
  free(by_value);
  return sum;
}

static bool compare_twice(second *s, int32_t k, const horn__tensor *ddx) {
  char name[CASE_NAME];
  const horn__tensor *x = s->p.run.in[s->p.input[k]];
  const size_t n = case_size(x), stride = n / (MOST_ELEMENTS / 8) + 1;
  for (size_t e = 0; e < n; e += stride) {
    float *element = (float *)x->data + e;
    const float middle = *element;
    *element = (float)(middle + step);
    const double right = *element, after = run_twice(s, false, NULL);
    *element = (float)(middle - step);
    const double width = right - (double)*element, expected = (after - run_twice(s, false, NULL)) / width;
    *element = middle;
    const double found = ddx == NULL ? 0 : case_element(ddx, e);
    if (!CHECK(tolerance_agree(s->p.run.op->name, HORN_FLOAT32, TOLERANCE_GRADIENT, found, expected),
               "%s: gradient of its gradient by element %zu of input %d is %.6g, by differences %.6g", case_name(&s->p.run, name, sizeof name), e,
               s->p.input[k], found, expected))
      return false;
  }
  return true;
}

static void check_second(horn_context *ctx, const op_case *row, const char *shape, bool *checked) {
  second s = {.graph = NULL};
  horn__tensor *ddx[HORN__MAX_INPUTS] = {NULL};
  start(&s.p, ctx, row, shape);
  must(ctx, horn__graph_create(ctx, &s.graph));
  if (s.p.ys > 0 && s.p.xs > 0 && differentiate_twice(&s)) {
    bool same = true;
    run_twice(&s, true, ddx);
    for (int32_t k = 0; k < s.p.xs; k++) same = compare_twice(&s, k, ddx[k]) && same;
    for (size_t n = 0; n < s.first_nodes && same; n++) checked[s.graph->nodes[n].op->id] = true;
  }
  for (int32_t k = 0; k < s.p.xs; k++) {
    horn__tensor_release(ctx, ddx[k]);
    horn__tensor_release(ctx, s.weight[k]);
  }
  horn__graph_release(s.graph);
  stop(&s.p);
}

/* ---- main ------------------------------------------------------------------------------------------------------------ */

/* Every op has a gradient, which is checked where it has an input whose elements count, or says that it cannot have one. */
static void test_coverage(const bool *checked) {
  for (int32_t id = 0; id < HORN__OP_COUNT; id++) {
    const horn__op *op = horn__op_at(id);
    const bool elements_count = op->max_inputs > 1 || (op->shape_only & 1) == 0;
    if ((op->flags & HORN__NOT_DIFFERENTIABLE) != 0) continue;
    CHECK(op->gradient != NULL, "%s: has neither a gradient nor HORN__NOT_DIFFERENTIABLE", op->name);
    CHECK(!elements_count || checked[id], "%s: its gradient is not checked", op->name);
  }
}

int main(void) {
  static bool checked[HORN__OP_COUNT];
  horn_context *contexts[] = {case_context("ref"), case_context("xnn"), NULL};
  FOR_EACH_CASE(row, shape) {
    if (row->op->gradient == NULL || (row->outputs != NULL && row->outputs[0] == '!') || (row->flags & CASE_NO_GRADIENT) != 0) continue;
    for (int open = 0; open < ((row->flags & CASE_ALL_KNOWN) != 0 ? 1 : 2); open++)
      if (check_case(contexts, row, *shape, open != 0)) checked[row->op->id] = true;
    if ((row->flags & CASE_NO_SECOND) == 0) check_second(contexts[0], row, *shape, checked);
  }
  test_coverage(checked);
  for (horn_context **ctx = contexts; *ctx != NULL; ctx++) horn_context_release(*ctx);
  return test_end();
}
