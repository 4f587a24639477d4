/* Sequential and Functional: models as layers. Functional's nodes are run in an order found from their inputs, never by recursion.
 * inbound_nodes are read in every form that Keras 1, 2 and 3 write, and written in Keras 2's. Reference: keras/src/models/functional.py,
 * keras/src/ops/function.py. */
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

static int32_t find_layer(const horn__layer *model, const char *name) {
  const horn__functional *net = model->data;
  size_t low = 0, high = model->child_count;
  while (name != NULL && low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(name, model->children[net->by_name[middle]]->name);
    if (order == 0) return net->by_name[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return -1;
}

/* ["layer", node, tensor] or ["layer", node, tensor, {}] */
static bool is_reference(const cJSON *json) {
  int size = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : 0;
  if (size != 3 && size != 4) return false;
  return cJSON_IsString(json->child) && cJSON_IsNumber(json->child->next) && cJSON_IsNumber(json->child->next->next);
}

static horn_status read_reference(const horn__layer *model, const cJSON *json, horn__reference *out) {
  int64_t node, tensor;
  const char *name = cJSON_GetStringValue(json->child);
  int32_t layer = find_layer(model, name);
  if (layer < 0) return horn__layer_fail(model, HORN_E_FORMAT, "a node refers to the layer \"%.100s\", which is not there", name);
  if (!horn__json_int(json->child->next, 0, MAX_NODES, &node) || !horn__json_int(json->child->next->next, 0, HORN__MAX_SLOTS - 1, &tensor))
    return horn__layer_fail(model, HORN_E_FORMAT, "a node refers to layer \"%.100s\" with an index out of range", name);
  *out = (horn__reference){layer, (int32_t)node, (int32_t)tensor};
  return HORN_OK;
}

/* Appends the references in json, in order: a reference, a Keras 3 tensor, or lists and objects of them. Depth is bounded by the parser. */
static horn_status collect(const horn__layer *model, const cJSON *json, horn__reference *out, int32_t *count) {
  const cJSON *history = horn__json_get(horn__json_get(json, "config"), "keras_history");
  const char *type = horn__json_text(json, "class_name");
  if (type != NULL && strcmp(type, "__keras_tensor__") == 0 && is_reference(history)) json = history;
  if (is_reference(json)) {
    if (*count == HORN__MAX_SLOTS) return horn__layer_fail(model, HORN_E_LIMIT, "a node has more than %d inputs", HORN__MAX_SLOTS);
    HORN__TRY(read_reference(model, json, &out[(*count)++]));
    json = json->child->next->next->next; /* Keras 2's keyword arguments, or NULL: tensors among them are inputs too */
  }
  const cJSON *item;
  if (cJSON_IsArray(json) || cJSON_IsObject(json)) cJSON_ArrayForEach(item, json) HORN__TRY(collect(model, item, out, count));
  return HORN_OK;
}

/* A call with arguments that change its result, and that are no tensors, must not be dropped silently. */
static horn_status check_arguments(const horn__layer *layer, const cJSON *kwargs) {
  const cJSON *item;
  if (!cJSON_IsObject(kwargs)) return HORN_OK;
  cJSON_ArrayForEach(item, kwargs) {
    if (strcmp(item->string, "training") == 0 && cJSON_IsTrue(item))
      return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "it is called with training=True, which is not supported");
  }
  return HORN_OK;
}

static horn_status check_list_arguments(const horn__layer *layer, const cJSON *node) {
  const cJSON *item;
  cJSON_ArrayForEach(item, node) if (is_reference(item)) HORN__TRY(check_arguments(layer, item->child->next->next->next));
  return HORN_OK;
}

/* Whether json is, or has in it, a tensor of Keras 3. */
static bool has_tensor(const cJSON *json) {
  const cJSON *item;
  if (horn__json_get(horn__json_get(json, "config"), "keras_history") != NULL) return true;
  if (cJSON_IsArray(json)) cJSON_ArrayForEach(item, json) if (has_tensor(item)) return true;
  return false;
}

/* Keyword arguments that are tensors are inputs behind the others; a mask comes with an input. */
static horn_status collect_arguments(const horn__layer *model, const cJSON *kwargs, horn__reference *out, int32_t *count, bool *masked) {
  const cJSON *item;
  cJSON_ArrayForEach(item, kwargs) {
    if (strcmp(item->string, "mask") == 0)
      *masked = has_tensor(item);
    else
      HORN__TRY(collect(model, item, out, count));
  }
  return HORN_OK;
}

static horn_status add_node(builder *b, int32_t layer, const cJSON *json) {
  horn__layer *child = b->model->children[layer];
  horn__reference in[HORN__MAX_SLOTS];
  int32_t count = 0;
  bool masked = false;
  const cJSON *kwargs = horn__json_get(json, "kwargs");
  if (cJSON_IsObject(json)) {
    HORN__TRY(collect(b->model, horn__json_get(json, "args"), in, &count));
    HORN__TRY(collect_arguments(b->model, kwargs, in, &count, &masked));
    HORN__TRY(check_arguments(child, kwargs));
  } else {
    HORN__TRY(collect(b->model, json, in, &count));
    HORN__TRY(check_list_arguments(child, json));
  }
  if (b->net->node_count >= MAX_NODES) return horn__layer_fail(b->model, HORN_E_LIMIT, "more than %d nodes", MAX_NODES);
  void *nodes = b->net->nodes;
  horn_status status = horn__grow(b->model->ctx, &nodes, &b->node_capacity, b->net->node_count + 1, sizeof *b->net->nodes);
  b->net->nodes = nodes;
  HORN__TRY(status);
  horn__reference *kept = horn__arena_alloc(b->model->arena, (size_t)count * sizeof *kept + 1);
  if (kept == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(kept, in, (size_t)count * sizeof *kept);
  b->net->nodes[b->net->node_count++] =
      (horn__model_node){.layer = layer, .index = b->net->calls[layer]++, .count = count, .in = kept, .masked = masked};
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
  for (size_t i = 0; i < n; i++) HORN__TRY(collect(model, members[i], out, count));
  return HORN_OK;
}

/* input_layers and output_layers: triples, one flat triple, or an object of them. */
static horn_status read_ends(const horn__layer *model, const char *snake, const char *camel, horn__reference **out, int32_t *count) {
  horn__reference ends[HORN__MAX_SLOTS];
  const cJSON *json = horn__json_get(model->json, snake);
  if (json == NULL) json = horn__json_get(model->json, camel);
  *count = 0;
  HORN__TRY(cJSON_IsObject(json) ? collect_sorted(model, json, ends, count) : collect(model, json, ends, count));
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

static horn_status run_node(horn__call *call, horn__arena *scratch, produced *results, int32_t n) {
  horn__layer *model = call->layer;
  const horn__functional *net = model->data;
  const horn__model_node *node = &net->nodes[n];
  horn__layer *child = model->children[node->layer];
  horn__slot in[HORN__MAX_SLOTS], out[HORN__MAX_SLOTS];
  int32_t count = node->count, outputs, input = input_index(net, n);
  if (input >= 0) {
    if (input >= call->count) return horn__layer_fail(model, HORN_E_INVALID_ARGUMENT, "expected %d inputs, got %d", net->input_count, call->count);
    in[0] = call->in[input];
    count = 1;
  } else if (count == 0) {
    return horn__layer_fail(model, HORN_E_FORMAT, "the layer \"%.100s\" has no inputs and is no input of the model", child->name);
  } else {
    for (int32_t i = 0; i < count; i++) HORN__TRY(look_up(model, net, results, &node->in[i], &in[i]));
  }
  if (node->masked && !any_mask(in, count))
    return horn__layer_fail(child, HORN_E_UNSUPPORTED, "it is called with a mask that does not come with its inputs");
  HORN__TRY(horn__layer_call(child, call->graph, in, count, out, &outputs));
  return keep(scratch, &results[n], out, outputs);
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
