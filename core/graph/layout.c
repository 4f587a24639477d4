/* Packs regions, the largest first, each into the lowest gap among those already placed whose lives meet its own. Reference: Pisarchyk and
 * Lee, Efficient Memory Management for Deep Neural Net Inference (2020), "greedy by size". */
#include "graph/layout.h"

#include <stdlib.h>

enum { ALIGN = 64 };

static size_t footprint(const horn__region *region) {
  return (region->bytes + HORN__BUFFER_EXTRA + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static int larger_first(const void *a, const void *b) {
  const horn__region *x = *(horn__region *const *)a, *y = *(horn__region *const *)b;
  if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first;
}

static bool meet(const horn__region *a, const horn__region *b) { return a->first <= b->last && b->first <= a->last; }

/* placed holds `count` regions by ascending offset; puts region among them. */
static void place(horn__region **placed, size_t count, horn__region *region) {
  size_t end = 0;
  for (size_t i = 0; i < count; i++) {
    if (!meet(placed[i], region)) continue;
    if (placed[i]->offset >= end && placed[i]->offset - end >= footprint(region)) break;
    size_t behind = placed[i]->offset + footprint(placed[i]);
    if (behind > end) end = behind;
  }
  region->offset = end;
  size_t at = count;
  for (; at > 0 && placed[at - 1]->offset > end; at--) placed[at] = placed[at - 1];
  placed[at] = region;
}

/* Largest sum of bytes alive at one step, by the changes at each step. */
static horn_status find_live(horn_context *ctx, horn__region *const *regions, size_t count, size_t steps, size_t *live) {
  size_t *born = horn__alloc(ctx, 2 * (steps + 1) * sizeof *born, true), alive = 0;
  if (born == NULL) return HORN_E_OUT_OF_MEMORY;
  size_t *died = born + steps + 1;
  for (size_t i = 0; i < count; i++) {
    born[regions[i]->first] += regions[i]->bytes;
    if ((size_t)regions[i]->last < steps) died[regions[i]->last] += regions[i]->bytes;
  }
  *live = 0;
  for (size_t s = 0; s < steps; s++) {
    alive += born[s];
    if (alive > *live) *live = alive;
    alive -= died[s];
  }
  horn__free(ctx, born);
  return HORN_OK;
}

horn_status horn__layout(horn_context *ctx, horn__region **regions, size_t count, size_t steps, size_t *total, size_t *live) {
  *total = 0;
  HORN__TRY(find_live(ctx, regions, count, steps, live));
  horn__region **placed = horn__alloc(ctx, count * sizeof *placed + 1, false);
  if (placed == NULL) return HORN_E_OUT_OF_MEMORY;
  if (count > 1) qsort(regions, count, sizeof *regions, larger_first);
  horn_status status = HORN_OK;
  for (size_t i = 0; status == HORN_OK && i < count; i++) {
    place(placed, i, regions[i]);
    size_t end = regions[i]->offset + footprint(regions[i]);
    if (end > *total) *total = end;
    if (end > SIZE_MAX / 4) status = horn__fail(ctx, HORN_E_LIMIT, "plan: intermediate results need more than %zu bytes", SIZE_MAX / 4);
  }
  horn__free(ctx, placed);
  return status;
}
