/* functions.h: elementary functions as straight-line C that vectorises: no branches, no calls. Errors against the exact value are below
 * 2e-6, relative or absolute where the result is near zero; tests/core checks them. NaN stays NaN. */
#ifndef HORN_ISA_FUNCTIONS_H
#define HORN_ISA_FUNCTIONS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline int32_t bits_of(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float float_of(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline float clamped(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* x = n ln 2 + r with n whole and |r| <= ln 2 / 2 */
typedef struct reduced {
  float r;
  int32_t n;
} reduced;

static inline reduced reduce(float x) {
  const float rounder = 12582912.0f; /* 1.5 * 2^23: adding it leaves the nearest whole number in the low bits */
  float shifted = x * 1.44269504088896341f + rounder, n = shifted - rounder;
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f; /* ln 2 in two parts, the first with few bits: exact */
  return (reduced){r, (int32_t)((uint32_t)bits_of(shifted) - (uint32_t)bits_of(rounder))};
}

/* x 2^n in two steps, so that results that overflow or are denormal come out right */
static inline float scaled(float x, int32_t n) {
  int32_t half = n >> 1; /* any number where x is NaN: the shifts are unsigned ones */
  return x * float_of((int32_t)((uint32_t)(half + 127) << 23)) * float_of((int32_t)((uint32_t)(n - half + 127) << 23));
}

/* e^r - 1 for a reduced r: Taylor's series, good to an ulp */
static inline float small_exponential_minus_1(float r) {
  float p = 1.9841270e-4f;
  p = p * r + 1.3888889e-3f;
  p = p * r + 8.3333333e-3f;
  p = p * r + 4.1666667e-2f;
  p = p * r + 1.6666667e-1f;
  p = p * r + 0.5f;
  return p * r * r + r;
}

static inline float exponential(float x) {
  reduced a = reduce(clamped(x, -104, 89));
  return scaled(small_exponential_minus_1(a.r) + 1, a.n);
}

/* 2^n (e^r - 1) + (2^n - 1) */
static inline float exponential_minus_1(float x) {
  reduced a = reduce(clamped(x, -30, 89));
  float power = scaled(1, a.n), tail = scaled(small_exponential_minus_1(a.r), a.n);
  float y = tail + (power - 1);
  return x > 88 ? exponential(x) : y; /* 2^128 is no float, although e^88.5 is */
}

static inline float elu(float x, float alpha) { return x > 0 ? x : alpha * exponential_minus_1(x > 0 ? 0 : x); }

static inline float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

/* A quotient of polynomials in x^2, from XNNPACK; 1 from the first clamp on */
static inline float hyperbolic_tangent(float x) {
  x = clamped(x, -7.9807181358f, 7.9807181358f);
  float s = x * x, p = 1.4248920266e-08f, q = 8.1365948290e-07f;
  p = p * s + 2.1235626264e-05f;
  p = p * s + 3.5330520477e-03f;
  p = p * s + 1.3412411511e-01f;
  p = p * s + 1;
  q = q * s + 3.3472978976e-04f;
  q = q * s + 2.6018999517e-02f;
  q = q * s + 4.6745735407e-01f;
  q = q * s + 1;
  return clamped(x * p / q, -1, 1);
}

/* A quotient of polynomials in x^2, from Eigen, where the result does not round to 1 */
static inline float error_function(float x) {
  const float last = 3.92f;
  float s = x * x, p = -2.72614225801306e-10f, q = -1.45660718464996e-05f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s + -2.10102402082508e-06f;
  p = p * s + -5.69250639462346e-05f;
  p = p * s + -7.34990630326855e-04f;
  p = p * s + -2.95459980854025e-03f;
  p = p * s + -1.60960333262415e-02f;
  q = q * s + -2.13374055278905e-04f;
  q = q * s + -1.68282697438203e-03f;
  q = q * s + -7.37332916720468e-03f;
  q = q * s + -1.42647390514189e-02f;
  return x > last ? 1 : x < -last ? -1 : clamped(x * p / q, -1, 1);
}

/* ln(1 + m) for 1 + m in [sqrt(1/2), sqrt(2)], from Cephes */
static inline float small_logarithm(float m) {
  float p = 7.0376836292e-2f;
  p = p * m + -1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m + -1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m + -1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m + -2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  return p * m * m * m - 0.5f * m * m + m;
}

/* ln x + tail: x = (1 + m) 2^n */
static inline float logarithm_and(float x, float tail) {
  float wide = x < 1.17549435e-38f ? x * 8388608.0f : x; /* denormals: times 2^23 */
  const uint32_t bits = (uint32_t)bits_of(wide);
  const int32_t n = (int32_t)(bits - 0x3f3504f3u) >> 23;
  float m = float_of((int32_t)(bits - ((uint32_t)n << 23))) - 1, exponent = (float)(x < 1.17549435e-38f ? n - 23 : n);
  float y = exponent * 0.693359375f + (small_logarithm(m) + exponent * -2.12194440e-4f + tail);
  y = x > 3.40282347e38f ? x : y;
  y = x == 0 ? -INFINITY : y;
  return x >= 0 ? y : NAN;
}

static inline float logarithm(float x) { return logarithm_and(x, 0); }

/* 1 + x as a float u has lost (1 + x) - u, which adds that over u to the logarithm */
static inline float logarithm_of_1_plus(float x) {
  float u = 1 + x, lost = (x - (u - 1)) / u;
  return logarithm_and(u, x > 1e30f || u == 0 ? 0 : lost);
}

static inline float softplus(float x) {
  float y = (x > 0 ? x : 0) + logarithm_of_1_plus(exponential(-fabsf(x)));
  return x == x ? y : x;
}

/* x tanh(softplus(x)) = x n / (n + 2) with n = e^x (e^x + 2) */
static inline float mish(float x) {
  float e = exponential(x > 20 ? 20 : x), n = e * (e + 2);
  return x * (n / (n + 2));
}

#endif
