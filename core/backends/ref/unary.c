/* Reference kernels of the element-wise ops of one input. */
#include <math.h>

#include "backends/ref/ref.h"

/* A loop over all elements: out[i] = expression of x. */
#define LOOP(function, type_in, type_out, expression)                   \
  static horn_status function(const horn__step *step) {                 \
    const type_in *in = step->in[0].data;                               \
    type_out *out = step->out[0].data;                                  \
    for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) { \
      const type_in x = in[i];                                          \
      out[i] = (type_out)(expression);                                  \
    }                                                                   \
    return HORN_OK;                                                     \
  }

#define FLOAT(Name, expression)                \
  LOOP(run_##Name, float, float, (expression)) \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

#define NUMBER(Name, float_expression, int_expression)                                   \
  LOOP(float_##Name, float, float, float_expression)                                     \
  LOOP(int_##Name, int32_t, int32_t, int_expression)                                     \
  static horn_status run_##Name(const horn__step *step) {                                \
    return step->in[0].type.dtype == HORN_INT32 ? int_##Name(step) : float_##Name(step); \
  }                                                                                      \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

/* integers wrap around instead of overflowing */
static inline int32_t negated(int32_t x) { return (int32_t)(0u - (uint32_t)x); }
static inline int32_t squared(int32_t x) { return (int32_t)((uint32_t)x * (uint32_t)x); }

NUMBER(Neg, -x, negated(x))
NUMBER(Abs, fabsf(x), x < 0 ? negated(x) : x)
NUMBER(Square, x * x, squared(x))
NUMBER(Sign, x > 0 ? 1 : x < 0 ? -1 : 0, x > 0 ? 1 : x < 0 ? -1 : 0)
NUMBER(Round, nearbyintf(x), x)
FLOAT(Floor, floorf(x))
FLOAT(Ceil, ceilf(x))
FLOAT(Reciprocal, 1 / x)
FLOAT(Sqrt, sqrtf(x))
FLOAT(Rsqrt, 1 / sqrtf(x))
FLOAT(Exp, expf(x))
FLOAT(Expm1, expm1f(x))
FLOAT(Log, logf(x))
FLOAT(Log1p, log1pf(x))
FLOAT(Sin, sinf(x))
FLOAT(Cos, cosf(x))
FLOAT(Tan, tanf(x))
FLOAT(Asin, asinf(x))
FLOAT(Acos, acosf(x))
FLOAT(Atan, atanf(x))
FLOAT(Sinh, sinhf(x))
FLOAT(Cosh, coshf(x))
FLOAT(Tanh, tanhf(x))
FLOAT(Asinh, asinhf(x))
FLOAT(Acosh, acoshf(x))
FLOAT(Atanh, atanhf(x))
FLOAT(Erf, erff(x))

/* ---- with numbers in the attributes ---------------------------------------------------------------------------------------- */

static inline int32_t truncated(double x) { return x >= INT32_MAX ? INT32_MAX : x <= INT32_MIN ? INT32_MIN : (int32_t)x; }
static double alpha_of(const horn__step *step) { return ((const horn__alpha *)step->attributes)->alpha; }
static double min_of(const horn__step *step) { return ((const horn__clip *)step->attributes)->min; }
static double max_of(const horn__step *step) { return ((const horn__clip *)step->attributes)->max; }

NUMBER(Step, isnan(x) ? x : x > 0 ? 1 : (float)alpha_of(step), x > 0 ? 1 : truncated(alpha_of(step)))
NUMBER(ClipByValue, x > max_of(step) ? (float)max_of(step) : x < min_of(step) ? (float)min_of(step) : x,
       x > max_of(step) ? truncated(max_of(step)) : x < min_of(step) ? truncated(min_of(step)) : x)

/* ---- with a bool result ------------------------------------------------------------------------------------------------------ */

/* Of ints and bools each is finite. */
#define TEST(Name, float_expression, other)                                                  \
  LOOP(float_##Name, float, uint8_t, float_expression)                                       \
  LOOP(other_##Name, uint8_t, uint8_t, ((void)x, other))                                     \
  static horn_status run_##Name(const horn__step *step) {                                    \
    return step->in[0].type.dtype == HORN_FLOAT32 ? float_##Name(step) : other_##Name(step); \
  }                                                                                          \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

TEST(IsNan, isnan(x) != 0, 0)
TEST(IsInf, isinf(x) != 0, 0)
TEST(IsFinite, isfinite(x) != 0, 1)

LOOP(logical_not, uint8_t, uint8_t, !x)
const horn__kernel horn__ref_LogicalNot = {.run = logical_not};
