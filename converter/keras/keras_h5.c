/* Whole models and weights that Keras 1, 2, tf.keras and 3 save as HDF5. Reference: keras/src/legacy/saving/legacy_h5_format.py,
 * tf_keras/saving/legacy/hdf5_format.py. */
#include <string.h>

#include "keras/source.h"

/* The array of one weight. Its name is a path below its layer's group; layer names may have "/" in them as well. */
static horn_status add_weight(horn__source *source, horn__h5_object *parent, const char *layer, const char *name, horn__saved_group *group) {
  horn__h5_object *found;
  HORN__TRY(horn__h5_find(source->file, parent, name, &found));
  if (found == NULL)
    return horn__fail(source->ctx, HORN_E_FORMAT,
                      "layer \"%.100s\": the weight \"%.100s\" is missing: the file is not complete "
                       "(saving stopped in the middle, which Keras 3.0 to 3.2 did for layers with weights of equal names)",
                      layer, name);
  HORN__TRY(horn__source_dataset(source, name, found, &group->arrays[group->count]));
  group->count++;
  return HORN_OK;
}

static horn_status add_layer(horn__source *source, horn__h5_object *weights, const char *layer) {
  horn__h5_object *object;
  const char **names = NULL;
  size_t count = 0;
  bool found = false;
  horn__saved_group *group;
  HORN__TRY(horn__h5_find(source->file, weights, layer, &object));
  if (object == NULL) return horn__fail(source->ctx, HORN_E_FORMAT, "layer \"%.100s\": its group is missing: the file is not complete", layer);
  HORN__TRY(horn__blame(source->ctx, horn__h5_texts(source->file, object, "weight_names", &names, &count, &found), "layer \"%.100s\"", layer));
  HORN__TRY(horn__source_group(source, layer, count, &group));
  for (size_t i = 0; i < count; i++) HORN__TRY(add_weight(source, object, layer, names[i], group));
  return HORN_OK;
}

static horn_status add_layers(horn__source *source, horn__h5_object *weights) {
  const char **names = NULL;
  size_t count = 0;
  bool found = false;
  HORN__TRY(horn__h5_texts(source->file, weights, "layer_names", &names, &count, &found));
  if (!found) return horn__fail(source->ctx, HORN_E_FORMAT, "HDF5: no layer_names: this is no file that Keras saved");
  for (size_t i = 0; i < count; i++) HORN__TRY(add_layer(source, weights, names[i]));
  return HORN_OK;
}

/* What Keras keeps of an optimizer: a list of its own. A file without it, or with less than it says, is one without state. */
static horn_status add_optimizer(horn__source *source, horn__h5_object *root) {
  horn__h5_object *object, *found;
  const char **names = NULL;
  size_t count = 0;
  bool listed = false;
  HORN__TRY(horn__h5_find(source->file, root, "optimizer_weights", &object));
  if (object == NULL) return HORN_OK;
  HORN__TRY(horn__h5_texts(source->file, object, "weight_names", &names, &count, &listed));
  source->optimizer = horn__arena_alloc(&source->arena, count * sizeof *source->optimizer + 1);
  if (source->optimizer == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < count; i++) {
    HORN__TRY(horn__h5_find(source->file, object, names[i], &found));
    if (found == NULL) break;
    HORN__TRY(horn__source_dataset(source, names[i], found, &source->optimizer[source->optimizer_count]));
    source->optimizer_count++;
  }
  return HORN_OK;
}

/* A short word that can be written anywhere. */
static bool is_word(const char *text) {
  size_t length = text == NULL ? 0 : strlen(text);
  for (size_t i = 0; i < length; i++)
    if (text[i] <= ' ' || text[i] > '~') return false;
  return length > 0 && length < 64;
}

/* keras_version and backend stand at the root, at the weights, or nowhere (Keras 1). */
static horn_status read_version(horn__source *source, horn__h5_object *object) {
  const char *version, *backend;
  HORN__TRY(horn__h5_text(source->file, object, "keras_version", &version));
  HORN__TRY(horn__h5_text(source->file, object, "backend", &backend));
  if (is_word(version)) source->keras_version = version;
  if (is_word(backend)) source->backend = backend;
  return HORN_OK;
}

/* Keras 3's .weights.h5: objects at the paths of their attributes. On Windows tf-keras wrote "layers\dense" as one name. */
static horn_status is_weights_file(horn__source *source, bool *out) {
  static const char *const marks[] = {"layers", "_layer_checkpoint_dependencies"};
  const horn__h5_link *links;
  size_t count;
  HORN__TRY(horn__h5_links(source->file, horn__h5_root(source->file), &links, &count));
  *out = false;
  for (size_t i = 0; i < count && !*out; i++) {
    size_t length = strcspn(links[i].name, "\\");
    for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++)
      *out = *out || (strlen(marks[k]) == length && strncmp(links[i].name, marks[k], length) == 0);
  }
  return HORN_OK;
}

static horn_status read_weights_file(horn__source *source) {
  bool good;
  HORN__TRY(is_weights_file(source, &good));
  if (!good) return horn__fail(source->ctx, HORN_E_FORMAT, "HDF5: neither model_config nor layer_names: this is no file that Keras saved");
  source->format = "Keras weights (.weights.h5)";
  source->keras_version = NULL;
  return horn__read_objects(source);
}

horn_status horn__read_keras_h5(horn__source *source, const void *bytes, size_t size) {
  HORN__TRY(horn__h5_open(source->ctx, bytes, size, &source->file));
  horn__h5_object *root = horn__h5_root(source->file), *weights;
  const char **names;
  size_t count;
  bool weights_alone;
  source->grouping = HORN__BY_LAYER;
  HORN__TRY(read_version(source, root));
  HORN__TRY(horn__h5_text(source->file, root, "model_config", &source->config));
  HORN__TRY(horn__h5_text(source->file, root, "training_config", &source->training_config));
  HORN__TRY(horn__h5_texts(source->file, root, "layer_names", &names, &count, &weights_alone));
  source->format = source->config != NULL ? "Keras HDF5" : "Keras HDF5 weights";
  if (source->config == NULL && !weights_alone) return read_weights_file(source);
  HORN__TRY(horn__h5_find(source->file, root, source->config != NULL ? "model_weights" : "", &weights));
  if (weights == NULL)
    return horn__fail(source->ctx, HORN_E_FORMAT, "HDF5: the group model_weights is missing: the file has a model without weights");
  if (strcmp(source->keras_version, "1") == 0) HORN__TRY(read_version(source, weights));
  HORN__TRY(add_layers(source, weights));
  return add_optimizer(source, root);
}
