/* zip.h: zip archives in memory, from the central directory. Entries that overlap, repeat a name, are encrypted or grow beyond deflate's ratio
 * are refused; nothing is extracted to disk. Reference: PKWARE APPNOTE 6.3.10. */
#ifndef HORN_ZIP_H
#define HORN_ZIP_H

#include "bytes/cursor.h"

typedef struct horn__zip_entry {
  const char *name;   /* terminated, in the arena */
  uint16_t method;    /* 0: stored, 8: deflate */
  uint32_t crc;
  uint64_t offset;    /* of the local header */
  uint64_t stored, size;
  horn__cursor data;  /* the stored bytes */
} horn__zip_entry;

typedef struct horn__zip {
  horn__zip_entry *entries; /* in the order of their place in the file */
  size_t count;
} horn__zip;

/** Whether the bytes start as a zip archive does. */
bool horn__zip_is(const void *bytes, size_t size);

/** Reads and checks the directory; the bytes must outlive it. */
horn_status horn__zip_open(horn__arena *arena, const void *bytes, size_t size, horn__zip *out);

/** The entry with this name, or NULL. */
const horn__zip_entry *horn__zip_find(const horn__zip *zip, const char *name);

/** An entry's bytes, checksum checked: those of the archive where it is stored, memory of the arena otherwise. */
horn_status horn__zip_read(horn__arena *arena, const horn__zip_entry *entry, const uint8_t **out, size_t *out_size);

#endif
