/* Protocol Buffers on the wire: see protobuf.h. */
#include "bytes/protobuf.h"

#include <string.h>

uint64_t horn__cursor_varint(horn__cursor *cursor) {
  uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    uint8_t byte = horn__cursor_u8(cursor);
    number |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return number;
  }
  cursor->failed = true;
  return 0;
}

bool horn__proto_next(horn__cursor *message, horn__proto *out) {
  if (horn__cursor_left(message) == 0) return false;
  uint64_t tag = horn__cursor_varint(message);
  *out = (horn__proto){.number = (uint32_t)(tag >> 3), .wire = (horn__wire)(tag & 7)};
  switch (out->wire) {
    case HORN__WIRE_VARINT: out->value = horn__cursor_varint(message); break;
    case HORN__WIRE_64: out->value = horn__cursor_u64(message); break;
    case HORN__WIRE_32: out->value = horn__cursor_u32(message); break;
    case HORN__WIRE_BYTES: {
      uint64_t length = horn__cursor_varint(message);
      const uint8_t *bytes = horn__cursor_take(message, length);
      if (bytes != NULL) out->bytes = horn__cursor_of(bytes, (size_t)length);
      break;
    }
    default: message->failed = true; /* groups are not used any more */
  }
  return !message->failed;
}

char *horn__proto_text(horn__arena *arena, const horn__proto *field) {
  char *text = horn__arena_alloc(arena, field->bytes.size + 1);
  if (text != NULL && field->bytes.size > 0) memcpy(text, field->bytes.bytes, field->bytes.size);
  return text;
}

bool horn__proto_equals(const horn__proto *field, const char *text) {
  return field->bytes.size == strlen(text) && memcmp(field->bytes.bytes, text, field->bytes.size) == 0;
}
