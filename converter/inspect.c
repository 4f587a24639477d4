/* A saved model described as JSON, also one that cannot be converted: which of its layers are not known, and what stands against it. */
#include <string.h>

#include "cJSON.h"
#include "load.h"

static void add_text(horn__text *text, const char *key, const char *value) {
  horn__text_add(text, "%s", text->length > 1 ? "," : "");
  horn__text_quote(text, key);
  horn__text_add(text, ":");
  if (value == NULL)
    horn__text_add(text, "null");
  else
    horn__text_quote(text, value);
}

/* A message may have names of the file in it, which may be no UTF-8: then only its ASCII is kept. */
static horn_status add_message(horn__text *text, const char *key, const char *message) {
  horn__text quoted;
  horn__text_init(&quoted, text->ctx);
  horn__text_quote(&quoted, message);
  cJSON *parsed = NULL;
  horn_status status = quoted.status;
  bool good = status == HORN_OK && horn__json_parse(text->ctx, key, quoted.data, quoted.length, 1, &parsed) == HORN_OK;
  for (size_t i = 0; status == HORN_OK && !good && i < quoted.length; i++)
    if ((unsigned char)quoted.data[i] >= 0x80) quoted.data[i] = '?';
  horn__text_add(text, ",\"%s\":", key);
  if (status == HORN_OK) horn__text_bytes(text, quoted.data, quoted.length);
  horn__json_release(parsed);
  horn__text_release(&quoted);
  return status;
}

/* ---- which layer classes there are --------------------------------------------------------------------------------------- */

typedef struct inspection {
  horn__loaded *loaded;
  horn__text *text;
  cJSON *core;      /* horn_describe */
  cJSON *config;    /* of the file */
  bool first;
} inspection;

static bool known_class(const cJSON *core, const char *name) {
  const cJSON *layers = horn__json_get(core, "layers"), *item;
  cJSON_ArrayForEach(item, layers) {
    const char *class_name = horn__json_text(item, "name"), *aliases = horn__json_text(item, "aliases");
    if ((class_name != NULL && strcmp(class_name, name) == 0) || horn__spelling(aliases, name) >= 0) return true;
  }
  return false;
}

static void add_unknown(inspection *i, const char *name, const char *class_name) {
  if (known_class(i->core, class_name)) return;
  horn__text_add(i->text, "%s{\"name\":", i->first ? "" : ",");
  i->first = false;
  horn__text_quote(i->text, name == NULL ? "" : name);
  horn__text_add(i->text, ",\"className\":");
  horn__text_quote(i->text, class_name);
  horn__text_add(i->text, "}");
}

/* A layer's config may hold a list of layers, and a wrapped layer. Depth is bounded by the parser. */
static void find_unknown(inspection *i, const cJSON *layer) {
  const char *class_name = horn__json_text(layer, "class_name");
  const cJSON *config = horn__json_get(layer, "config"), *item;
  const char *name = horn__json_text(config, "name");
  if (class_name == NULL) return;
  add_unknown(i, name != NULL ? name : horn__json_text(layer, "name"), class_name);
  const cJSON *layers = cJSON_IsArray(config) ? config : horn__json_get(config, "layers");
  if (cJSON_IsArray(layers)) cJSON_ArrayForEach(item, layers) find_unknown(i, item);
  find_unknown(i, horn__json_get(config, "layer"));
}

static horn_status add_unsupported(inspection *i) {
  const char *described;
  const horn__source *source = &i->loaded->source;
  horn_context *ctx = i->loaded->ctx;
  HORN__TRY(horn_describe(ctx, &described));
  HORN__TRY(horn__json_parse(ctx, "description", described, strlen(described), HORN__MAX_DEPTH, &i->core));
  HORN__TRY(horn__json_parse(ctx, "model_config", source->config, strlen(source->config), HORN__MAX_MODEL_DEPTH, &i->config));
  const cJSON *root = i->config, *inner = horn__json_get(root, "modelTopology");
  if (inner != NULL) root = inner;
  inner = horn__json_get(root, "model_config");
  if (inner != NULL) root = inner;
  horn__text_add(i->text, ",\"unsupported\":[");
  find_unknown(i, root);
  horn__text_add(i->text, "]");
  return HORN_OK;
}

/* ---- what the core says of the model ---------------------------------------------------------------------------------------- */

static size_t count_parameters(const horn__node *node, bool all) {
  size_t count = 0;
  for (size_t i = 0; i < node->weight_count; i++)
    if (all || node->weights[i]->trainable) count += node->weights[i]->count;
  for (size_t i = 0; i < node->child_count; i++) count += count_parameters(&node->children[i], all);
  return count;
}

static void add_layers(horn__text *text, const horn__matching *m) {
  const cJSON *list = horn__json_get(m->description, "layers"), *item;
  size_t i = 0;
  horn__text_add(text, ",\"parameters\":%zu,\"trainableParameters\":%zu,\"layers\":[", count_parameters(&m->model, true),
                 count_parameters(&m->model, false));
  cJSON_ArrayForEach(item, list) {
    const horn__node *node = &m->model.children[i];
    horn__text_add(text, "%s{\"name\":", i++ == 0 ? "" : ",");
    horn__text_quote(text, node->name);
    horn__text_add(text, ",\"className\":");
    horn__text_quote(text, node->class_name);
    horn__text_add(text, ",\"outputShapes\":");
    horn__json_write(text, horn__json_get(item, "outputShapes"));
    horn__text_add(text, ",\"parameters\":%zu}", count_parameters(node, true));
  }
  horn__text_add(text, "]");
}

/* Memory that is used up is an error of ours, anything else a fact about the model. */
static bool is_fact(horn_status status) { return status != HORN_OK && status != HORN_E_OUT_OF_MEMORY && status != HORN_E_INTERNAL; }

static horn_status write_inspection(inspection *i) {
  horn__loaded *loaded = i->loaded;
  const horn__source *source = &loaded->source;
  horn_status status = horn__load_model(loaded);
  if (status == HORN_OK) status = horn__load_weights(loaded);
  if (status != HORN_OK && !is_fact(status)) return status;
  horn__text_add(i->text, "{");
  add_text(i->text, "format", source->format);
  add_text(i->text, "kerasVersion", source->keras_version);
  add_text(i->text, "backend", source->backend);
  horn__text_add(i->text, ",\"supported\":%s", status == HORN_OK ? "true" : "false");
  char reason[sizeof loaded->ctx->error] = "";
  if (status != HORN_OK) memcpy(reason, loaded->ctx->error, sizeof reason);
  HORN__TRY(add_message(i->text, "reason", reason));
  if (loaded->matching.model.name != NULL) {
    add_text(i->text, "name", loaded->matching.model.name);
    add_text(i->text, "className", loaded->matching.model.class_name);
    add_layers(i->text, &loaded->matching);
  }
  if (status != HORN_OK) HORN__TRY(add_unsupported(i));
  horn__text_add(i->text, "}");
  return i->text->status;
}

horn_status horn_convert_inspect(horn_context *ctx, const horn_convert_file *files, size_t count, const horn_convert_options *options,
                                 char **out_json) {
  horn__loaded loaded;
  horn__text text;
  horn__text_init(&text, ctx);
  inspection i = {.loaded = &loaded, .text = &text, .first = true};
  horn_status status = horn__load_source(&loaded, ctx, files, count, options);
  if (status == HORN_OK) status = write_inspection(&i);
  horn__json_release(i.core);
  horn__json_release(i.config);
  horn__loaded_release(&loaded);
  if (status == HORN_OK)
    *out_json = text.data;
  else
    horn__text_release(&text);
  return status;
}

void horn_convert_free(horn_context *ctx, char *json) { horn__free(ctx, json); }
