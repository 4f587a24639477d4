/* write.h: writes a zip archive of stored members, as Keras does, with what sizes of 32 bits hold. Reference: PKWARE APPNOTE 6.3.10. */
#ifndef HORN_ZIP_WRITE_H
#define HORN_ZIP_WRITE_H

#include "base/base.h"

typedef struct horn__zip_member {
  const char *name;
  const void *bytes;
  size_t size;
} horn__zip_member;

/** Appends the archive to `out`. Every number of it follows from the members: the same members give the same bytes. */
horn_status horn__zip_write(horn__text *out, const horn__zip_member *members, size_t count);

#endif
