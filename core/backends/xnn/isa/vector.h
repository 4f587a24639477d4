/* vector.h: vectors of the compiler's own (GCC, clang), for kernels that must hold sums in registers: what plain loops cannot say. */
#ifndef HORN_ISA_VECTOR_H
#define HORN_ISA_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

static inline vector load(const float *x) {
  vector v;
  memcpy(&v, x, sizeof v);
  return v;
}

static inline void store(float *y, vector v) { memcpy(y, &v, sizeof v); }

static inline vector spread(float x) { return x - (vector){0}; }

/* a * b + c; one instruction where there is one */
#if defined(__wasm_relaxed_simd__)
static inline vector multiply_add(vector a, vector b, vector c) { return __builtin_wasm_relaxed_madd_f32x4(a, b, c); }
#else
static inline vector multiply_add(vector a, vector b, vector c) { return a * b + c; }
#endif

/* max(low, min(high, x)) */
static inline vector clamp(vector x, vector low, vector high) {
  typedef int32_t mask __attribute__((vector_size(LANES * sizeof(int32_t))));
  const mask below = x < low;
  x = (vector)((below & (mask)low) | (~below & (mask)x)); /* the form in which compilers see a maximum */
  const mask above = x > high;
  return (vector)((above & (mask)high) | (~above & (mask)x));
}

/* n < LANES elements; zeros behind them */
static inline vector load_some(const float *x, size_t n) {
  vector v = {0};
  memcpy(&v, x, n * sizeof *x);
  return v;
}

static inline void store_some(float *y, vector v, size_t n) { memcpy(y, &v, n * sizeof *y); }

#endif
