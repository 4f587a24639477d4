/* HDF5 chunk indexes: where the chunks of a dataset lie. Version 1 B-tree, single chunk, implicit, fixed array, version 2 B-tree; the
 * extensible array is in extensible.c. */
#include "hdf5/parts.h"

enum { MAX_LEVEL = 32 };

static horn_status broken(horn__h5_walk *walk, const char *what) {
  return horn__h5_broken(walk->file, what, walk->dataset->layout.address);
}

/* Chunks along an axis once the dataset has grown to its limit: what the array indexes count in. */
static uint64_t most_chunks(const horn__h5_object *dataset, int32_t axis) {
  uint64_t chunk = dataset->layout.chunk[axis], dim = dataset->space.max_dims[axis];
  return dim / chunk + (dim % chunk != 0);
}

static horn_status visit(horn__h5_walk *walk, const horn__h5_chunk *chunk) {
  HORN__TRY(horn__h5_spend(walk->file, 1));
  return walk->visit(walk, chunk);
}

/* ---- version 1 B-tree --------------------------------------------------------------------------------------------- */

static void read_key(horn__h5_walk *walk, horn__cursor *node, horn__h5_chunk *out) {
  out->size = horn__cursor_u32(node);
  out->mask = horn__cursor_u32(node);
  for (int32_t i = 0; i < walk->dataset->space.rank; i++) out->start[i] = horn__cursor_u64(node);
  horn__cursor_skip(node, 8); /* of the element's dimension: 0 */
}

static horn_status walk_tree1(horn__h5_walk *walk, uint64_t address, uint8_t expected_level, bool top) {
  horn__cursor node = horn__h5_at(walk->file, address);
  bool good = horn__cursor_magic(&node, "TREE", 4) && horn__cursor_u8(&node) == 1;
  uint8_t level = horn__cursor_u8(&node);
  uint16_t count = horn__cursor_u16(&node);
  horn__cursor_skip(&node, 2 * walk->file->offset_size);
  if (!good || node.failed || level > MAX_LEVEL || (!top && level != expected_level)) return horn__h5_broken(walk->file, "B-tree", address);
  HORN__TRY(horn__h5_spend(walk->file, 1));
  for (uint16_t i = 0; i < count; i++) {
    horn__h5_chunk chunk;
    read_key(walk, &node, &chunk);
    chunk.address = horn__h5_offset(walk->file, &node);
    if (node.failed) return horn__h5_broken(walk->file, "B-tree", address);
    HORN__TRY(level == 0 ? visit(walk, &chunk) : walk_tree1(walk, chunk.address, (uint8_t)(level - 1), false));
  }
  return HORN_OK;
}

/* ---- single, implicit ------------------------------------------------------------------------------------------------- */

static horn_status walk_single(horn__h5_walk *walk) {
  const horn__h5_layout *layout = &walk->dataset->layout;
  const horn__h5_chunk chunk = {.address = layout->address, .size = layout->single_size, .mask = layout->single_mask};
  return visit(walk, &chunk);
}

/* Where chunk `number` starts. `slowest` is the axis that the numbers run over last (0, or the one that can grow). */
static void place(const horn__h5_object *dataset, uint64_t number, int32_t slowest, uint64_t *start) {
  for (int32_t i = dataset->space.rank - 1; i >= 0; i--) {
    if (i == slowest) continue;
    uint64_t many = most_chunks(dataset, i);
    start[i] = many == 0 ? 0 : number % many * dataset->layout.chunk[i];
    number = many == 0 ? 0 : number / many;
  }
  start[slowest] = number > UINT64_MAX / dataset->layout.chunk[slowest] ? UINT64_MAX : number * dataset->layout.chunk[slowest];
}

static horn_status count_chunks(horn__h5_walk *walk, uint64_t *out) {
  *out = 1;
  for (int32_t i = 0; i < walk->dataset->space.rank; i++) {
    uint64_t many = most_chunks(walk->dataset, i);
    if (many != 0 && *out > UINT64_MAX / many) return broken(walk, "chunk index");
    *out *= many;
  }
  return HORN_OK;
}

static horn_status walk_implicit(horn__h5_walk *walk) {
  const horn__h5_layout *layout = &walk->dataset->layout;
  uint64_t count;
  HORN__TRY(count_chunks(walk, &count));
  if (count > walk->file->all.size / layout->chunk_bytes) return broken(walk, "chunk index");
  for (uint64_t i = 0; i < count; i++) {
    horn__h5_chunk chunk = {.address = layout->address + i * layout->chunk_bytes, .size = layout->chunk_bytes};
    place(walk->dataset, i, 0, chunk.start);
    HORN__TRY(visit(walk, &chunk));
  }
  return HORN_OK;
}

/* ---- fixed array ------------------------------------------------------------------------------------------------------ */

/* Bytes of the stored size of a filtered chunk. */
static size_t size_width(const horn__h5 *file, const horn__h5_layout *layout) {
  if (layout->version >= 5) return file->length_size;
  size_t width = 1 + (horn__h5_log2(layout->chunk_bytes) + 8) / 8;
  return width > 8 ? 8 : width;
}

horn_status horn__h5_numbered_chunk(horn__h5_walk *walk, uint64_t number, int32_t slowest, horn__cursor *element, bool filtered) {
  horn__h5_chunk chunk = {.address = horn__h5_offset(walk->file, element), .size = walk->dataset->layout.chunk_bytes};
  if (filtered) {
    chunk.size = horn__cursor_uint(element, size_width(walk->file, &walk->dataset->layout));
    chunk.mask = horn__cursor_u32(element);
  }
  if (element->failed) return broken(walk, "chunk index");
  HORN__TRY(horn__h5_spend(walk->file, 1));
  if (chunk.address == HORN__H5_NONE) return HORN_OK;
  place(walk->dataset, number, slowest, chunk.start);
  return walk->visit(walk, &chunk);
}

typedef struct fixed_array {
  bool filtered;
  uint8_t element;
  uint64_t count, block, page; /* elements, address of the data, elements of a page */
} fixed_array;

static horn_status open_fixed(horn__h5_walk *walk, fixed_array *out) {
  horn__cursor cursor = horn__h5_at(walk->file, walk->dataset->layout.address);
  bool good = horn__cursor_magic(&cursor, "FAHD", 4) && horn__cursor_u8(&cursor) == 0;
  out->filtered = horn__cursor_u8(&cursor) == 1;
  out->element = horn__cursor_u8(&cursor);
  uint8_t bits = horn__cursor_u8(&cursor);
  out->page = bits < 63 ? (uint64_t)1 << bits : 0;
  out->count = horn__h5_length(walk->file, &cursor);
  out->block = horn__h5_offset(walk->file, &cursor);
  return good && horn__h5_checksum(&cursor) && out->page != 0 ? HORN_OK : broken(walk, "chunk index");
}

static horn_status visit_elements(horn__h5_walk *walk, const fixed_array *array, horn__cursor *cursor, uint64_t first, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    const uint8_t *bytes = horn__cursor_take(cursor, array->element);
    if (bytes == NULL) return broken(walk, "chunk index");
    horn__cursor element = horn__cursor_of(bytes, array->element);
    HORN__TRY(horn__h5_numbered_chunk(walk, first + i, 0, &element, array->filtered));
  }
  return HORN_OK;
}

/* Pages of elements, each with a checksum; a bit before them says which were ever written. */
static horn_status visit_pages(horn__h5_walk *walk, const fixed_array *array, horn__cursor *cursor) {
  uint64_t pages = array->count / array->page + (array->count % array->page != 0);
  const uint8_t *written = horn__cursor_take(cursor, pages / 8 + (pages % 8 != 0));
  horn__cursor_skip(cursor, 4);
  if (written == NULL) return broken(walk, "chunk index");
  for (uint64_t p = 0; p < pages; p++) {
    uint64_t first = p * array->page, left = array->count - first, count = left < array->page ? left : array->page;
    if (written[p / 8] & 0x80 >> p % 8) {
      HORN__TRY(visit_elements(walk, array, cursor, first, count));
      horn__cursor_skip(cursor, 4);
    } else {
      horn__cursor_skip(cursor, count * array->element + 4);
    }
  }
  return HORN_OK;
}

static horn_status walk_fixed(horn__h5_walk *walk) {
  fixed_array array;
  HORN__TRY(open_fixed(walk, &array));
  if (array.block == HORN__H5_NONE) return HORN_OK;
  horn__cursor cursor = horn__h5_at(walk->file, array.block);
  bool good = horn__cursor_magic(&cursor, "FADB", 4);
  horn__cursor_skip(&cursor, 2 + walk->file->offset_size);
  if (!good || cursor.failed || array.count > walk->file->all.size) return broken(walk, "chunk index");
  return array.count > array.page ? visit_pages(walk, &array, &cursor) : visit_elements(walk, &array, &cursor, 0, array.count);
}

/* ---- version 2 B-tree --------------------------------------------------------------------------------------------------- */

static horn_status tree2_record(horn__h5 *file, void *user, horn__cursor *record) {
  horn__h5_walk *walk = user;
  const horn__h5_object *dataset = walk->dataset;
  horn__h5_chunk chunk = {.address = horn__h5_offset(file, record), .size = dataset->layout.chunk_bytes};
  if (dataset->filter_count > 0) {
    chunk.size = horn__cursor_uint(record, size_width(file, &dataset->layout));
    chunk.mask = horn__cursor_u32(record);
  }
  for (int32_t i = 0; i < dataset->space.rank; i++) {
    uint64_t scaled = horn__cursor_u64(record);
    if (scaled > UINT64_MAX / dataset->layout.chunk[i]) return broken(walk, "chunk index");
    chunk.start[i] = scaled * dataset->layout.chunk[i];
  }
  return record->failed ? broken(walk, "chunk index") : visit(walk, &chunk);
}

horn_status horn__h5_chunks(horn__h5_walk *walk) {
  const horn__h5_layout *layout = &walk->dataset->layout;
  if (layout->address == HORN__H5_NONE) return HORN_OK; /* nothing was ever written */
  switch (layout->index) {
    case HORN__H5_INDEX_TREE1: return walk_tree1(walk, layout->address, 0, true);
    case HORN__H5_INDEX_SINGLE: return walk_single(walk);
    case HORN__H5_INDEX_IMPLICIT: return walk_implicit(walk);
    case HORN__H5_INDEX_FIXED: return walk_fixed(walk);
    case HORN__H5_INDEX_EXTENSIBLE: return horn__h5_extensible_array(walk);
    case HORN__H5_INDEX_TREE2: return horn__h5_tree2(walk->file, layout->address, tree2_record, walk);
  }
  return HORN_E_INTERNAL;
}
