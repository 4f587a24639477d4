/* Element-wise functions of one number over arrays. */
#include "backends/xnn/isa/functions.h"
#include "backends/xnn/isa/isa.h"

#define HORN_UNARY(Name, expression, cost)                          \
  static void map_##Name(float p, float q, const float *from, float *to, size_t n) { \
    const numbers all = take_numbers(), *const k = &all;            \
    (void)p, (void)q, (void)k;                                      \
    HORN__INDEPENDENT for (size_t i = 0; i < n; i++) {              \
      const float x = from[i];                                      \
      to[i] = (expression);                                         \
    }                                                               \
  }
#include "backends/xnn/isa/unary.def"
#undef HORN_UNARY

static void (*const maps[])(float, float, const float *, float *, size_t) = {
#define HORN_UNARY(Name, expression, cost) map_##Name,
#include "backends/xnn/isa/unary.def"
#undef HORN_UNARY
};

void HORN__ISA_NAME(unary)(int32_t function, const float *parameters, const float *x, float *y, size_t n) {
  maps[function](parameters[0], parameters[1], x, y, n);
}
