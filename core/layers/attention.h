/* attention.h: masks that attentions share. */
#ifndef HORN_LAYERS_ATTENTION_H
#define HORN_LAYERS_ATTENTION_H

#include "layers/common.h"

/** The numbers of the steps along an axis: of the query as a column [T, 1], of the value as a row [1, S]. */
void horn__step_numbers(horn__graph *g, horn__value query, horn__value value, int32_t axis, horn__value *rows, horn__value *columns);
/** [T, S]: a step of the query sees no later step of the value. */
horn__value horn__causal_mask(horn__graph *g, horn__value query, horn__value value, int32_t axis);
/** Where both masks hold; one of them, or both, may be HORN__NONE. */
horn__value horn__both_masks(horn__graph *g, horn__value a, horn__value b);

#endif
