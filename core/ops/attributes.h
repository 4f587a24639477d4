/* attributes.h: the attribute structs of the ops. An op's file has the table that reads them; layers fill them; kernels read them. */
#ifndef HORN_ATTRIBUTES_H
#define HORN_ATTRIBUTES_H

#include "ops/op.h"

/** Cast */
typedef struct horn__cast {
  int32_t dtype;
} horn__cast;

/** Reshape: at most one -1 */
typedef struct horn__reshape {
  horn__ints shape;
} horn__reshape;

/** What a kernel applies to its result before it is stored: max(low, min(high, f(x))); f of horn__activation. */
typedef enum horn__activation {
#define HORN_ACTIVATION(NAME, spellings) HORN__ACTIVATION_##NAME,
#include "ops/activations.def"
#undef HORN_ACTIVATION
  HORN__ACTIVATION_COUNT
} horn__activation;
extern const char *const horn__activation_names[];

/** BatchMatMul(a, b, bias?): a [..., M, K], b [..., K, N] (last two axes swapped where transposed), leading axes broadcast; bias [N] and
 *  activation are added by fusing. */
typedef struct horn__matmul {
  bool transpose_a, transpose_b;
  int32_t activation;
} horn__matmul;

#endif
