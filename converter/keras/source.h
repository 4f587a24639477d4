/* source.h: what a reader finds in a saved model: the config as text, and arrays in groups, read when they are wanted. A reader knows its
 * format and no layer; match/ brings the arrays to the core's weights. */
#ifndef HORN_SOURCE_H
#define HORN_SOURCE_H

#include "base/base.h"
#include "convert.h"
#include "hdf5/hdf5.h"

typedef struct horn__saved_array horn__saved_array;

/** One array of the file, or one derived from others; its numbers are float32 once read. */
struct horn__saved_array {
  const char *name;            /* in the file, for messages */
  int32_t rank;
  int32_t dims[HORN_MAX_RANK];
  size_t count;                /* of elements */
  /** Reads the numbers to out, which holds `count`. */
  horn_status (*read)(horn_context *ctx, const horn__saved_array *array, float *out);
  const void *from;            /* the reader's own */
};

typedef struct horn__saved_group {
  const char *name;            /* of the layer, or the path of an object: "layers/dense_1", "layers/lstm/cell" */
  const char *label;           /* name of the layer where the file says it beside the path, or NULL */
  horn__saved_array **arrays;
  size_t count;
} horn__saved_group;

typedef enum horn__grouping {
  HORN__BY_LAYER,              /* HDF5: one group a layer of the model, in Keras's order of its weights */
  HORN__BY_PATH,               /* .keras: one group an object, at the path of its attributes */
  HORN__BY_NAME                /* model.json: groups of arrays that have the names of the core's weights */
} horn__grouping;

typedef struct horn__source {
  horn_context *ctx;
  horn__arena arena;
  const char *format;          /* for people: "Keras HDF5" */
  const char *keras_version, *backend; /* "1" and NULL where the file does not say */
  const char *config;          /* JSON text of {"class_name", "config"}; NULL: weights alone */
  const char *topology;        /* the same, or a whole model.json, from elsewhere: for weights alone */
  const char *training_config; /* JSON text, or NULL */
  horn__saved_array **optimizer; /* its state, in Keras's order */
  size_t optimizer_count;
  horn__grouping grouping;
  horn__saved_group *groups;
  size_t group_count, group_capacity;
  horn__h5 *file;
} horn__source;

void horn__source_init(horn__source *source, horn_context *ctx);
void horn__source_release(horn__source *source);

/** Reads a whole model or weights in HDF5; the bytes must outlive the source. */
horn_status horn__read_keras_h5(horn__source *source, const void *bytes, size_t size);
/** Reads a .keras archive. */
horn_status horn__read_keras_zip(horn__source *source, const void *bytes, size_t size);
/** Reads the groups `vars` of source->file: the weights of a .keras archive, and what Keras 3 saves as .weights.h5. */
horn_status horn__read_objects(horn__source *source);
/** Reads a SavedModel's files. */
horn_status horn__read_saved_model(horn__source *source, const horn_convert_file *files, size_t count);
/** Reads a model.json of TensorFlow.js's layers format; its shards are among the files. */
horn_status horn__read_tfjs(horn__source *source, const horn_convert_file *model, const horn_convert_file *files, size_t count);
/** Reads one file by what it starts with, several by their names; their bytes must outlive the source. wanted: the input format that they must
 *  have, or NULL. */
horn_status horn__read_source(horn__source *source, const horn_convert_file *files, size_t count, const char *wanted);

/** Appends an empty group with room for `capacity` arrays. */
horn_status horn__source_group(horn__source *source, const char *name, size_t capacity, horn__saved_group **out);
/** Makes the array that an HDF5 dataset is. `name` is kept. */
horn_status horn__source_dataset(horn__source *source, const char *name, horn__h5_object *dataset, horn__saved_array **out);

/** "[2, 3]" into text, for messages. */
const char *horn__dims_text(const int32_t *dims, int32_t rank, char *text, size_t size);

#endif
