/* Zip archives: see zip.h. */
#include "zip/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/inflate.h"

enum {
  LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50, END64 = 0x06064b50, LOCATOR64 = 0x07064b50, EXTRA64 = 1,
  LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22, LOCATOR_BYTES = 20, MAX_COMMENT = 65535,
  STORED = 0, DEFLATED = 8, ENCRYPTED = 1
};

typedef struct directory {
  uint64_t count, size, offset;
} directory;

bool horn__zip_is(const void *bytes, size_t size) {
  horn__cursor cursor = horn__cursor_of(bytes, size);
  uint32_t first = horn__cursor_u32(&cursor);
  return !cursor.failed && (first == LOCAL || first == END);
}

static horn_status damaged(horn_context *ctx, const char *what) { return horn__fail(ctx, HORN_E_FORMAT, "zip: %s", what); }

/* ---- the end of the archive says where the directory is -------------------------------------------------------------------- */

/* The end record is the last one whose comment reaches the end of the file. */
static bool find_end(const horn__cursor *all, size_t *out) {
  if (all->size < END_BYTES) return false;
  size_t last = all->size - END_BYTES, first = last > MAX_COMMENT ? last - MAX_COMMENT : 0;
  for (size_t at = last + 1; at-- > first;) {
    horn__cursor end = horn__cursor_from(all, at);
    if (horn__cursor_u32(&end) != END) continue;
    horn__cursor_skip(&end, 16);
    if (horn__cursor_u16(&end) != horn__cursor_left(&end)) continue;
    *out = at;
    return true;
  }
  return false;
}

static horn_status read_end64(horn_context *ctx, const horn__cursor *all, size_t end, directory *out) {
  horn__cursor locator = horn__cursor_part(all, end < LOCATOR_BYTES ? UINT64_MAX : end - LOCATOR_BYTES, LOCATOR_BYTES);
  bool good = horn__cursor_u32(&locator) == LOCATOR64 && horn__cursor_u32(&locator) == 0;
  horn__cursor record = horn__cursor_from(all, horn__cursor_u64(&locator));
  good = good && horn__cursor_u32(&record) == END64;
  horn__cursor_skip(&record, 28); /* size, versions, disks, entries on this disk */
  out->count = horn__cursor_u64(&record);
  out->size = horn__cursor_u64(&record);
  out->offset = horn__cursor_u64(&record);
  return good && !locator.failed && !record.failed ? HORN_OK : damaged(ctx, "the zip64 end record is damaged");
}

static horn_status read_end(horn_context *ctx, const horn__cursor *all, directory *out) {
  size_t at;
  if (!find_end(all, &at)) return damaged(ctx, "the archive is cut off: its directory is missing");
  horn__cursor end = horn__cursor_from(all, at);
  horn__cursor_skip(&end, 4);
  uint16_t disk = horn__cursor_u16(&end), directory_disk = horn__cursor_u16(&end), here = horn__cursor_u16(&end);
  *out = (directory){.count = horn__cursor_u16(&end)};
  out->size = horn__cursor_u32(&end);
  out->offset = horn__cursor_u32(&end);
  if (disk != directory_disk || here != out->count) return damaged(ctx, "archives of several files are not supported");
  if (out->count == UINT16_MAX || out->size == UINT32_MAX || out->offset == UINT32_MAX) HORN__TRY(read_end64(ctx, all, at, out));
  if (out->offset > at || out->size > at - out->offset || out->count > out->size / CENTRAL_BYTES)
    return damaged(ctx, "the directory is damaged");
  return HORN_OK;
}

/* ---- entries --------------------------------------------------------------------------------------------------------------- */

/* Sizes and offset that do not fit 32 bits are in the extra field, those that need it and no others. */
static void read_extra(horn__cursor extra, horn__zip_entry *entry) {
  while (horn__cursor_left(&extra) >= 4) {
    uint16_t id = horn__cursor_u16(&extra), size = horn__cursor_u16(&extra);
    const uint8_t *bytes = horn__cursor_take(&extra, size);
    if (id != EXTRA64 || bytes == NULL) continue;
    horn__cursor field = horn__cursor_of(bytes, size);
    if (entry->size == UINT32_MAX) entry->size = horn__cursor_u64(&field);
    if (entry->stored == UINT32_MAX) entry->stored = horn__cursor_u64(&field);
    if (entry->offset == UINT32_MAX) entry->offset = horn__cursor_u64(&field);
  }
}

static horn_status check_entry(horn_context *ctx, const horn__zip_entry *entry, uint16_t flags, size_t name_size) {
  if (strlen(entry->name) != name_size) return damaged(ctx, "a name has a NUL in it");
  if (flags & ENCRYPTED) return horn__fail(ctx, HORN_E_UNSUPPORTED, "zip: \"%.200s\" is encrypted", entry->name);
  if (entry->method != STORED && entry->method != DEFLATED)
    return horn__fail(ctx, HORN_E_UNSUPPORTED, "zip: \"%.200s\" is packed with method %d; stored and deflate are supported", entry->name,
                      entry->method);
  bool plausible = entry->method == STORED ? entry->size == entry->stored
                                            : entry->stored <= SIZE_MAX && horn__inflate_plausible((size_t)entry->stored, entry->size);
  if (!plausible || entry->size > SIZE_MAX)
    return horn__fail(ctx, HORN_E_FORMAT, "zip: \"%.200s\" claims %llu bytes from %llu", entry->name, (unsigned long long)entry->size,
                      (unsigned long long)entry->stored);
  return HORN_OK;
}

/* The data of an entry lie behind its local header, whose name must be the directory's. */
static horn_status find_data(horn_context *ctx, const horn__cursor *all, uint64_t limit, horn__zip_entry *entry) {
  horn__cursor local = horn__cursor_from(all, entry->offset);
  bool good = horn__cursor_u32(&local) == LOCAL;
  horn__cursor_skip(&local, 22);
  uint16_t name_size = horn__cursor_u16(&local), extra_size = horn__cursor_u16(&local);
  const uint8_t *name = horn__cursor_take(&local, name_size);
  horn__cursor_skip(&local, extra_size);
  good = good && !local.failed && strlen(entry->name) == name_size && memcmp(name, entry->name, name_size) == 0;
  uint64_t start = entry->offset + local.at;
  if (!good || start > limit || entry->stored > limit - start)
    return horn__fail(ctx, HORN_E_FORMAT, "zip: \"%.200s\" is damaged or cut off", entry->name);
  entry->data = horn__cursor_part(all, start, entry->stored);
  return HORN_OK;
}

static horn_status read_entry(horn__arena *arena, const horn__cursor *all, uint64_t limit, horn__cursor *central, horn__zip_entry *out) {
  bool good = horn__cursor_u32(central) == CENTRAL;
  horn__cursor_skip(central, 4);
  uint16_t flags = horn__cursor_u16(central);
  out->method = horn__cursor_u16(central);
  horn__cursor_skip(central, 4); /* time */
  out->crc = horn__cursor_u32(central);
  out->stored = horn__cursor_u32(central);
  out->size = horn__cursor_u32(central);
  uint16_t name_size = horn__cursor_u16(central), extra_size = horn__cursor_u16(central), comment_size = horn__cursor_u16(central);
  horn__cursor_skip(central, 8); /* disk, attributes */
  out->offset = horn__cursor_u32(central);
  const uint8_t *name = horn__cursor_take(central, name_size), *extra = horn__cursor_take(central, extra_size);
  horn__cursor_skip(central, comment_size);
  if (!good || central->failed) return damaged(arena->ctx, "the directory is damaged");
  char *kept = horn__arena_alloc(arena, (size_t)name_size + 1);
  if (kept == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(kept, name, name_size);
  out->name = kept;
  read_extra(horn__cursor_of(extra, extra_size), out);
  HORN__TRY(check_entry(arena->ctx, out, flags, name_size));
  return find_data(arena->ctx, all, limit, out);
}

static int by_place(const void *a, const void *b) {
  const horn__zip_entry *x = a, *y = b;
  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int by_name(const void *a, const void *b) {
  return strcmp((*(const horn__zip_entry *const *)a)->name, (*(const horn__zip_entry *const *)b)->name);
}

static horn_status check_names(horn__arena *arena, const horn__zip *zip) {
  const horn__zip_entry **sorted = horn__arena_alloc(arena, zip->count * sizeof *sorted + 1);
  if (sorted == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < zip->count; i++) sorted[i] = &zip->entries[i];
  qsort(sorted, zip->count, sizeof *sorted, by_name);
  for (size_t i = 1; i < zip->count; i++)
    if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
      return horn__fail(arena->ctx, HORN_E_FORMAT, "zip: \"%.200s\" is there twice", sorted[i]->name);
  return HORN_OK;
}

static horn_status check_overlap(horn_context *ctx, const horn__cursor *all, const horn__zip *zip) {
  for (size_t i = 1; i < zip->count; i++) {
    const horn__zip_entry *before = &zip->entries[i - 1];
    uint64_t end = (uint64_t)(before->data.bytes - all->bytes) + before->stored;
    if (zip->entries[i].offset < end)
      return horn__fail(ctx, HORN_E_FORMAT, "zip: \"%.200s\" overlaps \"%.200s\"", zip->entries[i].name, before->name);
  }
  return HORN_OK;
}

horn_status horn__zip_open(horn__arena *arena, const void *bytes, size_t size, horn__zip *out) {
  horn__cursor all = horn__cursor_of(bytes, size);
  directory where;
  HORN__TRY(read_end(arena->ctx, &all, &where));
  horn__cursor central = horn__cursor_part(&all, where.offset, where.size);
  horn__zip zip = {.count = (size_t)where.count}; /* no more than the directory's bytes have room for */
  zip.entries = horn__arena_alloc(arena, zip.count * sizeof *zip.entries + 1);
  if (zip.entries == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < zip.count; i++) HORN__TRY(read_entry(arena, &all, where.offset, &central, &zip.entries[i]));
  qsort(zip.entries, zip.count, sizeof *zip.entries, by_place);
  HORN__TRY(check_names(arena, &zip));
  HORN__TRY(check_overlap(arena->ctx, &all, &zip));
  *out = zip;
  return HORN_OK;
}

const horn__zip_entry *horn__zip_find(const horn__zip *zip, const char *name) {
  for (size_t i = 0; i < zip->count; i++)
    if (strcmp(zip->entries[i].name, name) == 0) return &zip->entries[i];
  return NULL;
}

horn_status horn__zip_read(horn__arena *arena, const horn__zip_entry *entry, const uint8_t **out, size_t *out_size) {
  const uint8_t *bytes = entry->data.bytes;
  if (entry->method == DEFLATED) {
    char what[256];
    uint8_t *inflated = horn__arena_alloc(arena, (size_t)entry->size + 1);
    if (inflated == NULL) return HORN_E_OUT_OF_MEMORY;
    snprintf(what, sizeof what, "zip: \"%.200s\"", entry->name);
    HORN__TRY(horn__inflate(arena->ctx, what, HORN__INFLATE_RAW, entry->data.bytes, entry->data.size, inflated, (size_t)entry->size));
    bytes = inflated;
  }
  if (horn__crc32(bytes, (size_t)entry->size) != entry->crc)
    return horn__fail(arena->ctx, HORN_E_FORMAT, "zip: the checksum of \"%.200s\" does not fit its bytes", entry->name);
  *out = bytes;
  *out_size = (size_t)entry->size;
  return HORN_OK;
}
