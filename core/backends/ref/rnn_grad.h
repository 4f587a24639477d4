/* rnn_grad.h: the way back through SimpleRNN, LSTM and GRU, one sequence after the other. The gates' part is here; a kernel brings the products. */
#ifndef HORN_RNN_GRAD_H
#define HORN_RNN_GRAD_H

#include "backends/ref/rnn.h"

/** Outputs of the gradient ops. */
enum { HORN__DX, HORN__DKERNEL, HORN__DRECURRENT, HORN__DBIAS, HORN__DH0, HORN__DC0 };

/** What the forward pass kept and what came back, whole batches; NULL where absent. */
typedef struct horn__rnn_kept {
  const float *sequence, *gates, *cells, *dsequence, *dh, *dc;
} horn__rnn_kept;

/** A sequence on its way back. */
typedef struct horn__rnn_back_state {
  float *dh, *dc;  /* of the state behind the step at hand */
  float *dlast;    /* of the output that masked steps repeated */
  float *da;       /* [4 U] of the gates, LSTM: i, f, g, o; GRU: z, r, candidate, recurrent part of the candidate */
  float *inputs;   /* [4 U] what went into the activations, where their slope needs it */
  const float *h, *c, *zeros; /* states before the step */
} horn__rnn_back_state;

typedef struct horn__rnn_back horn__rnn_back;
typedef void horn__rnn_back_step(const horn__rnn_back *p, size_t b, size_t s);

struct horn__rnn_back {
  horn__recurrence r;
  horn__rnn_kept in;
  horn__rnn_back_state now;
  bool inputs_needed;
  horn__rnn_back_step *back; /* one step */
  /** What da[0..columns), the gradient of x W + b at step s of sequence b, gives to dx and the sums. */
  void (*projection)(const horn__rnn_back *p, size_t b, size_t s, const float *da);
  /** What da, the gradient of h' U for columns from..from + count, adds to dh' and gives to the sums; h' is h or r h. */
  void (*recurrent)(const horn__rnn_back *p, const float *h, const float *da, size_t from, size_t count, float *dh);
  float *dx, *dh0, *dc0;     /* NULL where nobody reads them */
  struct {
    double *kernel, *recurrent, *bias; /* of the reference kernels, over all sequences and steps */
  } sums;
  void *context;             /* the kernel's own */
};

/** The way back of a step of a gradient op, with the reference kernels' products. */
horn__rnn_back horn__simple_way_back(const horn__step *step);
horn__rnn_back horn__lstm_way_back(const horn__step *step);
horn__rnn_back horn__gru_way_back(const horn__step *step);

/** Rows of U floats that a sequence on its way needs. */
enum { HORN__RNN_BACK_ROWS = 12 };
void horn__rnn_back_start(horn__rnn_back *p, float *rows);
/** Goes back through sequence b from its last step to its first; writes dh0 and dc0. */
void horn__rnn_back_sequence(horn__rnn_back *p, size_t b);

#endif
