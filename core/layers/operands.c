/* The arguments of operations on tensors, as Keras 3 ({"args": [...], "kwargs": {...}}) and tf-keras (["first", node, tensor, {keyword
 * arguments}], or ["_CONSTANT_VALUE", -1, number, {...}]) record them. Tensors among them fill the slots of the call in the order in which
 * they stand there. Reference: keras/src/ops/node.py, tf_keras/src/engine/node.py. */
#include <string.h>

#include "cJSON.h"
#include "layers/container.h"
#include "layers/operation.h"
#include "layers/write.h"

/* ---- where arguments are ------------------------------------------------------------------------------------------------------ */

static bool is_constant(const cJSON *json) {
  const char *name = cJSON_IsArray(json) ? cJSON_GetStringValue(json->child) : NULL;
  return name != NULL && strcmp(name, "_CONSTANT_VALUE") == 0 && cJSON_GetArraySize(json) == 4;
}

static const cJSON *keywords(const cJSON *call) {
  if (cJSON_IsObject(call)) return horn__json_get(call, "kwargs");
  while (cJSON_IsArray(call) && horn__reference_of(call) == NULL && !is_constant(call)) call = cJSON_GetArrayItem(call, cJSON_GetArraySize(call) - 1);
  return cJSON_IsArray(call) ? cJSON_GetArrayItem(call, 3) : NULL;
}

/* The argument at a position: tf-keras gives all but the first one a name. */
static const cJSON *positional(const cJSON *call, int32_t position) {
  if (cJSON_IsObject(call)) return position < 0 ? NULL : cJSON_GetArrayItem(horn__json_get(call, "args"), position);
  if (position != 0) return NULL;
  return is_constant(call) ? cJSON_GetArrayItem(call, 2) : call;
}

static const cJSON *not_null(const cJSON *json) { return json == NULL || cJSON_IsNull(json) ? NULL : json; }

static const cJSON *named(const cJSON *object, const char *names) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) if (horn__spelling(names, item->string) >= 0) return not_null(item);
  return NULL;
}

const cJSON *horn__argument(const horn__call *call, const char *names, int32_t position) {
  const cJSON *json = named(keywords(call->arguments), names);
  if (json == NULL) json = not_null(positional(call->arguments, position));
  return json == NULL ? named(call->layer->json, names) : json;
}

/* ---- reading and writing the call of an operation -------------------------------------------------------------------------------- */

static const cJSON *first_part(const cJSON *call) { return cJSON_IsObject(call) ? horn__json_get(call, "args") : positional(call, 0); }

horn_status horn__read_operands(const horn__layer *model, const cJSON *json, horn__model_node *node) {
  HORN__TRY(horn__collect_references(model, first_part(json), node->in, &node->count));
  HORN__TRY(horn__collect_references(model, keywords(json), node->in, &node->count));
  for (int32_t i = 0; i < node->count; i++) node->in[i].place = i;
  node->slots = node->count;
  node->arguments = json;
  return HORN_OK;
}

typedef struct writer {
  horn__text *text;
  const horn__layer *model;
  const horn__model_node *node;
  int32_t next; /* tensor */
} writer;

static void write_value(writer *w, const cJSON *json) {
  const cJSON *item;
  if (horn__reference_of(json) != NULL) {
    const horn__reference *reference = &w->node->in[w->next++];
    horn__write_reference(w->text, w->model, reference, horn__written_node(w->model, reference));
    return;
  }
  if (!cJSON_IsArray(json) && !cJSON_IsObject(json)) {
    horn__json_write(w->text, json);
    return;
  }
  horn__text_add(w->text, cJSON_IsArray(json) ? "[" : "{");
  cJSON_ArrayForEach(item, json) {
    if (item != json->child) horn__text_add(w->text, ",");
    if (item->string != NULL) {
      horn__text_quote(w->text, item->string);
      horn__text_add(w->text, ":");
    }
    write_value(w, item);
  }
  horn__text_add(w->text, cJSON_IsArray(json) ? "]" : "}");
}

/* What only Keras 3 has beside a call: settings of the operation in its layer's config, which are keyword arguments as well. */
static bool is_setting(const cJSON *item) {
  return horn__spelling("name|trainable|function|batch_input_shape", item->string) < 0 && !cJSON_IsNull(item);
}

static void write_keywords(writer *w, const cJSON *named_ones, const cJSON *config) {
  const cJSON *item;
  bool first = true;
  horn__text_add(w->text, "{");
  cJSON_ArrayForEach(item, named_ones) {
    horn__text_add(w->text, first ? "" : ",");
    first = false;
    horn__text_quote(w->text, item->string);
    horn__text_add(w->text, ":");
    write_value(w, item);
  }
  cJSON_ArrayForEach(item, config) {
    if (!is_setting(item) || cJSON_HasObjectItem(named_ones, item->string)) continue;
    horn__text_add(w->text, first ? "" : ",");
    first = false;
    horn__text_quote(w->text, item->string);
    horn__text_add(w->text, ":");
    horn__json_write(w->text, item);
  }
  horn__text_add(w->text, "}");
}

void horn__write_operands(horn__text *text, const horn__layer *model, const horn__model_node *node) {
  writer w = {.text = text, .model = model, .node = node};
  const cJSON *first = first_part(node->arguments);
  horn__text_add(text, "{\"args\":");
  if (!cJSON_IsObject(node->arguments)) horn__text_add(text, "[");
  if (first == NULL)
    horn__text_add(text, "[]");
  else
    write_value(&w, first);
  horn__text_add(text, cJSON_IsObject(node->arguments) ? ",\"kwargs\":" : "],\"kwargs\":");
  const horn__layer *operation = model->children[node->layer];
  write_keywords(&w, keywords(node->arguments), operation->keras >= 3 ? operation->json : NULL);
  horn__text_add(text, "}");
}

/* ---- tensors -------------------------------------------------------------------------------------------------------------------- */

/* Counts the tensors in json up to the one that is `wanted`; whether that is there. */
static bool find(const cJSON *json, const cJSON *wanted, int32_t *index) {
  const cJSON *item;
  if (json == wanted) return true;
  if (horn__reference_of(json) != NULL) {
    (*index)++;
    return false;
  }
  if (cJSON_IsArray(json) || cJSON_IsObject(json)) cJSON_ArrayForEach(item, json) if (find(item, wanted, index)) return true;
  return false;
}

static horn__value tensor_of(const horn__call *call, const cJSON *json) {
  int32_t index = 0;
  if (find(first_part(call->arguments), json, &index) || find(keywords(call->arguments), json, &index))
    return index < call->count ? call->in[index].value : HORN__NONE;
  return HORN__NONE;
}

/* ---- constants ------------------------------------------------------------------------------------------------------------------ */

static bool is_number(const cJSON *json) { return cJSON_IsNumber(json) || cJSON_IsBool(json); }
static double number_of(const cJSON *json) { return cJSON_IsNumber(json) ? json->valuedouble : cJSON_IsTrue(json); }

/* {"class_name": "__numpy__" or "__tensor__", "config": {"value": ...}} as its value, anything else as it is. */
static const cJSON *unwrap(const cJSON *json) {
  const cJSON *value = horn__json_get(horn__json_get(json, "config"), "value");
  return value == NULL ? json : value;
}

/* Appends the numbers of nested lists whose lengths are `shape`; what is no number, or not as long, ends it. */
static bool read_numbers(const cJSON *json, const horn__shape *shape, int32_t axis, double *out, size_t *count) {
  if (axis == shape->rank) {
    out[(*count)++] = number_of(json);
    return is_number(json);
  }
  const cJSON *item;
  if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != shape->dims[axis]) return false;
  cJSON_ArrayForEach(item, json) if (!read_numbers(item, shape, axis + 1, out, count)) return false;
  return true;
}

static size_t count_leaves(const cJSON *json) {
  const cJSON *item;
  size_t count = 0;
  if (!cJSON_IsArray(json)) return 1;
  cJSON_ArrayForEach(item, json) count += count_leaves(item); /* no deeper than the parser allows */
  return count;
}

static horn_dtype constant_dtype(const double *numbers, size_t count, bool floats, bool booleans) {
  if (booleans) return HORN_BOOL;
  for (size_t i = 0; i < count && !floats; i++)
    floats = !(numbers[i] >= INT32_MIN && numbers[i] <= INT32_MAX && numbers[i] == (double)(int32_t)numbers[i]);
  return floats ? HORN_FLOAT32 : HORN_INT32;
}

static horn_status make_constant(const horn__call *call, const horn__type *type, const double *numbers, size_t count, horn__value *out) {
  horn__tensor *tensor;
  HORN__TRY(horn__tensor_create(call->layer->ctx, type, false, &tensor));
  for (size_t i = 0; i < count; i++) {
    if (type->dtype == HORN_FLOAT32) ((float *)tensor->data)[i] = (float)numbers[i];
    if (type->dtype == HORN_INT32) ((int32_t *)tensor->data)[i] = (int32_t)numbers[i];
    if (type->dtype == HORN_BOOL) ((uint8_t *)tensor->data)[i] = numbers[i] != 0;
  }
  *out = horn__graph_tensor(call->graph, tensor, HORN__CONSTANT);
  horn__tensor_release(call->layer->ctx, tensor);
  return call->graph->status;
}

/* Numbers in nested lists of equal lengths. */
static horn_status constant(const horn__call *call, const cJSON *json, horn__value like, horn__value *out) {
  const char *dtype = horn__json_text(horn__json_get(json, "config"), "dtype");
  const cJSON *value = unwrap(json), *inner = value;
  horn__type type = {0};
  size_t count = 0, most = 1;
  while (cJSON_IsArray(inner) && type.shape.rank < HORN_MAX_RANK) {
    const int32_t length = cJSON_GetArraySize(inner);
    type.shape.dims[type.shape.rank++] = length;
    if (!horn__multiply(most, (size_t)length, &most)) most = SIZE_MAX;
    inner = inner->child;
  }
  if (most != count_leaves(value)) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "the lists of a constant are not equally long");
  double *numbers = horn__arena_alloc(&call->graph->arena, (most + 1) * sizeof *numbers);
  if (numbers == NULL) return HORN_E_OUT_OF_MEMORY;
  if (!read_numbers(value, &type.shape, 0, numbers, &count))
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "an argument is neither a tensor nor numbers");
  const horn__type *other = horn__type_of(call->graph, like);
  const bool floats = (other != NULL && other->dtype == HORN_FLOAT32) || (dtype != NULL && strncmp(dtype, "float", 5) == 0);
  type.dtype = constant_dtype(numbers, count, floats, !floats && cJSON_IsBool(inner));
  return make_constant(call, &type, numbers, count, out);
}

horn_status horn__argument_value(const horn__call *call, const cJSON *json, horn__value like, horn__value *out) {
  if (json == NULL) return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "an argument is missing");
  if (horn__reference_of(json) == NULL) return constant(call, json, like, out);
  *out = tensor_of(call, json);
  return *out == HORN__NONE ? horn__layer_fail(call->layer, HORN_E_FORMAT, "a tensor among its arguments is missing") : HORN_OK;
}

horn_status horn__argument_tensor(const horn__call *call, const char *names, int32_t position, horn__value like, horn__value *out) {
  return horn__argument_value(call, horn__argument(call, names, position), like, out);
}

horn_status horn__argument_tensors(const horn__call *call, const char *names, int32_t position, horn__value *out, int32_t *count) {
  const cJSON *json = horn__argument(call, names, position), *item;
  *count = 0;
  if (horn__reference_of(json) != NULL) {
    *count = 1;
    return horn__argument_value(call, json, HORN__NONE, out);
  }
  cJSON_ArrayForEach(item, json) {
    if (*count == HORN__MAX_CONCAT) return horn__layer_fail(call->layer, HORN_E_LIMIT, "more than %d tensors", HORN__MAX_CONCAT);
    HORN__TRY(horn__argument_value(call, item, *count > 0 ? out[0] : HORN__NONE, &out[*count]));
    (*count)++;
  }
  return *count > 0 ? HORN_OK : horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected a list of tensors");
}

/* Whatever the first argument is called. */
horn_status horn__subject(const horn__call *call, horn__value *out) {
  return horn__argument_tensor(call, "x|input|input_tensor|features|tensor|a|logits|inputs|values|value|params|t|image", 0, HORN__NONE, out);
}

/* ---- numbers, flags, text --------------------------------------------------------------------------------------------------------- */

static horn_status read_int(const horn__call *call, const cJSON *json, const char *names, int32_t *out) {
  int64_t number = -1;
  const bool open = json == NULL || cJSON_IsNull(json) || horn__reference_of(json) != NULL;
  if (!open && !horn__json_int(json, INT32_MIN, INT32_MAX, &number))
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "expected whole numbers as %s", names);
  *out = (int32_t)number;
  return HORN_OK;
}

horn_status horn__argument_ints(const horn__call *call, const char *names, int32_t position, horn__ints *out) {
  const cJSON *json = unwrap(horn__argument(call, names, position)), *item;
  out->count = json == NULL ? -1 : 0;
  if (json == NULL) return HORN_OK;
  if (!cJSON_IsArray(json) || horn__reference_of(json) != NULL) {
    out->count = 1;
    return read_int(call, json, names, &out->values[0]);
  }
  cJSON_ArrayForEach(item, json) {
    if (out->count == HORN_MAX_RANK) return horn__layer_fail(call->layer, HORN_E_LIMIT, "more than %d numbers as %s", HORN_MAX_RANK, names);
    HORN__TRY(read_int(call, item, names, &out->values[out->count++]));
  }
  return HORN_OK;
}

horn_status horn__argument_int(const horn__call *call, const char *names, int32_t position, int32_t initial, int32_t *out) {
  const cJSON *json = unwrap(horn__argument(call, names, position));
  *out = initial;
  if (cJSON_IsArray(json) && cJSON_GetArraySize(json) == 1) json = json->child;
  return json == NULL ? HORN_OK : read_int(call, json, names, out);
}

double horn__argument_number(const horn__call *call, const char *names, int32_t position, double initial) {
  const cJSON *json = unwrap(horn__argument(call, names, position));
  return json != NULL && is_number(json) ? number_of(json) : initial;
}

bool horn__argument_flag(const horn__call *call, const char *names) { return cJSON_IsTrue(horn__argument(call, names, -1)); }

const char *horn__argument_text(const horn__call *call, const char *names, int32_t position) {
  const cJSON *json = horn__argument(call, names, position);
  return json == NULL ? NULL : cJSON_GetStringValue(json);
}

horn_status horn__axis_of(const horn__call *call, const char *names, int32_t position, int32_t initial, int32_t rank, int32_t *out) {
  int32_t axis;
  HORN__TRY(horn__argument_int(call, names, position, initial, &axis));
  if (horn__axis(axis, rank, out)) return HORN_OK;
  return horn__layer_fail(call->layer, HORN_E_SHAPE, "axis %d is out of range for rank %d", axis, rank);
}
