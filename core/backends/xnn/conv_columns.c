/* Convolutions of volumes or with a filter that changes from run to run, and the gradients of convolutions: the windows of some pixels are
 * written as the rows of a matrix ("columns"), which a product of our own multiplies. Each thread has a part of the pixels and memory of its
 * own, so that results do not depend on which thread is faster. */
#include <string.h>

#include "backends/ref/ref.h"
#include "backends/xnn/conv.h"

/* One axis of the image: depth (1 where it has none), height, width. */
typedef struct line {
  int32_t size, windows, taps, stride, dilation, before;
} line;

typedef struct geometry {
  size_t batch, channels, filters; /* of x, of y */
  line lines[3];
  size_t width;                    /* of a row of columns: taps * channels */
  size_t pixels, chunk;            /* of y; how many become columns at a time */
  bool pointwise;                  /* the pixels of x are the rows already */
  size_t parts;                    /* of the work: one a thread */
} geometry;

enum { COLUMNS_BYTES = 128 * 1024 }; /* of one chunk: they stay in the cache */

static line line_of(const horn__slide *slide, int32_t size, int32_t windows) {
  line l = {size, windows, slide->window, slide->stride, slide->dilation, slide->before};
  int32_t after = slide->after;
  horn__window(size, slide->window, slide->stride, slide->dilation, slide->padding, &l.before, &after);
  return l;
}

static bool is_plain(const line *l) { return l->taps == 1 && l->stride == 1 && l->before == 0 && l->windows == l->size; }

static geometry measure(const horn__step *step, const horn__shape *x, const horn__shape *filter, const horn__shape *y) {
  const int32_t axes = filter->rank - 2;
  geometry g = {.batch = (size_t)x->dims[0], .channels = (size_t)x->dims[axes + 1], .filters = (size_t)y->dims[axes + 1],
                .lines = {{.size = 1, .windows = 1, .taps = 1, .stride = 1, .dilation = 1}}};
  for (int32_t axis = 0; axis < axes; axis++) {
    const horn__slide slide = horn__conv_slide(step->attributes, filter->dims[axis], axis);
    g.lines[3 - axes + axis] = line_of(&slide, x->dims[1 + axis], y->dims[1 + axis]);
  }
  g.width = (size_t)horn__shape_span(filter, 0, axes) * g.channels;
  g.pixels = (size_t)horn__shape_span(y, 0, axes + 1);
  g.pointwise = is_plain(&g.lines[0]) && is_plain(&g.lines[1]) && is_plain(&g.lines[2]);
  const size_t fits = COLUMNS_BYTES / sizeof(float) / g.width;
  g.chunk = fits < 12 ? 12 : fits > 96 ? 96 : fits / 12 * 12; /* whole tiles of the product */
  pthreadpool_t pool = horn__xnn_pool(step, 2.0 * (double)g.pixels * (double)g.width * (double)g.filters);
  g.parts = pool == NULL ? 1 : pthreadpool_get_threads_count(pool);
  return g;
}

static bool one_group(const horn__step *step, const horn__shape *x, const horn__shape *filter) {
  const horn__conv *a = step->attributes;
  return horn__xnn_floats(step) && horn__xnn_activates(a->activation) && filter->dims[filter->rank - 2] == x->dims[x->rank - 1];
}

/* ---- columns ------------------------------------------------------------------------------------------------------------ */

/* The pixels first .. first + count of y, and rows of columns for them. */
typedef struct piece {
  const geometry *g;
  const horn__isa *isa;
  size_t first, count;
} piece;

/* The taps from .. to of a window at `start` that lie in the image. */
static void cut(const line *l, int64_t start, int64_t *from, int64_t *to) {
  *from = start < 0 ? (-start + l->dilation - 1) / l->dilation : 0;
  *to = start < l->size ? (l->size - start + l->dilation - 1) / l->dilation : 0;
  *to = *to > l->taps ? l->taps : *to;
  if (*from > *to) *from = *to;
}

/* Does something with a run of `count` elements of an image and of columns. */
typedef void run_function(const horn__isa *isa, float *image, float *columns, size_t count);

static void gather_run(const horn__isa *isa, float *image, float *columns, size_t count) {
  (void)isa;
  memcpy(columns, image, count * sizeof *columns);
}

static void scatter_run(const horn__isa *isa, float *image, float *columns, size_t count) {
  isa->binary(HORN__BINARY_Add, image, 1, columns, 1, image, count);
}

/* One row of taps of the window of a pixel. */
static void each_run_of_row(const piece *p, float *row, int64_t column, float *columns, run_function *act) {
  const line *l = &p->g->lines[2];
  const size_t channels = p->g->channels;
  const int64_t start = column * l->stride - l->before;
  int64_t from, to;
  cut(l, start, &from, &to);
  if (l->dilation == 1) {
    if (from < to) act(p->isa, row + (size_t)(start + from) * channels, columns + (size_t)from * channels, (size_t)(to - from) * channels);
    return;
  }
  for (int64_t t = from; t < to; t++)
    act(p->isa, row + (size_t)(start + t * l->dilation) * channels, columns + (size_t)t * channels, channels);
}

/* One slice of taps of the window of the pixel at `line_index` and column. */
static void each_run_of_slice(const piece *p, float *slice, int64_t line_index, int64_t column, float *columns, run_function *act) {
  const line *l = &p->g->lines[1], *width = &p->g->lines[2];
  const size_t row = (size_t)width->size * p->g->channels, taps = (size_t)width->taps * p->g->channels;
  const int64_t start = line_index * l->stride - l->before;
  int64_t from, to;
  cut(l, start, &from, &to);
  for (int64_t t = from; t < to; t++)
    each_run_of_row(p, slice + (size_t)(start + t * l->dilation) * row, column, columns + (size_t)t * taps, act);
}

/* All runs of the pixels' windows that lie in the image. */
static void each_run(const piece *p, float *x, float *columns, run_function *act) {
  const geometry *g = p->g;
  const line *depth = &g->lines[0], *height = &g->lines[1], *width = &g->lines[2];
  const size_t slice = (size_t)height->size * (size_t)width->size * g->channels;
  const size_t taps = (size_t)height->taps * (size_t)width->taps * g->channels;
  for (size_t i = 0; i < p->count; i++, columns += g->width) {
    const int64_t pixel = (int64_t)(p->first + i), row = pixel / width->windows, plane = row / height->windows;
    float *image = x + (size_t)(plane / depth->windows) * (size_t)depth->size * slice;
    const int64_t start = plane % depth->windows * depth->stride - depth->before;
    int64_t from, to;
    cut(depth, start, &from, &to);
    for (int64_t t = from; t < to; t++)
      each_run_of_slice(p, image + (size_t)(start + t * depth->dilation) * slice, row % height->windows, pixel % width->windows,
                        columns + (size_t)t * taps, act);
  }
}

/* The rows for a piece: those of x itself, or written to `columns`. */
static const float *gather(const piece *p, const float *x, float *columns) {
  if (p->g->pointwise) return x + p->first * p->g->channels;
  memset(columns, 0, p->count * p->g->width * sizeof *columns);
  each_run(p, (float *)x, columns, gather_run); /* reads x alone */
  return columns;
}

/* ---- parts --------------------------------------------------------------------------------------------------------------- */

typedef struct work {
  const horn__step *step;
  const horn__isa *isa;
  geometry g;
  const float *x, *dy, *bias;
  float *packed, *columns, *sums; /* of columns and sums one for each part */
  float *y;
} work;

/* The pixels of a part, a chunk at a time. */
static piece next_piece(const work *w, size_t from, size_t to) {
  return (piece){&w->g, w->isa, from, to - from < w->g.chunk ? to - from : w->g.chunk};
}

static float *columns_of(const work *w, size_t part) { return w->columns + part * w->g.chunk * w->g.width; }

static void run_parts(work *w, pthreadpool_task_1d_t task) {
  if (w->g.parts == 1)
    task(w, 0);
  else
    pthreadpool_parallelize_1d(horn__xnn_of(w->step)->pool, task, w, w->g.parts, 0);
}

static size_t part_start(const work *w, size_t part, size_t total) { return total * part / w->g.parts; }

static horn_status add_packed(horn__step *step, size_t inner, size_t columns) {
  return horn__add_workspace(step, inner, horn__packed_columns(columns) * sizeof(float));
}

static float *take_packed(void **at, size_t inner, size_t columns) {
  return horn__take_workspace(at, inner, horn__packed_columns(columns) * sizeof(float));
}

/* ---- y = columns filter --------------------------------------------------------------------------------------------------- */

static geometry forward_geometry(const horn__step *step) {
  return measure(step, &step->in[0].type.shape, &step->in[1].type.shape, &step->out[0].type.shape);
}

bool horn__columns_accepts(const horn__step *step) { return one_group(step, &step->in[0].type.shape, &step->in[1].type.shape); }

horn_status horn__columns_prepare(horn__step *step) {
  const geometry g = forward_geometry(step);
  HORN__TRY(add_packed(step, g.width, g.filters));
  return horn__add_workspace(step, g.parts, g.chunk * g.width * sizeof(float));
}

static void start_rows(float *y, size_t count, size_t width, const float *bias) {
  if (bias == NULL) memset(y, 0, count * width * sizeof *y);
  for (size_t i = 0; i < count && bias != NULL; i++) memcpy(y + i * width, bias, width * sizeof *y);
}

static void forward_part(void *context, size_t part) {
  const work *w = context;
  const geometry *g = &w->g;
  const size_t end = part_start(w, part + 1, g->pixels);
  for (size_t i = part_start(w, part, g->pixels); i < end; i += g->chunk) {
    const piece p = next_piece(w, i, end);
    float *y = w->y + p.first * g->filters;
    const float *rows = gather(&p, w->x, columns_of(w, part));
    start_rows(y, p.count, g->filters, w->bias);
    w->isa->product(&(const horn__product){.a = rows, .a_row = (ptrdiff_t)g->width, .a_column = 1, .b = w->packed, .y = y,
                                           .y_row = g->filters, .rows = p.count, .inner = g->width, .columns = g->filters});
    horn__xnn_activate(w->step, ((const horn__conv *)w->step->attributes)->activation, y, p.count * g->filters);
  }
}

horn_status horn__columns_run(const horn__step *step) {
  void *at = step->workspace;
  work w = {.step = step, .isa = horn__isa_of(step), .g = forward_geometry(step), .x = step->in[0].data, .y = step->out[0].data,
            .bias = horn__xnn_has(step, 2) ? step->in[2].data : NULL};
  w.packed = take_packed(&at, w.g.width, w.g.filters);
  w.columns = horn__take_workspace(&at, w.g.parts, w.g.chunk * w.g.width * sizeof(float));
  w.isa->product_pack(step->in[1].data, w.g.filters, 1, w.g.width, w.g.filters, w.packed);
  run_parts(&w, forward_part);
  return HORN_OK;
}

const horn__kernel horn__xnn_Conv3D = {.accepts = horn__columns_accepts, .prepare = horn__columns_prepare, .run = horn__columns_run};

/* ---- dx: columns = dy filter', added up where windows overlap --------------------------------------------------------------- */

enum { DY, FILTER, X, BIAS };

/* Parts are whole images, so that no two threads add to one pixel. */
static geometry backward_geometry(const horn__step *step) {
  geometry g = measure(step, &step->out[0].type.shape, &step->in[FILTER].type.shape, &step->in[DY].type.shape);
  if (g.parts > g.batch) g.parts = g.batch;
  return g;
}

static bool input_accepts(const horn__step *step) { return one_group(step, &step->out[0].type.shape, &step->in[FILTER].type.shape); }

static horn_status input_prepare(horn__step *step) {
  const geometry g = backward_geometry(step);
  HORN__TRY(add_packed(step, g.filters, g.width));
  return horn__add_workspace(step, g.parts, g.chunk * g.width * sizeof(float));
}

static void input_part(void *context, size_t part) {
  const work *w = context;
  const geometry *g = &w->g;
  const size_t image = g->pixels / g->batch, size = horn__size_of(&w->step->out[0]) / g->batch / g->channels;
  const size_t first = part_start(w, part, g->batch), last = part_start(w, part + 1, g->batch);
  float *columns = columns_of(w, part), *dx = w->y + first * size * g->channels;
  start_rows(dx, (last - first) * size, g->channels, w->bias);
  for (size_t i = first * image; i < last * image; i += g->chunk) {
    const piece p = next_piece(w, i, last * image);
    float *rows = g->pointwise ? w->y + p.first * g->channels : columns;
    if (!g->pointwise) memset(rows, 0, p.count * g->width * sizeof *rows);
    w->isa->product(&(const horn__product){.a = w->dy + p.first * g->filters, .a_row = (ptrdiff_t)g->filters, .a_column = 1, .b = w->packed,
                                           .y = rows, .y_row = g->width, .rows = p.count, .inner = g->filters, .columns = g->width});
    if (!g->pointwise) each_run(&p, w->y, columns, scatter_run);
  }
  horn__xnn_activate(w->step, ((const horn__conv *)w->step->attributes)->activation, dx, (last - first) * size * g->channels);
}

static horn_status input_run(const horn__step *step) {
  void *at = step->workspace;
  work w = {.step = step, .isa = horn__isa_of(step), .g = backward_geometry(step), .dy = step->in[DY].data, .y = step->out[0].data,
            .bias = horn__xnn_has(step, BIAS) ? step->in[BIAS].data : NULL};
  w.packed = take_packed(&at, w.g.filters, w.g.width);
  w.columns = horn__take_workspace(&at, w.g.parts, w.g.chunk * w.g.width * sizeof(float));
  w.isa->product_pack(step->in[FILTER].data, 1, w.g.filters, w.g.filters, w.g.width, w.packed);
  run_parts(&w, input_part);
  return HORN_OK;
}

const horn__kernel horn__xnn_Conv2DBackpropInput = {.accepts = input_accepts, .prepare = input_prepare, .run = input_run};
const horn__kernel horn__xnn_Conv3DBackpropInputV2 = {.accepts = input_accepts, .prepare = input_prepare, .run = input_run};

/* ---- dfilter = columns' dy ----------------------------------------------------------------------------------------------------- */

static geometry filter_geometry(const horn__step *step) {
  return measure(step, &step->in[0].type.shape, &step->out[0].type.shape, &step->in[1].type.shape);
}

static bool filter_accepts(const horn__step *step) { return one_group(step, &step->in[0].type.shape, &step->out[0].type.shape); }

static horn_status filter_prepare(horn__step *step) {
  const geometry g = filter_geometry(step);
  HORN__TRY(add_packed(step, g.parts * g.chunk, g.filters));
  HORN__TRY(horn__add_workspace(step, g.parts, g.chunk * g.width * sizeof(float)));
  return horn__add_workspace(step, g.parts, horn__size_of(&step->out[0]) * sizeof(float));
}

static void filter_part(void *context, size_t part) {
  const work *w = context;
  const geometry *g = &w->g;
  const size_t end = part_start(w, part + 1, g->pixels), size = g->width * g->filters;
  float *packed = w->packed + part * g->chunk * horn__packed_columns(g->filters), *sums = part == 0 ? w->y : w->sums + part * size;
  memset(sums, 0, size * sizeof *sums);
  for (size_t i = part_start(w, part, g->pixels); i < end; i += g->chunk) {
    const piece p = next_piece(w, i, end);
    const float *rows = gather(&p, w->x, columns_of(w, part));
    w->isa->product_pack(w->dy + p.first * g->filters, g->filters, 1, p.count, g->filters, packed);
    w->isa->product(&(const horn__product){.a = rows, .a_row = 1, .a_column = (ptrdiff_t)g->width, .b = packed, .y = sums,
                                           .y_row = g->filters, .rows = g->width, .inner = p.count, .columns = g->filters});
  }
}

static horn_status filter_run(const horn__step *step) {
  void *at = step->workspace;
  work w = {.step = step, .isa = horn__isa_of(step), .g = filter_geometry(step), .x = step->in[0].data, .dy = step->in[1].data,
            .y = step->out[0].data};
  const size_t size = horn__size_of(&step->out[0]);
  w.packed = take_packed(&at, w.g.parts * w.g.chunk, w.g.filters);
  w.columns = horn__take_workspace(&at, w.g.parts, w.g.chunk * w.g.width * sizeof(float));
  w.sums = horn__take_workspace(&at, w.g.parts, size * sizeof(float));
  run_parts(&w, filter_part);
  for (size_t part = 1; part < w.g.parts; part++)
    w.isa->binary(HORN__BINARY_Add, w.y, 1, w.sums + part * size, 1, w.y, size);
  return HORN_OK;
}

const horn__kernel horn__xnn_Conv2DBackpropFilter = {.accepts = filter_accepts, .prepare = filter_prepare, .run = filter_run};
const horn__kernel horn__xnn_Conv3DBackpropFilterV2 = {.accepts = filter_accepts, .prepare = filter_prepare, .run = filter_run};
