/* FusedBatchNorm: scale and shift of the channels first, then one pass over the pixels. */
#include <math.h>
#include <string.h>

#include "backends/ref/ref.h"
#include "backends/xnn/xnn.h"

enum { X, GAMMA, BETA, MEAN, VARIANCE };

static size_t channels_of(const horn__step *step) { return (size_t)step->in[MEAN].type.shape.dims[0]; }

/* scale, then shift */
static horn_status prepare(horn__step *step) { return horn__add_workspace(step, channels_of(step), 2 * sizeof(float)); }

typedef struct pixels {
  const horn__step *step;
  size_t channels;
} pixels;

static void run_pixels(void *context, size_t start, size_t count) {
  const pixels *p = context;
  const horn__step *step = p->step;
  const float *scale = step->workspace, *shift = scale + p->channels;
  horn__isa_of(step)->normalize((const float *)step->in[X].data + start * p->channels, step->in[MEAN].data, scale, shift,
                                (float *)step->out[0].data + start * p->channels, count, p->channels);
}

static horn_status run(const horn__step *step) {
  const double epsilon = ((const horn__batch_norm *)step->attributes)->epsilon, cost = 24;
  const float *gamma = step->in[GAMMA].data, *beta = step->in[BETA].data, *variance = step->in[VARIANCE].data;
  pixels p = {step, channels_of(step)};
  float *scale = step->workspace, *shift = scale + p.channels;
  for (size_t c = 0; c < p.channels; c++) {
    scale[c] = (float)((gamma == NULL ? 1 : (double)gamma[c]) / sqrt((double)variance[c] + epsilon));
    shift[c] = beta == NULL ? 0 : beta[c];
  }
  horn__xnn_parallel(step, horn__size_of(&step->in[X]) / p.channels, cost * (double)p.channels, run_pixels, &p);
  return HORN_OK;
}

const horn__kernel horn__xnn_FusedBatchNorm = {.accepts = horn__xnn_floats, .prepare = prepare, .run = run};
