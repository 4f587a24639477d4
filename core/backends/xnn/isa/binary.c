/* Element-wise functions of two numbers over arrays, either of which may be one number. */
#include "backends/xnn/isa/isa.h"

#define HORN_BINARY(Name, expression)                                                                                      \
  static inline float one_##Name(float a, float b) { return expression; }                                                  \
  static void map_##Name(const float *a, size_t a_step, const float *b, size_t b_step, float *y, size_t n) {               \
    if (a_step != 0 && b_step != 0) {                                                                                      \
      HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = one_##Name(a[i], b[i]);                                      \
    } else if (a_step != 0) {                                                                                              \
      const float right = b[0];                                                                                            \
      HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = one_##Name(a[i], right);                                     \
    } else {                                                                                                               \
      const float left = a[0];                                                                                             \
      if (b_step != 0) {                                                                                                   \
        HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = one_##Name(left, b[i]);                                    \
      } else {                                                                                                             \
        const float both = one_##Name(left, b[0]);                                                                         \
        HORN__INDEPENDENT for (size_t i = 0; i < n; i++) y[i] = both;                                                      \
      }                                                                                                                    \
    }                                                                                                                      \
  }
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
