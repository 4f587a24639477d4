/* Reference kernels of the ops that change shape or dtype. */
#include <string.h>

#include "backends/ref/ref.h"

/* Reshape, Identity and their like: in a plan they share memory and never run; eagerly they copy. */
static horn_status copy(const horn__step *step) {
  if (step->out[0].data != step->in[0].data)
    memcpy(step->out[0].data, step->in[0].data, horn__elements(&step->out[0]) * horn__dtype_size(step->out[0].type.dtype));
  return HORN_OK;
}

const horn__kernel horn__ref_Identity = {.run = copy};
const horn__kernel horn__ref_StopGradient = {.run = copy};
const horn__kernel horn__ref_Reshape = {.run = copy};
const horn__kernel horn__ref_ReshapeLike = {.run = copy};
const horn__kernel horn__ref_ExpandDims = {.run = copy};
const horn__kernel horn__ref_Squeeze = {.run = copy};

static horn_status zeros(const horn__step *step) {
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * horn__dtype_size(step->out[0].type.dtype));
  return HORN_OK;
}

const horn__kernel horn__ref_ZerosLike = {.run = zeros};

static horn_status cast(const horn__step *step) {
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++)
    horn__store_element(&step->out[0], i, horn__load_element(&step->in[0], i));
  return HORN_OK;
}

const horn__kernel horn__ref_Cast = {.run = cast};

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
const horn__kernel horn__ref_BroadcastTo = {.run = broadcast_like};
