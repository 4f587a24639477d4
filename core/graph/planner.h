/* planner.h: what a plan is, for those that make it (planner.c) and run it (plan.c). */
#ifndef HORN_PLANNER_H
#define HORN_PLANNER_H

#include "graph/layout.h"

/** Where an operand's memory comes from at each run. */
typedef struct horn__patch {
  horn__operand *operand;
  int32_t index;  /* of the input or output */
  bool output;
} horn__patch;

/** An output that no step writes: an input, a constant, or the same value twice. */
typedef struct horn__copy {
  int32_t output;
  horn__operand source; /* patched like an operand where it is an input or an output */
} horn__copy;

/** What a weight becomes at the end of a run. */
typedef struct horn__write {
  horn__tensor *weight;
  horn__operand next;
  bool in_place; /* a step computes it where the weight lies */
} horn__write;

struct horn__plan {
  horn_context *ctx;
  horn__graph *graph;      /* specialized and fused; owns attributes and constants */
  horn__type *input_types; /* of the caller's inputs */
  size_t input_count;
  horn__value *outputs;
  int32_t output_count;
  horn__step *steps;
  size_t step_count;
  horn__operand *operands; /* of all steps */
  horn__patch *patches;
  size_t patch_count;
  horn__copy *copies;
  size_t copy_count;
  horn__write *writes;           /* by update of the graph */
  void *memory;
  size_t memory_bytes, live_bytes;
  horn__tensor **weights;  /* that are read at each run: inputs behind the caller's */
  size_t weight_count;
  horn__tensor **watched;  /* that are packed and folded as constants, or would be if they were not written so often */
  size_t watched_count;
  bool reads;              /* the watched ones are read too */
  uint64_t versions;       /* of the watched ones, together, as far as this plan has seen them */
  int32_t quiet;           /* runs since they were last written, or since the plan was made */
};

/** Gives updates of weights, whose types it checks, nodes of their own where they are no results: two weights may become one another. */
horn_status horn__settle_updates(const horn__plan *plan);

/** Makes the steps of plan->graph, a specialized and fused one, prepares their kernels, and gives every operand its memory. */
horn_status horn__make_steps(horn__plan *plan);

#endif
