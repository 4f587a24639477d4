/* Reference kernels of Softmax and LogSoftmax: exponentials of x less its largest, so that none overflows. */
#include <math.h>

#include "backends/ref/ref.h"

static float largest(const float *x, size_t n) {
  float most = -INFINITY;
  for (size_t i = 0; i < n; i++)
    if (x[i] > most || isnan(x[i])) most = x[i];
  return most;
}

static void softmax_row(const float *x, float *y, size_t n) {
  const float most = largest(x, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)(y[i] = expf(x[i] - most));
  for (size_t i = 0; i < n; i++) y[i] = (float)(y[i] / sum);
}

static void log_softmax_row(const float *x, float *y, size_t n) {
  const float most = largest(x, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)expf(x[i] - most);
  const double log_sum = log(sum);
  for (size_t i = 0; i < n; i++) y[i] = (float)((double)x[i] - (double)most - log_sum);
}

static void each_row(const horn__step *step, void (*row)(const float *x, float *y, size_t n)) {
  const horn__shape *shape = &step->in[0].type.shape;
  const size_t size = horn__shape_size(shape), n = (size_t)shape->dims[shape->rank - 1];
  for (size_t i = 0; i < size; i += n) row((const float *)step->in[0].data + i, (float *)step->out[0].data + i, n);
}

static horn_status softmax(const horn__step *step) {
  each_row(step, softmax_row);
  return HORN_OK;
}

static horn_status log_softmax(const horn__step *step) {
  each_row(step, log_softmax_row);
  return HORN_OK;
}

const horn__kernel horn__ref_Softmax = {.run = softmax};
const horn__kernel horn__ref_LogSoftmax = {.run = log_softmax};
