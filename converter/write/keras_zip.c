/* .keras archives: metadata.json, config.json, model.weights.h5, in which each object has a group `vars` at the path of its attributes.
 * Reference: keras/src/saving/saving_lib.py. */
#include "write/keras_zip.h"

#include <string.h>

#include "cJSON.h"
#include "hdf5/write.h"
#include "write/form.h"
#include "write/weights.h"
#include "zip/write.h"

/* The form of Keras that configs are written in, and no date: the same model gives the same bytes. */
static const char metadata[] = "{\"keras_version\": \"3.8.0\", \"date_saved\": \"1980-01-01@00:00:00\"}";

typedef struct writer {
  const horn__loaded *loaded;
  horn__arena arena;
  horn__h5w file;
} writer;

/* ---- weights -------------------------------------------------------------------------------------------------------------- */

/* Attributes between a layer and its variables, by the class. */
static const char *const with_cell[] = {"LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"};

static bool has_cell(const char *class_name) {
  for (size_t i = 0; i < sizeof with_cell / sizeof with_cell[0]; i++)
    if (strcmp(with_cell[i], class_name) == 0) return true;
  return false;
}

/* The part of "attention/query/kernel" that stands for an attribute: query_dense. */
static const char *projection(const char *name) {
  static const char *const names[][2] = {
      {"/query/", "query_dense"}, {"/key/", "key_dense"}, {"/value/", "value_dense"}, {"/gate/", "gate_dense"},
      {"/attention_output/", "output_dense"}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strstr(name, names[i][0]) != NULL) return names[i][1];
  return NULL;
}

static void add_variable(writer *w, horn__h5w_object *vars, size_t number, const horn__target *target) {
  const char *name = horn__arena_format(&w->arena, "%zu", number);
  if (name == NULL) w->file.status = HORN_E_OUT_OF_MEMORY;
  else horn__h5w_weight(&w->file, vars, name, target);
}

static horn__h5w_object *add_vars(writer *w, horn__h5w_object *object, const char *path, const char *label) {
  horn__h5w_object *vars = horn__h5w_group(&w->file, object, path);
  if (vars != NULL && label != NULL) horn__h5w_text(&w->file, vars, "name", label);
  return vars;
}

/* query_dense, key_dense, ... each have a kernel and perhaps a bias; in GroupedQueryAttention the attributes are _query_dense, ... */
static horn_status add_projections(writer *w, horn__h5w_object *object, const horn__node *layer) {
  const char *before = "";
  const bool grouped = strcmp(layer->class_name, "GroupedQueryAttention") == 0;
  horn__h5w_object *vars = NULL;
  size_t number = 0;
  for (size_t i = 0; i < layer->weight_count; i++) {
    const char *attribute = projection(layer->weights[i]->name);
    if (attribute == NULL)
      return horn__fail(w->loaded->ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": %.60s cannot be written to a .keras file yet",
                        layer->name, layer->class_name);
    if (strcmp(attribute, before) != 0) {
      const char *path = grouped ? horn__arena_format(&w->arena, "_%s", attribute) : attribute;
      if (path == NULL) return HORN_E_OUT_OF_MEMORY;
      vars = add_vars(w, horn__h5w_group(&w->file, object, path), "vars", NULL);
      number = 0;
      before = attribute;
    }
    HORN__TRY(w->file.status);
    add_variable(w, vars, number++, layer->weights[i]);
  }
  return w->file.status;
}

static horn_status add_leaf(writer *w, horn__h5w_object *object, const horn__node *layer) {
  const bool heads = strcmp(layer->class_name, "MultiHeadAttention") == 0 || strcmp(layer->class_name, "GroupedQueryAttention") == 0;
  if (heads) return add_projections(w, object, layer);
  horn__h5w_object *vars = add_vars(w, object, has_cell(layer->class_name) ? "cell/vars" : "vars", NULL);
  for (size_t i = 0; i < layer->weight_count && vars != NULL; i++) add_variable(w, vars, i, layer->weights[i]);
  return w->file.status;
}

static horn_status add_object(writer *w, horn__h5w_object *object, const horn__node *layer, const cJSON *config);

/* The layers of a list of configs, which names them by class and counter. */
static horn_status add_list(writer *w, horn__h5w_object *above, const horn__node *model, const cJSON *list) {
  horn__counter counter;
  const cJSON *item;
  HORN__TRY(horn__counter_init(&counter, &w->arena, (size_t)cJSON_GetArraySize(list)));
  cJSON_ArrayForEach(item, list) {
    const char *class_name = horn__json_text(item, "class_name"), *name = horn__json_text(horn__json_get(item, "config"), "name"), *path;
    const horn__node *layer = NULL;
    if (class_name == NULL || (model->sequential && strcmp(class_name, "InputLayer") == 0)) continue;
    for (size_t i = 0; name != NULL && i < model->child_count; i++)
      if (strcmp(model->children[i].name, name) == 0) layer = &model->children[i];
    HORN__TRY(horn__counter_next(&counter, &w->arena, layer == NULL ? class_name : layer->class_name, 1, &path)); /* not the name it is exported by */
    horn__h5w_object *object = horn__h5w_group(&w->file, above, path);
    add_vars(w, object, "vars", name);
    HORN__TRY(w->file.status);
    if (layer != NULL && layer->total > 0) HORN__TRY(add_object(w, object, layer, item));
  }
  return w->file.status;
}

static horn_status add_wrapped(writer *w, horn__h5w_object *object, const horn__node *layer, const cJSON *config) {
  static const char *const fields[] = {"layer", "cell"};
  if (strcmp(layer->class_name, "StackedRNNCells") == 0)
    return add_list(w, horn__h5w_group(&w->file, object, "cells"), layer, horn__json_get(horn__json_get(config, "config"), "cells"));
  for (size_t i = 0; i < layer->child_count; i++) {
    const char *attribute = horn__match_attribute(layer->class_name, i);
    const cJSON *inner = NULL;
    if (attribute == NULL || layer->weight_count > 0)
      return horn__fail(w->loaded->ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": %.60s cannot be written to a .keras file yet",
                        layer->name, layer->class_name);
    for (size_t f = 0; inner == NULL && f < sizeof fields / sizeof fields[0]; f++)
      inner = horn__json_get(horn__json_get(config, "config"), fields[f]);
    horn__h5w_object *child = horn__h5w_group(&w->file, object, attribute);
    HORN__TRY(w->file.status);
    HORN__TRY(add_object(w, child, &layer->children[i], inner));
  }
  return HORN_OK;
}

/* Recursion is as deep as the models are nested, which the core limits. */
static horn_status add_object(writer *w, horn__h5w_object *object, const horn__node *layer, const cJSON *config) {
  if (layer->model)
    return add_list(w, horn__h5w_group(&w->file, object, "layers"), layer, horn__json_get(horn__json_get(config, "config"), "layers"));
  return layer->child_count > 0 ? add_wrapped(w, object, layer, config) : add_leaf(w, object, layer);
}

static horn_status write_weights(writer *w, const cJSON *topology, horn__text *out) {
  const horn__node *model = &w->loaded->matching.model;
  add_vars(w, w->file.root, "vars", model->name);
  HORN__TRY(w->file.status);
  HORN__TRY(add_object(w, w->file.root, model, topology));
  return horn__h5w_write(&w->file, out);
}

/* ---- the archive ------------------------------------------------------------------------------------------------------------- */

static horn_status write_archive(const horn__text *config, const horn__text *weights, horn__text *out) {
  const horn__zip_member members[] = {{"metadata.json", metadata, sizeof metadata - 1},
                                      {"config.json", config->data, config->length},
                                      {"model.weights.h5", weights->data, weights->length}};
  return horn__zip_write(out, members, sizeof members / sizeof members[0]);
}

static horn_status write_all(writer *w, bool archive, horn_convert_sink sink, void *user) {
  cJSON *topology;
  horn__text config, weights, all;
  HORN__TRY(horn__form_topology(w->loaded, 3, &topology));
  horn__text_init(&config, w->loaded->ctx);
  horn__text_init(&weights, w->loaded->ctx);
  horn__text_init(&all, w->loaded->ctx);
  horn_status status = write_weights(w, topology, &weights);
  horn__json_write(&config, topology);
  horn__json_release(topology);
  if (status == HORN_OK) status = config.status;
  if (status == HORN_OK && archive) status = write_archive(&config, &weights, &all);
  if (status == HORN_OK && archive) status = sink(user, "model.keras", all.data, all.length);
  if (status == HORN_OK && !archive) status = sink(user, "model.weights.h5", weights.data, weights.length);
  horn__text_release(&config);
  horn__text_release(&weights);
  horn__text_release(&all);
  return status;
}

static horn_status write_model(const horn__loaded *loaded, bool archive, horn_convert_sink sink, void *user) {
  writer w = {.loaded = loaded};
  horn__arena_init(&w.arena, loaded->ctx);
  horn__h5w_init(&w.file, &w.arena);
  horn_status status = write_all(&w, archive, sink, user);
  horn__arena_release(&w.arena);
  return status;
}

horn_status horn__write_keras_zip(const horn__loaded *loaded, horn_convert_sink sink, void *user) { return write_model(loaded, true, sink, user); }

horn_status horn__write_weights_h5(const horn__loaded *loaded, horn_convert_sink sink, void *user) { return write_model(loaded, false, sink, user); }
