/* image.h: what layers of images share. */
#ifndef HORN_IMAGE_H
#define HORN_IMAGE_H

#include "layers/common.h"

/** The middle of x [N, H, W, C] with the ratio of height to width, resized to them: Keras's smart_resize. */
horn__value horn__smart_resize(horn__graph *graph, horn__value x, int32_t height, int32_t width);
/** Whether x [N, H, W, C] is known to be lower or narrower than this. */
bool horn__is_smaller(const horn__graph *graph, horn__value x, int32_t height, int32_t width);

#endif
