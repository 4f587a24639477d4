/* conv.h: XNNPACK's convolution, for ops whose filter is [h, w, C / groups, O] or, with one channel a group, [h, w, C, O / C]. */
#ifndef HORN_XNN_CONV_H
#define HORN_XNN_CONV_H

#include "backends/xnn/xnn.h"

/** Whether XNNPACK's own buffers for this convolution have a size that size_t holds. */
bool horn__conv_fits(const horn__step *step);
/** Inputs x, constant filter, bias; attributes horn__conv. horn__operator_finish ends it. */
horn_status horn__conv_prepare(horn__step *step, size_t groups);
horn_status horn__conv_run(const horn__step *step);

/** Conv3D, and Conv2D with a filter that may change from run to run; of one group. */
bool horn__columns_accepts(const horn__step *step);
horn_status horn__columns_prepare(horn__step *step);
horn_status horn__columns_run(const horn__step *step);

#endif
