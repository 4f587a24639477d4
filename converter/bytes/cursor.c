/* Bounds-checked reading: see cursor.h. */
#include "bytes/cursor.h"

#include <string.h>

horn__cursor horn__cursor_of(const void *bytes, size_t size) { return (horn__cursor){.bytes = bytes, .size = size}; }

horn__cursor horn__cursor_part(const horn__cursor *from, uint64_t offset, uint64_t length) {
  if (from->failed || offset > from->size || length > from->size - offset) return (horn__cursor){.failed = true};
  return horn__cursor_of(from->bytes + offset, (size_t)length);
}

horn__cursor horn__cursor_from(const horn__cursor *from, uint64_t offset) {
  return horn__cursor_part(from, offset, offset > from->size ? 0 : from->size - offset);
}

size_t horn__cursor_left(const horn__cursor *cursor) { return cursor->failed ? 0 : cursor->size - cursor->at; }

const uint8_t *horn__cursor_take(horn__cursor *cursor, uint64_t length) {
  if (length > horn__cursor_left(cursor) || cursor->failed) {
    cursor->failed = true;
    return NULL;
  }
  const uint8_t *taken = cursor->bytes + cursor->at;
  cursor->at += (size_t)length;
  return taken;
}

void horn__cursor_skip(horn__cursor *cursor, uint64_t length) { (void)horn__cursor_take(cursor, length); }

void horn__cursor_align(horn__cursor *cursor, size_t unit) { horn__cursor_skip(cursor, (unit - cursor->at % unit) % unit); }

uint64_t horn__cursor_uint(horn__cursor *cursor, size_t width) {
  const uint8_t *bytes = horn__cursor_take(cursor, width);
  if (bytes == NULL || width > 8) return 0;
  uint64_t number = 0;
  for (size_t i = width; i-- > 0;) number = number << 8 | bytes[i];
  return number;
}

uint8_t horn__cursor_u8(horn__cursor *cursor) { return (uint8_t)horn__cursor_uint(cursor, 1); }

uint16_t horn__cursor_u16(horn__cursor *cursor) { return (uint16_t)horn__cursor_uint(cursor, 2); }

uint32_t horn__cursor_u32(horn__cursor *cursor) { return (uint32_t)horn__cursor_uint(cursor, 4); }

uint64_t horn__cursor_u64(horn__cursor *cursor) { return horn__cursor_uint(cursor, 8); }

bool horn__cursor_magic(horn__cursor *cursor, const char *magic, size_t length) {
  const uint8_t *bytes = horn__cursor_take(cursor, length);
  return bytes != NULL && memcmp(bytes, magic, length) == 0;
}
