/* HDF5 extensible arrays: the chunk index of a dataset that can grow along one axis. An index block holds the first elements; then come
 * data blocks that grow, the larger ones found through super blocks. Reference: H5EA of libhdf5. */
#include "hdf5/parts.h"

typedef struct extensible {
  horn__h5_walk *walk;
  int32_t slowest;                /* the axis that grows */
  bool filtered;
  uint8_t element, max_bits;      /* bytes of an element; log2 of the most elements */
  uint64_t in_index, min_block;   /* elements in the index block; of the smallest data block */
  uint64_t min_pointers, page;    /* data block pointers of the smallest super block; elements of a page */
  uint64_t used, index_block;
  uint64_t next;                  /* number of the next element */
} extensible;

static horn_status broken(const extensible *array) {
  return horn__h5_broken(array->walk->file, "chunk index", array->walk->dataset->layout.address);
}

static horn_status open_array(extensible *array) {
  horn__h5 *file = array->walk->file;
  horn__cursor cursor = horn__h5_at(file, array->walk->dataset->layout.address);
  bool good = horn__cursor_magic(&cursor, "EAHD", 4) && horn__cursor_u8(&cursor) == 0;
  array->filtered = horn__cursor_u8(&cursor) == 1;
  array->element = horn__cursor_u8(&cursor);
  array->max_bits = horn__cursor_u8(&cursor);
  array->in_index = horn__cursor_u8(&cursor);
  array->min_block = horn__cursor_u8(&cursor);
  array->min_pointers = horn__cursor_u8(&cursor);
  uint8_t page_bits = horn__cursor_u8(&cursor);
  horn__cursor_skip(&cursor, 4 * file->length_size); /* statistics of blocks */
  array->used = horn__h5_length(file, &cursor);
  (void)horn__h5_length(file, &cursor);
  array->index_block = horn__h5_offset(file, &cursor);
  array->page = page_bits < 63 ? (uint64_t)1 << page_bits : 0;
  good = good && horn__h5_checksum(&cursor) && array->min_block > 0 && array->min_pointers > 1 && array->page > 0 && array->max_bits <= 64;
  return good && array->used <= file->all.size ? HORN_OK : broken(array);
}

/* `count` elements at the cursor; those behind the last used one are left alone. */
static horn_status visit_elements(extensible *array, horn__cursor *cursor, uint64_t count) {
  for (uint64_t i = 0; i < count && array->next < array->used; i++, array->next++) {
    const uint8_t *bytes = horn__cursor_take(cursor, array->element);
    if (bytes == NULL) return broken(array);
    horn__cursor element = horn__cursor_of(bytes, array->element);
    HORN__TRY(horn__h5_numbered_chunk(array->walk, array->next, array->slowest, &element, array->filtered));
  }
  return HORN_OK;
}

static size_t head_bytes(const extensible *array) { return array->walk->file->offset_size + (array->max_bits + 7u) / 8; }

/* A data block of `count` elements, in pages where it has more than one page. `written`: a bit a page, NULL: no pages. */
static horn_status visit_block(extensible *array, uint64_t address, uint64_t count, const uint8_t *written, uint64_t first_bit) {
  if (address == HORN__H5_NONE) {
    array->next += count;
    return HORN_OK;
  }
  horn__cursor cursor = horn__h5_at(array->walk->file, address);
  bool good = horn__cursor_magic(&cursor, "EADB", 4);
  horn__cursor_skip(&cursor, 2 + head_bytes(array));
  if (!good || cursor.failed) return broken(array);
  if (written == NULL) return visit_elements(array, &cursor, count);
  horn__cursor_skip(&cursor, 4);
  for (uint64_t p = 0; p < count / array->page && array->next < array->used; p++) {
    uint64_t bit = first_bit + p;
    horn__cursor page = horn__cursor_part(&cursor, cursor.at, array->page * array->element);
    if (written[bit / 8] & 0x80 >> bit % 8)
      HORN__TRY(visit_elements(array, &page, array->page));
    else
      array->next += array->page;
    horn__cursor_skip(&cursor, array->page * array->element + 4);
  }
  return HORN_OK;
}

/* Super block `level` has 2^(level/2) data blocks of min_block * 2^((level+1)/2) elements. */
static uint64_t blocks_of(uint32_t level) { return (uint64_t)1 << level / 2; }
static uint64_t elements_of(const extensible *array, uint32_t level) { return array->min_block << (level + 1) / 2; }

static horn_status visit_super_block(extensible *array, uint64_t address, uint32_t level) {
  uint64_t blocks = blocks_of(level), elements = elements_of(array, level), pages = elements > array->page ? elements / array->page : 0;
  uint64_t mask_bytes = (pages + 7) / 8;
  if (address == HORN__H5_NONE) {
    array->next += blocks * elements;
    return HORN_OK;
  }
  if (mask_bytes > array->walk->file->all.size / blocks) return broken(array);
  horn__cursor cursor = horn__h5_at(array->walk->file, address);
  bool good = horn__cursor_magic(&cursor, "EASB", 4);
  horn__cursor_skip(&cursor, 2 + head_bytes(array));
  const uint8_t *written = horn__cursor_take(&cursor, blocks * mask_bytes);
  if (!good || cursor.failed) return broken(array);
  for (uint64_t b = 0; b < blocks && array->next < array->used; b++) {
    uint64_t block = horn__h5_offset(array->walk->file, &cursor);
    if (cursor.failed) return broken(array);
    HORN__TRY(visit_block(array, block, elements, pages > 0 ? written : NULL, b * mask_bytes * 8));
  }
  return HORN_OK;
}

/* The index block: elements, addresses of the data blocks of the first levels, addresses of super blocks. */
static horn_status visit_index(extensible *array) {
  horn__cursor cursor = horn__h5_at(array->walk->file, array->index_block);
  bool good = horn__cursor_magic(&cursor, "EAIB", 4);
  horn__cursor_skip(&cursor, 2 + array->walk->file->offset_size);
  horn__cursor elements = cursor;
  horn__cursor_skip(&cursor, array->in_index * array->element);
  if (!good || cursor.failed) return broken(array);
  HORN__TRY(visit_elements(array, &elements, array->in_index));
  uint32_t direct = 2 * horn__h5_log2(array->min_pointers), levels = 1 + array->max_bits;
  for (uint32_t level = 0; level < levels && level < 64 && array->next < array->used; level++) {
    for (uint64_t b = 0; level < direct && b < blocks_of(level) && array->next < array->used; b++) {
      uint64_t block = horn__h5_offset(array->walk->file, &cursor);
      if (cursor.failed) return broken(array);
      HORN__TRY(visit_block(array, block, elements_of(array, level), NULL, 0));
    }
    if (level < direct) continue;
    uint64_t block = horn__h5_offset(array->walk->file, &cursor);
    if (cursor.failed) return broken(array);
    HORN__TRY(visit_super_block(array, block, level));
  }
  return HORN_OK;
}

horn_status horn__h5_extensible_array(horn__h5_walk *walk) {
  extensible array = {.walk = walk, .slowest = 0};
  for (int32_t i = 0; i < walk->dataset->space.rank; i++)
    if (walk->dataset->space.max_dims[i] == UINT64_MAX) array.slowest = i;
  HORN__TRY(open_array(&array));
  return array.index_block == HORN__H5_NONE ? HORN_OK : visit_index(&array);
}
