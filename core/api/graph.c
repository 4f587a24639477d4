/* The public functions on ops and graphs. */
#include <string.h>

#include "api/handles.h"
#include "cJSON.h"

enum { PLANS = 8 };

typedef struct kept_plan {
  horn__plan *plan;
  horn__value *wanted;
  int32_t count;
} kept_plan;

struct horn__graph_entry {
  horn__graph *graph;
  kept_plan plans[PLANS]; /* a ring: the oldest is replaced */
  uint32_t next;
};

horn__graph *horn__graph_of(const horn__graph_entry *entry) { return entry->graph; }

static void release_plan(horn_context *ctx, kept_plan *kept) {
  horn__plan_release(kept->plan);
  horn__free(ctx, kept->wanted);
  *kept = (kept_plan){0};
}

void horn__graph_entry_release(horn_context *ctx, horn__graph_entry *entry) {
  for (int i = 0; i < PLANS; i++) release_plan(ctx, &entry->plans[i]);
  horn__graph_release(entry->graph);
  horn__free(ctx, entry);
}

horn_status horn_graph_create(horn_context *ctx, horn_graph *out_graph) {
  horn__graph_entry *graph = horn__alloc(ctx, sizeof *graph, true);
  horn__slot_entry *entry;
  if (graph == NULL) return HORN_E_OUT_OF_MEMORY;
  horn_status status = horn__graph_create(ctx, &graph->graph);
  if (status == HORN_OK) status = horn__handle_create(ctx, HORN__GRAPH, out_graph, &entry);
  if (status == HORN_OK)
    entry->as.graph = graph;
  else
    horn__graph_entry_release(ctx, graph);
  return status;
}

horn_status horn_graph_release(horn_context *ctx, horn_graph graph) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "graph", graph, HORN__GRAPH, &entry));
  horn__entry_release(ctx, entry);
  return HORN_OK;
}

horn_status horn__take_status(horn__graph *graph) {
  horn_status status = graph->status;
  graph->status = HORN_OK;
  return status;
}

horn_status horn_graph_input(horn_context *ctx, horn_graph graph, horn_dtype dtype, const int32_t *shape, size_t rank, horn_tensor *out_tensor) {
  horn__slot_entry *entry;
  horn__type type;
  HORN__TRY(horn__handle_get(ctx, "graph", graph, HORN__GRAPH, &entry));
  horn__graph_entry *owner = entry->as.graph; /* entry itself may move when a handle is added */
  HORN__TRY(horn__type_read(ctx, "graph input", dtype, shape, rank, true, &type));
  horn__value value = horn__graph_input(owner->graph, &type);
  HORN__TRY(horn__take_status(owner->graph));
  return horn__symbol_handle(ctx, owner, value, out_tensor);
}

/* ---- ops ---------------------------------------------------------------------------------------------------------------- */

horn_status horn__find_operands(horn_context *ctx, const char *who, const horn_tensor *handles, size_t count, horn__slot_entry *out_entries,
                                horn__graph_entry **out_graph) {
  *out_graph = NULL;
  for (size_t i = 0; i < count; i++) {
    out_entries[i] = (horn__slot_entry){.kind = HORN__FREE};
    if (handles[i] == 0) continue;
    horn__slot_entry *entry = horn__handle_find(ctx, handles[i]);
    if (entry == NULL || entry->kind != HORN__SYMBOL) HORN__TRY(horn__handle_get(ctx, who, handles[i], HORN__TENSOR, &entry));
    out_entries[i] = *entry;
    if (entry->kind != HORN__SYMBOL) continue;
    if (*out_graph != NULL && *out_graph != entry->as.graph)
      return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: the inputs belong to two graphs", who);
    *out_graph = entry->as.graph;
  }
  return HORN_OK;
}

const horn__type *horn__entry_type(const horn__slot_entry *entry) {
  if (entry->kind == HORN__SYMBOL) return horn__type_of(entry->as.graph->graph, entry->value);
  return entry->kind == HORN__TENSOR ? &entry->as.tensor->type : NULL;
}

horn__value horn__entry_value(horn__graph *graph, const horn__slot_entry *entry) {
  if (entry->kind == HORN__SYMBOL) return entry->value;
  return entry->kind == HORN__TENSOR ? horn__graph_tensor(graph, entry->as.tensor, HORN__CONSTANT) : HORN__NONE;
}

horn_status horn__symbol_handles(horn_context *ctx, horn__graph_entry *graph, const horn__value *values, int32_t count, horn_tensor *out) {
  for (int32_t i = 0; i < count; i++) {
    out[i] = 0;
    horn_status status = values[i] == HORN__NONE ? HORN_OK : horn__symbol_handle(ctx, graph, values[i], &out[i]);
    if (status == HORN_OK) continue;
    while (i-- > 0)
      if (out[i] != 0) horn__handle_free(ctx, horn__handle_find(ctx, out[i]));
    return status;
  }
  return HORN_OK;
}

typedef struct operands {
  horn__graph_entry *graph; /* the graph that an input belongs to, NULL: none */
  horn__slot_entry entries[HORN__MAX_INPUTS];
} operands;

static horn_status run_eager(horn_context *ctx, const horn__op *op, const void *attributes, const operands *in, size_t count, horn_tensor *out) {
  horn__tensor *inputs[HORN__MAX_INPUTS], *outputs[HORN__MAX_OUTPUTS];
  for (size_t i = 0; i < count; i++) inputs[i] = in->entries[i].kind == HORN__TENSOR ? in->entries[i].as.tensor : NULL;
  HORN__TRY(horn__run_eager(ctx, op, attributes, inputs, (int32_t)count, outputs));
  return horn__tensor_handles(ctx, outputs, op->outputs, out);
}

static horn_status add_to_graph(horn_context *ctx, const horn__op *op, const void *attributes, const operands *in, size_t count, horn_tensor *out) {
  horn__graph *graph = in->graph->graph;
  horn__value inputs[HORN__MAX_INPUTS];
  for (size_t i = 0; i < count; i++) inputs[i] = horn__entry_value(graph, &in->entries[i]);
  horn__value first = horn__emit(graph, op, attributes, inputs, (int32_t)count);
  HORN__TRY(horn__take_status(graph));
  horn__value values[HORN__MAX_OUTPUTS];
  for (int32_t i = 0; i < op->outputs; i++) values[i] = horn__sibling(graph, first, i);
  return horn__symbol_handles(ctx, in->graph, values, op->outputs, out);
}

static horn_status run_op(horn_context *ctx, const horn__op *op, const char *attrs_json, horn__arena *arena, cJSON **document,
                          const operands *in, size_t count, horn_tensor *out) {
  if (attrs_json != NULL) HORN__TRY(horn__json_parse(ctx, op->name, attrs_json, strlen(attrs_json), HORN__MAX_DEPTH, document));
  void *attributes = horn__arena_alloc(arena, op->attributes.size + 1);
  if (attributes == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(horn__fields_read(arena, op->name, &op->attributes, *document, attributes));
  return (in->graph == NULL ? run_eager : add_to_graph)(ctx, op, attributes, in, count, out);
}

horn_status horn_op(horn_context *ctx, const char *name, const char *attrs_json, const horn_tensor *inputs, size_t count,
                    horn_tensor *out_tensors, size_t capacity, size_t *out_count) {
  const horn__op *op = horn__op_named(name);
  operands in;
  if (op == NULL) return horn__fail(ctx, HORN_E_NOT_FOUND, "op: there is no op \"%.60s\"", name);
  if (capacity < (size_t)op->outputs)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: has %d outputs, room for %zu", name, op->outputs, capacity);
  if (count > HORN__MAX_INPUTS) return horn__fail(ctx, HORN_E_LIMIT, "%s: expected at most %d inputs, got %zu", name, HORN__MAX_INPUTS, count);
  HORN__TRY(horn__find_operands(ctx, name, inputs, count, in.entries, &in.graph));
  horn__arena arena;
  cJSON *document = NULL;
  horn__arena_init(&arena, ctx);
  horn_status status = run_op(ctx, op, attrs_json, &arena, &document, &in, count, out_tensors);
  horn__json_release(document);
  horn__arena_release(&arena);
  if (status == HORN_OK) *out_count = (size_t)op->outputs;
  return status;
}

/* ---- gradients ---------------------------------------------------------------------------------------------------------- */

static horn_status find_symbols(horn_context *ctx, const char *who, const horn__graph_entry *graph, const horn_tensor *tensors,
                                size_t count, horn__value *out) {
  for (size_t i = 0; i < count; i++) {
    horn__slot_entry *entry;
    HORN__TRY(horn__handle_get(ctx, who, tensors[i], HORN__SYMBOL, &entry));
    if (entry->as.graph != graph) return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: a tensor belongs to another graph", who);
    out[i] = entry->value;
  }
  return HORN_OK;
}

static horn_status append_gradients(horn_context *ctx, horn__graph_entry *entry, horn__value y, const horn__value *xs, size_t count,
                                    horn_tensor *out) {
  horn__graph *graph = entry->graph;
  horn__value gradients[HORN__MAX_SLOTS];
  horn_status status = horn__graph_gradients(graph, &y, NULL, 1, xs, (int32_t)count, gradients);
  horn__take_status(graph);
  HORN__TRY(status);
  for (size_t i = 0; i < count; i++) {
    if (gradients[i] == HORN__NONE) gradients[i] = HORN__EMIT(graph, ZerosLike, NULL, xs[i]);
    HORN__TRY(horn__take_status(graph));
  }
  return horn__symbol_handles(ctx, entry, gradients, (int32_t)count, out);
}

horn_status horn_graph_gradients(horn_context *ctx, horn_graph graph, horn_tensor y, const horn_tensor *xs, size_t count, horn_tensor *out_tensors) {
  horn__slot_entry *entry;
  horn__value value, inputs[HORN__MAX_SLOTS];
  HORN__TRY(horn__handle_get(ctx, "gradients", graph, HORN__GRAPH, &entry));
  horn__graph_entry *owner = entry->as.graph; /* entry itself may move when handles are added */
  if (count > HORN__MAX_SLOTS) return horn__fail(ctx, HORN_E_LIMIT, "gradients: expected at most %d tensors, got %zu", HORN__MAX_SLOTS, count);
  HORN__TRY(find_symbols(ctx, "gradients", owner, &y, 1, &value));
  HORN__TRY(find_symbols(ctx, "gradients", owner, xs, count, inputs));
  return append_gradients(ctx, owner, value, inputs, count, out_tensors);
}

/* ---- running ------------------------------------------------------------------------------------------------------------ */

static bool plan_fits(const kept_plan *kept, const horn__type *types, const horn__value *wanted, int32_t count) {
  if (kept->plan == NULL || kept->count != count || memcmp(kept->wanted, wanted, (size_t)count * sizeof *wanted) != 0) return false;
  return horn__plan_fits(kept->plan, types);
}

static horn_status find_plan(horn_context *ctx, horn__graph_entry *entry, const horn__type *types, const horn__value *wanted, int32_t count,
                             horn__plan **out) {
  for (int i = 0; i < PLANS; i++) {
    if (!plan_fits(&entry->plans[i], types, wanted, count)) continue;
    *out = entry->plans[i].plan;
    return HORN_OK;
  }
  kept_plan made = {.count = count, .wanted = horn__alloc(ctx, (size_t)count * sizeof *wanted + 1, false)};
  if (made.wanted == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(made.wanted, wanted, (size_t)count * sizeof *wanted);
  horn_status status = horn__plan_create(entry->graph, types, wanted, count, &made.plan);
  if (status != HORN_OK) {
    horn__free(ctx, made.wanted);
    return status;
  }
  kept_plan *slot = &entry->plans[entry->next++ % PLANS];
  release_plan(ctx, slot);
  *slot = made;
  *out = made.plan;
  return HORN_OK;
}

static horn_status check_input(horn_context *ctx, const horn__graph *graph, size_t i, const horn__type *type) {
  const horn__type *expected = horn__type_of(graph, graph->inputs[i]);
  bool fits = type->dtype == expected->dtype && type->shape.rank == expected->shape.rank;
  for (int32_t d = 0; fits && d < type->shape.rank; d++) fits = expected->shape.dims[d] < 0 || expected->shape.dims[d] == type->shape.dims[d];
  char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
  if (fits) return HORN_OK;
  return horn__fail(ctx, HORN_E_SHAPE, "graph: input %zu: expected %s of %s, got %s of %s", i, horn__shape_text(&expected->shape, want, sizeof want),
                    horn__dtype_name(expected->dtype), horn__shape_text(&type->shape, got, sizeof got), horn__dtype_name(type->dtype));
}

static horn_status run_plan(horn_context *ctx, horn__plan *plan, void *const *in, int32_t count, horn_tensor *out_tensors) {
  horn__tensor *outputs[HORN__MAX_SLOTS];
  void *out[HORN__MAX_SLOTS];
  horn_status status = HORN_OK;
  int32_t made = 0;
  for (; made < count; made++) {
    status = horn__tensor_create(ctx, horn__plan_output(plan, made), false, &outputs[made]);
    if (status != HORN_OK) break;
    out[made] = outputs[made]->data;
  }
  if (status == HORN_OK) status = horn__plan_run(plan, in, out);
  if (status == HORN_OK) return horn__tensor_handles(ctx, outputs, count, out_tensors);
  for (int32_t i = 0; i < made; i++) horn__tensor_release(ctx, outputs[i]);
  return status;
}

horn_status horn_graph_run(horn_context *ctx, horn_graph graph, const horn_tensor *inputs, size_t count, const horn_tensor *wanted,
                           size_t wanted_count, horn_tensor *out_tensors) {
  horn__slot_entry *entry, *input;
  horn__type types[HORN__MAX_SLOTS];
  void *in[HORN__MAX_SLOTS];
  horn__value values[HORN__MAX_SLOTS];
  horn__plan *plan;
  HORN__TRY(horn__handle_get(ctx, "graph", graph, HORN__GRAPH, &entry));
  horn__graph_entry *owner = entry->as.graph;
  if (wanted_count > HORN__MAX_SLOTS || count > HORN__MAX_SLOTS) return horn__fail(ctx, HORN_E_LIMIT, "graph: more than %d tensors", HORN__MAX_SLOTS);
  if (count != owner->graph->input_count)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "graph: expected %zu inputs, got %zu", owner->graph->input_count, count);
  for (size_t i = 0; i < count; i++) {
    HORN__TRY(horn__handle_get(ctx, "graph", inputs[i], HORN__TENSOR, &input));
    types[i] = input->as.tensor->type;
    in[i] = input->as.tensor->data;
    HORN__TRY(check_input(ctx, owner->graph, i, &types[i]));
  }
  HORN__TRY(find_symbols(ctx, "graph", owner, wanted, wanted_count, values));
  HORN__TRY(find_plan(ctx, owner, types, values, (int32_t)wanted_count, &plan));
  return run_plan(ctx, plan, in, (int32_t)wanted_count, out_tensors);
}
