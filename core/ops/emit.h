/* emit.h: the few ops that gradients and layers write most, as functions. Each returns the value of its result. */
#ifndef HORN_EMIT_H
#define HORN_EMIT_H

#include "graph/graph.h"

static inline horn__value horn__add(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Add, NULL, a, b); }
static inline horn__value horn__sub(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Sub, NULL, a, b); }
static inline horn__value horn__mul(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Multiply, NULL, a, b); }
static inline horn__value horn__div(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, RealDiv, NULL, a, b); }
static inline horn__value horn__neg(horn__graph *g, horn__value a) { return HORN__EMIT(g, Neg, NULL, a); }
/** a times a number. */
static inline horn__value horn__scale(horn__graph *g, horn__value a, double number) {
  return horn__mul(g, a, horn__graph_scalar(g, number));
}
/** a plus a number. */
static inline horn__value horn__shift(horn__graph *g, horn__value a, double number) {
  return horn__add(g, a, horn__graph_scalar(g, number));
}
/** a where condition (bool) holds, zero elsewhere. */
horn__value horn__mask(horn__graph *g, horn__value a, horn__value condition);

#endif
