/* Models as JSON: the description for JavaScript, and the topology in the one normal form (Keras 2's, which TensorFlow.js reads too). */
#include <string.h>

#include "cJSON.h"
#include "layers/container.h"
#include "layers/model.h"

/* ---- JSON values of configs, without what only Keras 3 writes ------------------------------------------------------------ */

static bool keras3_key(const char *key) {
  static const char *const keys[] = {"module", "registered_name", "build_config", "shared_object_id", "compile_config"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (strcmp(key, keys[i]) == 0) return true;
  return false;
}

typedef struct renaming {
  const char *from, *to;
} renaming;

static const renaming renamings[] = {{"OrthogonalInitializer", "Orthogonal"}, {"L1", "L1L2"}, {"L2", "L1L2"}};

static const char *normal_class(const char *name) {
  for (size_t i = 0; i < sizeof renamings / sizeof renamings[0]; i++)
    if (strcmp(name, renamings[i].from) == 0) return renamings[i].to;
  return name;
}

static void write_members(horn__text *text, const horn__layer *layer);

/* {"class_name": ..., "config": {...}} */
static void write_layer(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, "{");
  write_members(text, layer);
  horn__text_add(text, "}");
}

/* A nested layer (of a wrapper) is written by its own table; anything else as it came. Depth is bounded by the parser. */
static void write_json(horn__text *text, const cJSON *json, const void *owner) {
  const horn__layer *layer = owner;
  const cJSON *config = horn__json_get(json, "config"), *item;
  for (size_t i = 0; config != NULL && i < layer->child_count; i++) {
    if (layer->children[i]->json != config) continue;
    write_layer(text, layer->children[i]);
    return;
  }
  if (json == NULL || (!cJSON_IsObject(json) && !cJSON_IsArray(json))) {
    if (json == NULL)
      horn__text_add(text, "null");
    else
      horn__json_write(text, json);
    return;
  }
  bool object = cJSON_IsObject(json), first = true;
  horn__text_add(text, object ? "{" : "[");
  cJSON_ArrayForEach(item, json) {
    if (object && keras3_key(item->string)) continue;
    if (!first) horn__text_add(text, ",");
    first = false;
    if (object) {
      horn__text_quote(text, item->string);
      horn__text_add(text, ":");
    }
    if (object && strcmp(item->string, "class_name") == 0 && cJSON_IsString(item))
      horn__text_quote(text, normal_class(item->valuestring));
    else
      write_json(text, item, owner);
  }
  horn__text_add(text, object ? "}" : "]");
}

/* ---- layers ---------------------------------------------------------------------------------------------------------- */

static void write_dims(horn__text *text, const int32_t *dims, int32_t rank) {
  horn__text_add(text, "[");
  for (int32_t i = 0; i < rank; i++) {
    if (i != 0) horn__text_add(text, ",");
    if (dims[i] < 0)
      horn__text_add(text, "null");
    else
      horn__text_add(text, "%d", dims[i]);
  }
  horn__text_add(text, "]");
}

static void write_common(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, "\"name\":");
  horn__text_quote(text, layer->name);
  horn__text_add(text, ",\"trainable\":%s", layer->trainable ? "true" : "false");
  if (layer->batch_input_shape.count >= 0) {
    horn__text_add(text, ",\"batch_input_shape\":");
    write_dims(text, layer->batch_input_shape.values, layer->batch_input_shape.count);
  }
  horn__text_add(text, ",\"dtype\":");
  horn__text_quote(text, layer->dtype == NULL || strncmp(layer->dtype, "mixed_", 6) == 0 ? "float32" : layer->dtype);
}

static bool is_model(const horn__layer *layer) { return layer->type == &horn__layer_Functional || layer->type == &horn__layer_Sequential; }

int32_t horn__written_node(const horn__layer *model, const horn__reference *reference) {
  return reference->node + (is_model(model->children[reference->layer]) ? 1 : 0);
}

static void write_reference(horn__text *text, const horn__layer *model, const horn__reference *reference, int32_t node) {
  horn__text_add(text, "[");
  horn__text_quote(text, model->children[reference->layer]->name);
  horn__text_add(text, ",%d,%d]", node, reference->tensor);
}

static void write_ends(horn__text *text, const horn__layer *model, const char *key, const horn__reference *ends, int32_t count) {
  horn__text_add(text, ",\"%s\":[", key);
  for (int32_t i = 0; i < count; i++) {
    if (i != 0) horn__text_add(text, ",");
    write_reference(text, model, &ends[i], horn__written_node(model, &ends[i]));
  }
  horn__text_add(text, "]");
}

/* The inputs of a call, for the description. */
static void describe_call(horn__text *text, const horn__layer *model, const horn__model_node *node) {
  bool first = true;
  horn__text_add(text, "[");
  for (int32_t i = 0; i < node->count; i++) {
    if (node->in[i].place >= HORN__MAX_SLOTS) continue;
    horn__text_add(text, first ? "" : ",");
    first = false;
    write_reference(text, model, &node->in[i], node->in[i].node);
  }
  horn__text_add(text, "]");
}

typedef void (*call_writer)(horn__text *text, const horn__layer *model, const horn__model_node *node);

/* The calls of layer `index` of a Functional: all but those that make inputs. */
static void write_inbound(horn__text *text, const horn__layer *model, int32_t index, call_writer write) {
  const horn__functional *net = model->data;
  bool first = true;
  horn__text_add(text, "[");
  for (int32_t c = 0; c < net->calls[index]; c++) {
    const horn__model_node *node = &net->nodes[net->first_node[index] + c];
    if (node->count == 0) continue;
    if (!first) horn__text_add(text, ",");
    first = false;
    write(text, model, node);
  }
  horn__text_add(text, "]");
}

static void write_functional(horn__text *text, const horn__layer *model) {
  const horn__functional *net = model->data;
  horn__text_add(text, ",\"layers\":[");
  for (size_t i = 0; i < model->child_count; i++) {
    horn__text_add(text, "%s{\"name\":", i == 0 ? "" : ",");
    horn__text_quote(text, model->children[i]->name);
    horn__text_add(text, ",");
    write_members(text, model->children[i]);
    horn__text_add(text, ",\"inbound_nodes\":");
    write_inbound(text, model, (int32_t)i, horn__write_call);
    horn__text_add(text, "}");
  }
  horn__text_add(text, "]");
  write_ends(text, model, "input_layers", net->inputs, net->input_count);
  write_ends(text, model, "output_layers", net->outputs, net->output_count);
}

static void write_sequential(horn__text *text, const horn__layer *model) {
  horn__text_add(text, ",\"layers\":[");
  for (size_t i = 0; i < model->child_count; i++) {
    if (i != 0) horn__text_add(text, ",");
    write_layer(text, model->children[i]);
  }
  horn__text_add(text, "]");
}

/* The common fields, then those of the class; what a model has instead are its layers. */
static void write_config(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, "{");
  write_common(text, layer);
  if (layer->type == &horn__layer_Functional) write_functional(text, layer);
  if (layer->type == &horn__layer_Sequential) write_sequential(text, layer);
  horn__fields_write(text, &layer->type->config, layer->config, write_json, layer);
  horn__text_add(text, "}");
}

/* "class_name": ..., "config": {...} */
static void write_members(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, "\"class_name\":\"%s\",\"config\":", layer->type->name);
  write_config(text, layer);
}

void horn__model_topology(const horn__model *model, horn__text *text) { write_layer(text, model->root); }

/* ---- the description --------------------------------------------------------------------------------------------------- */

static void describe_type(horn__text *text, const char *name, const horn__type *type) {
  horn__text_add(text, "{\"name\":");
  horn__text_quote(text, name);
  horn__text_add(text, ",\"shape\":");
  write_dims(text, type->shape.dims, type->shape.rank);
  horn__text_add(text, ",\"dtype\":\"%s\"}", horn__dtype_name(type->dtype));
}

/* Indices of a layer's weights are those of its first one and on, as list_weights has them. */
static void describe_weights(horn__text *text, const horn__layer *layer, size_t *index) {
  horn__text_add(text, ",\"weights\":[");
  for (size_t i = 0; i < layer->weight_count; i++) horn__text_add(text, "%s%zu", i == 0 ? "" : ",", (*index)++);
  horn__text_add(text, "]");
}

static void describe_shapes(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, ",\"outputShapes\":[");
  for (int32_t i = 0; i < layer->outputs; i++) {
    if (i != 0) horn__text_add(text, ",");
    write_dims(text, layer->output_types[i].shape.dims, layer->output_types[i].shape.rank);
  }
  horn__text_add(text, "]");
}

static void describe_layer(horn__text *text, const horn__layer *layer, const horn__layer *parent, int32_t place, size_t *index) {
  horn__text_add(text, "{\"name\":");
  horn__text_quote(text, layer->name);
  horn__text_add(text, ",\"className\":\"%s\",\"trainable\":%s", layer->type->name, layer->trainable ? "true" : "false");
  if (!is_model(layer)) {
    horn__text_add(text, ",\"config\":");
    write_config(text, layer);
  }
  describe_shapes(text, layer);
  if (parent != NULL && parent->type == &horn__layer_Functional) {
    horn__text_add(text, ",\"inbound\":");
    write_inbound(text, parent, place, describe_call);
  }
  describe_weights(text, layer, index);
  horn__text_add(text, ",\"layers\":[");
  for (size_t i = 0; i < layer->child_count; i++) {
    if (i != 0) horn__text_add(text, ",");
    describe_layer(text, layer->children[i], layer, (int32_t)i, index);
  }
  horn__text_add(text, "]}");
}

static void describe_ends(horn__text *text, const horn__model *model) {
  const horn__layer *root = model->root;
  const horn__functional *net = root->type == &horn__layer_Functional ? root->data : NULL;
  horn__text_add(text, ",\"inputs\":[");
  for (size_t i = 0; i < model->graph->input_count; i++) {
    if (i != 0) horn__text_add(text, ",");
    describe_type(text, model->input_names[i], horn__type_of(model->graph, model->graph->inputs[i]));
  }
  horn__text_add(text, "],\"outputs\":[");
  for (int32_t i = 0; i < model->output_count; i++) {
    const horn__layer *last = root;
    if (net != NULL)
      last = root->children[net->outputs[i].layer];
    else if (root->child_count > 0)
      last = root->children[root->child_count - 1];
    if (i != 0) horn__text_add(text, ",");
    describe_type(text, last->name, horn__type_of(model->graph, model->outputs[i]));
  }
  horn__text_add(text, "]");
}

void horn__model_describe(const horn__model *model, horn__text *text) {
  const horn__layer *root = model->root;
  size_t index = 0;
  horn__text_add(text, "{\"name\":");
  horn__text_quote(text, root->name);
  horn__text_add(text, ",\"className\":\"%s\"", root->type->name);
  describe_ends(text, model);
  describe_weights(text, root, &index);
  horn__text_add(text, ",\"layers\":[");
  for (size_t i = 0; i < root->child_count; i++) {
    if (i != 0) horn__text_add(text, ",");
    describe_layer(text, root->children[i], root, (int32_t)i, &index);
  }
  horn__text_add(text, "],\"allWeights\":[");
  for (size_t i = 0; i < model->weight_count; i++) {
    const horn__weight *weight = model->weights[i];
    horn__text_add(text, "%s{\"name\":", i == 0 ? "" : ",");
    horn__text_quote(text, weight->name);
    horn__text_add(text, ",\"shape\":");
    write_dims(text, weight->shape.dims, weight->shape.rank);
    horn__text_add(text, ",\"dtype\":\"float32\",\"trainable\":%s}", weight->trainable ? "true" : "false");
  }
  horn__text_add(text, "]}");
}
