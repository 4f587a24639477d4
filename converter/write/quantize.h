/* quantize.h: weights in fewer bits, as tensorflowjs_converter stores them. Reference: tensorflowjs/quantization.py. */
#ifndef HORN_WRITE_QUANTIZE_H
#define HORN_WRITE_QUANTIZE_H

#include "base/base.h"
#include "convert.h"

/** How a weight is stored. */
typedef enum horn__quantized { HORN__FULL, HORN__FLOAT16, HORN__UINT8, HORN__UINT16, HORN__INT32 } horn__quantized;

/** "float32", "float16", "uint8", "uint16", "int32". */
const char *horn__quantized_name(horn__quantized kind);
/** Bytes of an element. */
size_t horn__quantized_bytes(horn__quantized kind);

/** What the options say of a weight; an error where two patterns of different kinds fit its name. */
horn_status horn__quantize_choose(horn_context *ctx, const horn_convert_options *options, const char *name, horn__quantized *out);

/** What a number was: number * scale + min. */
typedef struct horn__scale {
  double min, scale;
} horn__scale;

/** Stores numbers[count], count above 0 where kind is uint8 or uint16; little-endian to out, which may be the numbers' own memory. */
void horn__quantize(horn__quantized kind, const float *numbers, size_t count, uint8_t *out, horn__scale *scale);

#endif
