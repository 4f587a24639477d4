/* small_graph.h: graphs written by hand in tests, and their values by running one node after the other, without a plan. */
#ifndef SMALL_GRAPH_H
#define SMALL_GRAPH_H

#include "case.h"
#include "ops/emit.h"

enum { MOST_GIVEN = 8 };

/** A graph with the tensors of its inputs. */
typedef struct small_graph {
  horn_context *ctx;
  horn__graph *graph;
  horn__tensor *given[MOST_GIVEN]; /* by index of the input */
} small_graph;

void small_create(horn_context *ctx, small_graph *out);
void small_release(small_graph *s);

/** A tensor written as an operand of a case. */
horn__tensor *small_tensor(horn_context *ctx, const char *operand);

/** An input of the graph with these elements; its dimensions are unknown to the graph where `open`. */
horn__value small_input(small_graph *s, const char *operand, bool open);
/** A constant or weight of the graph. */
horn__value small_constant(small_graph *s, const char *operand, horn__value_kind kind);

/** The elements of a value: every node is run by itself. The caller releases it. */
horn__tensor *small_evaluate(const small_graph *s, horn__value value);

/** Exits the program with the context's message where the status is an error: for what cannot fail in a test. */
void small_must(horn_context *ctx, horn_status status);

/** Whether the tensor has this type and these elements (an operand of a case), nearly. */
bool small_equals(const horn__tensor *tensor, const char *operand);

#endif
