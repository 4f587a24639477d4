/* crc32c.h: the checksum of TensorFlow's files: CRC-32C (Castagnoli, reflected), masked as LevelDB does. */
#ifndef HORN_CRC32C_H
#define HORN_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** The CRC-32C of bytes that follow those with the CRC `before` (0: none). */
uint32_t horn__crc32c(uint32_t before, const uint8_t *bytes, size_t size);

/** What is stored of a CRC: a CRC of bytes with CRCs in them would be weak. */
static inline uint32_t horn__crc32c_mask(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xA282EAD8u; }

#endif
