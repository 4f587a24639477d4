/* inflate.h: deflate streams undone with zlib, into memory of a known size and never more. */
#ifndef HORN_INFLATE_H
#define HORN_INFLATE_H

#include "base/base.h"

enum { HORN__DEFLATE_MAX_RATIO = 1032 /* no deflate stream grows more than that */ };

typedef enum horn__inflate_form { HORN__INFLATE_ZLIB, HORN__INFLATE_RAW } horn__inflate_form;

/** Inflates a whole stream to exactly out_size bytes; anything else is an error that names `what`. */
horn_status horn__inflate(horn_context *ctx, const char *what, horn__inflate_form form, const uint8_t *bytes, size_t size, uint8_t *out,
                          size_t out_size);

/** CRC-32 as zip has it. */
uint32_t horn__crc32(const uint8_t *bytes, size_t size);

/** Whether out_size bytes can come out of a stream of size bytes at all: checked before memory is allocated for them. */
bool horn__inflate_plausible(size_t size, uint64_t out_size);

#endif
