/* Reference kernels of the activations, by the same function that other kernels apply to their results. */
#include <math.h>

#include "backends/ref/ref.h"

static horn_status activate(const horn__step *step, int32_t activation) {
  const float *in = step->in[0].data;
  float *out = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) out[i] = horn__activate(in[i], activation);
  return HORN_OK;
}

#define ACTIVATION(Name, NAME)                                                                                           \
  static horn_status run_##Name(const horn__step *step) { return activate(step, HORN__ACTIVATION_##NAME); }             \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

ACTIVATION(Selu, SELU)
ACTIVATION(Sigmoid, SIGMOID)
ACTIVATION(Softplus, SOFTPLUS)
ACTIVATION(Softsign, SOFTSIGN)
ACTIVATION(Swish, SWISH)
ACTIVATION(Mish, MISH)

/* ---- of ints too ----------------------------------------------------------------------------------------------------------- */

/* x between 0 and most */
static horn_status clip_ints(const horn__step *step, int32_t most) {
  const int32_t *in = step->in[0].data;
  int32_t *out = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) out[i] = in[i] < 0 ? 0 : in[i] > most ? most : in[i];
  return HORN_OK;
}

static horn_status relu(const horn__step *step) {
  return step->in[0].type.dtype == HORN_INT32 ? clip_ints(step, INT32_MAX) : activate(step, HORN__ACTIVATION_RELU);
}

static horn_status relu6(const horn__step *step) {
  return step->in[0].type.dtype == HORN_INT32 ? clip_ints(step, 6) : activate(step, HORN__ACTIVATION_RELU6);
}

const horn__kernel horn__ref_Relu = {.run = relu};
const horn__kernel horn__ref_Relu6 = {.run = relu6};

/* ---- with attributes --------------------------------------------------------------------------------------------------------- */

static horn_status gelu(const horn__step *step) {
  const horn__gelu *a = step->attributes;
  return activate(step, a->approximate ? HORN__ACTIVATION_GELU_NEW : HORN__ACTIVATION_GELU);
}

const horn__kernel horn__ref_Gelu = {.run = gelu};

static inline float leaky_relu_of(float x, float alpha) { return x < 0 ? alpha * x : x; }
static inline float elu_of(float x, float alpha) { return x < 0 ? alpha * expm1f(x) : x; }

#define WITH_ALPHA(Name, function)                                                                            \
  static horn_status run_##Name(const horn__step *step) {                                                     \
    const float alpha = (float)((const horn__alpha *)step->attributes)->alpha, *in = step->in[0].data;        \
    float *out = step->out[0].data;                                                                           \
    for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) out[i] = function(in[i], alpha);        \
    return HORN_OK;                                                                                           \
  }                                                                                                           \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

WITH_ALPHA(LeakyRelu, leaky_relu_of)
WITH_ALPHA(Elu, elu_of)

static horn_status hard_sigmoid(const horn__step *step) {
  const horn__hard_sigmoid *a = step->attributes;
  const float alpha = (float)a->alpha, beta = (float)a->beta, *in = step->in[0].data;
  float *out = step->out[0].data;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    const float line = alpha * in[i] + beta;
    out[i] = line < 0 ? 0 : line > 1 ? 1 : line;
  }
  return HORN_OK;
}

const horn__kernel horn__ref_HardSigmoid = {.run = hard_sigmoid};
