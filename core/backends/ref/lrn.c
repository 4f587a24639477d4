/* Reference kernel of LRN, one pixel after the other. */
#include <math.h>

#include "backends/ref/ref.h"

/* The sum of the squares of the channels up to radius away from c. */
static double squares(const float *x, size_t channels, size_t radius, size_t c) {
  const size_t first = c < radius ? 0 : c - radius, last = channels - c <= radius ? channels - 1 : c + radius;
  double sum = 0;
  for (size_t k = first; k <= last; k++) sum += (double)x[k] * (double)x[k];
  return sum;
}

static horn_status run(const horn__step *step) {
  const horn__lrn *a = step->attributes;
  const size_t channels = (size_t)step->out[0].type.shape.dims[3], radius = (size_t)a->depth_radius;
  const float *x = step->in[0].data;
  float *y = step->out[0].data;
  for (size_t i = 0, count = horn__elements(&step->out[0]); i < count; i += channels)
    for (size_t c = 0; c < channels; c++)
      y[i + c] = (float)((double)x[i + c] * pow(a->bias + a->alpha * squares(x + i, channels, radius, c), -a->beta));
  return HORN_OK;
}

const horn__kernel horn__ref_LRN = {.run = run};
