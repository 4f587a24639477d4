/* walk.h: broadcast inputs walked in long rows: axes along which all inputs go on evenly are one. */
#ifndef HORN_XNN_WALK_H
#define HORN_XNN_WALK_H

#include "backends/xnn/xnn.h"

enum { HORN__WALK_INPUTS = 3 };

typedef struct horn__walk {
  int32_t inputs;
  horn__shape outer;                                 /* axes that are walked by an odometer */
  size_t strides[HORN__WALK_INPUTS][HORN_MAX_RANK];  /* of each input along them, in elements; 0: broadcast */
  size_t inner, steps[HORN__WALK_INPUTS];            /* length of a row, and 0 or 1 for how each input walks it */
} horn__walk;

/** Does `count` elements of a row: input k starts at element at[k], the output at element `to`. */
typedef void horn__walk_row(const horn__step *step, const horn__walk *walk, const void *user, const size_t *at, size_t to, size_t count);

/** prepare and finish of steps whose state is a horn__walk over their first `inputs` inputs. */
horn_status horn__walk_prepare(horn__step *step, int32_t inputs);
void horn__walk_finish(horn__step *step);

/** Calls row for all of the output, on all threads where elements of `cost` operations each are worth it. */
void horn__walk_run(const horn__step *step, double cost, horn__walk_row *row, const void *user);

#endif
