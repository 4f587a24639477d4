/* Element-wise functions of two numbers over arrays, either of which may be one number. */
#include "backends/xnn/isa/isa.h"

/* y[i] = one_Name(a[i], b[i]), a or b standing still where its step is 0 */
#define MAP(Name, type)                                                                                              \
  static void map_##Name(const float *a, size_t a_step, const float *b, size_t b_step, type *y, size_t n) {          \
    if (a_step != 0 && b_step != 0) {                                                                                \
      HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = one_##Name(a[i], b[i]);                                \
    } else if (a_step != 0) {                                                                                        \
      const float right = b[0];                                                                                      \
      HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = one_##Name(a[i], right);                               \
    } else if (b_step != 0) {                                                                                        \
      const float left = a[0];                                                                                       \
      HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = one_##Name(left, b[i]);                                \
    } else {                                                                                                         \
      const type both = one_##Name(a[0], b[0]);                                                                      \
      HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = both;                                                  \
    }                                                                                                                \
  }

#define HORN_BINARY(Name, expression)                                     \
  static inline float one_##Name(float a, float b) { return expression; } \
  MAP(Name, float)
#include "backends/xnn/isa/binary.def"
#undef HORN_BINARY

static void (*const maps[])(const float *, size_t, const float *, size_t, float *, size_t) = {
#define HORN_BINARY(Name, expression) map_##Name,
#include "backends/xnn/isa/binary.def"
#undef HORN_BINARY
};

void HORN__ISA_NAME(binary)(int32_t function, const float *a, size_t a_step, const float *b, size_t b_step, float *y, size_t n) {
  maps[function](a, a_step, b, b_step, y, n);
}

#define HORN_COMPARE(Name, expression)                                      \
  static inline uint8_t one_##Name(float a, float b) { return expression; } \
  MAP(Name, uint8_t)
#include "backends/xnn/isa/compare.def"
#undef HORN_COMPARE

static void (*const comparisons[])(const float *, size_t, const float *, size_t, uint8_t *, size_t) = {
#define HORN_COMPARE(Name, expression) map_##Name,
#include "backends/xnn/isa/compare.def"
#undef HORN_COMPARE
};

void HORN__ISA_NAME(compare)(int32_t function, const float *a, size_t a_step, const float *b, size_t b_step, uint8_t *y, size_t n) {
  comparisons[function](a, a_step, b, b_step, y, n);
}
