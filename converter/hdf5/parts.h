/* parts.h: what the files of this folder share. */
#ifndef HORN_HDF5_PARTS_H
#define HORN_HDF5_PARTS_H

#include "bytes/cursor.h"
#include "hdf5/hdf5.h"

#define HORN__H5_NONE UINT64_MAX /* the undefined address */

typedef struct horn__h5_type {
  horn__h5_kind kind;
  uint8_t code;          /* class number in the file, for messages */
  bool big_endian;
  uint32_t size;
} horn__h5_type;

typedef struct horn__h5_space {
  int32_t rank;
  bool null;
  uint64_t dims[HORN__H5_MAX_RANK], max_dims[HORN__H5_MAX_RANK];
  size_t count;          /* checked product of dims */
} horn__h5_space;

typedef enum horn__h5_layout_kind { HORN__H5_COMPACT, HORN__H5_CONTIGUOUS, HORN__H5_CHUNKED } horn__h5_layout_kind;

typedef enum horn__h5_index {
  HORN__H5_INDEX_TREE1, /* not a number of the file: layout version 3 */
  HORN__H5_INDEX_SINGLE,
  HORN__H5_INDEX_IMPLICIT,
  HORN__H5_INDEX_FIXED,
  HORN__H5_INDEX_EXTENSIBLE,
  HORN__H5_INDEX_TREE2
} horn__h5_index;

typedef struct horn__h5_layout {
  horn__h5_layout_kind kind;
  uint8_t version;
  uint64_t address, size;
  horn__cursor data;     /* of COMPACT */
  horn__h5_index index;  /* of CHUNKED, from here on */
  uint64_t chunk[HORN__H5_MAX_RANK];
  size_t chunk_bytes;
  uint64_t single_size;  /* stored bytes of a single filtered chunk */
  uint32_t single_mask;
} horn__h5_layout;

enum { HORN__H5_MAX_FILTERS = 8 };

typedef struct horn__h5_filter {
  uint16_t id;
  uint32_t parameter;    /* the first client value: bytes of an element for shuffle */
} horn__h5_filter;

typedef struct horn__h5_attribute {
  const char *name;
  horn__h5_type type;
  horn__h5_space space;
  horn__cursor data;
} horn__h5_attribute;

struct horn__h5_object {
  uint64_t address;
  bool marked;
  bool has_table;        /* old groups: B-tree and heap of symbols */
  uint64_t table_tree, table_heap;
  uint64_t link_heap, link_tree; /* new groups with many links; HORN__H5_NONE: none */
  horn__h5_link *links;
  size_t link_count, link_capacity;
  bool links_loaded;
  uint64_t attribute_heap, attribute_tree;
  horn__h5_attribute *attributes;
  size_t attribute_count, attribute_capacity;
  bool attributes_loaded;
  bool has_type, has_space, has_layout, external;
  horn__h5_type type;
  horn__h5_space space;
  horn__h5_layout layout;
  horn__h5_filter filters[HORN__H5_MAX_FILTERS];
  size_t filter_count;
  horn__cursor fill;     /* empty: zeros */
};

struct horn__h5 {
  horn_context *ctx;
  horn__arena arena;
  horn__cursor all;      /* from the base address on */
  size_t offset_size, length_size;
  horn__h5_object *root;
  horn__h5_object **objects; /* by address, open addressing */
  size_t object_count, object_capacity;
  uint64_t budget;       /* steps left before the file is taken for a trap */
};

/* ---- file.c --------------------------------------------------------------------------------------------------------- */

/** Uses up steps of the budget; fails once it is empty. */
horn_status horn__h5_spend(horn__h5 *file, uint64_t steps);
/** A structure that is cut off, or is none. */
horn_status horn__h5_broken(horn__h5 *file, const char *what, uint64_t address);
/** A cursor at a structure, failed where the address is not inside the file. */
horn__cursor horn__h5_at(const horn__h5 *file, uint64_t address);
/** An address, or a length, in the file's width; HORN__H5_NONE where all its bits are set. */
uint64_t horn__h5_offset(const horn__h5 *file, horn__cursor *cursor);
uint64_t horn__h5_length(const horn__h5 *file, horn__cursor *cursor);
/** Whether the next four bytes are the checksum of what the cursor has passed. */
bool horn__h5_checksum(horn__cursor *cursor);
/** As horn__grow, in the file's arena. */
horn_status horn__h5_grow(horn__h5 *file, void **array, size_t *capacity, size_t needed, size_t element);
/** The object at an address, parsed once. */
horn_status horn__h5_object_at(horn__h5 *file, uint64_t address, horn__h5_object **out);

/* ---- object.c ------------------------------------------------------------------------------------------------------- */

/** Parses the object header at object->address. */
horn_status horn__h5_parse_object(horn__h5 *file, horn__h5_object *object);

/* ---- message.c: bodies of header messages --------------------------------------------------------------------------- */

horn_status horn__h5_parse_type(horn__h5 *file, horn__cursor *body, horn__h5_type *out);
horn_status horn__h5_parse_space(horn__h5 *file, horn__cursor *body, horn__h5_space *out);
horn_status horn__h5_parse_layout(horn__h5 *file, horn__cursor *body, horn__h5_layout *out);
horn_status horn__h5_parse_filters(horn__h5 *file, horn__cursor *body, horn__h5_object *object);
horn_status horn__h5_parse_fill(horn__h5 *file, horn__cursor *body, horn__cursor *out);
/** Appends the attribute, or the link, to the object. */
horn_status horn__h5_parse_attribute(horn__h5 *file, horn__cursor *body, horn__h5_object *object);
horn_status horn__h5_parse_link(horn__h5 *file, horn__cursor *body, horn__h5_object *object);

/* ---- heap.c, tree.c ------------------------------------------------------------------------------------------------- */

/** Where the names of an old group's links lie. */
horn_status horn__h5_local_heap(horn__h5 *file, uint64_t address, horn__cursor *out);
/** The bytes of one object of a global heap collection. */
horn_status horn__h5_global_heap(horn__h5 *file, uint64_t address, uint32_t index, horn__cursor *out);
/** The bytes of an object of the fractal heap at an address; id is `id_size` bytes. */
horn_status horn__h5_fractal_heap(horn__h5 *file, uint64_t address, const uint8_t *id, size_t id_size, horn__cursor *out);

typedef horn_status (*horn__h5_record)(horn__h5 *file, void *user, horn__cursor *record);
/** Calls `visit` for every record of a version 2 B-tree. */
horn_status horn__h5_tree2(horn__h5 *file, uint64_t address, horn__h5_record visit, void *user);
/** Bytes that hold numbers up to `limit`. */
size_t horn__h5_width(uint64_t limit);
/** floor(log2(number)), 0 for 0. */
uint32_t horn__h5_log2(uint64_t number);

/* ---- chunk.c, extensible.c, filter.c -------------------------------------------------------------------------------- */

/** One stored chunk: the element where it starts, and its bytes. */
typedef struct horn__h5_chunk {
  uint64_t start[HORN__H5_MAX_RANK];
  uint64_t address, size;
  uint32_t mask;         /* bit i: filter i was not applied */
} horn__h5_chunk;

typedef struct horn__h5_walk {
  horn__h5 *file;
  horn__h5_object *dataset;
  horn_status (*visit)(struct horn__h5_walk *walk, const horn__h5_chunk *chunk);
  void *user;
} horn__h5_walk;

horn_status horn__h5_chunks(horn__h5_walk *walk);
/** Chunks in the order of their number: `place` gives the start for it. Used by the array indexes. */
horn_status horn__h5_numbered_chunk(horn__h5_walk *walk, uint64_t number, int32_t slowest, horn__cursor *element, bool filtered);
horn_status horn__h5_extensible_array(horn__h5_walk *walk);
/** Undoes the filters of a stored chunk into `out`, dataset->layout.chunk_bytes long. */
horn_status horn__h5_unfilter(horn__h5 *file, const horn__h5_object *dataset, horn__cursor stored, uint32_t mask, uint8_t *out);

#endif
