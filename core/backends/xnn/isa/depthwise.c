/* One row of a depthwise convolution: sums of a few pixels and channels at a time are held in registers over all taps.
 * Vectors are loaded whole where channels end within one: what is read behind them lies in the buffer, and is not stored. */
#include "backends/xnn/isa/isa.h"
#include "backends/xnn/isa/vector.h"

/* The taps that a group of pixels shares: `rows` rows of `columns` taps. */
typedef struct taps {
  const float *x, *filter, *bias; /* at the first channel; bias may be NULL */
  size_t rows, columns;
} taps;

/* Sizes that are constants where a function is inlined. */
typedef struct form {
  size_t pixels, vectors; /* held at once */
  size_t columns, stride; /* of the taps; 0: any */
} form;

#define INLINE static inline __attribute__((always_inline))

INLINE void row_of_taps(const horn__depthwise *d, const float *x, const float *filter, size_t count, form f, vector held[4][4]) {
  const size_t columns = f.columns == 0 ? count : f.columns, stride = f.stride == 0 ? d->stride : f.stride;
  const size_t dilation = f.columns == 0 ? d->dilation : 1;
  for (size_t j = 0; j < columns; j++) {
    for (size_t v = 0; v < f.vectors; v++) {
      const vector weight = load(filter + j * d->channels + v * LANES);
      for (size_t p = 0; p < f.pixels; p++)
        held[p][v] = multiply_add(load(x + (p * stride + j * dilation) * d->channels + v * LANES), weight, held[p][v]);
    }
  }
}

INLINE void group(const horn__depthwise *d, const taps *t, float *y, size_t channels, form f) {
  const vector low = spread(d->low), high = spread(d->high);
  vector held[4][4];
  for (size_t p = 0; p < f.pixels; p++)
    for (size_t v = 0; v < f.vectors; v++) held[p][v] = t->bias == NULL ? spread(0) : load(t->bias + v * LANES);
  for (size_t i = 0; i < t->rows; i++)
    row_of_taps(d, t->x + i * d->row_step, t->filter + i * d->columns * d->channels, t->columns, f, held);
  for (size_t p = 0; p < f.pixels; p++) {
    for (size_t v = 0; v < f.vectors; v++) {
      const vector result = clamp(held[p][v], low, high);
      if (channels == f.vectors * LANES)
        store(y + p * d->channels + v * LANES, result);
      else
        store_some(y + p * d->channels, result, channels);
    }
  }
}

INLINE taps at_channel(const taps *t, size_t c) {
  return (taps){t->x + c, t->filter + c, t->bias == NULL ? NULL : t->bias + c, t->rows, t->columns};
}

/* All channels of a group of pixels, as many vectors at a time as the form says and then one. */
INLINE void all_channels(const horn__depthwise *d, const taps *t, float *y, form f) {
  const size_t step = f.vectors * LANES;
  const form narrow = {f.pixels, 1, f.columns, f.stride};
  size_t c = 0;
  for (; c + step <= d->channels; c += step) {
    const taps here = at_channel(t, c);
    group(d, &here, y + c, step, f);
  }
  for (; c < d->channels; c += LANES) {
    const taps here = at_channel(t, c);
    group(d, &here, y + c, d->channels - c < LANES ? d->channels - c : LANES, narrow);
  }
}

typedef void pixels_function(const horn__depthwise *d, const taps *t, float *y);

static void four_pixels(const horn__depthwise *d, const taps *t, float *y) { all_channels(d, t, y, (form){4, 2, 0, 0}); }
static void four_of_3(const horn__depthwise *d, const taps *t, float *y) { all_channels(d, t, y, (form){4, 2, 3, 1}); }
static void four_of_3_by_2(const horn__depthwise *d, const taps *t, float *y) { all_channels(d, t, y, (form){4, 2, 3, 2}); }
static void four_of_5(const horn__depthwise *d, const taps *t, float *y) { all_channels(d, t, y, (form){4, 2, 5, 1}); }
static void one_pixel(const horn__depthwise *d, const taps *t, float *y) { all_channels(d, t, y, (form){1, 4, 0, 0}); }

/* The fastest function for four pixels whose windows lie within the image. */
static pixels_function *four_pixels_of(const horn__depthwise *d) {
  if (d->dilation != 1) return four_pixels;
  if (d->columns == 3 && d->stride == 1) return four_of_3;
  if (d->columns == 3 && d->stride == 2) return four_of_3_by_2;
  return d->columns == 5 && d->stride == 1 ? four_of_5 : four_pixels;
}

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
  pixels_function *four_at_once = four_pixels_of(d);
  const ptrdiff_t extent = (ptrdiff_t)((d->columns - 1) * d->dilation + 1), stride = (ptrdiff_t)d->stride;
  for (size_t i = 0; i < d->pixels;) {
    const ptrdiff_t start = (ptrdiff_t)i * stride - (ptrdiff_t)d->before;
    const bool four = i + 4 <= d->pixels && start >= 0 && start + 3 * stride + extent <= (ptrdiff_t)d->width;
    const taps here = cut(d, &row, start);
    if (four)
      four_at_once(d, &here, y + i * d->channels);
    else
      one_pixel(d, &here, y + i * d->channels);
    i += four ? 4 : 1;
  }
}
