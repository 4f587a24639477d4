/* snappy.h: blocks compressed by Snappy, which TensorFlow's own builds use in the index of a checkpoint.
 * Reference: google/snappy, format_description.txt. */
#ifndef HORN_SNAPPY_H
#define HORN_SNAPPY_H

#include "bytes/cursor.h"

/** Undoes a block into memory of the arena, no more than 64 times the size of the block: more than Snappy reaches. */
horn_status horn__snappy(horn__arena *arena, horn__cursor block, horn__cursor *out);

#endif
