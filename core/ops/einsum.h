/* einsum.h: the labels of an Einsum's axes, for its shape rule and its kernels. */
#ifndef HORN_EINSUM_H
#define HORN_EINSUM_H

#include "ops/attributes.h"

enum { HORN__MAX_LABELS = 52 + HORN_MAX_RANK, HORN__MAX_TERMS = 8 };

/** The labels of an operand's axes: letters are 0 to 51, and axis i from the right of an ellipsis is 52 + i. */
typedef struct horn__term {
  int32_t rank;
  int32_t labels[HORN_MAX_RANK];
} horn__term;

/** An equation for inputs of known rank, with the size of each label: -1 where it is unknown. */
typedef struct horn__equation {
  int32_t count;
  horn__term in[HORN__MAX_TERMS], out;
  int32_t sizes[HORN__MAX_LABELS];
} horn__equation;

/** Reads an equation; on failure *reason says why. */
bool horn__equation_read(const char *text, const horn__type *in, int32_t count, horn__equation *out, const char **reason);

#endif
