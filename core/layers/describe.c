/* Descriptions for JavaScript, as JSON: of a model, and of a layer by itself. */
#include <stdio.h>
#include <string.h>

#include "cJSON.h"
#include "layers/common.h"
#include "layers/model.h"
#include "layers/write.h"

/* ---- weights --------------------------------------------------------------------------------------------------------- */

/* "name": ..., "shape": ..., "dtype": ..., "trainable": ... */
static void write_weight(horn__text *text, const char *name, const horn__weight *weight, bool trainable) {
  horn__text_add(text, "\"name\":");
  horn__text_quote(text, name);
  horn__text_add(text, ",\"shape\":");
  horn__write_dims(text, weight->shape.dims, weight->shape.rank);
  horn__text_add(text, ",\"dtype\":\"float32\",\"trainable\":%s", trainable ? "true" : "false");
}

static const horn__field *config_field(const horn__layer *layer, horn__field_type type, const char *name) {
  for (size_t i = 0; i < layer->type->config.count; i++) {
    const horn__field *field = &layer->type->config.rows[i];
    if (field->type == type && strcmp(field->name, name) == 0) return field;
  }
  return NULL;
}

static const void *config_value(const horn__layer *layer, const horn__field *field) {
  return (const unsigned char *)layer->config + field->offset;
}

enum { MAX_FIELD_NAME = 64 };

/* The config field that says something of a weight: "kernel_initializer" of "kernel" and of "query/kernel", "recurrent_initializer" of
 * "recurrent_kernel". NULL where there is none. */
static const horn__field *weight_field(const horn__layer *layer, const char *weight, const char *what) {
  static const char ending[] = "_kernel";
  const char *last = strrchr(weight, '/');
  if (last != NULL) weight = last + 1;
  const size_t length = strlen(weight), cut = sizeof ending - 1;
  char name[MAX_FIELD_NAME];
  snprintf(name, sizeof name, "%s_%s", weight, what);
  const horn__field *field = config_field(layer, HORN__FIELD_JSON, name);
  if (field != NULL || length <= cut || strcmp(weight + length - cut, ending) != 0) return field;
  snprintf(name, sizeof name, "%.*s_%s", (int)(length - cut), weight, what);
  return config_field(layer, HORN__FIELD_JSON, name);
}

/* The field's value, its default where that is null, `otherwise` where there is neither. */
static void write_field(horn__text *text, const horn__layer *layer, const horn__field *field, const char *otherwise) {
  const cJSON *value = field == NULL ? NULL : *(const cJSON *const *)config_value(layer, field);
  if (value != NULL)
    horn__write_json(text, value, layer);
  else if (field != NULL && field->initial != NULL && strcmp(field->initial, "null") != 0)
    horn__text_add(text, "%s", field->initial);
  else
    horn__text_add(text, "%s", otherwise);
}

/* Whether the second of the four parts of the bias of an LSTM, or of a convolution with its gates, starts at one. */
static bool forgets_nothing_first(const horn__layer *layer, const horn__weight *weight) {
  const horn__field *field = config_field(layer, HORN__FIELD_BOOL, "unit_forget_bias");
  return field != NULL && *(const bool *)config_value(layer, field) && strcmp(weight->name, "bias") == 0 && weight->shape.rank == 1;
}

static void write_initializer(horn__text *text, const horn__layer *layer, const horn__weight *weight) {
  const char *otherwise = weight->initializer == NULL ? HORN__ZEROS : weight->initializer;
  const bool unit_forget = forgets_nothing_first(layer, weight);
  if (unit_forget)
    horn__text_add(text, "{\"class_name\":\"UnitForgetBias\",\"config\":{\"units\":%d,\"initializer\":", weight->shape.dims[0] / 4);
  write_field(text, layer, weight_field(layer, weight->name, "initializer"), otherwise);
  if (unit_forget) horn__text_add(text, "}}");
}

/* The name of a weight of `layer` within `outer`, which has it or is it: "kernel", "forward_lstm/kernel". */
static void weight_name(const horn__layer *outer, const horn__layer *layer, const horn__weight *weight, char *out, size_t size) {
  const size_t length = strlen(outer->prefix);
  const char *prefix = layer->prefix;
  if (strncmp(prefix, outer->prefix, length) == 0 && prefix[length] == '/') prefix += length + 1;
  if (layer == outer || strcmp(prefix, outer->prefix) == 0)
    snprintf(out, size, "%s", weight->name);
  else
    snprintf(out, size, "%s/%s", prefix, weight->name);
}

typedef struct weight_list {
  horn__text *text;
  const horn__layer *outer;
  bool first;
} weight_list;

/* A layer's own weights, then its children's; those of a layer that is not trainable are not. Depth is bounded by horn__layer_create. */
static void describe_weights(weight_list *list, const horn__layer *layer, bool trainable) {
  char name[512];
  for (size_t i = 0; i < layer->weight_count; i++) {
    const horn__weight *weight = &layer->weights[i];
    weight_name(list->outer, layer, weight, name, sizeof name);
    horn__text_add(list->text, list->first ? "{" : ",{");
    list->first = false;
    write_weight(list->text, name, weight, trainable && weight->trainable);
    horn__text_add(list->text, ",\"initializer\":");
    write_initializer(list->text, layer, weight);
    horn__text_add(list->text, ",\"regularizer\":");
    write_field(list->text, layer, weight_field(layer, weight->name, "regularizer"), "null");
    horn__text_add(list->text, ",\"constraint\":");
    write_field(list->text, layer, weight_field(layer, weight->name, "constraint"), "null");
    horn__text_add(list->text, "}");
  }
  for (size_t i = 0; i < layer->child_count; i++) describe_weights(list, layer->children[i], trainable && layer->children[i]->trainable);
}

/* ---- a layer by itself ------------------------------------------------------------------------------------------------- */

static void write_outputs(horn__text *text, const horn__graph *graph, const horn__slot *out, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    const horn__type *type = horn__type_of(graph, out[i].value);
    horn__text_add(text, "%s{\"shape\":", i == 0 ? "" : ",");
    horn__write_dims(text, type->shape.dims, type->shape.rank);
    horn__text_add(text, ",\"dtype\":\"%s\",\"mask\":%s}", horn__dtype_name(type->dtype), out[i].mask == HORN__NONE ? "false" : "true");
  }
}

static void write_head(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, "{\"className\":");
  horn__text_quote(text, layer->type->name);
  horn__text_add(text, ",\"name\":");
  horn__text_quote(text, layer->name);
  horn__text_add(text, ",\"config\":");
  horn__write_config(text, layer);
  horn__text_add(text, ",\"trainable\":%s", layer->trainable ? "true" : "false");
}

static void describe_children(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, ",\"layers\":[");
  for (size_t i = 0; i < layer->child_count; i++) {
    weight_list list = {text, layer->children[i], true};
    if (i != 0) horn__text_add(text, ",");
    write_head(text, layer->children[i]);
    horn__text_add(text, ",\"weights\":[");
    describe_weights(&list, layer->children[i], true);
    horn__text_add(text, "]");
    describe_children(text, layer->children[i]);
    horn__text_add(text, "}");
  }
  horn__text_add(text, "]");
}

static void describe_states(horn__text *text, const horn__layer *layer, bool *first) {
  for (int32_t i = 0; i < layer->state_count; i++) {
    const horn__type *type = &layer->states[i].type;
    horn__text_add(text, "%s{\"shape\":", *first ? "" : ",");
    *first = false;
    horn__write_dims(text, type->shape.dims, type->shape.rank);
    horn__text_add(text, ",\"dtype\":\"%s\"}", horn__dtype_name(type->dtype));
  }
  for (size_t i = 0; i < layer->child_count; i++) describe_states(text, layer->children[i], first);
}

void horn__layer_describe(const horn__layer *layer, const horn__graph *graph, const horn__slot *out, int32_t outputs, horn__text *text) {
  write_head(text, layer);
  if (out != NULL) {
    weight_list list = {text, layer, true};
    bool first = true;
    horn__text_add(text, ",\"weights\":[");
    describe_weights(&list, layer, true);
    horn__text_add(text, "],\"states\":[");
    describe_states(text, layer, &first);
    horn__text_add(text, "],\"outputs\":[");
    write_outputs(text, graph, out, outputs);
    horn__text_add(text, "]");
    describe_children(text, layer);
  }
  horn__text_add(text, "}");
}

/* ---- a model --------------------------------------------------------------------------------------------------------------- */

/* The inputs of a call, for the description. */
static void describe_call(horn__text *text, const horn__layer *model, const horn__model_node *node) {
  bool first = true;
  horn__text_add(text, "[");
  for (int32_t i = 0; i < node->count; i++) {
    if (node->in[i].place >= HORN__MAX_SLOTS) continue;
    horn__text_add(text, first ? "" : ",");
    first = false;
    horn__write_reference(text, model, &node->in[i], node->in[i].node);
  }
  horn__text_add(text, "]");
}

static void describe_type(horn__text *text, const char *name, const horn__type *type) {
  horn__text_add(text, "{\"name\":");
  horn__text_quote(text, name);
  horn__text_add(text, ",\"shape\":");
  horn__write_dims(text, type->shape.dims, type->shape.rank);
  horn__text_add(text, ",\"dtype\":\"%s\"}", horn__dtype_name(type->dtype));
}

/* Indices of a layer's weights are those of its first one and on, as list_weights has them. */
static void write_indices(horn__text *text, const horn__layer *layer, size_t *index) {
  horn__text_add(text, ",\"weights\":[");
  for (size_t i = 0; i < layer->weight_count; i++) horn__text_add(text, "%s%zu", i == 0 ? "" : ",", (*index)++);
  horn__text_add(text, "]");
}

static void describe_shapes(horn__text *text, const horn__layer *layer) {
  horn__text_add(text, ",\"outputShapes\":[");
  for (int32_t i = 0; i < layer->outputs; i++) {
    if (i != 0) horn__text_add(text, ",");
    horn__write_dims(text, layer->output_types[i].shape.dims, layer->output_types[i].shape.rank);
  }
  horn__text_add(text, "]");
}

static void describe_layer(horn__text *text, const horn__layer *layer, const horn__layer *parent, int32_t place, size_t *index) {
  horn__text_add(text, "{\"name\":");
  horn__text_quote(text, layer->name);
  horn__text_add(text, ",\"className\":\"%s\",\"trainable\":%s", layer->type->name, layer->trainable ? "true" : "false");
  if (!horn__is_model(layer)) {
    horn__text_add(text, ",\"config\":");
    horn__write_config(text, layer);
  }
  describe_shapes(text, layer);
  if (parent != NULL && parent->type == &horn__layer_Functional) {
    horn__text_add(text, ",\"inbound\":");
    horn__write_inbound(text, parent, place, describe_call);
  }
  write_indices(text, layer, index);
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
  for (int32_t i = 0; i < model->input_count; i++) {
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
  write_indices(text, root, &index);
  horn__text_add(text, ",\"layers\":[");
  for (size_t i = 0; i < root->child_count; i++) {
    if (i != 0) horn__text_add(text, ",");
    describe_layer(text, root->children[i], root, (int32_t)i, &index);
  }
  horn__text_add(text, "],\"allWeights\":[");
  for (size_t i = 0; i < model->weight_count; i++) {
    horn__text_add(text, i == 0 ? "{" : ",{");
    write_weight(text, model->weights[i]->name, model->weights[i], model->weights[i]->trainable);
    horn__text_add(text, "}");
  }
  horn__text_add(text, "]}");
}
