/* encode.h: how layers of categories write indices. */
#ifndef HORN_ENCODE_H
#define HORN_ENCODE_H

#include "layers/common.h"

typedef enum horn__encoding {
  HORN__ENCODE_INT,       /* as they are */
  HORN__ENCODE_ONE_HOT,   /* a last axis with a 1 at the index; it replaces a last axis of size 1 */
  HORN__ENCODE_MULTI_HOT, /* of the indices of a sample, a 1 for each that is there */
  HORN__ENCODE_COUNT      /* how often each is there, or the sum of their weights */
} horn__encoding;

/** x (int32) in an encoding with `depth` indices; weights (float32, like x) count instead of 1, or are HORN__NONE. Samples lie along the last
 *  axis; with a rank of 3 or more along axis 1, as in Keras 3. */
horn__value horn__encode(horn__graph *graph, horn__value x, horn__encoding mode, int32_t depth, horn__value weights);

/** Value of dtype int32: x itself, or a Cast of it. */
horn__value horn__as_int(horn__graph *graph, horn__value x);

/** The key of a hash from a config's salt: null, a number for both, or two. False where it is none of them. */
bool horn__read_salt(const cJSON *json, horn__ints *out);

/** x as the dtype of the layer's config says: int32 where that is an integer type. */
horn__value horn__as_layer_dtype(const horn__call *call, horn__value x);

#endif
