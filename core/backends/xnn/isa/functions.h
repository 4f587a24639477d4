/* functions.h: elementary functions as straight-line C that vectorises: no branches, no calls. Errors against the exact value are below
 * 2e-6, relative or absolute where the result is near zero. NaN stays NaN.
 *
 * Numbers are taken from a struct that a loop reads before it starts (take_numbers). Written as literals, V8 12 and later would put each
 * together in every pass, by three instructions, and halve the speed of these functions in WebAssembly. */
#ifndef HORN_ISA_FUNCTIONS_H
#define HORN_ISA_FUNCTIONS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct numbers {
  float half, one, two;
  struct {
    float low, high;              /* beyond them the result is 0, infinity */
    float rounder;                /* 1.5 * 2^23: adding it leaves the nearest whole number in the low bits */
    float log2_e, ln2[2];         /* ln 2 in two parts, the first with few bits, so that its multiples are exact */
    float p[6];                   /* e^r, from XNNPACK */
    float taylor[5];              /* 1/7! to 1/3! */
    float normal;                 /* beyond it the result is denormal */
    float low_minus_1, most;      /* of e^x - 1: where it is -1; where 2^n is no float any more, although e^x is */
  } exponential;
  struct {
    float low, high;
    float p[4], q[4];
  } tangent;                      /* hyperbolic, a quotient of polynomials in x^2, from XNNPACK */
  struct {
    float last;                   /* beyond it the result rounds to 1 */
    float p[7], q[5];
  } error;                        /* a quotient of polynomials in x^2, from Eigen */
  struct {
    float least, up, infinite;    /* the least normal float; 2^23; the largest float */
    float p[9];                   /* ln(1 + m) for 1 + m in [sqrt(1/2), sqrt(2)], from Cephes */
    float large;                  /* from where 1 + x has nothing to lose */
  } logarithm;
  float mish_high, gelu_scale, gelu_new[2], selu[2], sixth, three, six;
} numbers;

static const numbers literals = {
    .half = 0.5f, .one = 1, .two = 2,
    .exponential = {-104, 89, 12582912.0f, 1.44269504088896341f, {0.693359375f, -2.12194440e-4f},
                    {0x1.0F9F9Cp-7f, 0x1.573A1Ap-5f, 0x1.555A80p-3f, 0x1.FFFDC6p-2f, 0x1.FFFFF6p-1f, 1},
                    {1.9841270e-4f, 1.3888889e-3f, 8.3333333e-3f, 4.1666667e-2f, 1.6666667e-1f}, -87, -30, 88},
    .tangent = {-7.9807181358f, 7.9807181358f, {1.4248920266e-08f, 2.1235626264e-05f, 3.5330520477e-03f, 1.3412411511e-01f},
                {8.1365948290e-07f, 3.3472978976e-04f, 2.6018999517e-02f, 4.6745735407e-01f}},
    .error = {3.92f,
              {-2.72614225801306e-10f, 2.77068142495902e-08f, -2.10102402082508e-06f, -5.69250639462346e-05f, -7.34990630326855e-04f,
               -2.95459980854025e-03f, -1.60960333262415e-02f},
              {-1.45660718464996e-05f, -2.13374055278905e-04f, -1.68282697438203e-03f, -7.37332916720468e-03f, -1.42647390514189e-02f}},
    .logarithm = {1.17549435e-38f, 8388608.0f, 3.40282347e38f,
                  {7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f, -1.6668057665e-1f,
                   2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f}, 1e30f},
    .mish_high = 20, .gelu_scale = 0.70710678118654752440f, .gelu_new = {1.59576912160573071176f, 0.044715f},
    .selu = {1.05070098735548049342f, 1.67326324235437728481f}, .sixth = 1.0f / 6, .three = 3, .six = 6};

/* To be called before a loop: the functions in it use what this returns. */
static inline numbers take_numbers(void) {
  const numbers *from = &literals;
#if defined(__wasm__)
  __asm__("" : "+r"(from)); /* hides what is there from the compiler, and so from the engine */
#endif
  return *from;
}

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

/* The polynomial ((c[0] x + c[1]) x + ...) + c[count - 1]; the loop has a constant length and is unrolled. */
static inline float polynomial(float x, const float *c, size_t count) {
  float p = c[0];
  for (size_t i = 1; i < count; i++) p = p * x + c[i];
  return p;
}

/* ---- exponentials ------------------------------------------------------------------------------------------------------------- */

/* x = n ln 2 + r with n whole and |r| <= ln 2 / 2 */
typedef struct reduced {
  float r;
  int32_t n;
} reduced;

static inline reduced reduce(float x, const numbers *k) {
  const float shifted = x * k->exponential.log2_e + k->exponential.rounder, n = shifted - k->exponential.rounder;
  const float r = (x - n * k->exponential.ln2[0]) - n * k->exponential.ln2[1];
  return (reduced){r, (int32_t)((uint32_t)bits_of(shifted) - (uint32_t)bits_of(k->exponential.rounder))};
}

/* 2^n for a normal float; shifts are unsigned ones, since n is any number where x is NaN */
static inline float power_of_2(int32_t n, const numbers *k) { return float_of((int32_t)(((uint32_t)n << 23) + (uint32_t)bits_of(k->one))); }

/* x 2^n in two steps, so that results that overflow or are denormal come out right */
static inline float scaled(float x, int32_t n, const numbers *k) {
  const int32_t half = n >> 1;
  return x * power_of_2(half, k) * power_of_2((int32_t)((uint32_t)n - (uint32_t)half), k);
}

/* e^r - 1 for a reduced r: Taylor's series, good near 0 too */
static inline float small_exponential_minus_1(float r, const numbers *k) {
  return (polynomial(r, k->exponential.taylor, 5) * r + k->half) * r * r + r;
}

static inline float exponential(float x, const numbers *k) {
  const reduced a = reduce(clamped(x, k->exponential.low, k->exponential.high), k);
  return scaled(polynomial(a.r, k->exponential.p, 6), a.n, k);
}

/* The same for x <= 0, where one step of scaling is enough; what would be denormal is 0. */
static inline float exponential_below_0(float x, const numbers *k) {
  const reduced a = reduce(x < k->exponential.normal ? k->exponential.normal : x, k);
  const float y = polynomial(a.r, k->exponential.p, 6) * power_of_2(a.n, k);
  return x < k->exponential.normal ? 0 : y;
}

/* 2^n (e^r - 1) + (2^n - 1) */
static inline float exponential_minus_1(float x, const numbers *k) {
  const reduced a = reduce(clamped(x, k->exponential.low_minus_1, k->exponential.high), k);
  const float power = scaled(k->one, a.n, k), tail = scaled(small_exponential_minus_1(a.r, k), a.n, k);
  const float y = tail + (power - k->one);
  return x > k->exponential.most ? exponential(x, k) : y;
}

static inline float elu(float x, float alpha, const numbers *k) { return x > 0 ? x : alpha * exponential_minus_1(x > 0 ? 0 : x, k); }

static inline float selu(float x, const numbers *k) {
  return k->selu[0] * (x > 0 ? x : k->selu[1] * exponential_minus_1(x > 0 ? 0 : x, k));
}

static inline float sigmoid(float x, const numbers *k) { return k->one / (k->one + exponential(-x, k)); }

static inline float hyperbolic_tangent(float x, const numbers *k) {
  x = clamped(x, k->tangent.low, k->tangent.high);
  const float s = x * x;
  const float p = polynomial(s, k->tangent.p, 4) * s + k->one, q = polynomial(s, k->tangent.q, 4) * s + k->one;
  return clamped(x * p / q, -k->one, k->one);
}

static inline float error_function(float x, const numbers *k) {
  const float last = k->error.last, s = x * x, y = x * polynomial(s, k->error.p, 7) / polynomial(s, k->error.q, 5);
  return x > last ? k->one : x < -last ? -k->one : clamped(y, -k->one, k->one);
}

/* x times the normal distribution function: exact, and as tanh approximates it */
static inline float gelu(float x, const numbers *k) { return k->half * x * (k->one + error_function(x * k->gelu_scale, k)); }
static inline float gelu_new(float x, const numbers *k) { return x * sigmoid(k->gelu_new[0] * (x + k->gelu_new[1] * x * x * x), k); }

/* ---- logarithms ----------------------------------------------------------------------------------------------------------------- */

static inline float small_logarithm(float m, const numbers *k) {
  return polynomial(m, k->logarithm.p, 9) * m * m * m - k->half * m * m + m;
}

/* ln x + tail: x = (1 + m) 2^n */
static inline float logarithm_and(float x, float tail, const numbers *k) {
  const bool denormal = x < k->logarithm.least;
  const uint32_t bits = (uint32_t)bits_of(denormal ? x * k->logarithm.up : x);
  const int32_t n = (int32_t)(bits - 0x3f3504f3u) >> 23; /* sqrt(1/2) */
  const float m = float_of((int32_t)(bits - ((uint32_t)n << 23))) - k->one, exponent = (float)(denormal ? n - 23 : n);
  float y = exponent * k->exponential.ln2[0] + (small_logarithm(m, k) + exponent * k->exponential.ln2[1] + tail);
  y = x > k->logarithm.infinite ? x : y;
  y = x == 0 ? -INFINITY : y;
  return x >= 0 ? y : NAN;
}

static inline float logarithm(float x, const numbers *k) { return logarithm_and(x, 0, k); }

/* 1 + x as a float u has lost (1 + x) - u, which adds that over u to the logarithm */
static inline float logarithm_of_1_plus(float x, const numbers *k) {
  const float u = k->one + x, lost = (x - (u - k->one)) / u;
  return logarithm_and(u, x > k->logarithm.large || u == 0 ? 0 : lost, k);
}

static inline float softplus(float x, const numbers *k) {
  const float y = (x > 0 ? x : 0) + logarithm_of_1_plus(exponential(-fabsf(x), k), k);
  return x == x ? y : x;
}

/* x tanh(softplus(x)) = x n / (n + 2) with n = e^x (e^x + 2) */
static inline float mish(float x, const numbers *k) {
  const float e = exponential(x > k->mish_high ? k->mish_high : x, k), n = e * (e + k->two);
  return x * (n / (n + k->two));
}

#endif
