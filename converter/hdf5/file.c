/* HDF5 files: the superblock, the table of objects, the budget, checksums. */
#include <string.h>

#include "hdf5/parts.h"

static const uint8_t signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

enum { MIN_BUDGET = 4 << 20, MAX_OBJECTS = 4 << 20 };

/* The superblock is at 0, or behind a user block of 512, 1024, 2048, ... bytes. */
static bool find_superblock(const void *bytes, size_t size, size_t *out) {
  for (size_t at = 0; size >= sizeof signature && at <= size - sizeof signature; at = at == 0 ? 512 : at * 2) {
    if (memcmp((const uint8_t *)bytes + at, signature, sizeof signature) == 0) {
      *out = at;
      return true;
    }
    if (at > SIZE_MAX / 2) break;
  }
  return false;
}

bool horn__h5_is(const void *bytes, size_t size) {
  size_t at;
  return find_superblock(bytes, size, &at);
}

horn_status horn__h5_broken(horn__h5 *file, const char *what, uint64_t address) {
  return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: the %s at byte %llu is damaged or cut off (the file has %zu bytes)", what,
                    (unsigned long long)address, file->all.size);
}

horn_status horn__h5_spend(horn__h5 *file, uint64_t steps) {
  if (steps > file->budget) return horn__fail(file->ctx, HORN_E_LIMIT, "HDF5: the file takes more steps to read than its size can need");
  file->budget -= steps;
  return HORN_OK;
}

horn__cursor horn__h5_at(const horn__h5 *file, uint64_t address) { return horn__cursor_from(&file->all, address); }

/* All bits set are the undefined address, or no limit, whatever the file's width is. */
static uint64_t number_or_none(horn__cursor *cursor, size_t width) {
  uint64_t number = horn__cursor_uint(cursor, width);
  return number == UINT64_MAX >> (64 - 8 * width) ? HORN__H5_NONE : number;
}

uint64_t horn__h5_offset(const horn__h5 *file, horn__cursor *cursor) { return number_or_none(cursor, file->offset_size); }

uint64_t horn__h5_length(const horn__h5 *file, horn__cursor *cursor) { return number_or_none(cursor, file->length_size); }

horn_status horn__h5_grow(horn__h5 *file, void **array, size_t *capacity, size_t needed, size_t element) {
  if (needed <= *capacity) return HORN_OK;
  size_t larger = *capacity == 0 ? 4 : *capacity * 2, bytes;
  if (!horn__multiply(larger, element, &bytes)) return horn__fail(file->ctx, HORN_E_LIMIT, "HDF5: %zu entries are too many", needed);
  void *grown = horn__arena_alloc(&file->arena, bytes);
  if (grown == NULL) return HORN_E_OUT_OF_MEMORY;
  if (*array != NULL) memcpy(grown, *array, *capacity * element);
  *array = grown;
  *capacity = larger;
  return HORN_OK;
}

/* ---- checksums: Bob Jenkins's lookup3, little-endian, as H5_checksum_lookup3 ----------------------------------------- */

static uint32_t rotate(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }

static void mix(uint32_t s[3]) {
  static const int turns[6] = {4, 6, 8, 16, 19, 4};
  for (int i = 0; i < 6; i++) {
    int a = i % 3, b = (i + 1) % 3, c = (i + 2) % 3;
    s[a] = (s[a] - s[c]) ^ rotate(s[c], turns[i]);
    s[c] += s[b];
  }
}

static void finish(uint32_t s[3]) {
  static const int turns[7] = {14, 11, 25, 16, 4, 14, 24};
  for (int i = 0; i < 7; i++) {
    int c = (i + 2) % 3, b = (i + 1) % 3;
    s[c] = (s[c] ^ s[b]) - rotate(s[b], turns[i]);
  }
}

static uint32_t lookup3(const uint8_t *bytes, size_t length) {
  uint32_t s[3];
  s[0] = s[1] = s[2] = 0xdeadbeef + (uint32_t)length;
  while (length > 0) {
    size_t n = length < 12 ? length : 12;
    for (size_t i = 0; i < n; i++) s[i / 4] += (uint32_t)bytes[i] << (8 * (i % 4));
    if (length <= 12) break;
    mix(s);
    bytes += 12;
    length -= 12;
  }
  if (length > 0) finish(s);
  return s[2];
}

bool horn__h5_checksum(horn__cursor *cursor) {
  size_t length = cursor->at;
  uint32_t stored = horn__cursor_u32(cursor);
  if (cursor->failed) return false;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* so that a fuzzer comes past the checksums */
  (void)stored;
  return true;
#else
  return stored == lookup3(cursor->bytes, length);
#endif
}

/* ---- objects ------------------------------------------------------------------------------------------------------ */

static horn__h5_object **slot_of(horn__h5_object **objects, size_t capacity, uint64_t address) {
  size_t i = (size_t)(address * 0x9E3779B97F4A7C15u >> 20) & (capacity - 1);
  while (objects[i] != NULL && objects[i]->address != address) i = (i + 1) & (capacity - 1);
  return &objects[i];
}

static horn_status make_room(horn__h5 *file) {
  if (file->object_count * 2 < file->object_capacity) return HORN_OK;
  size_t larger = file->object_capacity == 0 ? 64 : file->object_capacity * 2;
  if (larger > MAX_OBJECTS) return horn__fail(file->ctx, HORN_E_LIMIT, "HDF5: more than %d objects", MAX_OBJECTS / 2);
  horn__h5_object **objects = horn__arena_alloc(&file->arena, larger * sizeof *objects);
  if (objects == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < file->object_capacity; i++)
    if (file->objects[i] != NULL) *slot_of(objects, larger, file->objects[i]->address) = file->objects[i];
  file->objects = objects;
  file->object_capacity = larger;
  return HORN_OK;
}

horn_status horn__h5_object_at(horn__h5 *file, uint64_t address, horn__h5_object **out) {
  HORN__TRY(make_room(file));
  horn__h5_object **slot = slot_of(file->objects, file->object_capacity, address);
  if (*slot == NULL) {
    horn__h5_object *object = horn__arena_alloc(&file->arena, sizeof *object);
    if (object == NULL) return HORN_E_OUT_OF_MEMORY;
    *object = (horn__h5_object){.address = address,
                                .link_heap = HORN__H5_NONE,
                                .link_tree = HORN__H5_NONE,
                                .attribute_heap = HORN__H5_NONE,
                                .attribute_tree = HORN__H5_NONE};
    HORN__TRY(horn__h5_parse_object(file, object));
    *slot = object;
    file->object_count++;
  }
  *out = *slot;
  return HORN_OK;
}

bool horn__h5_mark(horn__h5_object *object) {
  bool before = object->marked;
  object->marked = true;
  return before;
}

/* ---- superblock --------------------------------------------------------------------------------------------------- */

static bool good_size(size_t size) { return size == 2 || size == 4 || size == 8; }

/* Versions 0 and 1: the root is a symbol table entry. */
static uint64_t old_superblock(horn__h5 *file, horn__cursor *cursor, uint8_t version, uint64_t *base) {
  horn__cursor_skip(cursor, 4); /* versions of free space, root, reserved, shared header */
  file->offset_size = horn__cursor_u8(cursor);
  file->length_size = horn__cursor_u8(cursor);
  if (!good_size(file->offset_size) || !good_size(file->length_size)) return HORN__H5_NONE;
  horn__cursor_skip(cursor, version == 1 ? 13 : 9); /* reserved, the k of trees, flags */
  *base = horn__h5_offset(file, cursor);
  horn__cursor_skip(cursor, 3 * file->offset_size); /* free space, end of file, driver */
  (void)horn__h5_offset(file, cursor);              /* the root's name */
  return horn__h5_offset(file, cursor);
}

static uint64_t new_superblock(horn__h5 *file, horn__cursor *cursor, uint64_t *base) {
  file->offset_size = horn__cursor_u8(cursor);
  file->length_size = horn__cursor_u8(cursor);
  horn__cursor_skip(cursor, 1);
  if (!good_size(file->offset_size) || !good_size(file->length_size)) return HORN__H5_NONE;
  *base = horn__h5_offset(file, cursor);
  horn__cursor_skip(cursor, 2 * file->offset_size); /* extension, end of file */
  uint64_t root = horn__h5_offset(file, cursor);
  return horn__h5_checksum(cursor) ? root : HORN__H5_NONE;
}

static horn_status read_superblock(horn__h5 *file, const void *bytes, size_t size) {
  size_t at;
  if (!find_superblock(bytes, size, &at)) return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: the file does not start as an HDF5 file does");
  file->all = horn__cursor_of(bytes, size);
  horn__cursor cursor = horn__cursor_from(&file->all, at);
  horn__cursor_skip(&cursor, sizeof signature);
  uint8_t version = horn__cursor_u8(&cursor);
  if (version > 3) return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: superblock version %d is unknown", version);
  uint64_t base = 0, root = version < 2 ? old_superblock(file, &cursor, version, &base) : new_superblock(file, &cursor, &base);
  if (cursor.failed || root == HORN__H5_NONE) return horn__h5_broken(file, "superblock", at);
  file->all = horn__cursor_from(&file->all, base);
  if (file->all.failed) return horn__h5_broken(file, "superblock", at);
  return horn__h5_object_at(file, root, &file->root);
}

horn_status horn__h5_open(horn_context *ctx, const void *bytes, size_t size, horn__h5 **out) {
  horn__h5 *file = horn__alloc(ctx, sizeof *file, true);
  if (file == NULL) return HORN_E_OUT_OF_MEMORY;
  file->ctx = ctx;
  file->budget = MIN_BUDGET + (uint64_t)size;
  horn__arena_init(&file->arena, ctx);
  horn_status status = read_superblock(file, bytes, size);
  if (status == HORN_OK)
    *out = file;
  else
    horn__h5_close(file);
  return status;
}

void horn__h5_close(horn__h5 *file) {
  if (file == NULL) return;
  horn_context *ctx = file->ctx;
  horn__arena_release(&file->arena);
  horn__free(ctx, file);
}

horn__h5_object *horn__h5_root(horn__h5 *file) { return file->root; }
