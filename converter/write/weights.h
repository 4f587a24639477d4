/* weights.h: weights as datasets. */
#ifndef HORN_WRITE_WEIGHTS_H
#define HORN_WRITE_WEIGHTS_H

#include "hdf5/write.h"
#include "match/match.h"

/** The array of a weight at a path below a group. */
void horn__h5w_weight(horn__h5w *file, horn__h5w_object *group, const char *path, const horn__target *target);

#endif
