/* SavedModels of tf.keras 2.0 to 2.15: saved_model.pb has a graph of objects, keras_metadata.pb (before TensorFlow 2.5: the objects
 * themselves) each layer's config, variables/ the weights, whose keys stand in the bundle's own graph of the same objects. Functions are left
 * alone: the model is built again from its config. Reference: tensorflow/core/protobuf/{saved_model,saved_object_graph,
 * trackable_object_graph}.proto, keras/protobuf/saved_metadata.proto. */
#include <stdio.h>
#include <string.h>

#include "bundle/bundle.h"
#include "bytes/protobuf.h"
#include "cJSON.h"
#include "keras/source.h"

enum { MAX_PATH_BYTES = 1000 };

typedef enum object_kind { OTHER, USER_OBJECT, VARIABLE } object_kind;

typedef struct object {
  object_kind kind;
  bool model;              /* it has layers */
  bool visited;
  horn__cursor body;       /* SavedObject */
  horn__cursor metadata;   /* JSON of a layer */
  const char *key;         /* of a variable in the bundle, or NULL */
} object;

typedef struct reader {
  horn__source *source;
  horn__arena *arena;
  horn__bundle bundle;
  object *objects;
  size_t count;
} reader;

static horn_status damaged(const reader *r, const char *what) { return horn__fail(r->source->ctx, HORN_E_FORMAT, "SavedModel: %s is damaged", what); }

/* ---- saved_model.pb ---------------------------------------------------------------------------------------------------- */

/* MetaGraphDef {meta_info_def = 1 {tags = 4}, object_graph_def = 7}: whether it is the one for serving. */
static bool read_meta_graph(horn__cursor meta, horn__cursor *objects) {
  horn__proto field, inner;
  bool serve = false;
  while (horn__proto_next(&meta, &field)) {
    if (horn__proto_is(&field, 7)) *objects = field.bytes;
    if (!horn__proto_is(&field, 1)) continue;
    while (horn__proto_next(&field.bytes, &inner)) serve = serve || (horn__proto_is(&inner, 4) && horn__proto_equals(&inner, "serve"));
  }
  return serve;
}

/* SavedModel {meta_graphs = 2}: the graph of objects for serving, or of the first meta graph. */
static horn_status find_objects(const reader *r, horn__cursor file, horn__cursor *out) {
  horn__proto field;
  horn__cursor objects;
  bool found = false;
  while (horn__proto_next(&file, &field)) {
    if (!horn__proto_is(&field, 2)) continue;
    objects = (horn__cursor){0};
    bool serve = read_meta_graph(field.bytes, &objects);
    if (serve || !found) *out = objects;
    found = true;
    if (serve) break;
  }
  if (file.failed || !found) return damaged(r, "saved_model.pb");
  return out->size > 0 ? HORN_OK
                       : horn__fail(r->source->ctx, HORN_E_UNSUPPORTED, "the SavedModel is a graph of TensorFlow 1, without Keras's layers: "
                           "it cannot become a layers model");
}

/* SavedObject {user_object = 4 {identifier = 1, metadata = 3}, variable = 7}. */
static void read_object(object *o) {
  horn__proto field, inner;
  for (horn__cursor at = o->body; horn__proto_next(&at, &field);) {
    if (horn__proto_is(&field, 7)) o->kind = VARIABLE;
    if (!horn__proto_is(&field, 4)) continue;
    o->kind = USER_OBJECT;
    while (horn__proto_next(&field.bytes, &inner)) {
      if (horn__proto_is(&inner, 3)) o->metadata = inner.bytes;
      if (horn__proto_is(&inner, 1))
        o->model = horn__proto_equals(&inner, "_tf_keras_sequential") || horn__proto_equals(&inner, "_tf_keras_network") ||
                   horn__proto_equals(&inner, "_tf_keras_model");
    }
  }
}

/* SavedObjectGraph {nodes = 1}. */
static horn_status read_objects(reader *r, horn__cursor graph) {
  horn__proto field;
  for (horn__cursor at = graph; horn__proto_next(&at, &field);) r->count += horn__proto_is(&field, 1);
  size_t i = 0;
  r->objects = horn__arena_alloc(r->arena, r->count * sizeof *r->objects + 1);
  if (r->objects == NULL) return HORN_E_OUT_OF_MEMORY;
  while (horn__proto_next(&graph, &field)) {
    if (!horn__proto_is(&field, 1)) continue;
    r->objects[i].body = field.bytes;
    read_object(&r->objects[i++]);
  }
  return graph.failed || r->count == 0 ? damaged(r, "the graph of objects") : HORN_OK;
}

/* ---- keras_metadata.pb: SavedMetadata {nodes = 1 {node_id = 2, metadata = 5}} ----------------------------------------------- */

static horn_status read_metadata(reader *r, const horn_convert_file *file) {
  horn__proto field, inner;
  if (file == NULL) return HORN_OK;
  horn__cursor at = horn__cursor_of(file->bytes, file->size);
  while (horn__proto_next(&at, &field)) {
    uint64_t id = 0;
    horn__cursor metadata = {0};
    if (!horn__proto_is(&field, 1)) continue;
    while (horn__proto_next(&field.bytes, &inner)) {
      if (inner.number == 2) id = inner.value;
      if (horn__proto_is(&inner, 5)) metadata = inner.bytes;
    }
    if (field.bytes.failed || id >= r->count) return damaged(r, "keras_metadata.pb");
    r->objects[id].metadata = metadata;
  }
  return at.failed ? damaged(r, "keras_metadata.pb") : HORN_OK;
}

/* ---- keys of the variables ------------------------------------------------------------------------------------------------ */

/* TrackableObject {attributes = 2 {name = 1, checkpoint_key = 3}}. */
static horn_status read_key(const reader *r, horn__cursor node, const char **out) {
  horn__proto field, inner;
  while (horn__proto_next(&node, &field)) {
    bool value = false;
    horn__proto key = {0};
    if (!horn__proto_is(&field, 2)) continue;
    while (horn__proto_next(&field.bytes, &inner)) {
      if (horn__proto_is(&inner, 1)) value = horn__proto_equals(&inner, "VARIABLE_VALUE");
      if (horn__proto_is(&inner, 3)) key = inner;
    }
    if (!value) continue;
    *out = horn__proto_text(r->arena, &key);
    if (*out == NULL) return HORN_E_OUT_OF_MEMORY;
  }
  return HORN_OK;
}

/* TrackableObjectGraph {nodes = 1}: its nodes are those of the SavedModel, in the same order. */
static horn_status read_keys(reader *r) {
  horn__proto field;
  horn__cursor graph;
  size_t i = 0;
  HORN__TRY(horn__bundle_string(&r->bundle, "_CHECKPOINTABLE_OBJECT_GRAPH", &graph));
  while (horn__proto_next(&graph, &field) && i < r->count)
    if (horn__proto_is(&field, 1)) HORN__TRY(read_key(r, field.bytes, &r->objects[i++].key));
  return graph.failed ? damaged(r, "the variables' graph of objects") : HORN_OK;
}

/* ---- the config ----------------------------------------------------------------------------------------------------------- */

/* Python's tuples and shapes stand as {"class_name": "__tuple__", "items": [...]}. Depth is bounded by the parser. */
static bool is_sequence(const cJSON *json) {
  const char *type = horn__json_text(json, "class_name");
  return type != NULL && (strcmp(type, "__tuple__") == 0 || strcmp(type, "TensorShape") == 0) && cJSON_IsArray(horn__json_get(json, "items"));
}

static void write_plain(horn__text *text, const cJSON *json) {
  if (is_sequence(json)) json = horn__json_get(json, "items");
  if (!cJSON_IsArray(json) && !cJSON_IsObject(json)) {
    horn__json_write(text, json);
    return;
  }
  const bool object = cJSON_IsObject(json);
  const cJSON *item;
  horn__text_add(text, object ? "{" : "[");
  cJSON_ArrayForEach(item, json) {
    if (item != json->child) horn__text_add(text, ",");
    if (object) {
      horn__text_quote(text, item->string);
      horn__text_add(text, ":");
    }
    write_plain(text, item);
  }
  horn__text_add(text, object ? "}" : "]");
}

static horn_status keep_plain(reader *r, const cJSON *json, const char *before, const char *behind, const char **out) {
  horn__text text;
  horn__text_init(&text, r->source->ctx);
  horn__text_add(&text, "%s", before);
  write_plain(&text, json);
  horn__text_add(&text, "%s", behind);
  horn_status status = text.status;
  if (status == HORN_OK) *out = horn__arena_text(r->arena, text.data);
  horn__text_release(&text);
  return status == HORN_OK && *out == NULL ? HORN_E_OUT_OF_MEMORY : status;
}

static horn_status take_model(reader *r, const cJSON *json) {
  const char *class_name = horn__json_text(json, "class_name"), *version = horn__json_text(json, "keras_version");
  const cJSON *config = horn__json_get(json, "config"), *training = horn__json_get(json, "training_config");
  if (class_name == NULL || config == NULL || strlen(class_name) > 100 || strpbrk(class_name, "\"\\") != NULL)
    return horn__fail(r->source->ctx, HORN_E_UNSUPPORTED, "the SavedModel does not tell its layers: "
        "it was not saved by Keras's model.save(), or is a model without a config");
  char start[200];
  snprintf(start, sizeof start, "{\"class_name\":\"%s\",\"config\":", class_name);
  HORN__TRY(keep_plain(r, config, start, "}", &r->source->config));
  r->source->keras_version = version == NULL ? "2" : horn__arena_text(r->arena, version);
  if (r->source->keras_version == NULL) return HORN_E_OUT_OF_MEMORY;
  return training == NULL ? HORN_OK : keep_plain(r, training, "", "", &r->source->training_config);
}

static horn_status read_config(reader *r) {
  cJSON *json;
  const horn__cursor *text = &r->objects[0].metadata;
  if (text->size == 0) return take_model(r, NULL);
  HORN__TRY(horn__json_parse(r->source->ctx, "the SavedModel's metadata", (const char *)text->bytes, text->size, HORN__MAX_MODEL_DEPTH, &json));
  horn_status status = take_model(r, json);
  horn__json_release(json);
  return status;
}

/* The name of a layer, NULL where its object does not tell. */
static horn_status read_name(reader *r, const object *o, const char **out) {
  cJSON *json;
  *out = NULL;
  if (o->metadata.size == 0) return HORN_OK;
  HORN__TRY(horn__json_parse(r->source->ctx, "a layer's metadata", (const char *)o->metadata.bytes, o->metadata.size, HORN__MAX_MODEL_DEPTH, &json));
  const char *name = horn__json_text(json, "name");
  if (name != NULL) *out = horn__arena_text(r->arena, name);
  horn__json_release(json);
  return name != NULL && *out == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

/* ---- the walk: objects as groups of arrays, at the paths that a .keras file would have ------------------------------------------ */

typedef struct child {
  uint64_t id;
  horn__proto name;
} child;

/* The next of SavedObject {children = 1 {node_id = 1, local_name = 2}}. */
static bool next_child(const reader *r, horn__cursor *body, child *out) {
  horn__proto field, inner;
  while (horn__proto_next(body, &field)) {
    if (!horn__proto_is(&field, 1)) continue;
    *out = (child){0};
    while (horn__proto_next(&field.bytes, &inner)) {
      if (inner.number == 1) out->id = inner.value;
      if (horn__proto_is(&inner, 2)) out->name = inner;
    }
    if (out->id < r->count) return true;
  }
  return false;
}

typedef struct saved_variable {
  horn__bundle *bundle;
  horn__bundle_tensor tensor;
} saved_variable;

static horn_status read_variable(horn_context *ctx, const horn__saved_array *array, float *out) {
  (void)ctx;
  const saved_variable *from = array->from;
  return horn__bundle_read(from->bundle, &from->tensor, out);
}

static horn_status add_variable(reader *r, horn__saved_group *group, const char *key) {
  saved_variable *from = horn__arena_alloc(r->arena, sizeof *from);
  horn__saved_array *array = horn__arena_alloc(r->arena, sizeof *array);
  if (from == NULL || array == NULL) return HORN_E_OUT_OF_MEMORY;
  from->bundle = &r->bundle;
  HORN__TRY(horn__bundle_tensor_at(&r->bundle, key, &from->tensor));
  *array = (horn__saved_array){.name = key, .rank = from->tensor.rank, .count = from->tensor.count, .read = read_variable, .from = from};
  memcpy(array->dims, from->tensor.dims, sizeof array->dims);
  group->arrays[group->count++] = array;
  return HORN_OK;
}

/* The variables that an object holds itself, in the order in which its layer made them. */
static horn_status add_variables(reader *r, const object *o, const char *path, const char *label) {
  horn__saved_group *group;
  child c;
  size_t count = 0;
  for (horn__cursor body = o->body; next_child(r, &body, &c);) count += r->objects[c.id].kind == VARIABLE;
  if (count == 0 && label == NULL) return HORN_OK;
  HORN__TRY(horn__source_group(r->source, path, count, &group));
  group->label = label;
  for (horn__cursor body = o->body; next_child(r, &body, &c);) {
    object *variable = &r->objects[c.id];
    if (variable->kind != VARIABLE || variable->visited || variable->key == NULL) continue;
    variable->visited = true; /* it may have two names */
    HORN__TRY(add_variable(r, group, variable->key));
  }
  return HORN_OK;
}

/* What hangs on a layer beside its parts: lists of what is elsewhere. */
static bool is_part(const reader *r, const child *c) {
  static const char *const others[] = {"keras_api", "variables", "trainable_variables", "regularization_losses", "signatures", "optimizer"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (horn__proto_equals(&c->name, others[i])) return false;
  return r->objects[c->id].kind == USER_OBJECT && !r->objects[c->id].visited;
}

/* A model's layers are its children layer-0, layer-1, ... */
static bool is_layer(const child *c) { return c->name.bytes.size > 6 && memcmp(c->name.bytes.bytes, "layer-", 6) == 0; }

static horn_status visit(reader *r, object *o, const char *path, int depth);

static horn_status visit_child(reader *r, const object *parent, const child *c, const char *path, int depth) {
  object *o = &r->objects[c->id];
  const char *label = NULL, *slash = path[0] == '\0' ? "" : "/";
  char *name = horn__proto_text(r->arena, &c->name);
  char *below = name == NULL ? NULL : horn__arena_format(r->arena, "%s%s%s%s", path, slash, parent->model ? "layers/" : "", name);
  if (below == NULL) return HORN_E_OUT_OF_MEMORY;
  if (depth >= HORN__MAX_DEPTH || strlen(below) > MAX_PATH_BYTES)
    return horn__fail(r->source->ctx, HORN_E_LIMIT, "SavedModel: objects nested deeper than %d, or with names that are too long", HORN__MAX_DEPTH);
  if (parent->model) HORN__TRY(read_name(r, o, &label));
  HORN__TRY(add_variables(r, o, below, label));
  return visit(r, o, below, depth + 1);
}

/* Every object once: so circles end as well. */
static horn_status visit(reader *r, object *o, const char *path, int depth) {
  child c;
  o->visited = true;
  for (horn__cursor body = o->body; next_child(r, &body, &c);)
    if (is_part(r, &c) && (!o->model || is_layer(&c))) HORN__TRY(visit_child(r, o, &c, path, depth));
  return HORN_OK;
}

/* ---- entry --------------------------------------------------------------------------------------------------------------------- */

horn_status horn__read_saved_model(horn__source *source, const horn_convert_file *files, size_t count) {
  const horn_convert_file *file = horn__file_named(files, count, "saved_model.pb");
  reader *r = horn__arena_alloc(&source->arena, sizeof *r); /* arrays read from it later */
  horn__cursor objects;
  if (r == NULL) return HORN_E_OUT_OF_MEMORY;
  *r = (reader){.source = source, .arena = &source->arena};
  source->format = "SavedModel of tf.keras";
  source->grouping = HORN__BY_PATH;
  HORN__TRY(find_objects(r, horn__cursor_of(file->bytes, file->size), &objects));
  HORN__TRY(read_objects(r, objects));
  HORN__TRY(read_metadata(r, horn__file_named(files, count, "keras_metadata.pb")));
  HORN__TRY(read_config(r));
  HORN__TRY(horn__bundle_open(&source->arena, files, count, "variables/variables", &r->bundle));
  HORN__TRY(read_keys(r));
  r->objects[0].model = true;
  return visit(r, &r->objects[0], "", 0);
}
