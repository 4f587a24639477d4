/* Snappy: literals, and copies of what came before: see snappy.h. */
#include "bytes/snappy.h"

#include <string.h>

#include "bytes/protobuf.h"

enum { MAX_RATIO = 64 };

static bool literal(horn__cursor *in, uint8_t tag, horn__cursor *out, uint8_t *to) {
  uint64_t length = (uint64_t)(tag >> 2) + 1;
  if (length > 60) length = horn__cursor_uint(in, (size_t)length - 60) + 1;
  const uint8_t *bytes = horn__cursor_take(in, length);
  if (bytes == NULL || length > out->size - out->at) return false;
  memcpy(to + out->at, bytes, (size_t)length);
  out->at += (size_t)length;
  return true;
}

/* A copy may run into what it writes: then the bytes repeat. */
static bool copy(horn__cursor *in, uint8_t tag, horn__cursor *out, uint8_t *to) {
  const int kind = tag & 3;
  uint64_t length = kind == 1 ? (uint64_t)(tag >> 2 & 7) + 4 : (uint64_t)(tag >> 2) + 1;
  uint64_t offset = kind == 1 ? (uint64_t)(tag >> 5) << 8 | horn__cursor_u8(in) : horn__cursor_uint(in, kind == 2 ? 2 : 4);
  if (in->failed || offset == 0 || offset > out->at || length > out->size - out->at) return false;
  for (; length > 0; length--, out->at++) to[out->at] = to[out->at - (size_t)offset];
  return true;
}

horn_status horn__snappy(horn__arena *arena, horn__cursor block, horn__cursor *out) {
  uint64_t size = horn__cursor_varint(&block);
  bool good = !block.failed && size / MAX_RATIO <= block.size;
  uint8_t *to = good ? horn__arena_alloc(arena, (size_t)size + 1) : NULL;
  if (good && to == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__cursor made = horn__cursor_of(to, good ? (size_t)size : 0);
  while (good && horn__cursor_left(&block) > 0) {
    uint8_t tag = horn__cursor_u8(&block);
    good = (tag & 3) == 0 ? literal(&block, tag, &made, to) : copy(&block, tag, &made, to);
  }
  if (!good || made.at != made.size) return horn__fail(arena->ctx, HORN_E_FORMAT, "a block compressed by Snappy is damaged");
  *out = horn__cursor_of(to, (size_t)size);
  return HORN_OK;
}
