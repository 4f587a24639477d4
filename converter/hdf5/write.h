/* write.h: writes HDF5 as h5py does by default, which every library reads: superblock 0, symbol tables, contiguous little-endian arrays.
 * Reference: the HDF5 File Format Specification 3.0. */
#ifndef HORN_HDF5_WRITE_H
#define HORN_HDF5_WRITE_H

#include "base/base.h"

typedef struct horn__h5w_object horn__h5w_object;

/** Groups, arrays and attributes of a file to be, in an arena. Its functions return NULL, or do nothing, after the first failure (`status`). */
typedef struct horn__h5w {
  horn__arena *arena;
  horn__h5w_object *root;
  horn_status status;
} horn__h5w;

typedef enum horn__h5w_type { HORN__H5W_FLOAT32, HORN__H5W_INT64, HORN__H5W_UINT32 } horn__h5w_type;

/** What a dataset holds. */
typedef struct horn__h5w_array {
  horn__h5w_type type;
  int32_t rank;
  const int32_t *dims;
  size_t bytes;             /* of all elements */
  /** Writes them to out, in the machine's order; called once, when the file is written. */
  horn_status (*read)(horn_context *ctx, const void *from, void *out);
  const void *from;
} horn__h5w_array;

void horn__h5w_init(horn__h5w *writer, horn__arena *arena);
/** The group at a path below `parent` ("" is itself); made where it is not there. */
horn__h5w_object *horn__h5w_group(horn__h5w *writer, horn__h5w_object *parent, const char *path);
/** An array at a path below `parent`. */
void horn__h5w_dataset(horn__h5w *writer, horn__h5w_object *parent, const char *path, const horn__h5w_array *array);
/** A scalar string of any length. */
void horn__h5w_text(horn__h5w *writer, horn__h5w_object *object, const char *name, const char *text);
/** A list of strings; where it is longer than an object header allows, as name0, name1, ..., as Keras does it. */
void horn__h5w_texts(horn__h5w *writer, horn__h5w_object *object, const char *name, const char *const *texts, size_t count);
/** Writes the file: appends to `out`. */
horn_status horn__h5w_write(horn__h5w *writer, horn__text *out);

#endif
