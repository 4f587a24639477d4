/* Layers: found by class name, created from their config, given weights, called. */
#include "layers/layer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cJSON.h"
#include "layers/fields.h"
#include "layers/recurrent.h"

static const horn__layer_class *const classes[] = {
#define HORN_LAYER(Name) &horn__layer_##Name,
#include "layers/layers.def"
#undef HORN_LAYER
};

int32_t horn__layer_class_count(void) { return (int32_t)(sizeof classes / sizeof classes[0]); }

const horn__layer_class *horn__layer_at(int32_t index) { return classes[index]; }

const horn__layer_class *horn__layer_named(const char *name) {
  for (int32_t i = 0; i < horn__layer_class_count(); i++)
    if (strcmp(classes[i]->name, name) == 0 || horn__spelling(classes[i]->aliases, name) >= 0) return classes[i];
  return NULL;
}

const horn__fields *horn__class_fields(const char *class_name, const char **since_keras3) {
  const horn__layer_class *type = horn__layer_named(class_name);
  *since_keras3 = type == NULL ? NULL : type->since_keras3;
  return type == NULL ? NULL : &type->config;
}

const char *horn__class_parameters(const char *class_name) {
  const horn__layer_class *type = horn__layer_named(class_name);
  return type == NULL ? NULL : type->parameters;
}

horn_status horn__layer_fail(const horn__layer *layer, horn_status status, const char *format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return horn__fail(layer->ctx, status, "%s \"%.100s\": %s", layer->type->name, layer->name, message);
}

/* ---- creating ---------------------------------------------------------------------------------------------------- */

/* What every layer's config has beside its class's own fields. */
typedef struct common_config {
  const char *name, *dtype;
  bool trainable;
  horn__ints batch_input_shape;
} common_config;

static const horn__field common_rows[] = {
    HORN__TEXT(common_config, name, NULL, "\"\""),
    HORN__TEXT(common_config, dtype, NULL, "\"float32\""),
    HORN__BOOL(common_config, trainable, NULL, "true"),
    HORN__INTS(common_config, batch_input_shape, "batch_shape", "null"),
};
static const horn__fields common = HORN__FIELDS(common_config, common_rows);

static horn_status read_common(horn__layer *layer, const char *outer_name) {
  common_config config = {0};
  HORN__TRY(horn__fields_read(layer->arena, layer->type->name, &common, layer->json, &config));
  layer->name = config.name[0] != '\0' ? config.name : outer_name == NULL ? layer->type->name : outer_name;
  layer->prefix = layer->name;
  layer->trainable = config.trainable;
  layer->dtype = config.dtype;
  layer->batch_input_shape = config.batch_input_shape;
  if (config.batch_input_shape.count > HORN_MAX_RANK)
    return horn__layer_fail(layer, HORN_E_LIMIT, "batch_input_shape has more than %d dimensions", HORN_MAX_RANK);
  return HORN_OK;
}

/* In Keras 3 "hard_sigmoid" is another function than before. */
static void adopt_keras3_activations(const horn__layer *layer) {
  for (size_t i = 0; layer->keras >= 3 && i < layer->type->config.count; i++) {
    const horn__field *field = &layer->type->config.rows[i];
    int32_t *activation = (int32_t *)(void *)((unsigned char *)layer->config + field->offset);
    if (field->type == HORN__FIELD_ENUM && field->choices == horn__activation_names && *activation == HORN__ACTIVATION_HARD_SIGMOID)
      *activation = HORN__ACTIVATION_HARD_SIGMOID_3;
  }
}

/* Whether the activation is the last that the class does: recurrent layers use theirs within a step. */
static bool activates_last(const horn__layer_class *type) {
  bool has = false;
  for (size_t i = 0; i < type->config.count; i++) {
    const horn__field *field = &type->config.rows[i];
    if (strcmp(field->name, "recurrent_initializer") == 0) return false;
    has = has || (strcmp(field->name, "activation") == 0 && field->choices == horn__activation_names);
  }
  return has;
}

/* The config with references to all that it has but the activation. */
static horn_status copy_without_activation(horn__layer *layer) {
  layer->plain = cJSON_CreateObject();
  if (layer->plain == NULL) return horn__fail(layer->ctx, HORN_E_OUT_OF_MEMORY, "no memory for a config");
  const cJSON *item;
  cJSON_ArrayForEach(item, layer->json) {
    if (strcmp(item->string, "activation") == 0) continue;
    if (!cJSON_AddItemReferenceToObject(layer->plain, item->string, (cJSON *)item)) /* read only */
      return horn__fail(layer->ctx, HORN_E_OUT_OF_MEMORY, "no memory for a config");
  }
  if (cJSON_AddStringToObject(layer->plain, "activation", "linear") == NULL)
    return horn__fail(layer->ctx, HORN_E_OUT_OF_MEMORY, "no memory for a config");
  return HORN_OK;
}

/* Dense(activation=LeakyReLU(0.1)): Keras takes layers as activations too. Reference: keras/src/activations/__init__.py, get. */
static horn_status adopt_activation_layer(horn__layer *layer) {
  const cJSON *json = horn__json_get(layer->json, "activation");
  const char *name = horn__json_text(json, "class_name");
  if (name == NULL || horn__layer_named(name) == NULL || !activates_last(layer->type)) return HORN_OK;
  HORN__TRY(copy_without_activation(layer));
  HORN__TRY(horn__add_child(layer, json, NULL, &layer->activation));
  return horn__prefix_child(layer, layer->activation, layer->activation->name);
}

static horn_status read_config(horn__layer *layer, const cJSON *json) {
  HORN__TRY(read_common(layer, horn__json_text(json, "name")));
  layer->config = horn__arena_alloc(layer->arena, layer->type->config.size + 1);
  if (layer->config == NULL) return HORN_E_OUT_OF_MEMORY;
  char who[200];
  snprintf(who, sizeof who, "%s \"%.100s\"", layer->type->name, layer->name);
  HORN__TRY(adopt_activation_layer(layer));
  const cJSON *config = layer->plain == NULL ? layer->json : layer->plain;
  HORN__TRY(horn__fields_read(layer->arena, who, &layer->type->config, config, layer->config));
  adopt_keras3_activations(layer);
  return layer->type->create == NULL ? HORN_OK : layer->type->create(layer);
}

static horn_status unknown_class(horn_context *ctx, const char *name, const cJSON *json) {
  const char *layer = horn__json_text(horn__json_get(json, "config"), "name");
  if (layer == NULL) layer = horn__json_text(json, "name");
  return horn__fail(ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": the class %.100s is unknown", layer == NULL ? "?" : layer, name);
}

/* HDF5 files of Keras 3 name no module: an operation's config lacks what that of every layer has but for SpatialDropout's, and its calls have
 * Keras 3's form. */
bool horn__is_keras_operation(const cJSON *json) {
  static const char operations[] = "keras.src.ops";
  const char *module = horn__json_text(json, "module");
  if (module != NULL) return strncmp(module, operations, strlen(operations)) == 0;
  const cJSON *nodes = horn__json_get(json, "inbound_nodes"), *config = horn__json_get(json, "config");
  return horn__json_text(json, "class_name") != NULL && cJSON_IsObject(cJSON_GetArrayItem(nodes, 0)) && horn__json_get(config, "trainable") == NULL &&
         horn__json_get(config, "rate") == NULL && horn__json_get(config, "function") == NULL;
}

/* Operators on symbolic tensors, recorded as layers, are TFOpLambdas with a function: of tf in tf-keras; of Keras 3 the operation's class. */
static horn_status name_operation(horn_context *ctx, const cJSON *json, const char *name) {
  cJSON *config = (cJSON *)horn__json_get(json, "config"); /* the document is the model's own */
  if (config == NULL) return horn__fail(ctx, HORN_E_FORMAT, "layer: expected %.100s to have a config", name);
  if (cJSON_GetObjectItemCaseSensitive(config, "function") != NULL) return HORN_OK;
  return cJSON_AddStringToObject(config, "function", name) == NULL ? horn__fail(ctx, HORN_E_OUT_OF_MEMORY, "no memory for a config") : HORN_OK;
}

/* A class that the core does not have. Its layers are only read and written. */
static horn_status refuse_foreign(horn__call *call) {
  return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "the class is not the library's own");
}

static const horn__layer_class *foreign_class(horn__arena *arena, const cJSON *foreign, const char *name) {
  const cJSON *item;
  cJSON_ArrayForEach(item, foreign) {
    if (!cJSON_IsString(item) || strcmp(item->valuestring, name) != 0) continue;
    horn__layer_class *type = horn__arena_alloc(arena, sizeof *type);
    if (type == NULL) return NULL;
    *type = (horn__layer_class){.name = name, .foreign = true, .max_inputs = HORN__MAX_SLOTS, .cell = &horn__foreign_cell,
                                .call = refuse_foreign};
    return type;
  }
  return NULL;
}

horn_status horn__layer_create(horn__arena *arena, const cJSON *json, const horn__origin *origin, int32_t depth, horn__layer **out) {
  horn_context *ctx = arena->ctx;
  if (origin->keras == 1) HORN__TRY(horn__keras1_upgrade(ctx, (cJSON *)json)); /* the document is the model's own */
  const char *name = horn__json_text(json, "class_name");
  if (name == NULL) name = horn__json_text(json, "className");
  if (name == NULL) return horn__fail(ctx, HORN_E_FORMAT, "layer: expected an object with class_name and config");
  if (depth > HORN__MAX_DEPTH) return horn__fail(ctx, HORN_E_LIMIT, "%s: models nested deeper than %d", name, HORN__MAX_DEPTH);
  const bool operation = horn__is_keras_operation(json);
  if (operation) HORN__TRY(name_operation(ctx, json, name));
  const horn__layer_class *type = foreign_class(arena, origin->foreign, name);
  if (type == NULL) type = operation ? &horn__layer_TFOpLambda : horn__layer_named(name);
  if (type == NULL) return unknown_class(ctx, name, json);
  horn__layer *layer = horn__arena_alloc(arena, sizeof *layer);
  if (layer == NULL) return HORN_E_OUT_OF_MEMORY;
  *layer = (horn__layer){.ctx = ctx, .arena = arena, .type = type, .keras = origin->keras, .foreign = origin->foreign, .depth = depth,
                         .json = horn__json_get(json, "config")};
  horn_status status = read_config(layer, json);
  if (status == HORN_OK)
    *out = layer;
  else
    horn__layer_release(layer);
  return status;
}

void horn__layer_release(horn__layer *layer) {
  if (layer == NULL) return;
  for (size_t i = 0; i < layer->weight_count; i++) horn__tensor_release(layer->ctx, layer->weights[i].tensor);
  for (int32_t i = 0; i < layer->state_count; i++) {
    horn__tensor_release(layer->ctx, layer->states[i].tensor);
    horn__tensor_release(layer->ctx, layer->states[i].next);
  }
  for (size_t i = 0; i < layer->child_count; i++) horn__layer_release(layer->children[i]); /* no deeper than HORN__MAX_DEPTH */
  cJSON_Delete(layer->plain);
  horn__free(layer->ctx, layer->weights);
  horn__free(layer->ctx, layer->children);
}

horn_status horn__add_child(horn__layer *layer, const cJSON *json, const char *prefix, horn__layer **out) {
  void *children = layer->children;
  horn_status status = horn__grow(layer->ctx, &children, &layer->child_capacity, layer->child_count + 1, sizeof(horn__layer *));
  layer->children = children;
  HORN__TRY(status);
  horn__layer *child;
  HORN__TRY(horn__layer_create(layer->arena, json, &(horn__origin){layer->keras, layer->foreign}, layer->depth + 1, &child));
  if (prefix != NULL) child->prefix = prefix;
  layer->children[layer->child_count++] = child;
  *out = child;
  return HORN_OK;
}

static horn_status replace_prefix(horn__layer *layer, const char *prefix) {
  const size_t length = strlen(layer->prefix);
  const char *before = layer->prefix;
  layer->prefix = prefix;
  if (layer->type == &horn__layer_Functional || layer->type == &horn__layer_Sequential) return HORN_OK; /* its layers have names of their own */
  for (size_t i = 0; i < layer->child_count; i++) { /* no deeper than HORN__MAX_DEPTH */
    horn__layer *child = layer->children[i];
    if (strncmp(child->prefix, before, length) != 0 || (child->prefix[length] != '/' && child->prefix[length] != '\0')) continue;
    const char *inner = horn__arena_format(layer->arena, "%s%s", prefix, child->prefix + length);
    if (inner == NULL) return HORN_E_OUT_OF_MEMORY;
    HORN__TRY(replace_prefix(child, inner));
  }
  return HORN_OK;
}

horn_status horn__prefix_child(const horn__layer *layer, horn__layer *child, const char *name) {
  const char *prefix = name == NULL ? layer->prefix : horn__arena_format(layer->arena, "%s/%s", layer->prefix, name);
  return prefix == NULL ? HORN_E_OUT_OF_MEMORY : replace_prefix(child, prefix);
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

horn_status horn__add_weight(horn__layer *layer, const char *name, int32_t rank, const int32_t *dims, bool trainable) {
  const horn__type type = {horn__shape_of(rank, dims), HORN_FLOAT32};
  if (!horn__shape_known(&type.shape)) {
    char text[HORN__SHAPE_TEXT];
    return horn__layer_fail(layer, HORN_E_SHAPE, "the weight %s would have shape %s: a dimension of the input must be known", name,
                            horn__shape_text(&type.shape, text, sizeof text));
  }
  HORN__TRY(horn__blame(layer->ctx, horn__shape_check(layer->ctx, name, &type.shape, false), "%s \"%.100s\"", layer->type->name, layer->name));
  void *weights = layer->weights;
  horn_status status = horn__grow(layer->ctx, &weights, &layer->weight_capacity, layer->weight_count + 1, sizeof *layer->weights);
  layer->weights = weights;
  HORN__TRY(status);
  layer->weights[layer->weight_count++] =
      (horn__weight){.name = name, .shape = type.shape, .trainable = trainable && layer->trainable, .value = HORN__NONE, .next = HORN__NONE};
  return HORN_OK;
}

/* Its tensor comes later, once the bytes for it are known to be there. */
horn__value horn__weight_value(horn__call *call, int32_t index) {
  horn__weight *weight = &call->layer->weights[index];
  if (weight->value == HORN__NONE) weight->value = horn__graph_weight(call->graph, &(horn__type){weight->shape, HORN_FLOAT32});
  return weight->value;
}

horn__value horn__moved_weight(horn__call *call, int32_t index) {
  const horn__value next = call->layer->weights[index].next;
  return next == HORN__NONE ? horn__weight_value(call, index) : next;
}

void horn__move_weight(horn__call *call, int32_t index, horn__value next) {
  call->layer->weights[index].next = HORN__EMIT(call->graph, StopGradient, NULL, next);
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

horn__value horn__state_value(horn__call *call, int32_t index, int32_t count, const horn__type *type) {
  horn__layer *layer = call->layer;
  if (layer->states == NULL) layer->states = horn__arena_alloc(layer->arena, (size_t)count * sizeof *layer->states);
  if (layer->states == NULL) return HORN__NONE;
  layer->state_count = count;
  horn__state *state = &layer->states[index];
  state->type = *type;
  if (state->graph != call->graph) state->before = state->after = horn__graph_input(call->graph, type);
  state->graph = call->graph;
  return state->after;
}

void horn__keep_state(horn__call *call, int32_t index, horn__value value) {
  call->layer->states[index].after = HORN__EMIT(call->graph, StopGradient, NULL, value);
}

/* ---- calling ----------------------------------------------------------------------------------------------------- */

static horn_status check_inputs(const horn__call *call) {
  const horn__layer *layer = call->layer;
  const int32_t least = layer->type->min_inputs, most = layer->type->max_inputs;
  if (call->count < least || call->count > most) {
    if (least == most) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "expected %d inputs, got %d", least, call->count);
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "expected %d to %d inputs, got %d", least, most, call->count);
  }
  for (int32_t i = 0; i < least; i++)
    if (call->in[i].value == HORN__NONE) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "its input %d is left out", i);
  return HORN_OK;
}

horn_status horn__layer_build(horn__layer *layer, const horn__type *types, int32_t count) {
  if (layer->built || layer->type->build == NULL) return HORN_OK;
  layer->built = true;
  return layer->type->build(layer, types, count);
}

static horn_status build(horn__layer *layer, const horn__graph *graph, const horn__slot *in, int32_t count) {
  horn__type types[HORN__MAX_SLOTS];
  for (int32_t i = 0; i < count; i++)
    types[i] = in[i].value == HORN__NONE ? (horn__type){.shape = {.rank = -1}} : *horn__type_of(graph, in[i].value);
  return horn__layer_build(layer, types, count);
}

/* Types of the first call's outputs, for summaries. */
static horn_status keep_output_types(horn__layer *layer, const horn__graph *graph, const horn__slot *out, int32_t count) {
  if (layer->output_types != NULL) return HORN_OK;
  layer->output_types = horn__arena_alloc(layer->arena, (size_t)count * sizeof(horn__type) + 1);
  if (layer->output_types == NULL) return HORN_E_OUT_OF_MEMORY;
  for (int32_t i = 0; i < count; i++) layer->output_types[i] = *horn__type_of(graph, out[i].value);
  layer->outputs = count;
  return HORN_OK;
}

static horn_status activate(horn__layer *layer, horn__graph *graph, horn__slot *out) {
  if (layer->activation == NULL) return HORN_OK;
  const horn__slot in = {out->value, HORN__NONE};
  horn__slot activated[HORN__MAX_SLOTS];
  int32_t outputs;
  HORN__TRY(horn__layer_call(layer->activation, graph, &in, 1, activated, &outputs));
  out->value = activated[0].value;
  return HORN_OK;
}

horn_status horn__layer_run(horn__call *call) {
  horn__layer *layer = call->layer;
  horn__graph *graph = call->graph;
  HORN__TRY(check_inputs(call));
  HORN__TRY(build(layer, graph, call->in, call->count));
  for (int32_t i = 0; i < HORN__MAX_SLOTS; i++) call->out[i] = (horn__slot){HORN__NONE, HORN__NONE};
  call->config = layer->config;
  call->outputs = 1;
  const char *label = graph->label;
  graph->label = layer->name;
  HORN__TRY(layer->type->call(call));
  HORN__TRY(graph->status);
  HORN__TRY(activate(layer, graph, &call->out[0]));
  graph->label = label;
  if (layer->type->mask == HORN__MASK_PASSES && call->out[0].mask == HORN__NONE && call->count > 0) call->out[0].mask = call->in[0].mask;
  return keep_output_types(layer, graph, call->out, call->outputs);
}

horn_status horn__layer_call(horn__layer *layer, horn__graph *graph, const horn__slot *in, int32_t count, horn__slot *out, int32_t *outputs) {
  horn__call call = {.layer = layer, .graph = graph, .count = count, .in = in, .out = out};
  HORN__TRY(horn__layer_run(&call));
  *outputs = call.outputs;
  return HORN_OK;
}

bool horn__call_flag(const horn__call *call, const char *name) { return cJSON_IsTrue(horn__json_get(call->arguments, name)); }
