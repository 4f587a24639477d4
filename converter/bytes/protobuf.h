/* protobuf.h: the wire format of Protocol Buffers, field by field over a cursor. Reference: protobuf.dev/programming-guides/encoding. */
#ifndef HORN_PROTOBUF_H
#define HORN_PROTOBUF_H

#include "bytes/cursor.h"

typedef enum horn__wire { HORN__WIRE_VARINT = 0, HORN__WIRE_64 = 1, HORN__WIRE_BYTES = 2, HORN__WIRE_32 = 5 } horn__wire;

typedef struct horn__proto {
  uint32_t number;     /* of the field */
  horn__wire wire;
  uint64_t value;      /* of VARINT, 64, 32 */
  horn__cursor bytes;  /* of BYTES: text, a nested message, packed numbers */
} horn__proto;

/** A number in groups of 7 bits; failed where it is longer than 64 bits. */
uint64_t horn__cursor_varint(horn__cursor *cursor);

/** The next field of a message; false at its end, and where it is damaged: then the cursor has failed. */
bool horn__proto_next(horn__cursor *message, horn__proto *out);

/** Whether a field holds bytes and has this number. */
static inline bool horn__proto_is(const horn__proto *field, uint32_t number) {
  return field->number == number && field->wire == HORN__WIRE_BYTES;
}

/** The bytes of a field as text in the arena; NULL when memory is used up. */
char *horn__proto_text(horn__arena *arena, const horn__proto *field);
/** Whether the bytes of a field are this text. */
bool horn__proto_equals(const horn__proto *field, const char *text);

#endif
