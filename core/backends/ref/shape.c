/* Reference kernels of the ops that change shape or dtype. */
#include <math.h>
#include <string.h>

#include "backends/ref/ref.h"

/* Reshape, Identity and their like: in a plan they share memory and never run; eagerly they copy. */
static horn_status copy(const horn__step *step) {
  if (step->out[0].data != step->in[0].data)
    memcpy(step->out[0].data, step->in[0].data, horn__elements(&step->out[0]) * horn__dtype_size(step->out[0].type.dtype));
  return HORN_OK;
}

const horn__kernel horn__ref_Identity = {.run = copy};
const horn__kernel horn__ref_Reshape = {.run = copy};
const horn__kernel horn__ref_ReshapeLike = {.run = copy};

static horn_status zeros(const horn__step *step) {
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * horn__dtype_size(step->out[0].type.dtype));
  return HORN_OK;
}

const horn__kernel horn__ref_ZerosLike = {.run = zeros};

/* Element i of any dtype as a number, and back: floats are truncated toward zero and saturate, bool is != 0. */
static double load(const horn__operand *operand, size_t i) {
  switch (operand->type.dtype) {
    case HORN_FLOAT32: return ((const float *)operand->data)[i];
    case HORN_INT32: return ((const int32_t *)operand->data)[i];
    default: return ((const uint8_t *)operand->data)[i];
  }
}

static int32_t truncated(double x) {
  if (isnan(x)) return 0;
  return x >= INT32_MAX ? INT32_MAX : x <= INT32_MIN ? INT32_MIN : (int32_t)x;
}

static void store(const horn__operand *operand, size_t i, double x) {
  switch (operand->type.dtype) {
    case HORN_FLOAT32: ((float *)operand->data)[i] = (float)x; break;
    case HORN_INT32: ((int32_t *)operand->data)[i] = truncated(x); break;
    default: ((uint8_t *)operand->data)[i] = x != 0; break;
  }
}

static horn_status cast(const horn__step *step) {
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) store(&step->out[0], i, load(&step->in[0], i));
  return HORN_OK;
}

const horn__kernel horn__ref_Cast = {.run = cast};

/* Walks the wide shape while the narrow one's offset stays along broadcast axes. */
static horn_status sum_like(const horn__step *step) {
  const horn__shape *wide = &step->in[0].type.shape;
  size_t strides[1][HORN_MAX_RANK], at[1] = {0};
  int32_t index[HORN_MAX_RANK] = {0};
  horn__broadcast_strides(&step->out[0].type.shape, wide, strides[0]);
  zeros(step);
  const float *in = step->in[0].data;
  float *out = step->out[0].data;
  for (size_t i = 0, n = horn__shape_size(wide); i < n; i++, horn__next(wide, index, 1, (const size_t(*)[HORN_MAX_RANK])strides, at))
    out[at[0]] += in[i];
  return HORN_OK;
}

const horn__kernel horn__ref_SumLike = {.run = sum_like};

static horn_status broadcast_like(const horn__step *step) {
  const horn__shape *wide = &step->out[0].type.shape;
  size_t strides[1][HORN_MAX_RANK], at[1] = {0}, width = horn__dtype_size(step->out[0].type.dtype);
  int32_t index[HORN_MAX_RANK] = {0};
  horn__broadcast_strides(&step->in[0].type.shape, wide, strides[0]);
  const unsigned char *in = step->in[0].data;
  unsigned char *out = step->out[0].data;
  for (size_t i = 0, n = horn__shape_size(wide); i < n; i++, horn__next(wide, index, 1, (const size_t(*)[HORN_MAX_RANK])strides, at))
    memcpy(out + i * width, in + at[0] * width, width);
  return HORN_OK;
}

const horn__kernel horn__ref_BroadcastLike = {.run = broadcast_like};
