/* operation.h: operations on tensors that Keras records as layers: their arguments, and the functions that emit them. */
#ifndef HORN_OPERATION_H
#define HORN_OPERATION_H

#include "layers/common.h"

/** One operation: what it is called, and how it is emitted. */
typedef struct horn__operation {
  const char *names;       /* "|" between: the class in keras.ops, the functions in tf */
  horn_status (*emit)(horn__call *call, const struct horn__operation *operation);
  const horn__op *op;      /* for emit */
  int32_t which;           /* for emit: an activation, a variant */
} horn__operation;

/* ---- arguments --------------------------------------------------------------------------------------------------------- */

/** The argument with one of these names, "|" between, or at this position (-1: by name alone), or the field of the operation's config; NULL
 *  where it is left out or null. */
const cJSON *horn__argument(const horn__call *call, const char *names, int32_t position);

/** A tensor, or a number or nested lists of them as a constant: ints where all are whole and `like` (may be HORN__NONE) is not of floats. */
horn_status horn__argument_tensor(const horn__call *call, const char *names, int32_t position, horn__value like, horn__value *out);
/** What an argument's JSON stands for, as horn__argument_tensor. */
horn_status horn__argument_value(const horn__call *call, const cJSON *json, horn__value like, horn__value *out);
/** A list of tensors; out has room for HORN__MAX_SLOTS. */
horn_status horn__argument_tensors(const horn__call *call, const char *names, int32_t position, horn__value *out, int32_t *count);

/** Whole numbers: one, or a list; a null or a tensor among them is -1. Without the argument: count is -1. */
horn_status horn__argument_ints(const horn__call *call, const char *names, int32_t position, horn__ints *out);
/** A whole number, `initial` without the argument. */
horn_status horn__argument_int(const horn__call *call, const char *names, int32_t position, int32_t initial, int32_t *out);
/** A number, `initial` without the argument. */
double horn__argument_number(const horn__call *call, const char *names, int32_t position, double initial);
bool horn__argument_flag(const horn__call *call, const char *names);
/** Text, NULL without the argument. */
const char *horn__argument_text(const horn__call *call, const char *names, int32_t position);

/** An axis of x counted from the end where it is negative; fails where x does not have it. */
horn_status horn__axis_of(const horn__call *call, const char *names, int32_t position, int32_t initial, int32_t rank, int32_t *out);

/** The first argument, which is a tensor: horn__argument_tensor with the names that it has in all operations. */
horn_status horn__subject(const horn__call *call, horn__value *out);

/** The two operands of an operation in one dtype; a constant takes the other's. */
horn_status horn__operand_pair(const horn__call *call, horn__value *a, horn__value *b);
/** The axes of a reduction, and whether they stay as ones. */
horn_status horn__operation_reduce(const horn__call *call, horn__reduce *out);
/** `size` elements of x from begin on along an axis; -1: to the end, -1 - n: all but the last n. */
horn__value horn__part_of(horn__graph *graph, horn__value x, int32_t axis, int32_t begin, int32_t size);

/* ---- tables of operations ------------------------------------------------------------------------------------------------- */

extern const horn__operation horn__elementwise_operations[], horn__shape_operations[], horn__composed_operations[]; /* names NULL: the end */

#endif
