/* Reference kernels of the element-wise ops of two broadcast inputs, comparisons too. */
#include <math.h>

#include "backends/ref/ref.h"

/* Where the elements of both inputs lie for each element of the output. */
typedef struct pair {
  const horn__shape *shape;
  size_t strides[2][HORN_MAX_RANK], at[2];
  int32_t index[HORN_MAX_RANK];
} pair;

static pair first_pair(const horn__step *step) {
  pair p = {.shape = &step->out[0].type.shape};
  for (int32_t k = 0; k < 2; k++) horn__broadcast_strides(&step->in[k].type.shape, p.shape, p.strides[k]);
  return p;
}

static inline void next_pair(pair *p) { horn__next(p->shape, p->index, 2, (const size_t(*)[HORN_MAX_RANK])p->strides, p->at); }

/* out[i] = expression of a and b */
#define TYPED(function, type_in, type_out, expression)                      \
  static horn_status function(const horn__step *step) {                     \
    const type_in *left = step->in[0].data, *right = step->in[1].data;      \
    type_out *out = step->out[0].data;                                      \
    pair p = first_pair(step);                                              \
    for (size_t i = 0, n = horn__shape_size(p.shape); i < n; i++) {         \
      const type_in a = left[p.at[0]];                                      \
      const type_in b = right[p.at[1]];                                     \
      out[i] = (type_out)(expression);                                      \
      next_pair(&p);                                                        \
    }                                                                       \
    return HORN_OK;                                                         \
  }

#define BINARY(Name, float_expression, int_expression)                                          \
  TYPED(float_##Name, float, float, float_expression)                                           \
  TYPED(int_##Name, int32_t, int32_t, int_expression)                                           \
  static horn_status run_##Name(const horn__step *step) {                                       \
    return step->in[0].type.dtype == HORN_INT32 ? int_##Name(step) : float_##Name(step);        \
  }                                                                                             \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

#define COMPARE(Name, expression)                                        \
  TYPED(float_##Name, float, uint8_t, expression)                        \
  TYPED(int_##Name, int32_t, uint8_t, expression)                        \
  TYPED(bool_##Name, uint8_t, uint8_t, expression)                       \
  static horn_status run_##Name(const horn__step *step) {                \
    horn_dtype dtype = step->in[0].type.dtype;                           \
    if (dtype == HORN_BOOL) return bool_##Name(step);                    \
    return dtype == HORN_INT32 ? int_##Name(step) : float_##Name(step);  \
  }                                                                      \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

/* integers wrap around instead of overflowing; a division by zero gives zero, as TensorFlow.js has it */
static inline int32_t plus(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
static inline int32_t minus(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
static inline int32_t times(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }
static inline int32_t over(int32_t a, int32_t b) { return b == 0 ? 0 : b == -1 ? minus(0, a) : a / b; }

BINARY(Add, a + b, plus(a, b))
BINARY(Sub, a - b, minus(a, b))
BINARY(Multiply, a * b, times(a, b))
BINARY(RealDiv, a / b, over(a, b))
COMPARE(Greater, a > b)
