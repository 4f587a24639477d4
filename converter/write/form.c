/* The core's topology, which is TensorFlow.js's and Keras 2's form, as Keras 2 and Keras 3 read it: without what only Hornbeam knows, and for
 * Keras 3 with the modules of classes, without what it has dropped, and with calls of nested models counted from 0.
 * Reference: keras/src/saving/serialization_lib.py, keras/src/models/functional.py. */
#include "write/form.h"

#include <string.h>

#include "cJSON.h"
#include "layers/fields.h"

/* Fields of configs that Keras 3 does not know. */
static const char *const keras2_fields[] = {"time_major", "ragged", "input_length"};

typedef struct form {
  horn_context *ctx;
  int32_t keras;
} form;

static horn_status no_memory(horn_context *ctx) { return horn__fail(ctx, HORN_E_OUT_OF_MEMORY, "memory is used up"); }

static bool is_model(const cJSON *layer) {
  const char *name = horn__json_text(layer, "class_name");
  return name != NULL && (strcmp(name, "Sequential") == 0 || strcmp(name, "Functional") == 0 || strcmp(name, "Model") == 0);
}

static bool is_input(const cJSON *layer) {
  const char *name = horn__json_text(layer, "class_name");
  return name != NULL && strcmp(name, "InputLayer") == 0;
}

/* A field that Keras 2's class does not take must say what that class does: its default. Seeds are draws, which differ
 * anyway. */
static horn_status check_default(const form *f, const cJSON *config, const horn__field *field) {
  const cJSON *value = horn__json_get(config, field->name);
  cJSON *usual;
  if (value == NULL || field->initial == NULL || strcmp(field->name, "seed") == 0) return HORN_OK;
  HORN__TRY(horn__json_parse(f->ctx, field->name, field->initial, strlen(field->initial), HORN__MAX_MODEL_DEPTH, &usual));
  const bool same = cJSON_Compare(value, usual, true);
  horn__json_release(usual);
  if (same) return HORN_OK;
  const char *name = horn__json_text(config, "name");
  return horn__fail(f->ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": Keras 2 has no %s: save as .keras", name, field->name);
}

/* What only Hornbeam knows, as the field table of the class says, and what Keras 2's class does not take: an error where it matters. */
static horn_status drop_unknown(const form *f, const cJSON *layer, cJSON *config) {
  const char *class_name = horn__json_text(layer, "class_name");
  const char *since_keras3;
  const horn__fields *table = class_name == NULL ? NULL : horn__class_fields(class_name, &since_keras3);
  for (size_t i = 0; table != NULL && i < table->count; i++) {
    const horn__field *field = &table->rows[i];
    const bool later = f->keras < 3 && horn__spelling(since_keras3, field->name) >= 0;
    if (later) HORN__TRY(check_default(f, config, field));
    if (later || field->type == HORN__FIELD_OWN) cJSON_DeleteItemFromObjectCaseSensitive(config, field->name);
  }
  return HORN_OK;
}

static void drop_fields(cJSON *config, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) cJSON_DeleteItemFromObjectCaseSensitive(config, names[i]);
}

/* ---- classes -------------------------------------------------------------------------------------------------------------- */

/* Where Keras 3 finds a class. */
static horn_status add_module(const form *f, cJSON *layer) {
  const char *class_name = horn__json_text(layer, "class_name");
  if (f->keras < 3 || class_name == NULL || horn__json_get(layer, "module") != NULL) return HORN_OK;
  if (strcmp(class_name, "TFOpLambda") == 0)
    return horn__fail(f->ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": an operation cannot be written to a .keras file yet: save as model.json",
                      horn__json_text(layer, "name"));
  if (strcmp(class_name, "GroupedQueryAttention") == 0) { /* Keras exports it as */
    if (!cJSON_ReplaceItemInObjectCaseSensitive(layer, "class_name", cJSON_CreateString("GroupQueryAttention"))) return no_memory(f->ctx);
    class_name = "GroupQueryAttention";
  }
  const char *module = !is_model(layer) ? "keras.layers" : strcmp(class_name, "Sequential") == 0 ? "keras" : "keras.src.models.functional";
  if (cJSON_AddStringToObject(layer, "module", module) == NULL || cJSON_AddNullToObject(layer, "registered_name") == NULL) return no_memory(f->ctx);
  return HORN_OK;
}

static horn_status rename_shape(const form *f, cJSON *layer, cJSON *config) {
  cJSON *shape = cJSON_DetachItemFromObjectCaseSensitive(config, "batch_input_shape");
  if (shape == NULL) return HORN_OK;
  const bool input = is_input(layer);
  if (!input) cJSON_Delete(shape); /* its InputLayer says it */
  return !input || cJSON_AddItemToObject(config, "batch_shape", shape) ? HORN_OK : no_memory(f->ctx);
}

static horn_status form_layer(const form *f, cJSON *layer);

/* Layers within a wrapper's config. */
static horn_status form_inner(const form *f, cJSON *config) {
  static const char *const fields[] = {"layer", "forward_layer", "backward_layer", "cell"};
  cJSON *item;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    cJSON *inner = cJSON_GetObjectItemCaseSensitive(config, fields[i]);
    if (cJSON_IsObject(inner)) HORN__TRY(form_layer(f, inner));
  }
  cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(config, "cells")) HORN__TRY(form_layer(f, item));
  return HORN_OK;
}

/* Arguments of initializers that are not given, and which older Kerases do not know. */
static void form_initializers(cJSON *config) {
  static const char *const fields[] = {"input_axes", "output_axes"};
  cJSON *member;
  cJSON_ArrayForEach(member, config) {
    cJSON *inner = cJSON_GetObjectItemCaseSensitive(member, "config");
    if (member->string == NULL || strstr(member->string, "_initializer") == NULL) continue;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
      if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(inner, fields[i]))) cJSON_DeleteItemFromObjectCaseSensitive(inner, fields[i]);
  }
}

/* Keras 3's hard_sigmoid is another function than Keras 2's, and neither has the other's. */
static horn_status form_activation(const form *f, const cJSON *config, cJSON *field) {
  const char *name = cJSON_IsString(field) ? field->valuestring : "";
  const bool third = strcmp(name, "hard_sigmoid_3") == 0;
  if ((f->keras >= 3 && strcmp(name, "hard_sigmoid") == 0) || (f->keras < 3 && third))
    return horn__fail(f->ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": Keras %d has no hard_sigmoid as Keras %d has it: save as %s",
                      horn__json_text(config, "name"),
                      f->keras, third ? 3 : 2, third ? ".keras" : ".h5");
  return !third || cJSON_SetValuestring(field, "hard_sigmoid") != NULL ? HORN_OK : no_memory(f->ctx);
}

static horn_status form_activations(const form *f, cJSON *config) {
  static const char *const fields[] = {"activation", "recurrent_activation"};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    HORN__TRY(form_activation(f, config, cJSON_GetObjectItemCaseSensitive(config, fields[i])));
  return HORN_OK;
}

/* ---- models ---------------------------------------------------------------------------------------------------------------- */

/* Whether a reference [layer, node, tensor] is to a nested model: Keras 2 counts the call that made it, Keras 3 does not. */
static void shift_reference(const cJSON *models, cJSON *reference) {
  const cJSON *name = cJSON_GetArrayItem(reference, 0);
  cJSON *node = cJSON_GetArrayItem(reference, 1);
  if (!cJSON_IsString(name) || !cJSON_IsNumber(node) || node->valuedouble < 1) return;
  if (cJSON_GetObjectItemCaseSensitive(models, name->valuestring) != NULL) cJSON_SetNumberValue(node, node->valuedouble - 1);
}

/* inbound_nodes: a list of calls, each a list of references. */
static void shift_calls(const cJSON *models, cJSON *layer) {
  cJSON *call, *reference;
  cJSON_ArrayForEach(call, cJSON_GetObjectItemCaseSensitive(layer, "inbound_nodes"))
    cJSON_ArrayForEach(reference, call) shift_reference(models, reference);
}

static horn_status find_models(const form *f, const cJSON *layers, cJSON *out) {
  const cJSON *layer;
  cJSON_ArrayForEach(layer, layers) {
    const char *name = horn__json_text(layer, "name");
    if (name != NULL && is_model(layer) && cJSON_AddTrueToObject(out, name) == NULL) return no_memory(f->ctx);
  }
  return HORN_OK;
}

static horn_status shift_nodes(const form *f, cJSON *config, cJSON *layers) {
  static const char *const ends[] = {"input_layers", "output_layers"};
  cJSON *models = cJSON_CreateObject(), *layer, *reference;
  horn_status status = models == NULL ? no_memory(f->ctx) : find_models(f, layers, models);
  if (status == HORN_OK) {
    cJSON_ArrayForEach(layer, layers) shift_calls(models, layer);
    for (size_t i = 0; i < 2; i++)
      cJSON_ArrayForEach(reference, cJSON_GetObjectItemCaseSensitive(config, ends[i])) shift_reference(models, reference);
  }
  cJSON_Delete(models);
  return status;
}

/* A Sequential of Keras 3 knows its input from an InputLayer. */
static horn_status add_input(const form *f, cJSON *layers) {
  cJSON *first = cJSON_GetArrayItem(layers, 0), *config = cJSON_GetObjectItemCaseSensitive(first, "config");
  const cJSON *shape = horn__json_get(config, "batch_input_shape"), *dtype = horn__json_get(config, "dtype");
  const char *class_name = horn__json_text(first, "class_name");
  if (shape == NULL || class_name == NULL || is_input(first)) return HORN_OK;
  const bool ids = strcmp(class_name, "Embedding") == 0; /* it takes integers, which float32 holds as well */
  cJSON *input = cJSON_CreateObject(), *inner = input == NULL ? NULL : cJSON_AddObjectToObject(input, "config");
  bool made = inner != NULL && cJSON_AddStringToObject(input, "class_name", "InputLayer") != NULL &&
              cJSON_AddItemToObject(inner, "batch_input_shape", cJSON_Duplicate(shape, true)) &&
              cJSON_AddStringToObject(inner, "dtype", cJSON_IsString(dtype) && !ids ? dtype->valuestring : "float32") != NULL &&
              cJSON_AddStringToObject(inner, "name", "input_layer") != NULL && cJSON_InsertItemInArray(layers, 0, input);
  if (!made) cJSON_Delete(input);
  return made ? HORN_OK : no_memory(f->ctx);
}

/* ---- calls of several parameters ---------------------------------------------------------------------------------------------- */

static bool is_reference(const cJSON *json) {
  return cJSON_IsArray(json) && cJSON_IsString(json->child) && cJSON_IsNumber(cJSON_GetArrayItem(json, 1)) &&
         cJSON_IsNumber(cJSON_GetArrayItem(json, 2));
}

/* Keras 3's form of a reference, whose shape and dtype it takes from the layer that made it. Ends the reference. */
static cJSON *tensor_of(cJSON *reference) {
  cJSON *tensor = cJSON_CreateObject(), *config = tensor == NULL ? NULL : cJSON_AddObjectToObject(tensor, "config");
  bool made = config != NULL && cJSON_AddStringToObject(tensor, "class_name", "__keras_tensor__") != NULL &&
              cJSON_AddArrayToObject(config, "shape") != NULL && cJSON_AddStringToObject(config, "dtype", "float32") != NULL;
  while (cJSON_GetArraySize(reference) > 3) cJSON_DeleteItemFromArray(reference, 3);
  if (made && cJSON_AddItemToObject(config, "keras_history", reference)) return tensor;
  cJSON_Delete(tensor);
  cJSON_Delete(reference);
  return NULL;
}

/* {"args", "kwargs"} of a call [[layer, node, tensor, kwargs], ...]. */
static horn_status third_call(const form *f, cJSON *call, cJSON *out) {
  cJSON *last = cJSON_GetArrayItem(call, cJSON_GetArraySize(call) - 1), *kwargs = cJSON_DetachItemFromArray(last, 3), *args, *item, *tensor;
  if (kwargs == NULL) kwargs = cJSON_CreateObject();
  if (!cJSON_AddItemToObject(out, "kwargs", kwargs)) {
    cJSON_Delete(kwargs);
    return no_memory(f->ctx);
  }
  if ((args = cJSON_AddArrayToObject(out, "args")) == NULL) return no_memory(f->ctx);
  while ((item = cJSON_DetachItemFromArray(call, 0)) != NULL)
    if ((tensor = tensor_of(item)) == NULL || !cJSON_AddItemToArray(args, tensor)) return no_memory(f->ctx);
  for (item = kwargs->child; item != NULL; item = item->next) {
    if (!is_reference(item)) continue;
    cJSON *copy = cJSON_Duplicate(item, true);
    if (copy == NULL || (tensor = tensor_of(copy)) == NULL) return no_memory(f->ctx);
    if (!cJSON_ReplaceItemInObjectCaseSensitive(kwargs, item->string, tensor)) return no_memory(f->ctx);
    item = tensor;
  }
  return HORN_OK;
}

/* Keras 2 takes the first, and the others by name: [[layer, node, tensor, {"value": [layer, node, tensor]}]]. */
static horn_status second_call(const form *f, const char *parameters, cJSON *call) {
  cJSON *first = cJSON_GetArrayItem(call, 0), *kwargs = cJSON_GetArrayItem(first, 3), *item;
  char name[64];
  while (kwargs != NULL && (item = cJSON_DetachItemFromArray(call, 1)) != NULL) {
    const char *start = strchr(parameters, '|');
    const size_t length = start == NULL ? 0 : strcspn(++start, "|");
    if (start == NULL || length >= sizeof name) return cJSON_Delete(item), horn__fail(f->ctx, HORN_E_FORMAT, "a call has too many tensors");
    memcpy(name, start, length);
    name[length] = '\0';
    parameters = start;
    while (cJSON_GetArraySize(item) > 3) {
      cJSON *given = cJSON_DetachItemFromArray(item, 3), *member;
      while ((member = cJSON_DetachItemViaPointer(given, given->child)) != NULL) cJSON_AddItemToObject(kwargs, member->string, member);
      cJSON_Delete(given);
    }
    if (!cJSON_AddItemToObject(kwargs, name, item)) return no_memory(f->ctx);
  }
  return HORN_OK;
}

/* {"args": [tensor], "kwargs"} of an operation as Keras 2 has it: [layer, node, tensor, kwargs]. */
static horn_status operation_calls(const form *f, const char *name, cJSON *calls) {
  for (int i = 0; i < cJSON_GetArraySize(calls); i++) {
    cJSON *call = cJSON_GetArrayItem(calls, i), *args = cJSON_GetObjectItemCaseSensitive(call, "args"), *kwargs, *out;
    if (args == NULL) continue;
    if (cJSON_GetArraySize(args) != 1 || !is_reference(args->child))
      return horn__fail(f->ctx, HORN_E_UNSUPPORTED,
                        "layer \"%.100s\": an operation of Keras 3 cannot be written to an .h5 file yet: save as model.json", name);
    out = cJSON_DetachItemFromArray(args, 0);
    while (cJSON_GetArraySize(out) > 3) cJSON_DeleteItemFromArray(out, 3);
    kwargs = cJSON_DetachItemFromObjectCaseSensitive(call, "kwargs");
    if (kwargs == NULL) kwargs = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(out, kwargs)) {
      cJSON_Delete(kwargs);
      cJSON_Delete(out);
      return no_memory(f->ctx);
    }
    cJSON_ReplaceItemInArray(calls, i, out);
  }
  return HORN_OK;
}

/* A list of tensors to a class that names what it takes is a list only to Hornbeam. */
static horn_status form_calls(const form *f, cJSON *layer) {
  const char *class_name = horn__json_text(layer, "class_name");
  const char *parameters = class_name == NULL ? NULL : horn__class_parameters(class_name);
  cJSON *calls = cJSON_GetObjectItemCaseSensitive(layer, "inbound_nodes");
  if (f->keras < 3 && class_name != NULL && strcmp(class_name, "TFOpLambda") == 0)
    return operation_calls(f, horn__json_text(layer, "name"), calls);
  for (int i = 0; parameters != NULL && i < cJSON_GetArraySize(calls); i++) {
    cJSON *call = cJSON_GetArrayItem(calls, i), *out;
    if (!cJSON_IsArray(call) || !is_reference(call->child)) continue;
    if (f->keras < 3) {
      HORN__TRY(second_call(f, parameters, call));
      continue;
    }
    out = cJSON_CreateObject();
    horn_status status = out == NULL ? no_memory(f->ctx) : third_call(f, call, out);
    if (status == HORN_OK && cJSON_ReplaceItemInArray(calls, i, out)) continue;
    cJSON_Delete(out);
    return status == HORN_OK ? no_memory(f->ctx) : status;
  }
  return HORN_OK;
}

/* Keras 2's MultiHeadAttention asks for the shapes that it was built with; null: its first call builds it. */
static horn_status add_shapes(const form *f, const cJSON *layer, cJSON *config) {
  static const char *const names[] = {"query_shape", "key_shape", "value_shape"};
  const char *class_name = horn__json_text(layer, "class_name");
  if (f->keras >= 3 || class_name == NULL || strcmp(class_name, "MultiHeadAttention") != 0) return HORN_OK;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (horn__json_get(config, names[i]) == NULL && cJSON_AddNullToObject(config, names[i]) == NULL) return no_memory(f->ctx);
  return HORN_OK;
}

static horn_status form_model(const form *f, cJSON *model, cJSON *config) {
  cJSON *layers = cJSON_GetObjectItemCaseSensitive(config, "layers"), *layer;
  const bool sequential = strcmp(horn__json_text(model, "class_name"), "Sequential") == 0;
  if (f->keras >= 3 && !sequential) HORN__TRY(shift_nodes(f, config, layers));
  if (f->keras >= 3 && sequential) HORN__TRY(add_input(f, layers));
  cJSON_ArrayForEach(layer, layers) HORN__TRY(form_layer(f, layer));
  return HORN_OK;
}

/* Recursion is as deep as the text that was parsed. */
static horn_status form_layer(const form *f, cJSON *layer) {
  cJSON *config = cJSON_GetObjectItemCaseSensitive(layer, "config");
  HORN__TRY(add_module(f, layer));
  HORN__TRY(form_calls(f, layer));
  if (!cJSON_IsObject(config)) return HORN_OK;
  HORN__TRY(drop_unknown(f, layer, config));
  if (f->keras >= 3) drop_fields(config, keras2_fields, sizeof keras2_fields / sizeof keras2_fields[0]);
  if (is_input(layer)) cJSON_DeleteItemFromObjectCaseSensitive(config, "trainable");
  if (is_model(layer)) return form_model(f, layer, config);
  HORN__TRY(add_shapes(f, layer, config));
  form_initializers(config);
  HORN__TRY(form_activations(f, config));
  if (f->keras >= 3) HORN__TRY(rename_shape(f, layer, config));
  return form_inner(f, config);
}

horn_status horn__form_topology(const horn__loaded *loaded, int32_t keras, cJSON **out) {
  const form f = {loaded->ctx, keras};
  const char *topology;
  HORN__TRY(horn_model_topology(loaded->ctx, loaded->model, &topology));
  HORN__TRY(horn__json_parse(loaded->ctx, "topology", topology, strlen(topology), HORN__MAX_MODEL_DEPTH, out));
  horn_status status = form_layer(&f, *out);
  if (status != HORN_OK) horn__json_release(*out);
  return status;
}
