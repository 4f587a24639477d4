/* Graphs: values, nodes, emitting, and copies with known shapes. */
#include "graph/graph.h"

#include <string.h>

horn_status horn__graph_create(horn_context *ctx, horn__graph **out) {
  horn__graph *graph = horn__alloc(ctx, sizeof *graph, true);
  if (graph == NULL) return HORN_E_OUT_OF_MEMORY;
  graph->ctx = ctx;
  graph->seed = HORN__NONE;
  horn__arena_init(&graph->arena, ctx);
  *out = graph;
  return HORN_OK;
}

void horn__graph_release(horn__graph *graph) {
  if (graph == NULL) return;
  for (size_t i = 0; i < graph->value_count; i++) horn__tensor_release(graph->ctx, graph->values[i].tensor);
  horn__free(graph->ctx, graph->values);
  horn__free(graph->ctx, graph->nodes);
  horn__free(graph->ctx, graph->inputs);
  horn__free(graph->ctx, graph->updates);
  horn__arena_release(&graph->arena);
  horn__free(graph->ctx, graph);
}

static horn__value fail(horn__graph *graph, horn_status status) {
  if (graph->status == HORN_OK) graph->status = status;
  return HORN__NONE;
}

static horn__value add_value(horn__graph *graph, const horn__value_info *info) {
  if (graph->status != HORN_OK) return HORN__NONE;
  if (graph->value_count >= INT32_MAX / 2) return fail(graph, horn__fail(graph->ctx, HORN_E_LIMIT, "graph: too many values"));
  void *values = graph->values;
  horn_status status = horn__grow(graph->ctx, &values, &graph->value_capacity, graph->value_count + 1, sizeof *graph->values);
  graph->values = values;
  if (status != HORN_OK) return fail(graph, status);
  graph->values[graph->value_count] = *info;
  return (horn__value)graph->value_count++;
}

static horn_status add_input(horn__graph *graph, horn__value value) {
  void *inputs = graph->inputs;
  horn_status status = horn__grow(graph->ctx, &inputs, &graph->input_capacity, graph->input_count + 1, sizeof *graph->inputs);
  graph->inputs = inputs;
  if (status == HORN_OK) graph->inputs[graph->input_count++] = value;
  return status;
}

horn__value horn__graph_input(horn__graph *graph, const horn__type *type) {
  horn__value value = add_value(graph, &(horn__value_info){.kind = HORN__INPUT, .type = *type, .node = -1});
  horn_status status = value == HORN__NONE ? HORN_OK : add_input(graph, value);
  return status == HORN_OK ? value : fail(graph, status);
}

horn__value horn__graph_tensor(horn__graph *graph, horn__tensor *tensor, horn__value_kind kind) {
  horn__value value = add_value(graph, &(horn__value_info){.kind = kind, .type = tensor->type, .tensor = tensor, .node = -1});
  if (value != HORN__NONE) horn__tensor_retain(tensor);
  return value;
}

horn__value horn__graph_weight(horn__graph *graph, const horn__type *type) {
  return add_value(graph, &(horn__value_info){.kind = HORN__WEIGHT, .type = *type, .node = -1});
}

void horn__graph_bind(horn__graph *graph, horn__value value, horn__tensor *tensor) {
  horn__tensor *before = graph->values[value].tensor;
  graph->values[value].tensor = horn__tensor_retain(tensor);
  horn__tensor_release(graph->ctx, before);
}

horn_status horn__graph_loosen(horn__graph *graph, horn__value value) {
  horn__value_info *info = &graph->values[value];
  HORN__TRY(add_input(graph, value));
  horn__tensor_release(graph->ctx, info->tensor);
  info->tensor = NULL;
  info->kind = HORN__INPUT;
  return HORN_OK;
}

horn_status horn__graph_update(horn__graph *graph, horn__value weight, horn__value next) {
  HORN__TRY(graph->status);
  size_t at = 0;
  while (at < graph->update_count && graph->updates[at].weight != weight) at++;
  if (at == graph->update_count) {
    void *updates = graph->updates;
    graph->status = horn__grow(graph->ctx, &updates, &graph->update_capacity, at + 1, sizeof *graph->updates);
    graph->updates = updates;
    HORN__TRY(graph->status);
    graph->update_count++;
  }
  graph->updates[at] = (horn__update){weight, next};
  return HORN_OK;
}

horn__value horn__graph_scalar_of(horn__graph *graph, double number, horn_dtype dtype) {
  if (graph->status != HORN_OK) return HORN__NONE;
  const horn__type type = {.shape = {.rank = 0}, .dtype = dtype};
  horn__tensor *tensor;
  horn_status status = horn__tensor_create(graph->ctx, &type, true, &tensor);
  if (status != HORN_OK) return fail(graph, status);
  if (dtype == HORN_FLOAT32) *(float *)tensor->data = (float)number;
  if (dtype == HORN_INT32) *(int32_t *)tensor->data = (int32_t)number;
  if (dtype == HORN_BOOL) *(uint8_t *)tensor->data = number != 0;
  horn__value value = horn__graph_tensor(graph, tensor, HORN__CONSTANT);
  horn__tensor_release(graph->ctx, tensor);
  return value;
}

horn__value horn__graph_ints(horn__graph *graph, int32_t rank, const int32_t *dims, const int32_t *values) {
  if (graph->status != HORN_OK) return HORN__NONE;
  const horn__type type = {horn__shape_of(rank, dims), HORN_INT32};
  horn__tensor *tensor;
  size_t count = 1;
  const horn_status status = horn__tensor_create(graph->ctx, &type, false, &tensor);
  if (status != HORN_OK) return fail(graph, status);
  for (int32_t i = 0; i < rank; i++) count *= (size_t)dims[i]; /* the tensor is there: no overflow */
  memcpy(tensor->data, values, count * sizeof *values);
  horn__value value = horn__graph_tensor(graph, tensor, HORN__CONSTANT);
  horn__tensor_release(graph->ctx, tensor);
  return value;
}

horn__value horn__graph_string(horn__graph *graph, const char *text) {
  const horn__value value = horn__graph_scalar_of(graph, 0, HORN_STRING);
  if (value == HORN__NONE) return value;
  const horn_status status = horn__string_intern(graph->ctx, text, strlen(text), graph->values[value].tensor->data);
  return status == HORN_OK ? value : fail(graph, status);
}

horn__value horn__graph_scalar(horn__graph *graph, double number) { return horn__graph_scalar_of(graph, number, HORN_FLOAT32); }

const horn__type *horn__type_of(const horn__graph *graph, horn__value value) {
  return value < 0 ? NULL : &graph->values[value].type;
}

/* ---- emitting ---------------------------------------------------------------------------------------------------- */

horn_status horn__infer_types(horn_context *ctx, const horn__op *op, const void *attributes, const horn__type *in, int32_t count,
                              horn__type *out) {
  if (count < op->min_inputs || count > op->max_inputs)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: expected %d to %d inputs, got %d", op->name, op->min_inputs, op->max_inputs, count);
  for (int32_t i = 0; i < op->min_inputs; i++)
    if (in[i].shape.rank < 0) return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: input %d is missing", op->name, i);
  for (int32_t i = 0; i < count; i++)
    if (in[i].dtype == HORN_STRING && in[i].shape.rank >= 0 && (op->flags & HORN__STRINGS) == 0 && (op->shape_only >> i & 1) == 0)
      return horn__fail(ctx, HORN_E_DTYPE, "%s: input %d: strings are not supported", op->name, i);
  horn__infer question = {.ctx = ctx, .op = op, .attributes = attributes, .count = count, .in = in, .out = out};
  HORN__TRY(op->infer(&question));
  for (int32_t i = 0; i < op->outputs; i++) HORN__TRY(horn__shape_check(ctx, op->name, &out[i].shape, true));
  return HORN_OK;
}

/* Attributes in the graph's arena: a copy, or the op's defaults. */
/* Texts among the attributes live as long as the graph. */
static void keep_texts(horn__graph *graph, const horn__op *op, void *attributes) {
  for (size_t i = 0; i < op->attributes.count; i++) {
    if (op->attributes.rows[i].type != HORN__FIELD_TEXT) continue;
    const char **text = (const char **)(void *)((unsigned char *)attributes + op->attributes.rows[i].offset);
    if (*text == NULL) continue;
    *text = horn__arena_text(&graph->arena, *text);
    if (*text == NULL) fail(graph, HORN_E_OUT_OF_MEMORY);
  }
}

static const void *keep_attributes(horn__graph *graph, const horn__op *op, const void *attributes) {
  void *kept = horn__arena_alloc(&graph->arena, op->attributes.size == 0 ? 1 : op->attributes.size);
  if (kept == NULL) {
    fail(graph, HORN_E_OUT_OF_MEMORY);
  } else if (attributes != NULL) {
    if (op->attributes.size != 0) memcpy(kept, attributes, op->attributes.size);
    keep_texts(graph, op, kept);
  } else {
    horn_status status = horn__fields_default(&graph->arena, op->name, &op->attributes, kept);
    if (status != HORN_OK) fail(graph, status);
  }
  return kept;
}

static horn__node *add_node(horn__graph *graph, const horn__op *op, const void *attributes, const horn__value *inputs, int32_t count) {
  void *nodes = graph->nodes;
  horn_status status = horn__grow(graph->ctx, &nodes, &graph->node_capacity, graph->node_count + 1, sizeof *graph->nodes);
  graph->nodes = nodes;
  if (status != HORN_OK) fail(graph, status);
  horn__value *in = horn__arena_alloc(&graph->arena, (size_t)(count == 0 ? 1 : count) * sizeof *in);
  const void *kept = keep_attributes(graph, op, attributes);
  if (in == NULL || graph->status != HORN_OK) return NULL;
  if (count > 0) memcpy(in, inputs, (size_t)count * sizeof *in);
  horn__node *node = &graph->nodes[graph->node_count];
  *node = (horn__node){.op = op, .attributes = kept, .inputs = count, .in = in, .label = graph->label};
  return node;
}

/* Types of the inputs; a required one that is HORN__NONE fails without a message of its own: an earlier emit has given one. */
static bool input_types(horn__graph *graph, const horn__op *op, const horn__value *inputs, int32_t count, horn__type *types) {
  for (int32_t i = 0; i < count; i++) {
    if (inputs[i] == HORN__NONE && i < op->min_inputs) return false;
    types[i] = inputs[i] == HORN__NONE ? (horn__type){.shape = {.rank = -1}} : graph->values[inputs[i]].type;
  }
  return true;
}

horn__value horn__emit(horn__graph *graph, const horn__op *op, const void *attributes, const horn__value *inputs, int32_t count) {
  if (graph->status != HORN_OK) return HORN__NONE;
  while (count > op->min_inputs && inputs[count - 1] == HORN__NONE) count--;
  if (count > HORN__MAX_INPUTS)
    return fail(graph, horn__fail(graph->ctx, HORN_E_LIMIT, "%s: more than %d inputs", op->name, HORN__MAX_INPUTS));
  horn__type in[HORN__MAX_INPUTS], out[HORN__MAX_OUTPUTS] = {0};
  if (!input_types(graph, op, inputs, count, in))
    return fail(graph, horn__fail(graph->ctx, HORN_E_INTERNAL, "%s: a required input is missing", op->name));
  horn__node *node = add_node(graph, op, attributes, inputs, count);
  if (node == NULL) return HORN__NONE;
  horn_status status = horn__infer_types(graph->ctx, op, node->attributes, in, count, out);
  if (status != HORN_OK) return fail(graph, graph->label == NULL ? status : horn__blame(graph->ctx, status, "%s", graph->label));
  for (int32_t i = 0; i < op->outputs; i++) {
    horn__value_info info = {.kind = HORN__RESULT, .type = out[i], .node = (int32_t)graph->node_count, .output = i};
    node->out[i] = add_value(graph, &info);
  }
  if (graph->status != HORN_OK) return HORN__NONE;
  graph->node_count++;
  return node->out[0];
}

horn__value horn__sibling(horn__graph *graph, horn__value first, int32_t index) {
  return first == HORN__NONE ? HORN__NONE : graph->nodes[graph->values[first].node].out[index];
}

/* ---- copies with known shapes ------------------------------------------------------------------------------------- */

/* Marks the nodes that outputs and updates need; nodes are in running order, so one pass from the end does. */
static void mark_needed(const horn__graph *graph, const horn__value *outputs, int32_t count, bool *node_needed) {
  for (int32_t i = 0; i < count; i++)
    if (outputs[i] >= 0 && graph->values[outputs[i]].node >= 0) node_needed[graph->values[outputs[i]].node] = true;
  for (size_t u = 0; u < graph->update_count; u++)
    if (graph->values[graph->updates[u].next].node >= 0) node_needed[graph->values[graph->updates[u].next].node] = true;
  for (size_t n = graph->node_count; n-- > 0;) {
    if (!node_needed[n]) continue;
    for (int32_t i = 0; i < graph->nodes[n].inputs; i++) {
      horn__value in = graph->nodes[n].in[i];
      if (in >= 0 && graph->values[in].node >= 0) node_needed[graph->values[in].node] = true;
    }
  }
}

static void copy_leaf(const horn__graph *from, horn__graph *to, horn__value value, horn__value *renamed) {
  const horn__value_info *info = &from->values[value];
  if (renamed[value] == HORN__NONE && info->tensor != NULL) renamed[value] = horn__graph_tensor(to, info->tensor, info->kind);
}

static bool all_known(const horn__graph *graph, const horn__value *in, int32_t count) {
  for (int32_t i = 0; i < count; i++)
    if (in[i] != HORN__NONE && !horn__shape_known(&horn__type_of(graph, in[i])->shape)) return false;
  return true;
}

static void copy_node(const horn__graph *from, horn__graph *to, const horn__node *node, horn__value *renamed) {
  horn__value in[HORN__MAX_INPUTS];
  for (int32_t i = 0; i < node->inputs; i++) {
    in[i] = HORN__NONE;
    if (node->in[i] < 0) continue;
    copy_leaf(from, to, node->in[i], renamed);
    in[i] = renamed[node->in[i]];
  }
  to->label = node->label;
  horn__value first = HORN__NONE;
  if (node->op->lower != NULL && to->status == HORN_OK && all_known(to, in, node->inputs))
    first = node->op->lower(to, node->attributes, in, node->inputs);
  if (first != HORN__NONE) {
    renamed[node->out[0]] = first;
    return;
  }
  first = horn__emit(to, node->op, node->attributes, in, node->inputs);
  for (int32_t i = 0; i < node->op->outputs; i++) renamed[node->out[i]] = horn__sibling(to, first, i);
}

static void copy_updates(const horn__graph *from, horn__graph *to, horn__value *renamed) {
  for (size_t u = 0; u < from->update_count && to->status == HORN_OK; u++) {
    copy_leaf(from, to, from->updates[u].weight, renamed);
    copy_leaf(from, to, from->updates[u].next, renamed);
    horn__graph_update(to, renamed[from->updates[u].weight], renamed[from->updates[u].next]);
  }
}

horn_status horn__graph_specialize(const horn__graph *graph, const horn__type *types, horn__value *outputs, int32_t count,
                                   horn__graph **out) {
  horn__graph *copy = NULL;
  horn__value *renamed = horn__alloc(graph->ctx, (graph->value_count + 1) * sizeof *renamed, false);
  bool *needed = horn__alloc(graph->ctx, graph->node_count + 1, true);
  horn_status status = renamed == NULL || needed == NULL ? HORN_E_OUT_OF_MEMORY : horn__graph_create(graph->ctx, &copy);
  if (status != HORN_OK) goto done;
  for (size_t i = 0; i < graph->value_count; i++) renamed[i] = HORN__NONE;
  for (size_t i = 0; i < graph->input_count; i++) renamed[graph->inputs[i]] = horn__graph_input(copy, &types[i]);
  mark_needed(graph, outputs, count, needed);
  for (size_t n = 0; n < graph->node_count && copy->status == HORN_OK; n++)
    if (needed[n]) copy_node(graph, copy, &graph->nodes[n], renamed);
  for (int32_t i = 0; i < count; i++) {
    copy_leaf(graph, copy, outputs[i], renamed);
    outputs[i] = renamed[outputs[i]];
  }
  copy_updates(graph, copy, renamed);
  status = copy->status;
done:
  horn__free(graph->ctx, renamed);
  horn__free(graph->ctx, needed);
  if (status == HORN_OK)
    *out = copy;
  else
    horn__graph_release(copy);
  return status;
}
