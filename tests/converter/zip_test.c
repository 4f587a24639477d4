/* Archives that were made to do harm, and odd ones that are good. Each is a byte string built here. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bytes/inflate.h"
#include "files.h"
#include "test.h"
#include "zip/zip.h"

typedef struct archive {
  unsigned char bytes[4096];
  size_t size;
  unsigned char central[2048];
  size_t central_size;
  unsigned count;
} archive;

typedef struct member {
  const char *name;
  const void *stored;
  size_t stored_size;
  uint32_t size, crc;
  uint16_t method, flags;
} member;

static void put(unsigned char *bytes, size_t *size, uint64_t number, size_t width) {
  for (size_t i = 0; i < width; i++, number >>= 8) bytes[(*size)++] = (unsigned char)number;
}

static void put_bytes(unsigned char *bytes, size_t *size, const void *from, size_t count) {
  memcpy(bytes + *size, from, count);
  *size += count;
}

/* What the local header and the directory have in common: version, flags, method, time, checksum, sizes, length of the name. */
static void put_common(unsigned char *bytes, size_t *size, const member *m) {
  put(bytes, size, 20, 2);
  put(bytes, size, m->flags, 2);
  put(bytes, size, m->method, 2);
  put(bytes, size, 0, 4);
  put(bytes, size, m->crc, 4);
  put(bytes, size, m->stored_size, 4);
  put(bytes, size, m->size, 4);
  put(bytes, size, strlen(m->name), 2);
  put(bytes, size, 0, 2);
}

static void add_central(archive *a, const member *m, size_t offset) {
  put(a->central, &a->central_size, 0x02014b50, 4);
  put(a->central, &a->central_size, 20, 2);
  put_common(a->central, &a->central_size, m);
  put(a->central, &a->central_size, 0, 10); /* comment, disk, attributes */
  put(a->central, &a->central_size, offset, 4);
  put_bytes(a->central, &a->central_size, m->name, strlen(m->name));
  a->count++;
}

static size_t add_local(archive *a, const member *m) {
  size_t offset = a->size;
  put(a->bytes, &a->size, 0x04034b50, 4);
  put_common(a->bytes, &a->size, m);
  put_bytes(a->bytes, &a->size, m->name, strlen(m->name));
  put_bytes(a->bytes, &a->size, m->stored, m->stored_size);
  return offset;
}

static void finish(archive *a) {
  size_t offset = a->size;
  put_bytes(a->bytes, &a->size, a->central, a->central_size);
  put(a->bytes, &a->size, 0x06054b50, 4);
  put(a->bytes, &a->size, 0, 4);
  put(a->bytes, &a->size, a->count, 2);
  put(a->bytes, &a->size, a->count, 2);
  put(a->bytes, &a->size, a->central_size, 4);
  put(a->bytes, &a->size, offset, 4);
  put(a->bytes, &a->size, 0, 2);
}

static member stored(const char *name, const char *text) {
  return (member){.name = name, .stored = text, .stored_size = strlen(text), .size = (uint32_t)strlen(text),
                  .crc = horn__crc32((const uint8_t *)text, strlen(text))};
}

/* Opens the archive and reads all of it; NULL: it must succeed, otherwise the message must contain this. */
static void expect(const char *title, const archive *a, const char *message) {
  horn_context *ctx = context_create(1 << 20);
  unsigned char *bytes = malloc(a->size);
  uint64_t before = ctx->bytes_in_use;
  horn__arena arena;
  horn__zip zip = {0};
  horn__arena_init(&arena, ctx);
  memcpy(bytes, a->bytes, a->size);
  horn_status status = horn__zip_open(&arena, bytes, a->size, &zip);
  for (size_t i = 0; status == HORN_OK && i < zip.count; i++) {
    const uint8_t *data;
    size_t size;
    status = horn__zip_read(&arena, &zip.entries[i], &data, &size);
  }
  if (message == NULL)
    CHECK(status == HORN_OK && zip.count == a->count, "%s: %s", title, horn_last_error(ctx));
  else
    CHECK(status != HORN_OK && strstr(horn_last_error(ctx), message) != NULL, "%s: status %d, %s", title, status, horn_last_error(ctx));
  horn__arena_release(&arena);
  CHECK(ctx->bytes_in_use == before, "%s: memory was not given back", title);
  horn_context_release(ctx);
  free(bytes);
}

/* One member, added to both places, then ended. */
static void expect_one(const char *title, member m, const char *message) {
  archive a = {.size = 0};
  add_central(&a, &m, add_local(&a, &m));
  finish(&a);
  expect(title, &a, message);
}

static void check_good(void) {
  archive a = {.size = 0};
  member one = stored("config.json", "{}"), two = stored("metadata.json", "{\"a\":1}");
  size_t second = add_local(&a, &two), first = add_local(&a, &one);
  add_central(&a, &one, first); /* the directory in another order than the file */
  add_central(&a, &two, second);
  finish(&a);
  expect("good", &a, NULL);
  a.bytes[a.size - 2] = 3; /* a comment of three bytes */
  put_bytes(a.bytes, &a.size, "abc", 3);
  expect("comment", &a, NULL);
  a.size -= 2;
  expect("comment that is cut off", &a, "cut off");
}

static void check_places(void) {
  archive twice = {.size = 0}, renamed = {.size = 0};
  member one = stored("a", "hello"), two = stored("b", "hello"), other = stored("c", "hello");
  add_central(&twice, &one, add_local(&twice, &one));
  add_central(&twice, &one, add_local(&twice, &one));
  finish(&twice);
  expect("one name twice", &twice, "twice");
  add_central(&renamed, &two, add_local(&renamed, &other));
  finish(&renamed);
  expect("names that differ", &renamed, "damaged");
}

/* A member inside another's data. */
static void check_overlap(void) {
  archive inner = {.size = 0}, a = {.size = 0};
  member small = stored("b", "hello");
  add_local(&inner, &small);
  member large = {.name = "a", .stored = inner.bytes, .stored_size = inner.size, .size = (uint32_t)inner.size,
                  .crc = horn__crc32(inner.bytes, inner.size)};
  size_t offset = add_local(&a, &large);
  add_central(&a, &large, offset);
  add_central(&a, &small, offset + 31); /* header and name of the large one */
  finish(&a);
  expect("a member inside another", &a, "overlaps");
}

static void check_packed(void) {
  static const unsigned char hello[] = {0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}; /* "hello" */
  uint32_t crc = horn__crc32((const uint8_t *)"hello", 5);
  const member good = {.name = "a", .stored = hello, .stored_size = sizeof hello, .size = 5, .crc = crc, .method = 8};
  member m = good;
  expect_one("deflate", m, NULL);
  m.size = 4;
  expect_one("more than it claims", m, "damaged");
  m.size = 6;
  expect_one("less than it claims", m, "damaged");
  m.size = 4000000000u;
  expect_one("a bomb", m, "claims");
  m = good;
  m.crc ^= 1;
  expect_one("checksum", m, "checksum");
  m = good;
  m.flags = 1;
  expect_one("encrypted", m, "encrypted");
  m = good;
  m.method = 12;
  expect_one("bzip2", m, "method 12");
  m = stored("a", "hello");
  m.size = 6;
  expect_one("stored with two sizes", m, "claims");
}

int main(void) {
  check_good();
  check_places();
  check_overlap();
  check_packed();
  archive none = {.size = 0};
  expect("nothing", &none, "cut off");
  finish(&none);
  expect("empty", &none, NULL);
  return test_end();
}
