/* Tables of LevelDB's form: blocks of entries whose keys share their beginnings, an index block that says where they are, a footer.
 * Reference: tensorflow/core/lib/io/{format,block,table_builder}.cc. */
#include "bundle/table.h"

#include <string.h>

#include "bytes/crc32c.h"
#include "bytes/protobuf.h"
#include "bytes/snappy.h"

enum { FOOTER = 48, TRAILER = 5, MAX_KEY = 8192 };
#define MAGIC 0xDB4775248B80FB57ull

typedef struct table {
  horn__arena *arena;
  horn__cursor file;
  horn__bundle_record *records;
  size_t count, capacity;
} table;

static horn_status damaged(const table *t, const char *what) {
  return horn__fail(t->arena->ctx, HORN_E_FORMAT, "the index of the variables is damaged: %s", what);
}

/* Where a block is: its offset and its size without the trailer. */
typedef struct handle {
  uint64_t offset, size;
} handle;

static handle read_handle(horn__cursor *at) {
  handle h = {.offset = horn__cursor_varint(at)};
  h.size = horn__cursor_varint(at);
  return h;
}

/* The trailer has the kind of compression and the CRC of the block and that byte. */
static horn_status read_block(const table *t, handle h, horn__cursor *out) {
  horn__cursor block = horn__cursor_part(&t->file, h.offset, h.size);
  horn__cursor all = horn__cursor_part(&t->file, h.offset, h.size > UINT64_MAX - TRAILER ? h.size : h.size + TRAILER);
  horn__cursor_skip(&all, h.size);
  uint8_t kind = horn__cursor_u8(&all);
  uint32_t crc = horn__cursor_u32(&all);
  if (block.failed || all.failed) return damaged(t, "a block is not inside");
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* so that a fuzzer comes past the checksums */
  if (horn__crc32c_mask(horn__crc32c(0, block.bytes, block.size + 1)) != crc) return damaged(t, "the CRC of a block is wrong");
#else
  (void)crc;
#endif
  if (kind == 1) return horn__snappy(t->arena, block, out);
  *out = block;
  return kind == 0 ? HORN_OK : damaged(t, "a block is compressed in a way that is not known");
}

/* Leaves the entries alone: the numbers at the end say where keys start anew, which a walk from the start does not need. */
static horn_status cut_restarts(const table *t, horn__cursor *block) {
  horn__cursor last = horn__cursor_from(block, block->size < 4 ? block->size + 1 : block->size - 4);
  uint64_t restarts = horn__cursor_u32(&last), bytes = 4 * (restarts + 1);
  if (last.failed || bytes > block->size) return damaged(t, "a block is too short");
  *block = horn__cursor_part(block, 0, block->size - bytes);
  return HORN_OK;
}

typedef horn_status visit(table *t, const char *key, horn__cursor value);

/* Calls body for each entry of a block; key is terminated, and valid for the call. */
static horn_status each_entry(table *t, handle h, visit *body) {
  horn__cursor block;
  char key[MAX_KEY + 1];
  size_t length = 0;
  HORN__TRY(read_block(t, h, &block));
  HORN__TRY(cut_restarts(t, &block));
  while (horn__cursor_left(&block) > 0) {
    uint64_t shared = horn__cursor_varint(&block), rest = horn__cursor_varint(&block), size = horn__cursor_varint(&block);
    if (block.failed || shared > length || rest > MAX_KEY - shared) return damaged(t, "a key is too long");
    const uint8_t *suffix = horn__cursor_take(&block, rest), *value = horn__cursor_take(&block, size);
    if (block.failed) return damaged(t, "an entry is cut off");
    memcpy(key + shared, suffix, (size_t)rest);
    length = (size_t)(shared + rest);
    key[length] = '\0';
    HORN__TRY(body(t, key, horn__cursor_of(value, (size_t)size)));
  }
  return block.failed ? damaged(t, "an entry is cut off") : HORN_OK;
}

static horn_status keep_record(table *t, const char *key, horn__cursor value) {
  void *records = t->records;
  horn_status status = horn__grow(t->arena->ctx, &records, &t->capacity, t->count + 1, sizeof *t->records);
  t->records = records;
  HORN__TRY(status);
  char *kept = horn__arena_text(t->arena, key);
  if (kept == NULL) return HORN_E_OUT_OF_MEMORY;
  t->records[t->count++] = (horn__bundle_record){kept, value};
  return HORN_OK;
}

static horn_status visit_block(table *t, const char *key, horn__cursor value) {
  (void)key; /* one that no key of the block comes behind */
  handle h = read_handle(&value);
  return value.failed ? damaged(t, "the place of a block is cut off") : each_entry(t, h, keep_record);
}

static horn_status read_all(table *t) {
  horn__cursor footer = horn__cursor_from(&t->file, t->file.size < FOOTER ? t->file.size + 1 : t->file.size - FOOTER);
  horn__cursor magic = horn__cursor_part(&footer, FOOTER - 8, 8);
  if (footer.failed || horn__cursor_u64(&magic) != MAGIC) return damaged(t, "it does not end as such a table does");
  (void)read_handle(&footer); /* of the block about blocks, which is empty */
  handle index = read_handle(&footer);
  return footer.failed ? damaged(t, "the place of a block is cut off") : each_entry(t, index, visit_block);
}

horn_status horn__table_read(horn__arena *arena, horn__cursor file, horn__bundle_record **out, size_t *count) {
  table t = {.arena = arena, .file = file};
  horn_status status = read_all(&t);
  *out = status == HORN_OK ? horn__arena_alloc(arena, t.count * sizeof **out + 1) : NULL;
  if (status == HORN_OK && *out == NULL) status = HORN_E_OUT_OF_MEMORY;
  if (status == HORN_OK && t.count > 0) memcpy(*out, t.records, t.count * sizeof **out);
  *count = t.count;
  horn__free(arena->ctx, t.records);
  return status;
}
