/* Sliding windows over images, for the reference kernels of convolutions. */
#include "backends/ref/sliding.h"

#include <string.h>

horn__line horn__line_of(const horn__slide *slide, int32_t size) {
  int32_t before = slide->before, after = slide->after;
  int32_t windows = horn__window(size, slide->window, slide->stride, slide->dilation, slide->padding, &before, &after);
  return (horn__line){
      .size = size, .windows = windows, .taps = slide->window, .stride = slide->stride, .dilation = slide->dilation, .before = before};
}

const horn__line horn__flat_line = {.size = 1, .windows = 1, .taps = 1, .stride = 1, .dilation = 1};

horn__windows horn__conv_windows(const horn__conv *a, const horn__shape *x, const horn__shape *filter) {
  const int32_t axes = filter->rank - 2, flat = 3 - axes;
  horn__windows windows = {.batch = (size_t)x->dims[0], .lines = {horn__flat_line}};
  for (int32_t axis = 0; axis < axes; axis++) {
    const horn__slide slide = horn__conv_slide(a, filter->dims[axis], axis);
    windows.lines[flat + axis] = horn__line_of(&slide, x->dims[1 + axis]);
  }
  return windows;
}

/* Where tap a of window i lies; false in the padding. */
static inline bool place(const horn__line *line, int32_t i, int32_t a, size_t *out) {
  int64_t at = (int64_t)i * line->stride + (int64_t)a * line->dilation - line->before;
  *out = (size_t)at;
  return at >= 0 && at < line->size;
}

/* A window of an image, by its index along each axis, and its index among all. */
typedef struct window {
  size_t image;
  int32_t at[3];
  size_t index;
} window;

static void each_tap_of(const horn__windows *w, const window *at, horn__tap *visit, const void *user) {
  const horn__line *depth = &w->lines[0], *height = &w->lines[1], *width = &w->lines[2];
  size_t tap = 0, slice, row, column;
  for (int32_t a = 0; a < depth->taps; a++) {
    const bool in_depth = place(depth, at->at[0], a, &slice);
    for (int32_t b = 0; b < height->taps; b++) {
      const bool in_height = in_depth && place(height, at->at[1], b, &row);
      if (!in_height) tap += (size_t)width->taps;
      for (int32_t c = 0; in_height && c < width->taps; c++, tap++) {
        if (!place(width, at->at[2], c, &column)) continue;
        const size_t line = (at->image * (size_t)depth->size + slice) * (size_t)height->size + row;
        visit(user, line * (size_t)width->size + column, tap, at->index);
      }
    }
  }
}

void horn__each_tap(const horn__windows *w, horn__tap *visit, const void *user) {
  const int32_t depth = w->lines[0].windows, height = w->lines[1].windows, width = w->lines[2].windows;
  window at = {0};
  if (depth == 0 || height == 0 || width == 0) return;
  for (; at.image < w->batch; at.image++)
    for (at.at[0] = 0; at.at[0] < depth; at.at[0]++)
      for (at.at[1] = 0; at.at[1] < height; at.at[1]++)
        for (at.at[2] = 0; at.at[2] < width; at.at[2]++, at.index++) each_tap_of(w, &at, visit, user);
}

void horn__fill_rows(float *y, size_t count, size_t channels, const float *bias) {
  if (bias == NULL) memset(y, 0, count * channels * sizeof *y);
  for (size_t i = 0; bias != NULL && i < count; i++) memcpy(y + i * channels, bias, channels * sizeof *y);
}
