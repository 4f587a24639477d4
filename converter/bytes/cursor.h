/* cursor.h: the only way to the bytes of a file. A cursor never leaves its range: a read past the end gives 0 or NULL and marks it failed,
 * so that a parser reads a whole structure and checks once. */
#ifndef HORN_CURSOR_H
#define HORN_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

typedef struct horn__cursor {
  const uint8_t *bytes;
  size_t size, at;
  bool failed; /* sticky */
} horn__cursor;

/** A cursor at the start of a range of memory. */
horn__cursor horn__cursor_of(const void *bytes, size_t size);

/** A cursor on `length` bytes at `offset` of the whole range of `from`; failed where they are not all inside. */
horn__cursor horn__cursor_part(const horn__cursor *from, uint64_t offset, uint64_t length);

/** A cursor on everything from `offset` of the range to its end; failed where offset is outside. */
horn__cursor horn__cursor_from(const horn__cursor *from, uint64_t offset);

/** How many bytes are left. */
size_t horn__cursor_left(const horn__cursor *cursor);

/** Little-endian unsigned numbers. horn__cursor_uint takes 1 to 8 bytes. */
uint8_t horn__cursor_u8(horn__cursor *cursor);
uint16_t horn__cursor_u16(horn__cursor *cursor);
uint32_t horn__cursor_u32(horn__cursor *cursor);
uint64_t horn__cursor_u64(horn__cursor *cursor);
uint64_t horn__cursor_uint(horn__cursor *cursor, size_t width);

/** The next `length` bytes, NULL (and failed) where there are fewer. */
const uint8_t *horn__cursor_take(horn__cursor *cursor, uint64_t length);
void horn__cursor_skip(horn__cursor *cursor, uint64_t length);
/** Moves on to the next multiple of `unit` from the start of the range. */
void horn__cursor_align(horn__cursor *cursor, size_t unit);
/** Whether the next bytes are `magic`; they are taken. */
bool horn__cursor_magic(horn__cursor *cursor, const char *magic, size_t length);

#endif
