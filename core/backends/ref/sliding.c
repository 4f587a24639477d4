/* Sliding windows over images, for the reference kernels of convolutions. */
#include "backends/ref/sliding.h"

#include <string.h>

horn__line horn__line_of(const horn__slide *slide, int32_t size) {
  int32_t before = slide->before, after = slide->after;
  int32_t windows = horn__window(size, slide->window, slide->stride, slide->dilation, slide->padding, &before, &after);
  return (horn__line){
      .size = size, .windows = windows, .taps = slide->window, .stride = slide->stride, .dilation = slide->dilation, .before = before};
}

horn__windows horn__conv_windows(const horn__conv *a, const horn__shape *x, const horn__shape *filter) {
  const horn__slide height = horn__conv_slide(a, filter->dims[0], 0), width = horn__conv_slide(a, filter->dims[1], 1);
  return (horn__windows){.batch = (size_t)x->dims[0], .lines = {horn__line_of(&height, x->dims[1]), horn__line_of(&width, x->dims[2])}};
}

/* Where tap a of window i lies; false in the padding. */
static inline bool place(const horn__line *line, int32_t i, int32_t a, size_t *out) {
  int64_t at = (int64_t)i * line->stride + (int64_t)a * line->dilation - line->before;
  *out = (size_t)at;
  return at >= 0 && at < line->size;
}

/* The taps of window (i, j) of image n. */
static void each_tap_of(const horn__windows *w, size_t n, int32_t i, int32_t j, horn__tap *visit, const void *user) {
  const horn__line *height = &w->lines[0], *width = &w->lines[1];
  const size_t window = (n * (size_t)height->windows + (size_t)i) * (size_t)width->windows + (size_t)j;
  size_t row, column;
  for (int32_t a = 0; a < height->taps; a++) {
    if (!place(height, i, a, &row)) continue;
    for (int32_t b = 0; b < width->taps; b++) {
      if (!place(width, j, b, &column)) continue;
      visit(user, (n * (size_t)height->size + row) * (size_t)width->size + column, (size_t)a * (size_t)width->taps + (size_t)b, window);
    }
  }
}

void horn__each_tap(const horn__windows *w, horn__tap *visit, const void *user) {
  if (w->lines[0].windows == 0 || w->lines[1].windows == 0) return;
  for (size_t n = 0; n < w->batch; n++)
    for (int32_t i = 0; i < w->lines[0].windows; i++)
      for (int32_t j = 0; j < w->lines[1].windows; j++) each_tap_of(w, n, i, j, visit, user);
}

void horn__fill_rows(float *y, size_t count, size_t channels, const float *bias) {
  if (bias == NULL) memset(y, 0, count * channels * sizeof *y);
  for (size_t i = 0; bias != NULL && i < count; i++) memcpy(y + i * channels, bias, channels * sizeof *y);
}
