/* layout.h: packs regions with a life and a size into one block. */
#ifndef HORN_LAYOUT_H
#define HORN_LAYOUT_H

#include "graph/graph.h"

typedef struct horn__region {
  int32_t first, last;  /* steps, inclusive */
  size_t bytes, offset;
} horn__region;

/** Gives each region an offset (64-byte aligned, HORN__BUFFER_EXTRA bytes readable behind it) so that regions whose lives meet do not
 *  overlap. *total: size of the block; *live: the largest sum of bytes alive at one step, which no layout can beat. */
horn_status horn__layout(horn_context *ctx, horn__region **regions, size_t count, size_t steps, size_t *total, size_t *live);

#endif
