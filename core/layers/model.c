/* Models: text and bytes in, predictions out. Nothing large is allocated before the bytes of the weights are known to be there. */
#include "layers/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "layers/container.h"

/* ---- the topology within the text ------------------------------------------------------------------------------------ */

static bool is_layer(const cJSON *json) { return horn__json_text(json, "class_name") != NULL || horn__json_text(json, "className") != NULL; }

/* Whether any object below has Keras 3's "module": some files say no version. */
static bool has_module(const cJSON *json) {
  const cJSON *item;
  if (horn__json_text(json, "module") != NULL && horn__json_get(json, "class_name") != NULL) return true;
  if (cJSON_IsArray(json) || cJSON_IsObject(json)) cJSON_ArrayForEach(item, json) if (has_module(item)) return true;
  return false;
}

/* "2.15.0" -> 2; TensorFlow.js writes "tfjs-layers 4.22.0" for what is Keras 2's form. */
static int32_t keras_version(const cJSON *holder, const cJSON *topology) {
  const char *version = horn__json_text(holder, "keras_version");
  if (version == NULL) version = horn__json_text(holder, "kerasVersion");
  if (version == NULL) return horn__json_text(topology, "module") != NULL || has_module(horn__json_get(topology, "config")) ? 3 : 0;
  const long major = strtol(version, NULL, 10); /* 0 where it does not begin with a number */
  return major <= 0 ? 0 : major >= 3 ? 3 : (int32_t)major;
}

/* model.json -> modelTopology -> model_config; any of them may be the outermost. */
const cJSON *horn__find_topology(const cJSON *document, int32_t *keras) {
  const cJSON *json = document, *holder = document; /* holder: the one with keras_version */
  static const char *const ways[] = {"modelTopology", "model_config", "modelConfig"};
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    const cJSON *inner = horn__json_get(json, ways[i]);
    if (inner == NULL) continue;
    if (horn__json_text(json, "keras_version") != NULL) holder = json;
    json = inner;
  }
  if (horn__json_text(json, "keras_version") != NULL) holder = json;
  if (!is_layer(json)) return NULL;
  *keras = keras_version(holder, json);
  return json;
}

/* ---- inputs --------------------------------------------------------------------------------------------------------- */

static horn_dtype input_dtype(const horn__layer *layer) {
  if (strncmp(layer->dtype, "int", 3) == 0 || strncmp(layer->dtype, "uint", 4) == 0) return HORN_INT32;
  if (strcmp(layer->dtype, "string") == 0) return HORN_STRING;
  return strcmp(layer->dtype, "bool") == 0 ? HORN_BOOL : HORN_FLOAT32;
}

static horn_status add_input(horn__model *model, const horn__layer *layer, const horn__ints *dims, horn__slot *out) {
  const horn__type type = {horn__shape_of(dims->count, dims->values), input_dtype(layer)};
  HORN__TRY(horn__blame(model->ctx, horn__shape_check(model->ctx, "batch_input_shape", &type.shape, true), "layer \"%.100s\"", layer->name));
  model->input_names[model->graph->input_count] = layer->name;
  *out = (horn__slot){horn__graph_input(model->graph, &type), HORN__NONE};
  return model->graph->status;
}

static horn_status functional_inputs(horn__model *model, const horn__layer *layer, horn__slot *out, int32_t *count) {
  const horn__functional *net = layer->data;
  for (int32_t i = 0; i < net->input_count; i++) {
    const horn__layer *input = layer->children[net->inputs[i].layer];
    if (input->batch_input_shape.count < 0) return horn__layer_fail(input, HORN_E_FORMAT, "an input layer needs batch_input_shape");
    HORN__TRY(add_input(model, input, &input->batch_input_shape, &out[i]));
  }
  *count = net->input_count;
  return HORN_OK;
}

/* Some Sequentials have their shape only as config.build_input_shape. */
static bool build_input_shape(const horn__layer *layer, horn__ints *out) {
  const cJSON *shape = horn__json_get(layer->json, "build_input_shape"), *item;
  out->count = 0;
  cJSON_ArrayForEach(item, shape) {
    int64_t dim = -1;
    if (out->count == HORN_MAX_RANK || (!cJSON_IsNull(item) && !horn__json_int(item, 0, INT32_MAX, &dim))) return false;
    out->values[out->count++] = (int32_t)dim;
  }
  return out->count > 0;
}

/* A Sequential takes what its first layer takes, however deeply that is nested. */
static horn_status add_inputs(horn__model *model, horn__slot *out, int32_t *count) {
  const horn__layer *layer = model->root;
  horn__ints dims;
  while (layer->data == NULL || layer->type != &horn__layer_Functional) {
    if (layer->batch_input_shape.count >= 0) {
      *count = 1;
      return add_input(model, layer, &layer->batch_input_shape, out);
    }
    if (layer->child_count == 0) return horn__layer_fail(model->root, HORN_E_FORMAT, "the shape of its input is not given (batch_input_shape)");
    if (build_input_shape(layer, &dims)) {
      *count = 1;
      return add_input(model, layer->children[0], &dims, out);
    }
    layer = layer->children[0];
  }
  return functional_inputs(model, layer, out, count);
}

horn_status horn__list_states(const horn__layer *layer, horn__state **list, int32_t *count) {
  for (int32_t i = 0; i < layer->state_count; i++) {
    if (*count == HORN__MAX_SLOTS) return horn__layer_fail(layer, HORN_E_LIMIT, "there are more than %d states", HORN__MAX_SLOTS);
    list[(*count)++] = &layer->states[i];
  }
  for (size_t i = 0; i < layer->child_count; i++) HORN__TRY(horn__list_states(layer->children[i], list, count));
  return HORN_OK;
}

/* What a run reads of the states are inputs, what it leaves are outputs. */
static horn_status find_states(horn__model *model) {
  HORN__TRY(horn__list_states(model->root, model->states, &model->state_count));
  if (model->input_count + model->state_count > HORN__MAX_SLOTS || model->output_count + model->state_count > HORN__MAX_SLOTS)
    return horn__layer_fail(model->root, HORN_E_LIMIT, "the model has more than %d inputs, outputs and states", HORN__MAX_SLOTS);
  for (int32_t i = 0; i < model->state_count; i++) model->outputs[model->output_count + i] = model->states[i]->after;
  return HORN_OK;
}

static horn_status trace(horn__model *model) {
  horn__slot in[HORN__MAX_SLOTS], out[HORN__MAX_SLOTS];
  int32_t count;
  HORN__TRY(add_inputs(model, in, &count));
  HORN__TRY(horn__layer_call(model->root, model->graph, in, count, out, &model->output_count));
  for (int32_t i = 0; i < model->output_count; i++) model->outputs[i] = out[i].value;
  model->input_count = count;
  return find_states(model);
}

/* ---- weights -------------------------------------------------------------------------------------------------------- */

size_t horn__count_weights(const horn__layer *layer) {
  size_t count = layer->weight_count;
  for (size_t i = 0; i < layer->child_count; i++) count += horn__count_weights(layer->children[i]);
  return count;
}

void horn__list_weights(horn__layer *layer, horn__weight **list, const char **prefixes, size_t *count) {
  for (size_t i = 0; i < layer->weight_count; i++) {
    if (prefixes != NULL) prefixes[*count] = layer->prefix;
    list[(*count)++] = &layer->weights[i];
  }
  for (size_t i = 0; i < layer->child_count; i++) horn__list_weights(layer->children[i], list, prefixes, count);
}

/* From here on weights have their full names: "dense/kernel". */
static horn_status name_weights(horn__model *model) {
  size_t count = horn__count_weights(model->root);
  model->weights = horn__arena_alloc(&model->arena, count * sizeof *model->weights + 1);
  const char **prefixes = horn__arena_alloc(&model->arena, count * sizeof *prefixes + 1);
  if (model->weights == NULL || prefixes == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__list_weights(model->root, model->weights, prefixes, &model->weight_count);
  for (size_t i = 0; i < count; i++) {
    model->weights[i]->name = horn__arena_format(&model->arena, "%s/%s", prefixes[i], model->weights[i]->name);
    if (model->weights[i]->name == NULL) return HORN_E_OUT_OF_MEMORY;
  }
  return HORN_OK;
}

static int by_name(const void *a, const void *b) { return strcmp((*(horn__weight *const *)a)->name, (*(horn__weight *const *)b)->name); }

typedef struct matcher {
  horn__model *model;
  horn__weight **sorted;
  int32_t cell_scans;
} matcher;

static horn__weight *find_exact(const matcher *m, const char *name) {
  horn__weight key = {.name = name}, *pointer = &key;
  horn__weight **found = bsearch(&pointer, m->sorted, m->model->weight_count, sizeof *m->sorted, by_name);
  return found == NULL ? NULL : *found;
}

enum { MAX_NAME = 1000, MAX_OUTER = 4, MAX_CELL_SCANS = 1000 };

/* Without the last but one part: "lstm/lstm_cell/kernel" is "lstm/kernel". name is no longer than MAX_NAME. */
static horn__weight *find_without_cell(const matcher *m, const char *name) {
  const char *last = strrchr(name, '/'), *before = last;
  while (before != NULL && before > name && before[-1] != '/') before--;
  if (last == NULL || before <= name) return NULL;
  char shorter[MAX_NAME + 1];
  snprintf(shorter, sizeof shorter, "%.*s%s", (int)(before - 1 - name), name, last);
  return find_exact(m, shorter);
}

/* TensorFlow.js names the weights of an RNN's cells without them ("rnn/kernel"), or counts them ("rnn/RNNCell_0/kernel"): the first weight that
 * is still free, in the order of both, of the same layer, last part and shape. */
static horn__weight *find_in_cell(matcher *m, const horn__array *array) {
  const char *last = strrchr(array->name, '/');
  const size_t layer = strcspn(array->name, "/") + 1;
  const horn__shape shape = horn__shape_of(array->rank, array->dims);
  if (last == NULL || m->cell_scans++ >= MAX_CELL_SCANS) return NULL;
  for (size_t i = 0; i < m->model->weight_count; i++) {
    horn__weight *weight = m->model->weights[i];
    if (weight->tensor != NULL || strncmp(weight->name, array->name, layer) != 0) continue;
    const char *end = strrchr(weight->name, '/'); /* there is one: names of weights have at least two parts */
    if (end >= weight->name + layer && strcmp(end, last) == 0 && horn__shape_equal(&weight->shape, &shape)) return weight;
  }
  return NULL;
}

/* Names as files have them: as they are, without the cell, without up to MAX_OUTER outer models ("sequential/dense/kernel"). */
static horn__weight *find_weight(const matcher *m, const char *name) {
  if (strlen(name) > MAX_NAME) return NULL;
  for (int outer = 0; name != NULL && outer <= MAX_OUTER; outer++) {
    horn__weight *found = find_exact(m, name);
    if (found == NULL) found = find_without_cell(m, name);
    if (found != NULL) return found;
    const char *slash = strchr(name, '/');
    name = slash == NULL ? NULL : slash + 1;
  }
  return NULL;
}

static horn_status check_array(horn_context *ctx, const horn__weight *weight, const horn__array *array) {
  horn__shape shape = horn__shape_of(array->rank, array->dims);
  char expected[HORN__SHAPE_TEXT], found[HORN__SHAPE_TEXT];
  if (!horn__shape_equal(&shape, &weight->shape))
    return horn__fail(ctx, HORN_E_SHAPE, "weight \"%.100s\": expected shape %s, got %s", weight->name,
                      horn__shape_text(&weight->shape, expected, sizeof expected), horn__shape_text(&shape, found, sizeof found));
  if (array->dtype != HORN_FLOAT32 && !(weight->counts && array->dtype == HORN_INT32))
    return horn__fail(ctx, HORN_E_DTYPE, "weight \"%.100s\": expected float32, got %s", weight->name, horn__dtype_name(array->dtype));
  return HORN_OK;
}

/* Counts are ints in files and floats as weights; both have four bytes. */
static void ints_to_floats(void *data, size_t count) {
  unsigned char *bytes = data;
  for (size_t i = 0; i < count; i++) {
    int32_t number;
    memcpy(&number, bytes + i * sizeof number, sizeof number);
    const float value = (float)number;
    memcpy(bytes + i * sizeof value, &value, sizeof value);
  }
}

static horn_status load_array(horn__model *model, horn__weight *weight, const horn__array *array) {
  if (weight->tensor != NULL)
    return horn__fail(model->ctx, HORN_E_FORMAT, "weight \"%.100s\": the manifest has it twice", weight->name);
  HORN__TRY(check_array(model->ctx, weight, array));
  const horn__type type = {weight->shape, HORN_FLOAT32};
  HORN__TRY(horn__tensor_create(model->ctx, &type, false, &weight->tensor));
  horn__array_decode(array, weight->tensor->data);
  if (array->dtype == HORN_INT32) ints_to_floats(weight->tensor->data, array->elements);
  return HORN_OK;
}

static horn_status load_arrays(matcher *m, const horn__manifest *manifest, bool strict) {
  for (size_t i = 0; i < manifest->count; i++) {
    if (manifest->arrays[i].optimizer) continue;
    horn__weight *weight = find_weight(m, manifest->arrays[i].name);
    if (weight == NULL) weight = find_in_cell(m, &manifest->arrays[i]);
    if (weight != NULL)
      HORN__TRY(load_array(m->model, weight, &manifest->arrays[i]));
    else if (strict)
      return horn__fail(m->model->ctx, HORN_E_NOT_FOUND, "Provided weight data has no target variable: %.200s", manifest->arrays[i].name);
  }
  for (size_t i = 0; strict && i < m->model->weight_count; i++)
    if (m->model->weights[i]->tensor == NULL)
      return horn__fail(m->model->ctx, HORN_E_NOT_FOUND, "weight \"%.100s\": the manifest does not have it", m->model->weights[i]->name);
  return HORN_OK;
}

static horn_status load_weights(horn__model *model, const void *data, size_t bytes, bool strict) {
  const cJSON *json = horn__json_get(model->document, "weightsManifest");
  if (data == NULL && bytes == 0 && json == NULL) return HORN_OK;
  horn__manifest manifest;
  HORN__TRY(horn__manifest_read(&model->arena, json, data, bytes, &manifest));
  matcher m = {.model = model, .sorted = horn__arena_alloc(&model->arena, model->weight_count * sizeof *m.sorted + 1)};
  if (m.sorted == NULL) return HORN_E_OUT_OF_MEMORY;
  if (model->weight_count != 0) memcpy(m.sorted, model->weights, model->weight_count * sizeof *m.sorted);
  qsort(m.sorted, model->weight_count, sizeof *m.sorted, by_name);
  HORN__TRY(load_arrays(&m, &manifest, strict));
  return horn__model_bind(model);
}

horn_status horn__model_bind(horn__model *model) {
  if (model->bound) return HORN_OK;
  for (size_t i = 0; i < model->weight_count; i++) {
    horn__weight *weight = model->weights[i];
    const horn__type type = {weight->shape, HORN_FLOAT32};
    if (weight->tensor == NULL) HORN__TRY(horn__tensor_create(model->ctx, &type, true, &weight->tensor));
    if (weight->value != HORN__NONE) horn__graph_bind(model->graph, weight->value, weight->tensor);
  }
  model->bound = true;
  return HORN_OK;
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

static horn_status build(horn__model *model, const char *json, size_t length, const void *weights, size_t bytes, bool strict) {
  HORN__TRY(horn__json_parse(model->ctx, "model.json", json, length, HORN__MAX_MODEL_DEPTH, &model->document));
  int32_t keras = 2;
  const cJSON *topology = horn__find_topology(model->document, &keras);
  if (topology == NULL)
    return horn__fail(model->ctx, HORN_E_FORMAT, "model.json: no layers model found: expected modelTopology with class_name and config");
  HORN__TRY(horn__layer_create(&model->arena, topology, &(horn__origin){.keras = keras}, 0, &model->root));
  HORN__TRY(horn__graph_create(model->ctx, &model->graph));
  HORN__TRY(trace(model));
  HORN__TRY(name_weights(model));
  return load_weights(model, weights, bytes, strict);
}

horn_status horn__model_load(horn_context *ctx, const char *json, size_t length, const void *weights, size_t bytes, bool strict,
                             horn__model **out) {
  horn__model *model = horn__alloc(ctx, sizeof *model, true);
  if (model == NULL) return HORN_E_OUT_OF_MEMORY;
  model->ctx = ctx;
  horn__arena_init(&model->arena, ctx);
  horn_status status = build(model, json, length, weights, bytes, strict);
  if (status == HORN_OK)
    *out = model;
  else
    horn__model_release(model);
  return status;
}

static void release_plans(horn__model *model) {
  for (int32_t i = 0; i < HORN__MAX_PLANS; i++) {
    horn__plan_release(model->plans[i]);
    model->plans[i] = NULL;
  }
}

void horn__model_share(horn__model *model, horn__weight *weight, horn__tensor *tensor) {
  horn__tensor_retain(tensor);
  horn__tensor_release(model->ctx, weight->tensor);
  weight->tensor = tensor;
  if (model->bound && weight->value != HORN__NONE) horn__graph_bind(model->graph, weight->value, tensor);
  release_plans(model);
}

void horn__model_release(horn__model *model) {
  if (model == NULL) return;
  release_plans(model);
  horn__graph_release(model->graph);
  horn__layer_release(model->root);
  horn__json_release(model->document);
  horn__arena_release(&model->arena);
  horn__free(model->ctx, model);
}

/* ---- predicting ------------------------------------------------------------------------------------------------------ */

static horn_status check_input(const horn__model *model, int32_t i, const horn__type *type) {
  const horn__type *expected = horn__type_of(model->graph, model->graph->inputs[i]);
  bool fits = type->shape.rank == expected->shape.rank;
  for (int32_t d = 0; fits && d < type->shape.rank; d++) fits = expected->shape.dims[d] < 0 || type->shape.dims[d] == expected->shape.dims[d];
  char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
  if (!fits)
    return horn__fail(model->ctx, HORN_E_SHAPE, "model \"%.100s\": input \"%.100s\": expected shape %s, got %s", model->root->name,
                      model->input_names[i], horn__shape_text(&expected->shape, want, sizeof want),
                      horn__shape_text(&type->shape, got, sizeof got));
  if (type->dtype != expected->dtype)
    return horn__fail(model->ctx, HORN_E_DTYPE, "model \"%.100s\": input \"%.100s\": expected %s, got %s", model->root->name, model->input_names[i],
                      horn__dtype_name(expected->dtype), horn__dtype_name(type->dtype));
  return HORN_OK;
}

/* The plan for these types, made where there is none yet; it moves to the front. */
static horn_status find_plan(horn__model *model, const horn__type *types, horn__plan **out) {
  int32_t at = 0;
  while (at < HORN__MAX_PLANS && model->plans[at] != NULL && !horn__plan_fits(model->plans[at], types)) at++;
  horn__plan *plan = at < HORN__MAX_PLANS ? model->plans[at] : NULL;
  if (plan == NULL) {
    HORN__TRY(horn__model_bind(model));
    HORN__TRY(horn__plan_create(model->graph, types, model->outputs, model->output_count + model->state_count, &plan));
    if (at == HORN__MAX_PLANS) horn__plan_release(model->plans[--at]);
  } else {
    HORN__TRY(horn__plan_renew(&model->plans[at], model->graph, model->outputs));
    plan = model->plans[at];
  }
  memmove(model->plans + 1, model->plans, (size_t)at * sizeof plan);
  model->plans[0] = *out = plan;
  return HORN_OK;
}

/* The states go behind the inputs and outputs. */
static horn_status give_states(horn__model *model, horn__type *types, void **in, void **out) {
  for (int32_t i = 0; i < model->state_count; i++) {
    horn__state *state = model->states[i];
    if (state->tensor == NULL) HORN__TRY(horn__tensor_create(model->ctx, &state->type, true, &state->tensor));
    if (state->next == NULL) HORN__TRY(horn__tensor_create(model->ctx, &state->type, true, &state->next));
    types[model->input_count + i] = state->type;
    in[model->input_count + i] = state->tensor->data;
    out[model->output_count + i] = state->next->data;
  }
  return HORN_OK;
}

static void take_states(horn__model *model) {
  for (int32_t i = 0; i < model->state_count; i++) {
    horn__state *state = model->states[i];
    horn__tensor *before = state->tensor;
    state->tensor = state->next;
    state->next = before;
  }
}

void horn__model_reset_states(horn__model *model) {
  for (int32_t i = 0; i < model->state_count; i++)
    if (model->states[i]->tensor != NULL) memset(model->states[i]->tensor->data, 0, model->states[i]->tensor->bytes);
}

horn_status horn__model_predict(horn__model *model, horn__tensor *const *inputs, int32_t count, horn__tensor **outputs) {
  horn__type types[HORN__MAX_SLOTS];
  void *in[HORN__MAX_SLOTS], *out[HORN__MAX_SLOTS];
  if (count != model->input_count)
    return horn__fail(model->ctx, HORN_E_INVALID_ARGUMENT, "model \"%.100s\": expected %d inputs, got %d", model->root->name,
                      model->input_count, count);
  for (int32_t i = 0; i < count; i++) {
    types[i] = inputs[i]->type;
    in[i] = inputs[i]->data;
    HORN__TRY(check_input(model, i, &types[i]));
  }
  horn__plan *plan;
  HORN__TRY(give_states(model, types, in, out));
  HORN__TRY(find_plan(model, types, &plan));
  horn_status status = HORN_OK;
  int32_t made = 0;
  for (; made < model->output_count; made++) {
    status = horn__tensor_create(model->ctx, horn__plan_output(plan, made), false, &outputs[made]);
    if (status != HORN_OK) break;
    out[made] = outputs[made]->data;
  }
  if (status == HORN_OK) status = horn__plan_run(plan, in, out);
  if (status == HORN_OK) take_states(model);
  for (int32_t i = 0; i < made && status != HORN_OK; i++) horn__tensor_release(model->ctx, outputs[i]);
  return status;
}
