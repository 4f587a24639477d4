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

/* What a run fills; kept, so that a warm one allocates nothing. */
typedef struct run_space {
  horn__type *types;
  void **in;
  horn__tensor **copies; /* of inputs */
  size_t in_capacity;
  horn__value *wanted;
  horn__tensor **outputs;
  void **out;
  size_t out_capacity;
} run_space;

struct horn__graph_entry {
  horn__graph *graph;
  kept_plan plans[PLANS]; /* a ring: the oldest is replaced */
  uint32_t next;
  run_space space;
};

horn__graph *horn__graph_of(const horn__graph_entry *entry) { return entry->graph; }

static void release_plan(horn_context *ctx, kept_plan *kept) {
  horn__plan_release(kept->plan);
  horn__free(ctx, kept->wanted);
  *kept = (kept_plan){0};
}

void horn__graph_entry_release(horn_context *ctx, horn__graph_entry *entry) {
  for (int i = 0; i < PLANS; i++) release_plan(ctx, &entry->plans[i]);
  const run_space *space = &entry->space;
  void *const arrays[] = {space->types, space->in, space->copies, space->wanted, space->outputs, space->out};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) horn__free(ctx, arrays[i]);
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

horn_status horn_graph_weight(horn_context *ctx, horn_graph graph, horn_tensor tensor, horn_tensor *out_tensor) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "graph", graph, HORN__GRAPH, &entry));
  horn__graph_entry *owner = entry->as.graph;
  HORN__TRY(horn__handle_get(ctx, "graph weight", tensor, HORN__TENSOR, &entry));
  horn__value value = horn__graph_tensor(owner->graph, entry->as.tensor, HORN__WEIGHT);
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

/* A handle of 0 is HORN__NONE where `none` is allowed. */
static horn_status find_symbols(horn_context *ctx, const char *who, const horn__graph_entry *graph, const horn_tensor *tensors,
                                size_t count, bool none, horn__value *out) {
  for (size_t i = 0; i < count; i++) {
    horn__slot_entry *entry;
    out[i] = HORN__NONE;
    if (none && tensors[i] == 0) continue;
    HORN__TRY(horn__handle_get(ctx, who, tensors[i], HORN__SYMBOL, &entry));
    if (entry->as.graph != graph) return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: a tensor belongs to another graph", who);
    out[i] = entry->value;
  }
  return HORN_OK;
}

/* d sum(y * dy) / dx in values of one graph. */
typedef struct derivation {
  horn__graph_entry *owner;
  horn__value *ys, *dys, *xs, *dxs;
  size_t y_count, count;
} derivation;

/* Whether two types may be one: dimensions that are unknown fit. */
static bool types_fit(const horn__type *a, const horn__type *b) {
  bool fit = a->dtype == b->dtype && a->shape.rank == b->shape.rank;
  for (int32_t d = 0; fit && d < a->shape.rank; d++)
    fit = a->shape.dims[d] < 0 || b->shape.dims[d] < 0 || a->shape.dims[d] == b->shape.dims[d];
  return fit;
}

static horn_status check_like(horn_context *ctx, const horn__graph *graph, const derivation *d) {
  for (size_t i = 0; i < d->y_count; i++) {
    const horn__type *y = horn__type_of(graph, d->ys[i]), *dy = horn__type_of(graph, d->dys[i]);
    char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
    if (dy == NULL || types_fit(y, dy)) continue;
    return horn__fail(ctx, HORN_E_SHAPE, "gradients: dy %zu: expected %s of %s, got %s of %s", i, horn__shape_text(&y->shape, want, sizeof want),
                      horn__dtype_name(y->dtype), horn__shape_text(&dy->shape, got, sizeof got), horn__dtype_name(dy->dtype));
  }
  return HORN_OK;
}

static horn_status derive(horn_context *ctx, const derivation *d) {
  horn__graph *graph = d->owner->graph;
  HORN__TRY(check_like(ctx, graph, d));
  HORN__TRY(horn__graph_gradients(graph, d->ys, d->dys, (int32_t)d->y_count, d->xs, (int32_t)d->count, d->dxs));
  for (size_t i = 0; i < d->count; i++)
    if (d->dxs[i] == HORN__NONE) d->dxs[i] = HORN__EMIT(graph, ZerosLike, NULL, d->xs[i]);
  return graph->status;
}

horn_status horn_graph_gradients(horn_context *ctx, horn_graph graph, const horn_tensor *ys, size_t y_count, const horn_tensor *dys,
                                 const horn_tensor *xs, size_t count, horn_tensor *out_tensors) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "gradients", graph, HORN__GRAPH, &entry));
  if (y_count > INT32_MAX / 8 || count > INT32_MAX / 8) return horn__fail(ctx, HORN_E_LIMIT, "gradients: too many tensors");
  horn__value *values = horn__alloc(ctx, 2 * (y_count + count) * sizeof *values + 1, false);
  if (values == NULL) return HORN_E_OUT_OF_MEMORY;
  const derivation d = {entry->as.graph, values, values + y_count, values + 2 * y_count, values + 2 * y_count + count, y_count, count};
  horn_status status = find_symbols(ctx, "gradients", d.owner, ys, y_count, false, d.ys);
  for (size_t i = 0; i < y_count; i++) d.dys[i] = HORN__NONE;
  if (status == HORN_OK && dys != NULL) status = find_symbols(ctx, "gradients", d.owner, dys, y_count, true, d.dys);
  if (status == HORN_OK) status = find_symbols(ctx, "gradients", d.owner, xs, count, false, d.xs);
  if (status == HORN_OK) {
    status = derive(ctx, &d);
    horn__take_status(d.owner->graph);
  }
  if (status == HORN_OK) status = horn__symbol_handles(ctx, d.owner, d.dxs, (int32_t)count, out_tensors);
  horn__free(ctx, values);
  return status;
}

/* ---- what made a tensor -------------------------------------------------------------------------------------------------- */

/* NULL where no op made the value. */
static const horn__node *maker_of(const horn__graph *graph, horn__value value) {
  const horn__value_info *info = &graph->values[value];
  return info->kind == HORN__RESULT ? &graph->nodes[info->node] : NULL;
}

horn_status horn_graph_source(horn_context *ctx, horn_tensor tensor, const char *name, horn_tensor *out_tensor) {
  horn__slot_entry *entry;
  const horn__op *op = horn__op_named(name);
  if (op == NULL) return horn__fail(ctx, HORN_E_NOT_FOUND, "source: there is no op \"%.60s\"", name);
  HORN__TRY(horn__handle_get(ctx, "source", tensor, HORN__SYMBOL, &entry));
  horn__graph_entry *owner = entry->as.graph;
  const horn__node *maker = maker_of(owner->graph, entry->value);
  while (maker != NULL && maker->op != op && maker->op == &horn__op_Identity) maker = maker_of(owner->graph, maker->in[0]);
  *out_tensor = 0;
  if (maker == NULL || maker->op != op || maker->inputs == 0) return HORN_OK;
  return horn__symbol_handle(ctx, owner, maker->in[0], out_tensor);
}

/* ---- updates ------------------------------------------------------------------------------------------------------------ */

/* The weight is one of the graph's, and the value has its type. */
static horn_status check_update(horn_context *ctx, const horn__graph *graph, horn__value weight, horn__value value) {
  const horn__type *expected = horn__type_of(graph, weight), *type = horn__type_of(graph, value);
  char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
  if (graph->values[weight].kind != HORN__WEIGHT) return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "update: the tensor is not a weight of the graph");
  if (types_fit(expected, type)) return HORN_OK;
  return horn__fail(ctx, HORN_E_SHAPE, "update: expected %s of %s, got %s of %s", horn__shape_text(&expected->shape, want, sizeof want),
                    horn__dtype_name(expected->dtype), horn__shape_text(&type->shape, got, sizeof got), horn__dtype_name(type->dtype));
}

/* The value of the graph that stands for a weight's tensor in its updates. */
static horn__value first_weight(const horn__graph *graph, horn__value weight) {
  for (size_t u = 0; u < graph->update_count; u++)
    if (graph->values[graph->updates[u].weight].tensor->data == graph->values[weight].tensor->data) return graph->updates[u].weight;
  return weight;
}

horn_status horn_graph_update(horn_context *ctx, horn_graph graph, horn_tensor weight, horn_tensor value) {
  horn__slot_entry *entry;
  horn__value values[2];
  HORN__TRY(horn__handle_get(ctx, "update", graph, HORN__GRAPH, &entry));
  horn__graph_entry *owner = entry->as.graph;
  HORN__TRY(find_symbols(ctx, "update", owner, (const horn_tensor[]){weight, value}, 2, false, values));
  HORN__TRY(check_update(ctx, owner->graph, values[0], values[1]));
  HORN__TRY(horn__graph_update(owner->graph, first_weight(owner->graph, values[0]), values[1]));
  for (int i = 0; i < PLANS; i++) release_plan(ctx, &owner->plans[i]); /* they know nothing of it */
  return HORN_OK;
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
    HORN__TRY(horn__plan_renew(&entry->plans[i].plan, entry->graph, wanted));
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
  char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
  if (types_fit(expected, type)) return HORN_OK;
  return horn__fail(ctx, HORN_E_SHAPE, "graph: input %zu: expected %s of %s, got %s of %s", i, horn__shape_text(&expected->shape, want, sizeof want),
                    horn__dtype_name(expected->dtype), horn__shape_text(&type->shape, got, sizeof got), horn__dtype_name(type->dtype));
}

static horn_status run_plan(horn_context *ctx, const run_space *space, horn__plan *plan, int32_t count, horn_tensor *out_tensors) {
  horn_status status = HORN_OK;
  int32_t made = 0;
  for (; made < count; made++) {
    status = horn__tensor_create(ctx, horn__plan_output(plan, made), false, &space->outputs[made]);
    if (status != HORN_OK) break;
    space->out[made] = space->outputs[made]->data;
  }
  if (status == HORN_OK) status = horn__plan_run(plan, space->in, space->out);
  if (status == HORN_OK) return horn__tensor_handles(ctx, space->outputs, count, out_tensors);
  for (int32_t i = 0; i < made; i++) horn__tensor_release(ctx, space->outputs[i]);
  return status;
}

static horn_status make_in_space(horn_context *ctx, run_space *space, size_t count) {
  if (count <= space->in_capacity) return HORN_OK;
  space->in_capacity = 0;
  horn__free(ctx, space->types);
  horn__free(ctx, space->in);
  horn__free(ctx, space->copies);
  space->types = horn__alloc(ctx, count * sizeof *space->types, false);
  space->in = horn__alloc(ctx, count * sizeof *space->in, false);
  space->copies = horn__alloc(ctx, count * sizeof(horn__tensor *), false);
  if (space->types == NULL || space->in == NULL || space->copies == NULL) return HORN_E_OUT_OF_MEMORY;
  space->in_capacity = count;
  return HORN_OK;
}

static horn_status make_out_space(horn_context *ctx, run_space *space, size_t count) {
  if (count <= space->out_capacity) return HORN_OK;
  space->out_capacity = 0;
  horn__free(ctx, space->wanted);
  horn__free(ctx, space->outputs);
  horn__free(ctx, space->out);
  space->wanted = horn__alloc(ctx, count * sizeof *space->wanted, false);
  space->outputs = horn__alloc(ctx, count * sizeof(horn__tensor *), false);
  space->out = horn__alloc(ctx, count * sizeof *space->out, false);
  if (space->wanted == NULL || space->outputs == NULL || space->out == NULL) return HORN_E_OUT_OF_MEMORY;
  space->out_capacity = count;
  return HORN_OK;
}

/* An input that is a weight which the run writes is read from a copy. */
static horn_status copy_written(horn_context *ctx, const run_space *space, const horn__plan *plan, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!horn__plan_writes(plan, space->in[i])) continue;
    HORN__TRY(horn__tensor_create(ctx, &space->types[i], false, &space->copies[i]));
    memcpy(space->copies[i]->data, space->in[i], space->copies[i]->bytes);
    space->in[i] = space->copies[i]->data;
  }
  return HORN_OK;
}

static horn_status take_inputs(horn_context *ctx, horn__graph_entry *entry, const horn_tensor *inputs, size_t count) {
  horn__slot_entry *input;
  for (size_t i = 0; i < count; i++) {
    HORN__TRY(horn__handle_get(ctx, "graph", inputs[i], HORN__TENSOR, &input));
    entry->space.types[i] = input->as.tensor->type;
    entry->space.in[i] = input->as.tensor->data;
    entry->space.copies[i] = NULL;
    HORN__TRY(check_input(ctx, entry->graph, i, &entry->space.types[i]));
  }
  return HORN_OK;
}

horn_status horn_graph_run(horn_context *ctx, horn_graph graph, const horn_tensor *inputs, size_t count, const horn_tensor *wanted,
                           size_t wanted_count, horn_tensor *out_tensors) {
  horn__slot_entry *entry;
  horn__plan *plan;
  HORN__TRY(horn__handle_get(ctx, "graph", graph, HORN__GRAPH, &entry));
  horn__graph_entry *owner = entry->as.graph;
  if (count != owner->graph->input_count)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "graph: expected %zu inputs, got %zu", owner->graph->input_count, count);
  if (wanted_count > INT32_MAX / 8) return horn__fail(ctx, HORN_E_LIMIT, "graph: too many tensors");
  HORN__TRY(make_in_space(ctx, &owner->space, count + 1));
  HORN__TRY(make_out_space(ctx, &owner->space, wanted_count + 1));
  HORN__TRY(take_inputs(ctx, owner, inputs, count));
  HORN__TRY(find_symbols(ctx, "graph", owner, wanted, wanted_count, false, owner->space.wanted));
  HORN__TRY(find_plan(ctx, owner, owner->space.types, owner->space.wanted, (int32_t)wanted_count, &plan));
  horn_status status = copy_written(ctx, &owner->space, plan, count);
  if (status == HORN_OK) status = run_plan(ctx, &owner->space, plan, (int32_t)wanted_count, out_tensors);
  for (size_t i = 0; i < count; i++) horn__tensor_release(ctx, owner->space.copies[i]);
  return status;
}
