/* Numbers of files as float32: see number.h. */
#include "bytes/number.h"

#include <string.h>

#include "io/manifest.h"

static float float_of_bits(uint32_t bits) {
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

static double double_of_bits(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

static float signed_to_float(uint64_t bits, size_t size) {
  uint64_t sign = (uint64_t)1 << (size * 8 - 1);
  return (float)(int64_t)((bits ^ sign) - sign);
}

/* Bytes of a number to its bits. */
static uint64_t bits_of(const uint8_t *bytes, size_t size, bool big_endian) {
  uint64_t bits = 0;
  for (size_t i = 0; i < size; i++) bits |= (uint64_t)bytes[big_endian ? size - 1 - i : i] << (8 * i);
  return bits;
}

static bool little_endian_machine(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 1;
}

void horn__numbers_read(const horn__number *number, const uint8_t *bytes, size_t count, float *out) {
  if (number->kind == HORN__NUMBER_FLOAT32 && !number->big_endian && little_endian_machine()) { /* what nearly every file has */
    if (count > 0) memcpy(out, bytes, count * sizeof *out);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t bits = bits_of(bytes + i * number->size, number->size, number->big_endian);
    switch (number->kind) {
      case HORN__NUMBER_FLOAT32: out[i] = float_of_bits((uint32_t)bits); break;
      case HORN__NUMBER_FLOAT64: out[i] = (float)double_of_bits(bits); break;
      case HORN__NUMBER_FLOAT16: out[i] = horn__half_to_float((uint16_t)bits); break;
      case HORN__NUMBER_BFLOAT16: out[i] = float_of_bits((uint32_t)bits << 16); break;
      case HORN__NUMBER_INT: out[i] = signed_to_float(bits, number->size); break;
      case HORN__NUMBER_UINT: out[i] = (float)bits; break;
    }
  }
}
