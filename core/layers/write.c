/* Layers and models as JSON in the one normal form: Keras 2's, which TensorFlow.js reads too. */
#include "layers/write.h"

#include <string.h>

#include "cJSON.h"
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

void horn__write_layer(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, "{");
  write_members(text, layer);
  horn__text_add(text, "}");
}

/* A nested layer (of a wrapper) is written by its own table; anything else as it came. Depth is bounded by the parser. */
void horn__write_json(horn__text *text, const cJSON *json, const void *owner) {
  const horn__layer *layer = owner;
  const cJSON *config = horn__json_get(json, "config"), *item;
  for (size_t i = 0; config != NULL && i < layer->child_count; i++) {
    if (layer->children[i]->json != config) continue;
    horn__write_layer(text, layer->children[i]);
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
      horn__write_json(text, item, owner);
  }
  horn__text_add(text, object ? "}" : "]");
}

/* ---- layers ---------------------------------------------------------------------------------------------------------- */

void horn__write_dims(horn__text *text, const int32_t *dims, int32_t rank) {
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
    horn__write_dims(text, layer->batch_input_shape.values, layer->batch_input_shape.count);
  }
  horn__text_add(text, ",\"dtype\":");
  horn__text_quote(text, layer->dtype == NULL || strncmp(layer->dtype, "mixed_", 6) == 0 ? "float32" : layer->dtype);
}

bool horn__is_model(const horn__layer *layer) { return layer->type == &horn__layer_Functional || layer->type == &horn__layer_Sequential; }

int32_t horn__written_node(const horn__layer *model, const horn__reference *reference) {
  return reference->node + (horn__is_model(model->children[reference->layer]) ? 1 : 0);
}

void horn__write_reference(horn__text *text, const horn__layer *model, const horn__reference *reference, int32_t node) {
  horn__text_add(text, "[");
  horn__text_quote(text, model->children[reference->layer]->name);
  horn__text_add(text, ",%d,%d]", node, reference->tensor);
}

static void write_ends(horn__text *text, const horn__layer *model, const char *key, const horn__reference *ends, int32_t count) {
  horn__text_add(text, ",\"%s\":[", key);
  for (int32_t i = 0; i < count; i++) {
    if (i != 0) horn__text_add(text, ",");
    horn__write_reference(text, model, &ends[i], horn__written_node(model, &ends[i]));
  }
  horn__text_add(text, "]");
}

void horn__write_inbound(horn__text *text, const horn__layer *model, int32_t index, horn__call_writer *write) {
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
    horn__write_inbound(text, model, (int32_t)i, horn__write_call);
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
    horn__write_layer(text, model->children[i]);
  }
  horn__text_add(text, "]");
}

/* An activation that is a layer stands in the place of the name that its field has. */
static void write_fields(horn__text *text, const horn__layer *layer) {
  const horn__fields *table = &layer->type->config;
  if (layer->activation == NULL) {
    horn__fields_write(text, table, layer->config, horn__write_json, layer);
    return;
  }
  for (size_t i = 0; i < table->count; i++) {
    horn__fields row = *table;
    row.rows = &table->rows[i];
    row.count = 1;
    if (strcmp(row.rows->name, "activation") != 0) {
      horn__fields_write(text, &row, layer->config, horn__write_json, layer);
      continue;
    }
    horn__text_add(text, ",\"activation\":");
    horn__write_layer(text, layer->activation);
  }
}

void horn__write_config(horn__text *text, const horn__layer *layer) {
  if (layer->type->foreign || layer->type == &horn__layer_TFOpLambda) { /* as it came: the core knows no fields of it */
    if (layer->json == NULL)
      horn__text_add(text, "{}");
    else
      horn__write_json(text, layer->json, layer);
    return;
  }
  horn__text_add(text, "{");
  write_common(text, layer);
  if (layer->type == &horn__layer_Functional) write_functional(text, layer);
  if (layer->type == &horn__layer_Sequential) write_sequential(text, layer);
  write_fields(text, layer);
  horn__text_add(text, "}");
}

/* "class_name": ..., "config": {...} */
static void write_members(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, "\"class_name\":");
  horn__text_quote(text, layer->type->name);
  horn__text_add(text, ",\"config\":");
  horn__write_config(text, layer);
}

void horn__model_topology(const horn__model *model, horn__text *text) { horn__write_layer(text, model->root); }
