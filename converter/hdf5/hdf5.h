/* hdf5.h: reads HDF5 from memory, as much of it as Keras, h5py and h5repack write. Bytes from outside are hostile: every read is
 * bounds-checked, every walk has a budget, nothing is allocated that the bytes present do not justify. Reference: HDF5 File Format
 * Specification 3.0. Links to other files, external storage and virtual datasets are refused. */
#ifndef HORN_HDF5_H
#define HORN_HDF5_H

#include "base/base.h"

enum { HORN__H5_MAX_RANK = 8 };

typedef struct horn__h5 horn__h5;
typedef struct horn__h5_object horn__h5_object;

typedef enum horn__h5_kind {
  HORN__H5_OTHER,
  HORN__H5_INT,
  HORN__H5_UINT,
  HORN__H5_FLOAT16,
  HORN__H5_BFLOAT16,
  HORN__H5_FLOAT32,
  HORN__H5_FLOAT64,
  HORN__H5_STRING,       /* of fixed length */
  HORN__H5_VLEN_STRING,
  HORN__H5_OPAQUE        /* h5py's form of NumPy dtypes that HDF5 has no type for */
} horn__h5_kind;

typedef enum horn__h5_link_kind { HORN__H5_HARD, HORN__H5_SOFT, HORN__H5_EXTERNAL } horn__h5_link_kind;

typedef struct horn__h5_link {
  const char *name;
  horn__h5_link_kind kind;
  uint64_t address;
} horn__h5_link;

/** What a dataset is; dims are checked: their product times the element's size fits size_t. */
typedef struct horn__h5_shape {
  horn__h5_kind kind;
  size_t element;        /* bytes */
  int32_t rank;
  uint64_t dims[HORN__H5_MAX_RANK];
  size_t count;          /* of elements */
} horn__h5_shape;

/** Whether the bytes start as an HDF5 file does (a user block may come first). */
bool horn__h5_is(const void *bytes, size_t size);

/** Opens a file in memory; the bytes must outlive it. */
horn_status horn__h5_open(horn_context *ctx, const void *bytes, size_t size, horn__h5 **out);
void horn__h5_close(horn__h5 *file);
horn__h5_object *horn__h5_root(horn__h5 *file);

/** The object at a path below `from` ("a/b/c"), NULL where there is none. A link name may hold backslashes; "/" always divides. */
horn_status horn__h5_find(horn__h5 *file, horn__h5_object *from, const char *path, horn__h5_object **out);

/** The links of a group, in the order of the file; none for a dataset. */
horn_status horn__h5_links(horn__h5 *file, horn__h5_object *group, const horn__h5_link **out, size_t *count);

/** The object that a link leads to; soft and external links are refused. */
horn_status horn__h5_follow(horn__h5 *file, const horn__h5_link *link, horn__h5_object **out);

bool horn__h5_is_dataset(const horn__h5_object *object);
/** Marks an object; returns whether it was marked before, so that a walk can see where it has been. */
bool horn__h5_mark(horn__h5_object *object);

/** The text of a string attribute (the first, where it is an array), NULL where there is no such attribute. Lives as long as the file. */
horn_status horn__h5_text(horn__h5 *file, horn__h5_object *object, const char *name, const char **out);

/** The strings of an array attribute, also where Keras has split it into name0, name1, ...; an array that is empty is one whatever its
 *  type is. *found: whether there is such an attribute. */
horn_status horn__h5_texts(horn__h5 *file, horn__h5_object *object, const char *name, const char ***out, size_t *count, bool *found);

/** Type and shape of a dataset. */
horn_status horn__h5_describe(horn__h5 *file, horn__h5_object *dataset, horn__h5_shape *out);

/** Reads a dataset of numbers as float32; count must be its number of elements. `who` names it in messages. */
horn_status horn__h5_read(horn__h5 *file, horn__h5_object *dataset, const char *who, float *out, size_t count);

#endif
