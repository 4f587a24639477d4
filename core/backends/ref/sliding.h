/* sliding.h: what the reference kernels with windows share: which pixels of an image each window covers. */
#ifndef HORN_SLIDING_H
#define HORN_SLIDING_H

#include "backends/ref/ref.h"

/** One axis of an image: tap a of window i lies at i * stride + a * dilation - before. */
typedef struct horn__line {
  int32_t size, windows, taps;
  int32_t stride, dilation, before;
} horn__line;

/** Windows over `size` as `slide` has them. */
horn__line horn__line_of(const horn__slide *slide, int32_t size);

/** Windows over the images of one batch, along depth, height and width; an image without a depth has one of 1. */
typedef struct horn__windows {
  size_t batch;
  horn__line lines[3];
} horn__windows;

/** The one window over a depth of 1. */
extern const horn__line horn__flat_line;

/** A tap in the image: index of its pixel, of the tap within the window, of the window (all without the channels). */
typedef void horn__tap(const void *user, size_t pixel, size_t tap, size_t window);

/** Calls `visit` for every tap of every window that is not padding. */
void horn__each_tap(const horn__windows *w, horn__tap *visit, const void *user);

/** The windows of a convolution of x with a filter [h, w, ...] or [d, h, w, ...]. */
horn__windows horn__conv_windows(const horn__conv *a, const horn__shape *x, const horn__shape *filter);

/** Fills count rows with bias, zeros where it is NULL. */
void horn__fill_rows(float *y, size_t count, size_t channels, const float *bias);

#endif
