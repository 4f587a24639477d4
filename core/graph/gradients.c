/* Reverse-mode gradients: walks the nodes backward and lets each op emit its own. Reference: Baydin et al., Automatic Differentiation in
 * Machine Learning: a Survey (2018), section 3.2. */
#include <string.h>

#include "ops/emit.h"

typedef struct tape {
  horn__graph *graph;
  bool *wanted;         /* by value: whether an x is an ancestor of it (or it) */
  horn__value *adjoint; /* by value: d loss / d value so far, HORN__NONE: zero */
} tape;

/* FloorDiv alone has whole numbers with a gradient. */
static bool is_differentiable(const tape *t, horn__value value) {
  const horn__value_info *info = &t->graph->values[value];
  if (info->type.dtype == HORN_FLOAT32) return true;
  return info->kind == HORN__RESULT && t->graph->nodes[info->node].op == &horn__op_FloorDiv;
}

/* Forward: which values depend on the xs, and not through integers alone. Only these need adjoints. */
static void mark_wanted(const tape *t, size_t nodes, const horn__value *xs, int32_t count) {
  for (int32_t i = 0; i < count; i++) t->wanted[xs[i]] = true;
  for (size_t n = 0; n < nodes; n++) {
    const horn__node *node = &t->graph->nodes[n];
    bool any = false;
    for (int32_t i = 0; i < node->inputs; i++)
      any = any || (node->in[i] >= 0 && (node->op->shape_only >> i & 1) == 0 && t->wanted[node->in[i]]);
    for (int32_t i = 0; any && i < node->op->outputs; i++) t->wanted[node->out[i]] = is_differentiable(t, node->out[i]);
  }
}

static void accumulate(const tape *t, horn__value value, horn__value more) {
  if (value < 0 || more < 0 || !t->wanted[value] || !is_differentiable(t, value)) return;
  t->adjoint[value] = t->adjoint[value] < 0 ? more : horn__add(t->graph, t->adjoint[value], more);
}

static bool any_adjoint(const tape *t, const horn__node *node) {
  for (int32_t i = 0; i < node->op->outputs; i++)
    if (t->wanted[node->out[i]] && t->adjoint[node->out[i]] >= 0) return true;
  return false;
}

/* node is a copy: emitting moves the graph's array of nodes. */
static horn_status back(const tape *t, const horn__node node) {
  horn__graph *graph = t->graph;
  if (node.op->gradient == NULL) return horn__fail(graph->ctx, HORN_E_UNSUPPORTED, "%s: has no gradient", node.op->name);
  horn__value dout[HORN__MAX_OUTPUTS], din[HORN__MAX_INPUTS];
  for (int32_t i = 0; i < node.op->outputs; i++) dout[i] = t->adjoint[node.out[i]];
  for (int32_t i = 0; i < node.inputs; i++) din[i] = HORN__NONE;
  horn__gradient question = {.graph = graph, .attributes = node.attributes, .count = node.inputs, .in = node.in, .out = node.out,
                             .dout = dout, .din = din};
  graph->label = node.label;
  HORN__TRY(node.op->gradient(&question));
  for (int32_t i = 0; i < node.inputs; i++) accumulate(t, node.in[i], din[i]);
  return graph->status;
}

static horn__value ones_like(horn__graph *graph, horn__value y) {
  return HORN__EMIT(graph, BroadcastLike, NULL, horn__graph_scalar(graph, 1), y);
}

static horn_status walk_back(const tape *t, size_t nodes, const horn__value *ys, const horn__value *dys, int32_t y_count) {
  for (int32_t i = 0; i < y_count; i++)
    accumulate(t, ys[i], dys == NULL || dys[i] == HORN__NONE ? ones_like(t->graph, ys[i]) : dys[i]);
  for (size_t n = nodes; n-- > 0;)
    if (any_adjoint(t, &t->graph->nodes[n])) HORN__TRY(back(t, t->graph->nodes[n]));
  return t->graph->status;
}

horn_status horn__graph_gradients(horn__graph *graph, const horn__value *ys, const horn__value *dys, int32_t y_count,
                                  const horn__value *xs, int32_t x_count, horn__value *out) {
  HORN__TRY(graph->status);
  const size_t nodes = graph->node_count, values = graph->value_count;
  const char *const label = graph->label; /* the nodes of a gradient take their forward node's */
  tape t = {.graph = graph, .wanted = horn__alloc(graph->ctx, values, true), .adjoint = horn__alloc(graph->ctx, values * sizeof(horn__value), false)};
  horn_status status = t.wanted == NULL || t.adjoint == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
  if (status != HORN_OK) goto done;
  for (size_t i = 0; i < values; i++) t.adjoint[i] = HORN__NONE;
  mark_wanted(&t, nodes, xs, x_count);
  status = walk_back(&t, nodes, ys, dys, y_count);
  if (status != HORN_OK) goto done;
  for (int32_t i = 0; i < x_count; i++) out[i] = t.adjoint[xs[i]];
done:
  graph->label = label;
  horn__free(graph->ctx, t.wanted);
  horn__free(graph->ctx, t.adjoint);
  return status;
}
