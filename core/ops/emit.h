/* emit.h: the few ops that gradients and layers write most, as functions. Each returns the value of its result. */
#ifndef HORN_EMIT_H
#define HORN_EMIT_H

#include "graph/graph.h"

static inline horn__value horn__add(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Add, NULL, a, b); }
static inline horn__value horn__sub(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Sub, NULL, a, b); }
static inline horn__value horn__mul(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Multiply, NULL, a, b); }
static inline horn__value horn__div(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, RealDiv, NULL, a, b); }
static inline horn__value horn__neg(horn__graph *g, horn__value a) { return HORN__EMIT(g, Neg, NULL, a); }
static inline horn__value horn__square(horn__graph *g, horn__value a) { return HORN__EMIT(g, Square, NULL, a); }
/** A number minus a. */
static inline horn__value horn__minus(horn__graph *g, double number, horn__value a) { return horn__sub(g, horn__graph_scalar(g, number), a); }
/** a times a number. */
static inline horn__value horn__scale(horn__graph *g, horn__value a, double number) {
  return horn__mul(g, a, horn__graph_scalar(g, number));
}
/** a plus a number. */
static inline horn__value horn__shift(horn__graph *g, horn__value a, double number) {
  return horn__add(g, a, horn__graph_scalar(g, number));
}
/** a where condition (bool) holds, b elsewhere; broadcast. */
static inline horn__value horn__select(horn__graph *g, horn__value condition, horn__value a, horn__value b) {
  return HORN__EMIT(g, Select, NULL, condition, a, b);
}
/** Whether a is above a number. */
horn__value horn__above(horn__graph *g, horn__value a, double number);
/** a where condition (bool) holds, zero elsewhere. */
horn__value horn__mask(horn__graph *g, horn__value a, horn__value condition);

/** x through an activation: one op, for horn__activation_of to recognise, or for those that no kernel applies several. */
horn__value horn__activation_value(horn__graph *g, horn__value x, int32_t activation);
/** Whether an op with these attributes is an activation; writes which. */
bool horn__activation_of(const horn__op *op, const void *attributes, int32_t *activation);

#endif
