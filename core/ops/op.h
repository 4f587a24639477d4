/* op.h: what an op is. One static const horn__op a name, a row in ops.def, a ref kernel: that is all an op needs. */
#ifndef HORN_OP_H
#define HORN_OP_H

#include "tensor/tensor.h"

typedef struct horn__graph horn__graph;
typedef struct horn__node horn__node;
typedef int32_t horn__value; /* a value of a graph by its index; HORN__NONE: absent, or an earlier emit failed */

#define HORN__NONE (-1)
enum { HORN__MAX_INPUTS = 64, HORN__MAX_OUTPUTS = 8 };

typedef enum horn__op_id {
#define HORN_OP(Name) HORN__OP_##Name,
#include "ops/ops.def"
#undef HORN_OP
  HORN__OP_COUNT
} horn__op_id;

/** The question a shape rule answers: types of the outputs from types of the inputs. Dimensions may be unknown (-1) and stay so.
 *  An optional input that is absent has rank -1. */
typedef struct horn__infer {
  horn_context *ctx;
  const struct horn__op *op;
  const void *attributes;
  int32_t count;           /* of inputs */
  const horn__type *in;
  horn__type *out;         /* op->outputs of them */
} horn__infer;

/** The question a gradient answers: given d loss / d output, emit the nodes of d loss / d input. */
typedef struct horn__gradient {
  horn__graph *graph;
  const void *attributes;
  int32_t count;            /* of inputs */
  const horn__value *in;    /* HORN__NONE where an optional input is absent */
  const horn__value *out;
  const horn__value *dout;  /* HORN__NONE where the loss does not depend on this output */
  horn__value *din;         /* to fill; HORN__NONE at first, and where no gradient flows */
} horn__gradient;

typedef enum horn__op_flags {
  HORN__ELEMENTWISE = 1, /* output 0 may be written over input 0 where shape and dtype agree */
  HORN__RESHAPES = 2,    /* output 0 is input 0's memory in another shape */
  HORN__NOT_DIFFERENTIABLE = 4, /* results are bools, positions, counts, random numbers: there is no derivative */
  HORN__STRINGS = 8      /* takes strings: elements are moved or compared, never computed with */
} horn__op_flags;

typedef struct horn__op {
  const char *name;          /* the kernel name of TensorFlow.js where it has one */
  horn__op_id id;
  int32_t min_inputs, max_inputs; /* between them: optional inputs, HORN__NONE where left out */
  int32_t outputs;
  uint32_t flags;
  uint64_t shape_only;       /* bit i: only the shape of input i is used, never its elements */
  horn__fields attributes;
  horn_status (*infer)(horn__infer *q);
  horn_status (*gradient)(horn__gradient *q); /* NULL: flags say HORN__NOT_DIFFERENTIABLE */
  /** (optional) Emits simpler ops that compute the same, of inputs whose dimensions are all known: plans do so. HORN__NONE: as it is, it is best. */
  horn__value (*lower)(horn__graph *graph, const void *attributes, const horn__value *in, int32_t count);
} horn__op;
_Static_assert(HORN__MAX_INPUTS <= 64, "shape_only has a bit for each input");

#define HORN_OP(Name) extern const horn__op horn__op_##Name;
#include "ops/ops.def"
#undef HORN_OP

/** The op with this name, or NULL. */
const horn__op *horn__op_named(const char *name);
/** The op with this id. */
const horn__op *horn__op_at(int32_t id);

/* ---- shared pieces of shape rules ---------------------------------------------------------------------------------- */

/** Fails with the op's name before the message and returns the status. */
horn_status horn__infer_fail(const horn__infer *q, horn_status status, const char *format, ...) HORN__PRINTF(3, 4);
/** Fails unless input i has this dtype. */
horn_status horn__infer_dtype(const horn__infer *q, int32_t i, horn_dtype dtype);
/** Fails unless input i has this rank. */
horn_status horn__infer_rank(const horn__infer *q, int32_t i, int32_t rank);
/** Whole rules of ops whose output has the type of their input, float32 or (number) int32 too. */
horn_status horn__infer_float(horn__infer *q);
horn_status horn__infer_number(horn__infer *q);
/** Whether the optional input i was given. */
bool horn__infer_has(const horn__infer *q, int32_t i);
/** NumPy's broadcast of two shapes; unknown with 1 stays unknown, unknown with n > 1 is n. */
horn_status horn__infer_broadcast(const horn__infer *q, const horn__shape *a, const horn__shape *b, horn__shape *out);

/** Fails unless input i's shape is `expected`; dimensions that are unknown on either side fit. */
horn_status horn__infer_shape(const horn__infer *q, int32_t i, const horn__shape *expected);
/** Fails unless input i's axis is *dim; where one of the two is unknown, *dim becomes the other. */
horn_status horn__infer_dim(const horn__infer *q, int32_t i, int32_t axis, int32_t *dim);
/** Fails unless input i is float32 [channels]; an absent one fits. */
horn_status horn__infer_bias(const horn__infer *q, int32_t i, int32_t channels);

typedef enum horn__padding { HORN__VALID, HORN__SAME, HORN__EXPLICIT, HORN__CAUSAL } horn__padding;
extern const char *const horn__padding_names[];

/** Output size of a sliding window over `size` (-1 stays -1), and the padding before it in *before, after it in *after, as TensorFlow
 *  has them; with HORN__EXPLICIT *before and *after are read instead. Negative results mean that the window does not fit. */
int32_t horn__window(int32_t size, int32_t window, int32_t stride, int32_t dilation, horn__padding padding, int32_t *before,
                     int32_t *after);

/** A sliding window along one axis. */
typedef struct horn__slide {
  int32_t window, stride, dilation; /* window -1: unknown */
  horn__padding padding;
  int32_t before, after;            /* read where padding is explicit */
} horn__slide;

/** The axes that windows slide along, in messages: depth, height, width. */
extern const char *const horn__image_axes[3];
/** How many of them an op with windows has, the last ones: the first row of its table has a number for each. */
static inline int32_t horn__window_axes(const horn__op *op) { return op->attributes.rows[0].count; }

/** Checks the numbers of a window, then writes its output size over `size` to *out (-1 where that is unknown). Whatever kernels compute
 *  from a window that passed fits 32 bits. `axis` names it in messages. */
horn_status horn__infer_slide(const horn__infer *q, const char *axis, const horn__slide *slide, int32_t size, int32_t *out);

#endif
