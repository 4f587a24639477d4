/* rnn.h: what the reference kernels of SimpleRNN, LSTM and GRU share with those of their gradients. */
#ifndef HORN_RNN_H
#define HORN_RNN_H

#include "backends/ref/ref.h"

/** Sizes and inputs; NULL where an input is absent. */
typedef struct horn__recurrence {
  const horn__rnn *attributes;
  size_t batch, steps, features, units, columns; /* columns of the kernels: U, 4 U or 3 U */
  const float *x, *kernel, *recurrent, *bias, *h0, *c0;
  const uint8_t *mask;
} horn__recurrence;

/** The recurrence of an op whose inputs start as LSTM's (states 2) or GRU's and SimpleRNN's (states 1). */
horn__recurrence horn__recurrence_of(const horn__step *step, int32_t states);

/** The time that step s reads. */
static inline size_t horn__time(const horn__recurrence *r, size_t s) { return r->attributes->backwards ? r->steps - 1 - s : s; }

/** Whether step s of sequence b keeps the state. */
static inline bool horn__masked(const horn__recurrence *r, size_t b, size_t s) {
  return r->mask != NULL && r->mask[b * r->steps + horn__time(r, s)] == 0;
}

/** Row b of a matrix with U columns, NULL where the matrix is. */
static inline const float *horn__row(const horn__recurrence *r, const float *matrix, size_t b) {
  return matrix == NULL ? NULL : matrix + b * r->units;
}

/** y = x, zeros where x is NULL. */
static inline void horn__fill(float *y, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x == NULL ? 0 : x[i];
}

/** Some columns of a matrix with `stride` columns. */
typedef struct horn__columns {
  const float *data; /* first of these columns in row 0 */
  size_t rows, count, stride;
} horn__columns;

/** Columns from..from + count of the kernel, of the recurrent kernel. */
horn__columns horn__kernel_columns(const horn__recurrence *r, size_t from, size_t count);
horn__columns horn__recurrent_columns(const horn__recurrence *r, size_t from, size_t count);

/** y[j] += sum over k of x[k] * m[k, j] */
void horn__add_product(float *y, const float *x, horn__columns m);

/** z[0..columns) = x W + b at step s of sequence b: the input's part of all gates. */
void horn__project(const horn__recurrence *r, size_t b, size_t s, float *z);

#endif
