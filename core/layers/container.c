/* Sequential and Functional: models as layers. Functional's nodes are run in an order found from their inputs, never by recursion.
 * Reference: keras/src/models/functional.py, keras/src/ops/function.py. */
#include "layers/container.h"

#include <stdlib.h>
#include <string.h>

#include "cJSON.h"

enum { MAX_LAYERS = 100000, MAX_NODES = 200000 };

static const cJSON *layer_list(const horn__layer *model) {
  /* Keras before 2.2.3 writes a Sequential's config as the bare list */
  const cJSON *list = cJSON_IsArray(model->json) ? model->json : horn__json_get(model->json, "layers");
  return cJSON_IsArray(list) ? list : NULL;
}

static horn_status create_children(horn__layer *model) {
  const cJSON *list = layer_list(model), *item;
  if (list == NULL) return horn__layer_fail(model, HORN_E_FORMAT, "expected a list of layers in the config");
  if (cJSON_GetArraySize(list) > MAX_LAYERS) return horn__layer_fail(model, HORN_E_LIMIT, "more than %d layers", MAX_LAYERS);
  cJSON_ArrayForEach(item, list) {
    horn__layer *child;
    HORN__TRY(horn__add_child(model, item, NULL, &child));
  }
  return HORN_OK;
}

/* ---- Sequential --------------------------------------------------------------------------------------------------- */

static horn_status sequential_call(horn__call *call) {
  horn__slot slots[HORN__MAX_SLOTS];
  memcpy(slots, call->in, (size_t)call->count * sizeof *slots);
  int32_t count = call->count;
  for (size_t i = 0; i < call->layer->child_count; i++) {
    HORN__TRY(horn__layer_call(call->layer->children[i], call->graph, slots, count, call->out, &count));
    memcpy(slots, call->out, (size_t)count * sizeof *slots);
  }
  memcpy(call->out, slots, (size_t)count * sizeof *slots);
  call->outputs = count;
  return HORN_OK;
}

const horn__layer_class horn__layer_Sequential = {
    .name = "Sequential", .min_inputs = 1, .max_inputs = 1, .config = HORN__NO_FIELDS, .create = create_children, .call = sequential_call};

/* ---- Pipeline: preprocessing layers, one after the other. Reference: keras/src/layers/preprocessing/pipeline.py ------- */

typedef struct pipeline_config {
  const cJSON *layers;
} pipeline_config;

static const horn__field pipeline_rows[] = {HORN__JSON(pipeline_config, layers, NULL, NULL)};

const horn__layer_class horn__layer_Pipeline = {
    .name = "Pipeline", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(pipeline_config, pipeline_rows), .create = create_children,
    .call = sequential_call};

/* ---- Functional: reading ------------------------------------------------------------------------------------------- */

typedef struct builder {
  horn__layer *model;
  horn__functional *net;
  size_t node_capacity;
} builder;

/* Fills net->by_name by merging: qsort has no way to see the names. */
static void sort_names(horn__layer *const *layers, int32_t *list, int32_t *scratch, size_t count) {
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t start = 0; start < count; start += 2 * width) {
      size_t middle = start + width < count ? start + width : count, end = start + 2 * width < count ? start + 2 * width : count;
      for (size_t i = start, j = middle, k = start; k < end; k++)
        scratch[k] = i < middle && (j >= end || strcmp(layers[list[i]]->name, layers[list[j]]->name) <= 0) ? list[i++] : list[j++];
    }
    memcpy(list, scratch, count * sizeof *list);
  }
}

static horn_status index_names(const horn__layer *model, horn__functional *net) {
  size_t count = model->child_count;
  net->by_name = horn__arena_alloc(model->arena, count * sizeof *net->by_name + 1);
  int32_t *scratch = horn__arena_alloc(model->arena, count * sizeof *scratch + 1);
  if (net->by_name == NULL || scratch == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < count; i++) net->by_name[i] = (int32_t)i;
  sort_names(model->children, net->by_name, scratch, count);
  for (size_t i = 1; i < count; i++) {
    const char *name = model->children[net->by_name[i]]->name;
    if (strcmp(name, model->children[net->by_name[i - 1]]->name) == 0)
      return horn__layer_fail(model, HORN_E_FORMAT, "two layers have the name \"%.100s\": all layer names should be unique", name);
  }
  return HORN_OK;
}

static horn_status add_node(builder *b, int32_t layer, const cJSON *json) {
  horn__reference in[HORN__MAX_SLOTS];
  horn__model_node node = {.layer = layer, .index = b->net->calls[layer], .in = in};
  HORN__TRY(horn__read_call(b->model, json, &node));
  if (b->net->node_count >= MAX_NODES) return horn__layer_fail(b->model, HORN_E_LIMIT, "more than %d nodes", MAX_NODES);
  void *nodes = b->net->nodes;
  horn_status status = horn__grow(b->model->ctx, &nodes, &b->node_capacity, b->net->node_count + 1, sizeof *b->net->nodes);
  b->net->nodes = nodes;
  HORN__TRY(status);
  node.in = horn__arena_alloc(b->model->arena, (size_t)node.count * sizeof *in + 1);
  if (node.in == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(node.in, in, (size_t)node.count * sizeof *in);
  b->net->nodes[b->net->node_count++] = node;
  b->net->calls[layer]++;
  return HORN_OK;
}

static horn_status read_nodes(builder *b) {
  const cJSON *item, *node;
  int32_t layer = 0;
  cJSON_ArrayForEach(item, layer_list(b->model)) {
    const cJSON *nodes = horn__json_get(item, "inbound_nodes");
    if (nodes == NULL) nodes = horn__json_get(item, "inboundNodes");
    b->net->first_node[layer] = (int32_t)b->net->node_count;
    if (cJSON_GetArraySize(nodes) == 0) HORN__TRY(add_node(b, layer, NULL)); /* an input */
    cJSON_ArrayForEach(node, nodes) HORN__TRY(add_node(b, layer, node));
    layer++;
  }
  return HORN_OK;
}

static int by_key(const void *a, const void *b) { return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string); }

/* The members of an object in the order of their names: so Keras flattens dictionaries. */
static horn_status collect_sorted(const horn__layer *model, const cJSON *json, horn__reference *out, int32_t *count) {
  const cJSON *members[HORN__MAX_SLOTS], *item;
  size_t n = 0;
  cJSON_ArrayForEach(item, json) {
    if (n == HORN__MAX_SLOTS) return horn__layer_fail(model, HORN_E_LIMIT, "more than %d inputs or outputs", HORN__MAX_SLOTS);
    members[n++] = item;
  }
  qsort(members, n, sizeof *members, by_key);
  for (size_t i = 0; i < n; i++) HORN__TRY(horn__collect_references(model, members[i], out, count));
  return HORN_OK;
}

/* input_layers and output_layers: triples, one flat triple, or an object of them. */
static horn_status read_ends(const horn__layer *model, const char *snake, const char *camel, horn__reference **out, int32_t *count) {
  horn__reference ends[HORN__MAX_SLOTS];
  const cJSON *json = horn__json_get(model->json, snake);
  if (json == NULL) json = horn__json_get(model->json, camel);
  *count = 0;
  HORN__TRY(cJSON_IsObject(json) ? collect_sorted(model, json, ends, count) : horn__collect_references(model, json, ends, count));
  if (*count == 0) return horn__layer_fail(model, HORN_E_FORMAT, "expected %s", snake);
  *out = horn__arena_alloc(model->arena, (size_t)*count * sizeof **out);
  if (*out == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(*out, ends, (size_t)*count * sizeof **out);
  return HORN_OK;
}

/* Runs body for each reference of the model's nodes, then of its outputs. */
#define FOR_EACH_REFERENCE(net, reference)                                                    \
  for (size_t n_ = 0; n_ <= (net)->node_count; n_++)                                          \
    for (horn__reference *reference = n_ < (net)->node_count ? (net)->nodes[n_].in : (net)->outputs, \
                         *end_ = reference + (n_ < (net)->node_count ? (net)->nodes[n_].count : (net)->output_count); \
         reference < end_; reference++)

/* tf.keras counts the calls of a nested model from 1: call 0 is the one that made it. Then some reference is behind the last call, counted from 0,
 * as every call of a model leads to an output. */
static horn_status count_calls_from_zero(const horn__layer *model, horn__functional *net) {
  bool *from_one = horn__arena_alloc(model->arena, model->child_count + 1);
  if (from_one == NULL) return HORN_E_OUT_OF_MEMORY;
  FOR_EACH_REFERENCE(net, r)
  if (model->children[r->layer]->child_count != 0 && r->node == net->calls[r->layer]) from_one[r->layer] = true;
  FOR_EACH_REFERENCE(net, r)
  if (from_one[r->layer]) r->node--;
  return HORN_OK;
}

static horn_status functional_create(horn__layer *model) {
  cJSON *list = (cJSON *)layer_list(model); /* the document is the model's own */
  if (list != NULL && model->keras >= 3) HORN__TRY(horn__drop_mask_layers(model, list));
  HORN__TRY(create_children(model));
  horn__functional *net = horn__arena_alloc(model->arena, sizeof *net);
  if (net == NULL) return HORN_E_OUT_OF_MEMORY;
  model->data = net;
  HORN__TRY(index_names(model, net));
  net->calls = horn__arena_alloc(model->arena, model->child_count * sizeof *net->calls + 1);
  net->first_node = horn__arena_alloc(model->arena, model->child_count * sizeof *net->first_node + 1);
  if (net->calls == NULL || net->first_node == NULL) return HORN_E_OUT_OF_MEMORY;
  builder b = {.model = model, .net = net};
  horn_status status = read_nodes(&b);
  horn__model_node *nodes = net->nodes; /* from the heap while they grew, from now on in the arena */
  net->nodes = horn__arena_alloc(model->arena, net->node_count * sizeof *nodes + 1);
  if (net->nodes == NULL) status = HORN_E_OUT_OF_MEMORY;
  if (status == HORN_OK && nodes != NULL) memcpy(net->nodes, nodes, net->node_count * sizeof *nodes);
  horn__free(model->ctx, nodes);
  HORN__TRY(status);
  HORN__TRY(read_ends(model, "input_layers", "inputLayers", &net->inputs, &net->input_count));
  HORN__TRY(read_ends(model, "output_layers", "outputLayers", &net->outputs, &net->output_count));
  HORN__TRY(count_calls_from_zero(model, net));
  return horn__order_nodes(model, net);
}

/* ---- Functional: calling ------------------------------------------------------------------------------------------- */

typedef struct produced {
  int32_t count;
  horn__slot *slots;
} produced;

static horn_status look_up(const horn__layer *model, const horn__functional *net, const produced *results, const horn__reference *reference,
                           horn__slot *out) {
  int32_t node = horn__node_of(net, reference);
  if (node < 0 || reference->tensor >= results[node].count)
    return horn__layer_fail(model, HORN_E_FORMAT, "output %d of call %d of the layer \"%.100s\" does not exist", reference->tensor,
                            reference->node, model->children[reference->layer]->name);
  *out = results[node].slots[reference->tensor];
  return HORN_OK;
}

static horn_status keep(horn__arena *arena, produced *result, const horn__slot *slots, int32_t count) {
  result->slots = horn__arena_alloc(arena, (size_t)count * sizeof *slots + 1);
  if (result->slots == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(result->slots, slots, (size_t)count * sizeof *slots);
  result->count = count;
  return HORN_OK;
}

/* The index of the model's input that this node is, -1 where it is none. */
static int32_t input_index(const horn__functional *net, int32_t node) {
  for (int32_t i = 0; i < net->input_count; i++)
    if (horn__node_of(net, &net->inputs[i]) == node) return i;
  return -1;
}

static bool any_mask(const horn__slot *slots, int32_t count) {
  for (int32_t i = 0; i < count; i++)
    if (slots[i].mask != HORN__NONE) return true;
  return false;
}

static horn__value as_mask(horn__graph *graph, horn__value x) {
  return horn__type_of(graph, x)->dtype == HORN_BOOL ? x : HORN__EMIT(graph, Cast, &(horn__cast){HORN_BOOL}, x);
}

/* Puts the tensors of a node into the slots of a call; a mask that is a tensor of its own replaces the one that comes with its input. */
static horn_status fill_slots(const horn__layer *model, horn__graph *graph, const produced *results, const horn__model_node *node, horn__slot *in) {
  const horn__functional *net = model->data;
  horn__slot found;
  for (int32_t i = 0; i < node->slots; i++) in[i] = (horn__slot){HORN__NONE, HORN__NONE};
  for (int32_t i = 0; i < node->count; i++) {
    const int32_t place = node->in[i].place;
    HORN__TRY(look_up(model, net, results, &node->in[i], &found));
    if (place < HORN__MAX_SLOTS)
      in[place] = (horn__slot){found.value, in[place].mask == HORN__NONE ? found.mask : in[place].mask};
    else if (place - HORN__MAX_SLOTS < node->slots)
      in[place - HORN__MAX_SLOTS].mask = as_mask(graph, found.value);
  }
  return HORN_OK;
}

static horn_status run_node(horn__call *call, horn__arena *scratch, produced *results, int32_t n) {
  horn__layer *model = call->layer;
  const horn__functional *net = model->data;
  const horn__model_node *node = &net->nodes[n];
  horn__layer *child = model->children[node->layer];
  horn__slot in[HORN__MAX_SLOTS], out[HORN__MAX_SLOTS];
  horn__call inner = {.layer = child, .graph = call->graph, .arguments = node->arguments, .count = node->slots, .in = in, .out = out};
  int32_t input = input_index(net, n);
  if (input >= 0) {
    if (input >= call->count) return horn__layer_fail(model, HORN_E_INVALID_ARGUMENT, "expected %d inputs, got %d", net->input_count, call->count);
    in[0] = call->in[input];
    inner.count = 1;
  } else if (node->slots == 0) {
    return horn__layer_fail(model, HORN_E_FORMAT, "the layer \"%.100s\" has no inputs and is no input of the model", child->name);
  } else {
    HORN__TRY(fill_slots(model, call->graph, results, node, in));
  }
  if (node->masked && !any_mask(in, inner.count))
    return horn__layer_fail(child, HORN_E_UNSUPPORTED, "it is called with a mask that does not come with its inputs");
  HORN__TRY(horn__layer_run(&inner));
  return keep(scratch, &results[n], out, inner.outputs);
}

static horn_status run_nodes(horn__call *call, horn__arena *scratch) {
  const horn__functional *net = call->layer->data;
  produced *results = horn__arena_alloc(scratch, net->node_count * sizeof *results + 1);
  if (results == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < net->node_count; i++) HORN__TRY(run_node(call, scratch, results, net->order[i]));
  for (int32_t i = 0; i < net->output_count; i++) HORN__TRY(look_up(call->layer, net, results, &net->outputs[i], &call->out[i]));
  call->outputs = net->output_count;
  return HORN_OK;
}

static horn_status functional_call(horn__call *call) {
  const horn__functional *net = call->layer->data;
  if (call->count != net->input_count)
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected %d inputs, got %d", net->input_count, call->count);
  horn__arena scratch;
  horn__arena_init(&scratch, call->layer->ctx);
  horn_status status = run_nodes(call, &scratch);
  horn__arena_release(&scratch);
  return status;
}

const horn__layer_class horn__layer_Functional = {
    .name = "Functional", .aliases = "Model", .min_inputs = 1, .max_inputs = HORN__MAX_SLOTS, .config = HORN__NO_FIELDS,
    .create = functional_create, .call = functional_call};
