/* Element-wise ops of one input, float32; other dtypes are ref's. */
#include "backends/xnn/xnn.h"

#define UNARY(Name)                                                                                             \
  static horn_status run_##Name(const horn__step *step) {                                                       \
    horn__xnn_map(step, HORN__UNARY_##Name, step->in[0].data, step->out[0].data, horn__size_of(&step->out[0])); \
    return HORN_OK;                                                                                             \
  }                                                                                                             \
  const horn__kernel horn__xnn_##Name = {.accepts = horn__xnn_floats, .run = run_##Name};

UNARY(Abs)
UNARY(Exp)
UNARY(Neg)
UNARY(Relu)
UNARY(Sqrt)
UNARY(Tanh)
