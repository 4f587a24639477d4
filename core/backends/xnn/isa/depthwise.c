/* One row of a depthwise convolution: sums of a few pixels and channels at a time are held in registers over all taps.
 * Vectors are loaded whole where channels end within one: what is read behind them lies in the buffer, and is not stored. */
#include "backends/xnn/isa/isa.h"
#include "backends/xnn/isa/vector.h"

/* The taps that a group of pixels shares: `rows` rows of `columns` taps. */
typedef struct taps {
  const float *x, *filter, *bias; /* at the first channel; bias may be NULL */
  size_t rows, columns;
} taps;

static inline __attribute__((always_inline)) void group(const horn__depthwise *d, const taps *t, float *y, size_t channels, size_t pixels,
                                                        size_t vectors) {
  vector held[4][4];
  for (size_t p = 0; p < pixels; p++)
    for (size_t v = 0; v < vectors; v++) held[p][v] = t->bias == NULL ? spread(0) : load(t->bias + v * LANES);
  for (size_t i = 0; i < t->rows; i++) {
    const float *x = t->x + i * d->row_step, *filter = t->filter + i * d->columns * d->channels;
    for (size_t j = 0; j < t->columns; j++, x += d->dilation * d->channels, filter += d->channels) {
      for (size_t v = 0; v < vectors; v++) {
        const vector weight = load(filter + v * LANES);
        for (size_t p = 0; p < pixels; p++)
          held[p][v] = multiply_add(load(x + p * d->stride * d->channels + v * LANES), weight, held[p][v]);
      }
    }
  }
  for (size_t p = 0; p < pixels; p++) {
    for (size_t v = 0; v < vectors; v++) {
      const vector result = clamp(held[p][v], spread(d->low), spread(d->high));
      if (channels == vectors * LANES)
        store(y + p * d->channels + v * LANES, result);
      else
        store_some(y + p * d->channels, result, channels);
    }
  }
}

static inline taps at_channel(const taps *t, size_t c) {
  return (taps){t->x + c, t->filter + c, t->bias == NULL ? NULL : t->bias + c, t->rows, t->columns};
}

/* All channels of `pixels` pixels, `wide` vectors at a time and then one. */
static inline __attribute__((always_inline)) void all_channels(const horn__depthwise *d, const taps *t, float *y, size_t pixels, size_t wide) {
  size_t c = 0;
  for (; c + wide * LANES <= d->channels; c += wide * LANES) {
    const taps here = at_channel(t, c);
    group(d, &here, y + c, wide * LANES, pixels, wide);
  }
  for (; c < d->channels; c += LANES) {
    const taps here = at_channel(t, c);
    group(d, &here, y + c, d->channels - c < LANES ? d->channels - c : LANES, pixels, 1);
  }
}

static void four_pixels(const horn__depthwise *d, const taps *t, float *y) { all_channels(d, t, y, 4, 2); }
static void one_pixel(const horn__depthwise *d, const taps *t, float *y) { all_channels(d, t, y, 1, 4); }

/* The taps of a pixel whose window starts at column `start`, which may lie before the image, and end behind it. */
static taps cut(const horn__depthwise *d, const taps *row, ptrdiff_t start) {
  const ptrdiff_t dilation = (ptrdiff_t)d->dilation;
  size_t first = start < 0 ? (size_t)((-start + dilation - 1) / dilation) : 0, last = 0;
  if (start < (ptrdiff_t)d->width) last = (size_t)(((ptrdiff_t)d->width - start + dilation - 1) / dilation);
  last = last > d->columns ? d->columns : last;
  taps t = *row;
  t.columns = last > first ? last - first : 0;
  if (t.columns == 0) return t;
  t.x += (size_t)(start + (ptrdiff_t)first * dilation) * d->channels;
  t.filter += first * d->channels;
  return t;
}

void HORN__ISA_NAME(depthwise_row)(const horn__depthwise *d, const float *x, const float *filter, size_t rows, float *y) {
  const taps row = {x, filter, d->bias, rows, d->columns};
  const ptrdiff_t extent = (ptrdiff_t)((d->columns - 1) * d->dilation + 1), stride = (ptrdiff_t)d->stride;
  for (size_t i = 0; i < d->pixels;) {
    const ptrdiff_t start = (ptrdiff_t)i * stride - (ptrdiff_t)d->before;
    const bool four = i + 4 <= d->pixels && start >= 0 && start + 3 * stride + extent <= (ptrdiff_t)d->width;
    const taps here = cut(d, &row, start);
    if (four)
      four_pixels(d, &here, y + i * d->channels);
    else
      one_pixel(d, &here, y + i * d->channels);
    i += four ? 4 : 1;
  }
}
