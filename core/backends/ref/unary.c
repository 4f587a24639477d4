/* Reference kernels of the element-wise ops of one input. */
#include <math.h>
#include <stdlib.h>

#include "backends/ref/ref.h"

/* y[i] = expression of x, float32 */
#define FLOAT_UNARY(Name, expression)                                   \
  static horn_status run_##Name(const horn__step *step) {               \
    const float *in = step->in[0].data;                                 \
    float *out = step->out[0].data;                                     \
    for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) { \
      const float x = in[i];                                            \
      out[i] = (expression);                                            \
    }                                                                   \
    return HORN_OK;                                                     \
  }                                                                     \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

/* the same for float32 and int32, each with its own expression */
#define NUMBER_UNARY(Name, float_expression, int_expression)            \
  static horn_status run_int_##Name(const horn__step *step) {           \
    const int32_t *in = step->in[0].data;                               \
    int32_t *out = step->out[0].data;                                   \
    for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) { \
      const int32_t x = in[i];                                          \
      out[i] = (int_expression);                                        \
    }                                                                   \
    return HORN_OK;                                                     \
  }                                                                     \
  static horn_status run_##Name(const horn__step *step) {               \
    if (step->in[0].type.dtype == HORN_INT32) return run_int_##Name(step); \
    const float *in = step->in[0].data;                                 \
    float *out = step->out[0].data;                                     \
    for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) { \
      const float x = in[i];                                            \
      out[i] = (float_expression);                                      \
    }                                                                   \
    return HORN_OK;                                                     \
  }                                                                     \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

/* wraps around instead of overflowing */
static inline int32_t negated(int32_t x) { return (int32_t)(0u - (uint32_t)x); }

NUMBER_UNARY(Neg, -x, negated(x))
NUMBER_UNARY(Abs, fabsf(x), x < 0 ? negated(x) : x)
NUMBER_UNARY(Relu, x > 0 ? x : (isnan(x) ? x : 0), x > 0 ? x : 0)
FLOAT_UNARY(Exp, expf(x))
FLOAT_UNARY(Sqrt, sqrtf(x))
FLOAT_UNARY(Tanh, tanhf(x))
