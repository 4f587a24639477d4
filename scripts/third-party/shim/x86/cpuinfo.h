/* What XNNPACK asks of the cpuinfo library on x86, under cpuinfo's names, answered by the CPUID instruction.
 *
 * The library itself also reads /proc and /sys to map caches and cores, none of which XNNPACK uses on x86, and refuses to start
 * where they are hidden, as they are in some containers. Bits: Intel SDM volume 2A, CPUID; volume 1, 13.2 for XCR0. */
#pragma once

#include <cpuid.h>
#include <stdbool.h>

enum cpuid_register { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

static inline unsigned cpuid_(unsigned leaf, enum cpuid_register which) {
  unsigned registers[4] = {0, 0, 0, 0};
  __get_cpuid_count(leaf, 0, &registers[0], &registers[1], &registers[2], &registers[3]);
  return registers[which];
}

static inline bool cpuid_bit(unsigned leaf, enum cpuid_register which, unsigned bit) { return cpuid_(leaf, which) >> bit & 1; }

/* Whether the operating system saves these registers: an instruction set alone is not enough. */
static inline bool cpu_saves(unsigned state) {
  if (!cpuid_bit(1, CPUID_ECX, 27)) return false; /* OSXSAVE */
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & state) == state;
}
static inline bool cpu_saves_ymm(void) { return cpu_saves(0x06); }
static inline bool cpu_saves_zmm(void) { return cpu_saves(0xE6); }

static inline bool cpuinfo_initialize(void) { return true; }
static inline bool cpuinfo_has_x86_sse2(void) { return cpuid_bit(1, CPUID_EDX, 26); }
static inline bool cpuinfo_has_x86_ssse3(void) { return cpuid_bit(1, CPUID_ECX, 9); }
static inline bool cpuinfo_has_x86_sse4_1(void) { return cpuid_bit(1, CPUID_ECX, 19); }
static inline bool cpuinfo_has_x86_avx(void) { return cpuid_bit(1, CPUID_ECX, 28) && cpu_saves_ymm(); }
static inline bool cpuinfo_has_x86_f16c(void) { return cpuid_bit(1, CPUID_ECX, 29) && cpuinfo_has_x86_avx(); }
static inline bool cpuinfo_has_x86_fma3(void) { return cpuid_bit(1, CPUID_ECX, 12) && cpuinfo_has_x86_avx(); }
static inline bool cpuinfo_has_x86_avx2(void) { return cpuid_bit(7, CPUID_EBX, 5) && cpuinfo_has_x86_avx(); }
static inline bool cpuinfo_has_x86_avx512f(void) { return cpuid_bit(7, CPUID_EBX, 16) && cpu_saves_zmm(); }
static inline bool cpuinfo_has_x86_avx512dq(void) { return cpuid_bit(7, CPUID_EBX, 17) && cpu_saves_zmm(); }
static inline bool cpuinfo_has_x86_avx512bw(void) { return cpuid_bit(7, CPUID_EBX, 30) && cpu_saves_zmm(); }
static inline bool cpuinfo_has_x86_avx512vl(void) { return cpuid_bit(7, CPUID_EBX, 31) && cpu_saves_zmm(); }

/* The microarchitectures that XNNPACK tells apart: the first Zen, whose 256-bit units are halves, and its licensed copy. */
enum cpuinfo_uarch { cpuinfo_uarch_unknown, cpuinfo_uarch_zen, cpuinfo_uarch_dhyana, cpuinfo_uarch_zen4 };
struct cpuinfo_core {
  enum cpuinfo_uarch uarch;
};

static inline const struct cpuinfo_core* cpuinfo_get_core(unsigned index) {
  static const struct cpuinfo_core other = {cpuinfo_uarch_unknown}, zen = {cpuinfo_uarch_zen}, dhyana = {cpuinfo_uarch_dhyana};
  (void)index;
  const unsigned signature = cpuid_(1, CPUID_EAX);
  const unsigned base_family = signature >> 8 & 0xF;
  const unsigned family = base_family + (base_family == 0xF ? signature >> 20 & 0xFF : 0);
  const unsigned model = (signature >> 4 & 0xF) + (signature >> 12 & 0xF0);
  if (family == 0x17 && model < 0x30) return &zen;
  return family == 0x18 ? &dhyana : &other;
}
