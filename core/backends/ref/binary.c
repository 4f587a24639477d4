/* Reference kernels of the element-wise ops of two broadcast inputs, comparisons too. */
#include <math.h>

#include "backends/ref/ref.h"

/* Calls body for each element with offsets at[0], at[1] into the inputs and i into the output. */
#define FOR_EACH_PAIR(step, i, at, body)                                                                \
  do {                                                                                                  \
    size_t strides[2][HORN_MAX_RANK], at[2] = {0, 0};                                                   \
    int32_t index[HORN_MAX_RANK] = {0};                                                                 \
    const horn__shape *shape = &(step)->out[0].type.shape;                                              \
    horn__broadcast_strides(&(step)->in[0].type.shape, shape, strides[0]);                              \
    horn__broadcast_strides(&(step)->in[1].type.shape, shape, strides[1]);                              \
    size_t n = horn__shape_size(shape);                                                                 \
    for (size_t i = 0; i < n; i++, horn__next(shape, index, 2, (const size_t(*)[HORN_MAX_RANK])strides, at)) body \
  } while (0)

#define TYPED(function, type_in, type_out, expression)               \
  static horn_status function(const horn__step *step) {              \
    const type_in *left = step->in[0].data, *right = step->in[1].data; \
    type_out *out = step->out[0].data;                               \
    FOR_EACH_PAIR(step, i, at, {                                     \
      const type_in a = left[at[0]], b = right[at[1]];               \
      out[i] = (type_out)(expression);                               \
    });                                                              \
    return HORN_OK;                                                  \
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
