/* number.h: numbers of any kind, size and byte order in a file, read as float32. */
#ifndef HORN_NUMBER_H
#define HORN_NUMBER_H

#include "base/base.h"

typedef enum horn__number_kind {
  HORN__NUMBER_INT,
  HORN__NUMBER_UINT,
  HORN__NUMBER_FLOAT16,
  HORN__NUMBER_BFLOAT16,
  HORN__NUMBER_FLOAT32,
  HORN__NUMBER_FLOAT64
} horn__number_kind;

typedef struct horn__number {
  horn__number_kind kind;
  size_t size;       /* bytes: 1 to 8 */
  bool big_endian;
} horn__number;

/** Reads `count` numbers, one behind the other, to out. */
void horn__numbers_read(const horn__number *number, const uint8_t *bytes, size_t count, float *out);

#endif
