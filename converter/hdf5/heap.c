/* HDF5 heaps: local (names of old groups), global (variable-length strings), fractal (links and attributes of new groups). */
#include "hdf5/parts.h"

horn_status horn__h5_local_heap(horn__h5 *file, uint64_t address, horn__cursor *out) {
  horn__cursor cursor = horn__h5_at(file, address);
  bool good = horn__cursor_magic(&cursor, "HEAP", 4);
  horn__cursor_skip(&cursor, 4);
  uint64_t size = horn__h5_length(file, &cursor);
  (void)horn__h5_length(file, &cursor); /* free list */
  uint64_t data = horn__h5_offset(file, &cursor);
  *out = horn__cursor_part(&file->all, data, size);
  return good && !cursor.failed && !out->failed ? HORN_OK : horn__h5_broken(file, "local heap", address);
}

horn_status horn__h5_global_heap(horn__h5 *file, uint64_t address, uint32_t index, horn__cursor *out) {
  horn__cursor cursor = horn__h5_at(file, address);
  bool good = horn__cursor_magic(&cursor, "GCOL", 4);
  horn__cursor_skip(&cursor, 4);
  uint64_t size = horn__h5_length(file, &cursor);
  horn__cursor objects = horn__cursor_part(&file->all, address, size);
  horn__cursor_skip(&objects, 8 + file->length_size);
  while (good && !cursor.failed && horn__cursor_left(&objects) >= 8 + file->length_size) {
    HORN__TRY(horn__h5_spend(file, 1));
    uint16_t found = horn__cursor_u16(&objects);
    horn__cursor_skip(&objects, 6);
    uint64_t length = horn__h5_length(file, &objects);
    if (found == 0) break; /* free space: the last one */
    const uint8_t *bytes = horn__cursor_take(&objects, length);
    if (bytes == NULL) break;
    if (found == index) {
      *out = horn__cursor_of(bytes, (size_t)length);
      return HORN_OK;
    }
    if (length % 8 != 0) horn__cursor_skip(&objects, 8 - length % 8);
  }
  return horn__h5_broken(file, "global heap", address);
}

/* ---- fractal heap: a doubling table of blocks ---------------------------------------------------------------------------- */

typedef struct fractal {
  uint64_t address;
  size_t offset_bytes, length_bytes;  /* in an id */
  uint64_t start, max_direct;         /* block sizes; powers of two */
  uint32_t width, direct_rows;
  uint64_t root;
  uint32_t root_rows;                 /* 0: the root is a direct block */
} fractal;

static bool power_of_two(uint64_t number) { return number != 0 && (number & (number - 1)) == 0; }

static horn_status open_fractal(horn__h5 *file, uint64_t address, fractal *out) {
  horn__cursor cursor = horn__h5_at(file, address);
  bool good = horn__cursor_magic(&cursor, "FRHP", 4) && horn__cursor_u8(&cursor) == 0;
  horn__cursor_skip(&cursor, 2); /* length of ids */
  uint16_t filters = horn__cursor_u16(&cursor);
  horn__cursor_skip(&cursor, 1);
  uint32_t max_managed = horn__cursor_u32(&cursor);
  horn__cursor_skip(&cursor, 10 * file->length_size + 2 * file->offset_size); /* huge, free space, statistics */
  *out = (fractal){.address = address, .width = horn__cursor_u16(&cursor)};
  out->start = horn__h5_length(file, &cursor);
  out->max_direct = horn__h5_length(file, &cursor);
  out->offset_bytes = (horn__cursor_u16(&cursor) + 7u) / 8;
  horn__cursor_skip(&cursor, 2);
  out->root = horn__h5_offset(file, &cursor);
  out->root_rows = horn__cursor_u16(&cursor);
  if (filters > 0) return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: compressed groups are not supported");
  if (!good || !horn__h5_checksum(&cursor)) return horn__h5_broken(file, "fractal heap", address);
  if (!power_of_two(out->start) || !power_of_two(out->max_direct) || !power_of_two(out->width))
    return horn__h5_broken(file, "fractal heap", address);
  if (out->max_direct < out->start || out->offset_bytes > 8)
    return horn__h5_broken(file, "fractal heap", address);
  size_t direct_bytes = (horn__h5_log2(out->max_direct) + 7u) / 8, managed_bytes = horn__h5_width(max_managed);
  out->length_bytes = direct_bytes < managed_bytes ? direct_bytes : managed_bytes;
  out->direct_rows = horn__h5_log2(out->max_direct) - horn__h5_log2(out->start) + 2;
  return HORN_OK;
}

/* Size of the blocks of a row: start, start, 2 start, 4 start, ... */
static uint64_t row_size(const fractal *heap, uint32_t row) { return row == 0 ? heap->start : row - 1 > 40 ? 0 : heap->start << (row - 1); }

/* Finds the direct block of `offset`; *offset becomes the place in the block. Descends as long as the block found is indirect. */
static horn_status find_block(horn__h5 *file, const fractal *heap, uint64_t *offset, uint64_t *block, uint64_t *size) {
  uint32_t rows = heap->root_rows;
  *block = heap->root;
  *size = heap->start;
  while (rows > 0) {
    HORN__TRY(horn__h5_spend(file, 1));
    uint64_t index = 0, at = 0;
    uint32_t row = 0;
    while (row < rows && row_size(heap, row) != 0 && *offset - at >= row_size(heap, row) * heap->width) at += row_size(heap, row++) * heap->width;
    if (row == rows || row_size(heap, row) == 0) return horn__h5_broken(file, "fractal heap", heap->address);
    *size = row_size(heap, row);
    index = (uint64_t)row * heap->width + (*offset - at) / *size;
    *offset = (*offset - at) % *size;
    horn__cursor cursor = horn__h5_at(file, *block);
    bool good = horn__cursor_magic(&cursor, "FHIB", 4);
    horn__cursor_skip(&cursor, 1 + file->offset_size + heap->offset_bytes + index * file->offset_size);
    *block = horn__h5_offset(file, &cursor);
    if (!good || cursor.failed) return horn__h5_broken(file, "fractal heap", heap->address);
    uint32_t sum = horn__h5_log2(heap->start) + horn__h5_log2(heap->width), bits = horn__h5_log2(*size);
    if (row >= heap->direct_rows && bits < sum) return horn__h5_broken(file, "fractal heap", heap->address);
    rows = row < heap->direct_rows ? 0 : bits - sum + 1;
  }
  return HORN_OK;
}

horn_status horn__h5_fractal_heap(horn__h5 *file, uint64_t address, const uint8_t *id, size_t id_size, horn__cursor *out) {
  fractal heap;
  HORN__TRY(horn__h5_spend(file, 1));
  HORN__TRY(open_fractal(file, address, &heap));
  horn__cursor cursor = horn__cursor_of(id, id_size);
  uint8_t kind = horn__cursor_u8(&cursor) >> 4 & 3;
  if (kind == 2) { /* the object is in the id */
    *out = horn__cursor_part(&cursor, 1, (uint64_t)(id[0] & 15) + 1);
    return out->failed ? horn__h5_broken(file, "fractal heap", address) : HORN_OK;
  }
  if (kind != 0) return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: a link or an attribute of more than 64 KiB is not supported here");
  uint64_t offset = horn__cursor_uint(&cursor, heap.offset_bytes), length = horn__cursor_uint(&cursor, heap.length_bytes), block, size;
  if (cursor.failed) return horn__h5_broken(file, "fractal heap", address);
  HORN__TRY(find_block(file, &heap, &offset, &block, &size));
  horn__cursor whole = horn__cursor_part(&file->all, block, size);
  if (!horn__cursor_magic(&whole, "FHDB", 4)) return horn__h5_broken(file, "fractal heap", address);
  *out = horn__cursor_part(&whole, offset, length);
  return out->failed ? horn__h5_broken(file, "fractal heap", address) : HORN_OK;
}
