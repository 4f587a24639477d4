/* Graphs written by hand in tests. */
#include "small_graph.h"

#include <stdio.h>
#include <stdlib.h>

#include "tolerances.h"

void small_must(horn_context *ctx, horn_status status) {
  if (status == HORN_OK) return;
  fprintf(stderr, "%s\n", ctx->error);
  exit(2);
}

void small_create(horn_context *ctx, small_graph *out) {
  *out = (small_graph){.ctx = ctx};
  small_must(ctx, horn__graph_create(ctx, &out->graph));
}

void small_release(small_graph *s) {
  for (size_t i = 0; i < s->graph->input_count; i++) horn__tensor_release(s->ctx, s->given[i]);
  horn__graph_release(s->graph);
}

horn__tensor *small_tensor(horn_context *ctx, const char *operand) {
  horn__tensor *tensor;
  bool literal;
  small_must(ctx, case_operand(ctx, &operand, (uint64_t)operand[2] * 977, 0, CASE_FULL, &tensor, &literal));
  return tensor;
}

horn__value small_input(small_graph *s, const char *operand, bool open) {
  const size_t index = s->graph->input_count;
  if (index == MOST_GIVEN) exit(2);
  s->given[index] = small_tensor(s->ctx, operand);
  horn__type type = s->given[index]->type;
  for (int32_t d = 0; open && d < type.shape.rank; d++) type.shape.dims[d] = -1;
  const horn__value value = horn__graph_input(s->graph, &type);
  small_must(s->ctx, s->graph->status);
  return value;
}

horn__value small_constant(small_graph *s, const char *operand, horn__value_kind kind) {
  horn__tensor *tensor = small_tensor(s->ctx, operand);
  const horn__value value = horn__graph_tensor(s->graph, tensor, kind);
  horn__tensor_release(s->ctx, tensor);
  small_must(s->ctx, s->graph->status);
  return value;
}

static void run_node(const small_graph *s, const horn__node *node, horn__tensor **by_value) {
  horn__tensor *in[HORN__MAX_INPUTS], *out[HORN__MAX_OUTPUTS];
  for (int32_t i = 0; i < node->inputs; i++) in[i] = node->in[i] < 0 ? NULL : by_value[node->in[i]];
  small_must(s->ctx, horn__run_eager(s->ctx, node->op, node->attributes, in, node->inputs, out));
  for (int32_t i = 0; i < node->op->outputs; i++) by_value[node->out[i]] = out[i];
}

horn__tensor *small_evaluate(const small_graph *s, horn__value value) {
  const horn__graph *graph = s->graph;
  horn__tensor **by_value = calloc(graph->value_count + 1, sizeof(horn__tensor *));
  if (by_value == NULL) exit(2);
  for (size_t v = 0; v < graph->value_count; v++)
    if (graph->values[v].tensor != NULL) by_value[v] = horn__tensor_retain(graph->values[v].tensor);
  for (size_t i = 0; i < graph->input_count; i++) by_value[graph->inputs[i]] = horn__tensor_retain(s->given[i]);
  for (size_t n = 0; n < graph->node_count; n++) run_node(s, &graph->nodes[n], by_value);
  horn__tensor *result = horn__tensor_retain(by_value[value]);
  for (size_t v = 0; v < graph->value_count; v++) horn__tensor_release(s->ctx, by_value[v]);
  free(by_value);
  return result;
}

bool small_equals(const horn__tensor *tensor, const char *operand) {
  bool literal, same;
  horn__tensor *expected;
  horn_context *ctx = case_context("ref");
  small_must(ctx, case_operand(ctx, &operand, 0, 0, CASE_FULL, &expected, &literal));
  same = tensor->type.dtype == expected->type.dtype && horn__shape_equal(&tensor->type.shape, &expected->type.shape);
  for (size_t i = 0; same && i < case_size(tensor); i++)
    same = tolerance_agree("", tensor->type.dtype, TOLERANCE_VALUES, case_element(tensor, i), case_element(expected, i));
  horn__tensor_release(ctx, expected);
  horn_context_release(ctx);
  return same;
}
