/* table.h: the sorted table that the index of a bundle is. */
#ifndef HORN_TABLE_H
#define HORN_TABLE_H

#include "bundle/bundle.h"

/** Reads all entries of a table, in its order. */
horn_status horn__table_read(horn__arena *arena, horn__cursor file, horn__bundle_record **out, size_t *count);

#endif
