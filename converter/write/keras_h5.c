/* A whole model in HDF5, as tf.keras saves one. Reference: tf_keras/saving/legacy/hdf5_format.py, save_model_to_hdf5. */
#include "write/keras_h5.h"

#include <string.h>

#include "cJSON.h"
#include "hdf5/write.h"
#include "write/form.h"
#include "write/weights.h"

typedef struct writer {
  const horn__loaded *loaded;
  horn__arena arena;
  horn__h5w file;
} writer;

static horn_status add_layer(writer *w, horn__h5w_object *weights, const horn__node *layer) {
  horn__target *const *order;
  horn__h5w_object *group = horn__h5w_group(&w->file, weights, layer->name);
  HORN__TRY(w->file.status);
  HORN__TRY(horn__match_file_order(&w->arena, layer, &order));
  const char **names = horn__arena_alloc(&w->arena, layer->total * sizeof *names + 1);
  if (names == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < layer->total; i++) {
    names[i] = horn__arena_format(&w->arena, "%s:0", order[i]->name);
    if (names[i] == NULL) return HORN_E_OUT_OF_MEMORY;
    horn__h5w_weight(&w->file, group, names[i], order[i]);
  }
  horn__h5w_texts(&w->file, group, "weight_names", names, layer->total);
  return w->file.status;
}

static horn_status add_layers(writer *w, horn__h5w_object *weights) {
  const horn__node *model = &w->loaded->matching.model;
  const char **names = horn__arena_alloc(&w->arena, model->child_count * sizeof *names + 1);
  if (names == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < model->child_count; i++) {
    names[i] = model->children[i].name;
    HORN__TRY(add_layer(w, weights, &model->children[i]));
  }
  horn__h5w_texts(&w->file, weights, "layer_names", names, model->child_count);
  return w->file.status;
}

/* The topology is in Keras 2's form whatever wrote the file. */
static const char *form_version(const horn__source *source) { return source->keras_version[0] == '2' ? source->keras_version : "2.15.0"; }

static void add_producer(writer *w, horn__h5w_object *object) {
  horn__h5w_text(&w->file, object, "backend", "tensorflow");
  horn__h5w_text(&w->file, object, "keras_version", form_version(&w->loaded->source));
}

/* The topology as text in the arena. */
static horn_status add_config(writer *w) {
  cJSON *topology;
  horn__text text;
  HORN__TRY(horn__form_topology(w->loaded, 2, &topology));
  horn__text_init(&text, w->loaded->ctx);
  horn__json_write(&text, topology);
  horn__json_release(topology);
  char *kept = text.status == HORN_OK ? horn__arena_text(&w->arena, text.data) : NULL;
  horn__text_release(&text);
  if (kept == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__h5w_text(&w->file, w->file.root, "model_config", kept);
  return w->file.status;
}

static horn_status build(writer *w) {
  const char *training = w->loaded->source.training_config;
  horn__h5w_object *root = w->file.root, *weights = horn__h5w_group(&w->file, root, "model_weights");
  HORN__TRY(w->file.status);
  add_producer(w, root);
  HORN__TRY(add_config(w));
  if (training != NULL) horn__h5w_text(&w->file, root, "training_config", training);
  add_producer(w, weights);
  return add_layers(w, weights);
}

horn_status horn__write_keras_h5(const horn__loaded *loaded, horn_convert_sink sink, void *user) {
  writer w = {.loaded = loaded};
  horn__text text;
  horn__arena_init(&w.arena, loaded->ctx);
  horn__text_init(&text, loaded->ctx);
  horn__h5w_init(&w.file, &w.arena);
  horn_status status = build(&w);
  if (status == HORN_OK) status = horn__h5w_write(&w.file, &text);
  if (status == HORN_OK) status = sink(user, "model.h5", text.data, text.length);
  horn__text_release(&text);
  horn__arena_release(&w.arena);
  return status;
}
