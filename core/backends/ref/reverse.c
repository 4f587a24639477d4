/* Reference kernel of Reverse. */
#include <string.h>

#include "backends/ref/ref.h"

/* Walks the output from its start and the input from the far end of each reversed axis: its strides there are negative, in wrapping size_t. */
static horn_status reverse(const horn__step *step) {
  const horn__reverse *a = step->attributes;
  const horn__shape *shape = &step->out[0].type.shape;
  size_t strides[1][HORN_MAX_RANK], at[1] = {0}, width = horn__dtype_size(step->out[0].type.dtype);
  int32_t index[HORN_MAX_RANK] = {0};
  horn__broadcast_strides(shape, shape, strides[0]);
  for (int32_t i = 0; i < a->dims.count; i++) {
    int32_t axis = a->dims.values[i] < 0 ? a->dims.values[i] + shape->rank : a->dims.values[i];
    at[0] += strides[0][axis] * (size_t)(shape->dims[axis] - 1);
    strides[0][axis] = 0 - strides[0][axis];
  }
  const unsigned char *in = step->in[0].data;
  unsigned char *out = step->out[0].data;
  for (size_t i = 0, n = horn__shape_size(shape); i < n; i++, horn__next(shape, index, 1, (const size_t(*)[HORN_MAX_RANK])strides, at))
    memcpy(out + i * width, in + at[0] * width, width);
  return HORN_OK;
}

const horn__kernel horn__ref_Reverse = {.run = reverse};
