/* The calls of a Functional's layers: which tensors go into which slot, which are masks, and the arguments that are no tensors. Read in every
 * form that Keras 1, 2 and 3 write; written in Keras 2's: [["first", node, tensor, {keyword arguments}], ...].
 * Reference: tf_keras/src/engine/node.py, keras/src/ops/node.py. */
#include <string.h>

#include "cJSON.h"
#include "layers/container.h"

enum { MAX_NODES = 200000 };

/* ---- references ------------------------------------------------------------------------------------------------------ */

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

/* ["layer", node, tensor] or ["layer", node, tensor, {}]; tf-keras writes a number in place of a first tensor in the same form. */
static bool is_reference(const cJSON *json) {
  int size = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : 0;
  if (size != 3 && size != 4) return false;
  if (cJSON_IsString(json->child) && strcmp(json->child->valuestring, "_CONSTANT_VALUE") == 0) return false;
  return cJSON_IsString(json->child) && cJSON_IsNumber(json->child->next) && cJSON_IsNumber(json->child->next->next);
}

const cJSON *horn__reference_of(const cJSON *json) {
  const char *type = horn__json_text(json, "class_name");
  if (type != NULL && strcmp(type, "__keras_tensor__") == 0) json = horn__json_get(horn__json_get(json, "config"), "keras_history");
  return is_reference(json) ? json : NULL;
}

static horn_status read_reference(const horn__layer *model, const cJSON *json, horn__reference *out) {
  int64_t node, tensor;
  const char *name = cJSON_GetStringValue(json->child);
  int32_t layer = find_layer(model, name);
  if (layer < 0) return horn__layer_fail(model, HORN_E_FORMAT, "a node refers to the layer \"%.100s\", which is not there", name);
  if (!horn__json_int(json->child->next, 0, MAX_NODES, &node) || !horn__json_int(json->child->next->next, 0, HORN__MAX_SLOTS - 1, &tensor))
    return horn__layer_fail(model, HORN_E_FORMAT, "a node refers to layer \"%.100s\" with an index out of range", name);
  *out = (horn__reference){layer, (int32_t)node, (int32_t)tensor, 0};
  return HORN_OK;
}

horn_status horn__collect_references(const horn__layer *model, const cJSON *json, horn__reference *out, int32_t *count) {
  const cJSON *reference = horn__reference_of(json), *item;
  if (reference != NULL) {
    if (*count == HORN__MAX_SLOTS) return horn__layer_fail(model, HORN_E_LIMIT, "a node has more than %d inputs", HORN__MAX_SLOTS);
    return read_reference(model, reference, &out[(*count)++]);
  }
  if (cJSON_IsArray(json) || cJSON_IsObject(json)) cJSON_ArrayForEach(item, json) HORN__TRY(horn__collect_references(model, item, out, count));
  return HORN_OK;
}

static bool has_reference(const cJSON *json) {
  const cJSON *item;
  if (horn__reference_of(json) != NULL) return true;
  if (cJSON_IsArray(json) || cJSON_IsObject(json)) cJSON_ArrayForEach(item, json) if (has_reference(item)) return true;
  return false;
}

/* ---- reading a call ------------------------------------------------------------------------------------------------------ */

typedef struct reader {
  const horn__layer *model;
  const char *parameters; /* of the layer's class; NULL: its tensors are one list */
  horn__model_node *node;
} reader;

/* Gives the tensors in json the slot `place`, and where the class has no parameters, the next free ones. */
static horn_status read_tensors(const reader *r, const cJSON *json, int32_t place) {
  horn__model_node *node = r->node;
  const int32_t before = node->count;
  HORN__TRY(horn__collect_references(r->model, json, node->in, &node->count));
  if (r->parameters == NULL) place = node->slots;
  for (int32_t i = before; i < node->count; i++) node->in[i].place = place++;
  if (node->count > before && place > node->slots) node->slots = place;
  return HORN_OK;
}

/* A mask that is a tensor of the model. One whose layer was taken out of the config comes with its input. */
static horn_status read_mask(const reader *r, const cJSON *json, int32_t place) {
  horn__model_node *node = r->node;
  const cJSON *reference = horn__reference_of(json);
  if (reference == NULL) return HORN_OK;
  node->masked = true;
  if (place >= HORN__MAX_SLOTS || find_layer(r->model, cJSON_GetStringValue(reference->child)) < 0) return HORN_OK;
  HORN__TRY(horn__collect_references(r->model, json, node->in, &node->count));
  node->in[node->count - 1].place = HORN__MAX_SLOTS + place;
  return HORN_OK;
}

/* The slot whose mask is called `name`: "query_mask" of the parameter "query"; -1 where there is none. */
static int32_t masked_slot(const reader *r, const char *name) {
  static const char ending[] = "_mask";
  char owner[32];
  const size_t length = strlen(name), cut = sizeof ending - 1;
  if (length <= cut || length - cut >= sizeof owner || strcmp(name + length - cut, ending) != 0) return -1;
  memcpy(owner, name, length - cut);
  owner[length - cut] = '\0';
  return horn__spelling(r->parameters, owner);
}

/* One keyword argument. Where the class has no parameters its tensors are inputs behind the others. */
static horn_status read_argument(const reader *r, const cJSON *json) {
  const cJSON *item;
  const int32_t slot = masked_slot(r, json->string), place = horn__spelling(r->parameters, json->string);
  int32_t next = 0;
  if (slot >= 0) return read_mask(r, json, slot);
  if (strcmp(json->string, "mask") != 0) return r->parameters == NULL || place >= 0 ? read_tensors(r, json, place) : HORN_OK;
  if (horn__reference_of(json) != NULL) return read_mask(r, json, 0);
  cJSON_ArrayForEach(item, json) HORN__TRY(read_mask(r, item, next++));
  return HORN_OK;
}

static const char *parameter_name(const char *parameters, int32_t index, char *out, size_t size) {
  for (; index > 0 && parameters != NULL; index--) {
    parameters = strchr(parameters, '|');
    if (parameters != NULL) parameters++;
  }
  const size_t length = parameters == NULL ? size : strcspn(parameters, "|");
  if (length >= size) return NULL;
  memcpy(out, parameters, length);
  out[length] = '\0';
  return out;
}

/* Keras 3's {"args": [...], "kwargs": {...}}: arguments by position become keyword arguments where the class has names for them, the first
 * and lists of tensors apart. The document is the model's own. */
static horn_status name_arguments(const reader *r, cJSON *args, cJSON *kwargs) {
  char name[32];
  int32_t index = 0;
  for (cJSON *item = args->child, *next; item != NULL; item = next, index++) {
    next = item->next;
    if (index == 0 && has_reference(item)) continue;
    if (parameter_name(r->parameters, index, name, sizeof name) == NULL)
      return horn__layer_fail(r->model, HORN_E_FORMAT, "a node has more than %d arguments", index);
    if (cJSON_HasObjectItem(kwargs, name)) continue;
    if (!cJSON_AddItemToObject(kwargs, name, cJSON_DetachItemViaPointer(args, item)))
      return horn__fail(r->model->ctx, HORN_E_OUT_OF_MEMORY, "no memory for the arguments of a node");
  }
  return HORN_OK;
}

/* The keyword arguments of a call as Keras 2 has them: beside each tensor of the first argument, the same. */
static const cJSON *keywords_of(const cJSON *json) {
  while (!is_reference(json) && (cJSON_IsArray(json) || cJSON_IsObject(json))) json = cJSON_GetArrayItem(json, cJSON_GetArraySize(json) - 1);
  return is_reference(json) ? json->child->next->next->next : NULL;
}

/* A call with arguments that change its result, and that no layer can follow, must not be dropped silently. In Keras 3 the model's own
 * training argument, which predict and fit both give, replaces that of a call, which is taken out (the document is the model's own). */
static horn_status check_training(const horn__layer *layer, const cJSON *keywords) {
  if (layer->keras == 3) cJSON_DeleteItemFromObjectCaseSensitive((cJSON *)keywords, "training");
  if (!cJSON_IsTrue(horn__json_get(keywords, "training"))) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "it is called with training=True, which is not supported");
}

horn_status horn__read_call(const horn__layer *model, const cJSON *json, horn__model_node *node) {
  const horn__layer *layer = model->children[node->layer];
  if (layer->type == &horn__layer_TFOpLambda) return horn__read_operands(model, json, node);
  const reader r = {model, layer->type->parameters, node};
  const cJSON *first = json, *item;
  node->arguments = keywords_of(json);
  if (cJSON_IsObject(json)) {
    first = horn__json_get(json, "args");
    node->arguments = horn__json_get(json, "kwargs");
    if (r.parameters != NULL && cJSON_IsArray(first) && cJSON_IsObject(node->arguments))
      HORN__TRY(name_arguments(&r, (cJSON *)first, (cJSON *)node->arguments));
  }
  HORN__TRY(read_tensors(&r, first, 0));
  if (!cJSON_IsObject(node->arguments)) return HORN_OK;
  cJSON_ArrayForEach(item, node->arguments) HORN__TRY(read_argument(&r, item));
  return check_training(layer, node->arguments);
}

/* ---- writing a call ---------------------------------------------------------------------------------------------------- */

static void write_tensor(horn__text *text, const horn__layer *model, const horn__reference *reference) {
  horn__text_add(text, "[");
  horn__text_quote(text, model->children[reference->layer]->name);
  horn__text_add(text, ",%d,%d", horn__written_node(model, reference), reference->tensor);
}

static const horn__reference *at_place(const horn__model_node *node, int32_t place) {
  for (int32_t i = 0; i < node->count; i++)
    if (node->in[i].place == place) return &node->in[i];
  return NULL;
}

typedef struct writer {
  horn__text *text;
  const horn__layer *model;
  const horn__model_node *node;
  bool first;
} writer;

static void begin_member(writer *w, const char *name, const char *ending) {
  horn__text_add(w->text, w->first ? "\"%s%s\":" : ",\"%s%s\":", name, ending);
  w->first = false;
}

static void write_member(writer *w, const char *name, const char *ending, const horn__reference *reference) {
  if (reference == NULL) return;
  begin_member(w, name, ending);
  write_tensor(w->text, w->model, reference);
  horn__text_add(w->text, "]");
}

/* "mask": the only tensor's, or a list. */
static void write_masks(writer *w) {
  int32_t last = -1;
  for (int32_t i = 0; i < w->node->slots; i++)
    if (at_place(w->node, HORN__MAX_SLOTS + i) != NULL) last = i;
  if (last < 0) return;
  begin_member(w, "mask", "");
  for (int32_t i = 0; i < w->node->slots; i++) {
    const horn__reference *mask = at_place(w->node, HORN__MAX_SLOTS + i);
    if (w->node->slots > 1) horn__text_add(w->text, i == 0 ? "[" : ",");
    if (mask == NULL) {
      horn__text_add(w->text, "null");
      continue;
    }
    write_tensor(w->text, w->model, mask);
    horn__text_add(w->text, "]");
  }
  if (w->node->slots > 1) horn__text_add(w->text, "]");
}

static void write_keywords(horn__text *text, const horn__layer *model, const horn__model_node *node) {
  writer w = {text, model, node, true};
  const char *parameters = model->children[node->layer]->type->parameters;
  const cJSON *item;
  char name[32];
  horn__text_add(text, "{");
  cJSON_ArrayForEach(item, node->arguments) {
    if (cJSON_IsNull(item) || has_reference(item)) continue;
    horn__text_add(text, w.first ? "" : ",");
    w.first = false;
    horn__text_quote(text, item->string);
    horn__text_add(text, ":");
    horn__json_write(text, item);
  }
  if (parameters == NULL) write_masks(&w);
  for (int32_t i = 0; parameters != NULL && parameter_name(parameters, i, name, sizeof name) != NULL; i++) {
    if (i > 0) write_member(&w, name, "", at_place(node, i));
    write_member(&w, name, "_mask", at_place(node, HORN__MAX_SLOTS + i));
  }
  horn__text_add(text, "}");
}

void horn__write_call(horn__text *text, const horn__layer *model, const horn__model_node *node) {
  if (model->children[node->layer]->type == &horn__layer_TFOpLambda) {
    horn__write_operands(text, model, node);
    return;
  }
  const bool one = model->children[node->layer]->type->parameters != NULL;
  bool first = true;
  horn__text_add(text, "[");
  for (int32_t i = 0; i < (one ? 1 : node->slots); i++) {
    const horn__reference *reference = at_place(node, i);
    if (reference == NULL) continue;
    horn__text_add(text, first ? "" : ",");
    first = false;
    write_tensor(text, model, reference);
    horn__text_add(text, ",");
    write_keywords(text, model, node);
    horn__text_add(text, "]");
  }
  horn__text_add(text, "]");
}
