/* Which of our kernels an x86 CPU can run. */
#include "backends/xnn/isa/isa.h"

extern const horn__isa horn__avx2_table;

const horn__isa *horn__isa_choose(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &horn__avx2_table : &horn__base_table;
}
