/* Reference kernels of the random ops. */
#include <math.h>

#include "backends/ref/ref.h"

/* Element i is word i's. */
static horn__random words_of(const horn__step *step, int32_t seed, int32_t salt) {
  horn__random random;
  horn__random_start(&random, step->in[seed].data, salt);
  return random;
}

/* 24 bits: every number of them is a float32 below 1 */
static float unit(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

static horn_status uniform(const horn__step *step) {
  const horn__random_uniform *a = step->attributes;
  const float low = (float)a->minval, high = (float)a->maxval, below = nextafterf(high, low);
  horn__random random = words_of(step, 0, a->salt);
  float *y = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    y[i] = low + unit(horn__random_word(&random, i)) * (high - low);
    if (y[i] >= high && low < high) y[i] = below; /* rounded up */
  }
  return HORN_OK;
}

static horn_status uniform_int(const horn__step *step) {
  const horn__random_int *a = step->attributes;
  const uint64_t count = (uint64_t)((int64_t)a->maxval - a->minval);
  horn__random random = words_of(step, 0, a->salt);
  int32_t *y = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++)
    y[i] = (int32_t)(a->minval + (int64_t)(horn__random_word(&random, i) * count >> 32));
  return HORN_OK;
}

/* The quantile at a number between two probabilities: one word for an element, and nothing is drawn twice. */
static horn_status normal_between(const horn__step *step, double low, double high) {
  const horn__random_normal *a = step->attributes;
  horn__random random = words_of(step, 0, a->salt);
  float *y = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    const double p = low + horn__random_unit(horn__random_word(&random, i)) * (high - low);
    y[i] = (float)(a->mean + a->stddev * horn__normal_quantile(p));
  }
  return HORN_OK;
}

static const double below_minus_two = 0.022750131948179207; /* of the standard normal distribution */

static horn_status normal(const horn__step *step) { return normal_between(step, 0, 1); }
static horn_status truncated_normal(const horn__step *step) { return normal_between(step, below_minus_two, 1 - below_minus_two); }

/* Marsaglia, Tsang, A Simple Method for Generating Gamma Variables (2000): for alpha of 1 or more; one attempt in twenty fails at most. */
enum { MOST_ATTEMPTS = 64 };

static double gamma_of(horn__random *random, uint64_t element, double alpha) {
  const double d = alpha - 1.0 / 3, c = 1 / sqrt(9 * d);
  for (uint32_t attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    horn__random_block(random, element, attempt);
    const double x = horn__normal_quantile(horn__random_unit(random->words[0])), root = 1 + c * x, v = root * root * root;
    if (v > 0 && log(horn__random_unit(random->words[1])) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
  }
  return d;
}

/* An alpha below 1 is that of one more, times a power of a uniform number. */
static horn_status gamma_draw(const horn__step *step) {
  const horn__random_gamma *a = step->attributes;
  horn__random random = words_of(step, 0, a->salt);
  float *y = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    double g = gamma_of(&random, i, a->alpha < 1 ? a->alpha + 1 : a->alpha);
    if (a->alpha < 1) g *= pow(horn__random_unit(random.words[2]), 1 / a->alpha);
    y[i] = (float)(g / a->beta);
  }
  return HORN_OK;
}

const horn__kernel horn__ref_RandomUniform = {.run = uniform};
const horn__kernel horn__ref_RandomUniformInt = {.run = uniform_int};
const horn__kernel horn__ref_RandomStandardNormal = {.run = normal};
const horn__kernel horn__ref_TruncatedNormal = {.run = truncated_normal};
const horn__kernel horn__ref_RandomGamma = {.run = gamma_draw};

/* ---- Multinomial ---------------------------------------------------------------------------------------------------- */

static double weight_of(const float *logits, size_t c, float largest, bool normalized) {
  return normalized ? (double)logits[c] : exp((double)logits[c] - (double)largest);
}

static float largest_of(const float *logits, size_t count) {
  float largest = logits[0];
  for (size_t c = 1; c < count; c++) largest = fmaxf(largest, logits[c]);
  return largest;
}

/* The class in whose part of the sum a uniform number falls. */
static int32_t pick(const float *logits, size_t count, float largest, bool normalized, double at) {
  double sum = 0;
  for (size_t c = 0; c + 1 < count; c++)
    if ((sum += weight_of(logits, c, largest, normalized)) > at) return (int32_t)c;
  return (int32_t)(count - 1);
}

static horn_status multinomial(const horn__step *step) {
  const horn__multinomial *a = step->attributes;
  const size_t batch = (size_t)step->in[1].type.shape.dims[0], count = (size_t)step->in[1].type.shape.dims[1];
  const size_t samples = (size_t)a->num_samples;
  horn__random random = words_of(step, 0, a->salt);
  for (size_t b = 0; b < batch; b++) {
    const float *logits = (const float *)step->in[1].data + b * count, largest = largest_of(logits, count);
    double total = 0;
    for (size_t c = 0; c < count; c++) total += weight_of(logits, c, largest, a->normalized);
    for (size_t s = 0; s < samples; s++) {
      const double at = horn__random_unit(horn__random_word(&random, b * samples + s)) * total;
      ((int32_t *)step->out[0].data)[b * samples + s] = pick(logits, count, largest, a->normalized, at);
    }
  }
  return HORN_OK;
}

const horn__kernel horn__ref_Multinomial = {.run = multinomial};

/* ---- Dropout --------------------------------------------------------------------------------------------------------- */

/* Strides of the uniform numbers along the axes of x: 0 where noise_shape has 1. */
static void noise_strides(const horn__ints *noise, const horn__shape *x, size_t *strides) {
  horn__shape shape = *x;
  for (int32_t i = 0; i < noise->count; i++)
    if (noise->values[i] == 1) shape.dims[i] = 1;
  horn__broadcast_strides(&shape, x, strides);
}

static horn_status dropout(const horn__step *step) {
  const horn__dropout_rate *a = step->attributes;
  const horn__shape *shape = &step->in[0].type.shape;
  const float *x = step->in[0].data, scale = (float)(1 / (1 - a->rate));
  size_t strides[1][HORN_MAX_RANK], at[1] = {0};
  int32_t index[HORN_MAX_RANK] = {0};
  horn__random random = words_of(step, 1, a->salt);
  float *y = step->out[0].data;
  noise_strides(&a->noise_shape, shape, strides[0]);
  for (size_t i = 0, n = horn__elements(&step->in[0]); i < n; i++) {
    y[i] = (double)unit(horn__random_word(&random, at[0])) >= a->rate ? x[i] * scale : 0;
    horn__next(shape, index, 1, (const size_t(*)[HORN_MAX_RANK])strides, at);
  }
  return HORN_OK;
}

const horn__kernel horn__ref_Dropout = {.run = dropout};
