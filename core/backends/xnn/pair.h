/* pair.h: ops with two kernels, XNNPACK's operator and one of our own. Which one a step gets was measured: tests/bench/ops_bench prints
 * both. */
#ifndef HORN_XNN_PAIR_H
#define HORN_XNN_PAIR_H

#include "backends/backend.h"

typedef struct horn__pair {
  horn__kernel operator, own;                   /* both with accepts */
  bool (*is_faster)(const horn__step *step);    /* whether XNNPACK's is, or is as fast, for a step that both accept */
} horn__pair;

/** The two kernels of an op, NULL where it has one or none. */
const horn__pair *horn__xnn_pair(const horn__op *op);
/** Which of the two a step gets: the faster one of those that accept it. */
const horn__kernel *horn__pair_choose(const horn__pair *pair, const horn__step *step);

#endif
