/* Reference kernel of FusedBatchNorm. */
#include <math.h>

#include "backends/ref/ref.h"

static size_t channels_of(const horn__step *step) { return (size_t)step->in[3].type.shape.dims[0]; }

static horn_status prepare(horn__step *step) { return horn__add_workspace(step, channels_of(step), sizeof(float)); }

static horn_status run(const horn__step *step) {
  const horn__batch_norm *a = step->attributes;
  const float *x = step->in[0].data, *gamma = step->in[1].data, *beta = step->in[2].data, *mean = step->in[3].data, *variance = step->in[4].data;
  float *y = step->out[0].data, *scale = step->workspace;
  const size_t channels = channels_of(step), elements = horn__elements(&step->out[0]);
  /* scale = gamma / sqrt(variance + epsilon) */
  for (size_t c = 0; c < channels; c++)
    scale[c] = (float)((gamma == NULL ? 1 : (double)gamma[c]) / sqrt((double)variance[c] + a->epsilon));
  /* y = (x - mean) scale + beta */
  for (size_t i = 0; i < elements; i += channels)
    for (size_t c = 0; c < channels; c++) y[i + c] = (x[i + c] - mean[c]) * scale[c] + (beta == NULL ? 0 : beta[c]);
  return HORN_OK;
}

const horn__kernel horn__ref_FusedBatchNorm = {.prepare = prepare, .run = run};
