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

/** The activation of one number, as fused into kernels. softmax and log_softmax are not element-wise: never fused. */
float horn__activate(float x, int32_t activation);
void horn__activate_all(float *y, size_t n, int32_t activation);

#endif
