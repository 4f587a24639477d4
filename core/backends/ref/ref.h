/* ref.h: helpers of the reference kernels. Plain loops over contiguous row-major memory: readable first. */
#ifndef HORN_REF_H
#define HORN_REF_H

#include "backends/backend.h"
#include "ops/attributes.h"

#define HORN_OP(Name) extern const horn__kernel horn__ref_##Name;
#include "ops/ops.def"
#undef HORN_OP

static inline size_t horn__elements(const horn__operand *operand) { return horn__shape_size(&operand->type.shape); }

/** Strides with which `from` is walked along the axes of `to` (rank `to`): 0 where it is broadcast. In elements. */
void horn__broadcast_strides(const horn__shape *from, const horn__shape *to, size_t *strides);

/** One step of an odometer over shape; offsets[k] follows strides[k]. False at the end. */
bool horn__next(const horn__shape *shape, int32_t *index, int32_t count, const size_t (*strides)[HORN_MAX_RANK], size_t *offsets);

/** Element i of any dtype as a number, and back: floats are truncated toward zero and saturate, bool is != 0. */
double horn__load_element(const horn__operand *operand, size_t i);
void horn__store_element(const horn__operand *operand, size_t i, double x);
/** Copies element `from` of one buffer to element `to` of another; width is 1 or 4 bytes. */
static inline void horn__copy_element(void *out, size_t to, const void *in, size_t from, size_t width) {
  if (width == 4)
    ((uint32_t *)out)[to] = ((const uint32_t *)in)[from];
  else
    ((uint8_t *)out)[to] = ((const uint8_t *)in)[from];
}

/** The activation of one number, as fused into kernels. softmax and log_softmax are not element-wise: never fused. */
float horn__activate(float x, int32_t activation);
void horn__activate_all(float *y, size_t n, int32_t activation);
/** The derivative at x, where y is the activation of x; x is read only where horn__slope_reads_x says so. */
float horn__activation_slope(float x, float y, int32_t activation);
bool horn__slope_reads_x(int32_t activation);

/** Adds room for count elements of `width` bytes to the workspace, in prepare. */
horn_status horn__add_workspace(horn__step *step, size_t count, size_t width);
/** In run: the next piece of the workspace, in the order of the horn__add_workspace calls; *at is step->workspace at first. */
void *horn__take_workspace(void **at, size_t count, size_t width);

/** A step's element memory, NULL where the input was left out. */
static inline const void *horn__input_data(const horn__step *step, int32_t i) { return i < step->inputs ? step->in[i].data : NULL; }

#endif
