/* Reference kernels of the element-wise ops of two broadcast inputs, comparisons and logic too; AddN. */
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
#define TYPED(function, type_in, type_out, expression)                  \
  static horn_status function(const horn__step *step) {                 \
    const type_in *left = step->in[0].data, *right = step->in[1].data;  \
    type_out *out = step->out[0].data;                                  \
    pair p = first_pair(step);                                          \
    for (size_t i = 0, n = horn__shape_size(p.shape); i < n; i++) {     \
      const type_in a = left[p.at[0]];                                  \
      const type_in b = right[p.at[1]];                                 \
      out[i] = (type_out)(expression);                                  \
      next_pair(&p);                                                    \
    }                                                                   \
    return HORN_OK;                                                     \
  }

#define FLOAT(Name, expression)              \
  TYPED(run_##Name, float, float, expression) \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

#define BINARY(Name, float_expression, int_expression)                                    \
  TYPED(float_##Name, float, float, float_expression)                                     \
  TYPED(int_##Name, int32_t, int32_t, int_expression)                                     \
  static horn_status run_##Name(const horn__step *step) {                                 \
    return step->in[0].type.dtype == HORN_INT32 ? int_##Name(step) : float_##Name(step);  \
  }                                                                                       \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

#define COMPARE(Name, expression)                                        \
  TYPED(float_##Name, float, uint8_t, expression)                        \
  TYPED(int_##Name, int32_t, uint8_t, expression)                        \
  TYPED(bool_##Name, uint8_t, uint8_t, expression)                       \
  static horn_status run_##Name(const horn__step *step) {                \
    horn_dtype dtype = step->in[0].type.dtype;                           \
    if (dtype == HORN_BOOL) return bool_##Name(step);                    \
    return dtype == HORN_FLOAT32 ? float_##Name(step) : int_##Name(step); \
  }                                                                      \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

#define LOGIC(Name, expression)                    \
  TYPED(run_##Name, uint8_t, uint8_t, expression)  \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

/* ---- integers: they wrap around instead of overflowing; a division by zero gives zero, as TensorFlow.js has it --------------- */

static inline int32_t plus(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
static inline int32_t minus(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
static inline int32_t times(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }
static inline int32_t over(int32_t a, int32_t b) { return b == 0 ? 0 : b == -1 ? minus(0, a) : a / b; }
static inline int32_t rest(int32_t a, int32_t b) { return b == 0 || b == -1 ? 0 : a % b; }

static inline int32_t floor_over(int32_t a, int32_t b) {
  const int32_t quotient = over(a, b);
  return rest(a, b) != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/* with the sign of b */
static inline int32_t modulo(int32_t a, int32_t b) {
  const int32_t r = rest(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* by squaring; a negative power is 1 / a^n cut to an integer */
static inline int32_t power(int32_t a, int32_t n) {
  if (n < 0) return a == 1 ? 1 : a == -1 ? (n % 2 == 0 ? 1 : -1) : 0;
  int32_t y = 1;
  for (; n > 0; n /= 2, a = times(a, a))
    if (n % 2 == 1) y = times(y, a);
  return y;
}

/* ---- float32 -------------------------------------------------------------------------------------------------------------- */

/* with the sign of b */
static inline float float_modulo(float a, float b) {
  const float r = fmodf(a, b);
  return (a < 0 && b < 0) || (a >= 0 && b >= 0) ? r : fmodf(r + b, b);
}

/* NaN where one of them is */
static inline float larger(float a, float b) { return a > b || isnan(a) ? a : b; }
static inline float smaller(float a, float b) { return a < b || isnan(a) ? a : b; }

/* cut to an int32, NaN and infinity are 0 */
static inline int32_t float_floor_over(float a, float b) {
  const double quotient = floor((double)a / (double)b);
  return quotient >= INT32_MIN && quotient <= INT32_MAX ? (int32_t)quotient : 0;
}

BINARY(Add, a + b, plus(a, b))
BINARY(Sub, a - b, minus(a, b))
BINARY(Multiply, a * b, times(a, b))
BINARY(RealDiv, a / b, over(a, b))
BINARY(Mod, float_modulo(a, b), modulo(a, b))
BINARY(Maximum, larger(a, b), a > b ? a : b)
BINARY(Minimum, smaller(a, b), a < b ? a : b)
BINARY(Pow, powf(a, b), power(a, b))
BINARY(SquaredDifference, (a - b) * (a - b), times(minus(a, b), minus(a, b)))
FLOAT(Atan2, atan2f(a, b))
FLOAT(Prelu, a < 0 ? b * a : a)
COMPARE(Equal, a == b)
COMPARE(NotEqual, a != b)
COMPARE(Greater, a > b)
COMPARE(GreaterEqual, a >= b)
COMPARE(Less, a < b)
COMPARE(LessEqual, a <= b)
LOGIC(LogicalAnd, a && b)
LOGIC(LogicalOr, a || b)
LOGIC(LogicalXor, !a != !b)

TYPED(int_floor_div, int32_t, int32_t, floor_over(a, b))
TYPED(float_floor_div, float, int32_t, float_floor_over(a, b))

static horn_status floor_div(const horn__step *step) {
  return step->in[0].type.dtype == HORN_INT32 ? int_floor_div(step) : float_floor_div(step);
}

const horn__kernel horn__ref_FloorDiv = {.run = floor_div};

/* ---- Select: any dtype, by its width ---------------------------------------------------------------------------------------- */

static horn_status select_elements(const horn__step *step) {
  const horn__shape *shape = &step->out[0].type.shape;
  size_t strides[3][HORN_MAX_RANK], at[3] = {0}, width = horn__dtype_size(step->out[0].type.dtype);
  int32_t index[HORN_MAX_RANK] = {0};
  for (int32_t k = 0; k < 3; k++) horn__broadcast_strides(&step->in[k].type.shape, shape, strides[k]);
  const uint8_t *condition = step->in[0].data;
  for (size_t i = 0, n = horn__shape_size(shape); i < n; i++) {
    const int32_t chosen = condition[at[0]] ? 1 : 2;
    horn__copy_element(step->out[0].data, i, step->in[chosen].data, at[chosen], width);
    horn__next(shape, index, 3, (const size_t(*)[HORN_MAX_RANK])strides, at);
  }
  return HORN_OK;
}

const horn__kernel horn__ref_Select = {.run = select_elements};

/* ---- AddN -------------------------------------------------------------------------------------------------------------------- */

static horn_status add_n(const horn__step *step) {
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    double sum = 0;
    uint32_t wrapped = 0;
    for (int32_t k = 0; k < step->inputs; k++) {
      if (step->out[0].type.dtype == HORN_INT32)
        wrapped += (uint32_t)((const int32_t *)step->in[k].data)[i];
      else
        sum += (double)((const float *)step->in[k].data)[i];
    }
    if (step->out[0].type.dtype == HORN_INT32)
      ((int32_t *)step->out[0].data)[i] = (int32_t)wrapped;
    else
      ((float *)step->out[0].data)[i] = (float)sum;
  }
  return HORN_OK;
}

const horn__kernel horn__ref_AddN = {.run = add_n};
