/* xnn.h: what the kernels of the fast CPU backend share: the pool of threads, kernels of our own for this CPU, XNNPACK's operators. */
#ifndef HORN_XNN_H
#define HORN_XNN_H

#include <pthreadpool.h>
#include <xnnpack.h>

#include "backends/backend.h"
#include "backends/xnn/isa/isa.h"
#include "backends/xnn/pair.h"
#include "ops/attributes.h"

typedef struct horn__xnn {
  horn__backend base;    /* first: a horn__backend of this class is one of these */
  pthreadpool_t pool;    /* NULL: the calling thread alone */
  const horn__isa *isa;  /* our kernels, for the instruction set of this CPU */
} horn__xnn;

#define HORN_KERNEL(Name) extern const horn__kernel horn__xnn_##Name;
#define HORN_PAIR(Name) extern const horn__pair horn__xnn_##Name;
#include "backends/xnn/kernels.def"

static inline const horn__xnn *horn__xnn_of(const horn__step *step) { return (const horn__xnn *)step->backend; }
static inline const horn__isa *horn__isa_of(const horn__step *step) { return horn__xnn_of(step)->isa; }
static inline size_t horn__size_of(const horn__operand *operand) { return horn__shape_size(&operand->type.shape); }

/** Whether all inputs that are there and all outputs are float32 and have elements: what most kernels ask for. */
bool horn__xnn_floats(const horn__step *step);
/** Whether optional input i is there. */
bool horn__xnn_has(const horn__step *step, int32_t i);
/** Elements of input i where they are known in prepare, NULL otherwise. */
const float *horn__xnn_constant(const horn__step *step, int32_t i);

/* ---- threads -------------------------------------------------------------------------------------------------------- */

/** The pool for work of this many floating point operations: NULL where waking a thread would cost more than it saves. */
pthreadpool_t horn__xnn_pool(const horn__step *step, double operations);

/** Calls task(context, start, length) for pieces of [0, count), on all threads where count items of `cost` operations each are worth it;
 *  on the calling thread, in one piece, otherwise. */
void horn__xnn_parallel(const horn__step *step, size_t count, double cost, pthreadpool_task_1d_tile_1d_t task, void *context);

/* ---- element-wise work on a result ---------------------------------------------------------------------------------- */

/** A function of unary.def with its parameters. */
typedef struct horn__map {
  int32_t function;
  float parameters[2];
} horn__map;

/** y[i] = map(x[i]), on all threads where that pays. */
void horn__xnn_map(const horn__step *step, const horn__map *map, const float *x, float *y, size_t count);

/** What is left to do on a result of rows x columns after an operator: add a bias, apply an activation. */
typedef struct horn__epilogue {
  const float *bias;   /* NULL: none */
  int32_t activation;
} horn__epilogue;

/** Whether kernels here can apply the activation element by element. */
bool horn__xnn_activates(int32_t activation);
/** y[i] = activation(y[i]) on the calling thread. */
void horn__xnn_activate(const horn__step *step, int32_t activation, float *y, size_t count);
void horn__xnn_epilogue(const horn__step *step, const horn__epilogue *epilogue, float *y, size_t rows, size_t columns);

/** The range to which an operator clamps its result, for activations that are nothing but that; *rest is the activation still to apply. */
void horn__xnn_clamp(int32_t activation, float *low, float *high, int32_t *rest);

/* ---- XNNPACK's operators --------------------------------------------------------------------------------------------- */

/** State of a step that runs one operator. Kernels that need more put this first in a struct of their own. */
typedef struct horn__operator {
  xnn_operator_t handle;
  pthreadpool_t pool;
  int32_t activation;  /* to apply to the result afterwards */
} horn__operator;

/** XNNPACK's answer as a status, with a message; calls that cannot fail for what a user does still go through it. */
horn_status horn__xnn_status(const horn__step *step, enum xnn_status status);

#define HORN__XNN_TRY(step, expression) HORN__TRY(horn__xnn_status(step, expression))

/** Allocates step->state, zeroed, of `size` bytes. */
horn_status horn__xnn_state(horn__step *step, size_t size);
/** finish of steps whose state is, or starts with, a horn__operator. */
void horn__operator_finish(horn__step *step);

#endif
