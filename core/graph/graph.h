/* graph.h: values and nodes, emitting, gradients, plans. Layers, eager ops and gradients all come through here. */
#ifndef HORN_GRAPH_H
#define HORN_GRAPH_H

#include "backends/backend.h"

typedef enum horn__value_kind {
  HORN__INPUT,    /* bound at each run */
  HORN__WEIGHT,   /* a tensor that may change between runs (a variable): constant within a plan for inference */
  HORN__CONSTANT, /* a tensor that never changes */
  HORN__RESULT    /* output of a node */
} horn__value_kind;

typedef struct horn__value_info {
  horn__value_kind kind;
  horn__type type;
  horn__tensor *tensor;  /* WEIGHT, CONSTANT: one reference is the graph's */
  int32_t node, output;  /* RESULT: which output of which node */
} horn__value_info;

struct horn__node {
  const horn__op *op;
  const void *attributes;   /* in the graph's arena */
  int32_t inputs;
  horn__value *in;          /* HORN__NONE: an absent optional input */
  horn__value out[HORN__MAX_OUTPUTS];
  const char *label;        /* of the layer that emitted it, for messages and profiles; may be NULL */
};

/** What a weight is after each run of the graph, whatever outputs the run is asked for. Nothing in a run sees it: whoever reads the weight
 *  reads what it was before. */
typedef struct horn__update {
  horn__value weight, next;
} horn__update;

struct horn__graph {
  horn_context *ctx;
  horn__arena arena;
  horn__value_info *values;
  size_t value_count, value_capacity;
  horn__node *nodes;        /* in an order in which they can run */
  size_t node_count, node_capacity;
  horn__value *inputs;
  size_t input_count, input_capacity;
  horn__update *updates;
  size_t update_count, update_capacity;
  const char *label;        /* given to the nodes that are emitted now */
  horn__value seed;         /* int32 [2], new for each run, of a graph for training: random layers draw from it. HORN__NONE: for inference */
  horn_status status;       /* sticky: the first failed emit; its message is on the context */
};

/** Whether layers behave as in training: they drop, add noise, normalize by the batch. */
static inline bool horn__is_training(const horn__graph *graph) { return graph->seed != HORN__NONE; }

horn_status horn__graph_create(horn_context *ctx, horn__graph **out);
void horn__graph_release(horn__graph *graph);

/* ---- emitting: returns the value, HORN__NONE with graph->status set after a failure ------------------------------------ */

horn__value horn__graph_input(horn__graph *graph, const horn__type *type);
/** The graph takes a reference of its own. */
horn__value horn__graph_tensor(horn__graph *graph, horn__tensor *tensor, horn__value_kind kind);
/** A WEIGHT whose tensor comes later, by horn__graph_bind, before any plan. */
horn__value horn__graph_weight(horn__graph *graph, const horn__type *type);
/** Gives a WEIGHT its tensor (of its type); the graph takes a reference of its own and gives an earlier one back. */
void horn__graph_bind(horn__graph *graph, horn__value value, horn__tensor *tensor);
/** Makes a WEIGHT or a CONSTANT an input, the last one: what it is computed with is said at each run. */
horn_status horn__graph_loosen(horn__graph *graph, horn__value value);
/** Makes `next`, of a weight's type, what the weight is after each run; of several calls for one weight the last one counts. */
horn_status horn__graph_update(horn__graph *graph, horn__value weight, horn__value next);
/** A float32 scalar constant. */
horn__value horn__graph_scalar(horn__graph *graph, double number);
/** A scalar constant, a string. */
horn__value horn__graph_string(horn__graph *graph, const char *text);
/** A scalar constant of any dtype. */
horn__value horn__graph_scalar_of(horn__graph *graph, double number, horn_dtype dtype);

/** A constant of int32, its elements copied. */
horn__value horn__graph_ints(horn__graph *graph, int32_t rank, const int32_t *dims, const int32_t *values);

/** Adds a node; attributes (a struct as the op's table describes, or NULL for its defaults) are copied. Returns its first output. */
horn__value horn__emit(horn__graph *graph, const horn__op *op, const void *attributes, const horn__value *inputs, int32_t count);
/** Output `index` of the node whose first output is `first`. */
horn__value horn__sibling(horn__graph *graph, horn__value first, int32_t index);

const horn__type *horn__type_of(const horn__graph *graph, horn__value value);

/** EMIT(graph, Conv2D, &attributes, x, kernel): a node from values in place. */
#define HORN__EMIT(graph, Op, attributes, ...)                                \
  horn__emit((graph), &horn__op_##Op, (attributes), (const horn__value[]){__VA_ARGS__}, \
             (int32_t)(sizeof((const horn__value[]){__VA_ARGS__}) / sizeof(horn__value)))

/* ---- gradients ----------------------------------------------------------------------------------------------------- */

/** Appends the nodes of d(sum over ys of sum(y * dy)) / dx for each x. dys may be NULL (ones), an entry may be HORN__NONE (ones).
 *  out[i] is HORN__NONE where no y depends on xs[i]. */
horn_status horn__graph_gradients(horn__graph *graph, const horn__value *ys, const horn__value *dys, int32_t y_count,
                                  const horn__value *xs, int32_t x_count, horn__value *out);

/* ---- rewriting ------------------------------------------------------------------------------------------------------ */

/** A copy with known input shapes (types[i] for input i), without the nodes that neither `outputs` nor the updates of weights need. outputs are
 *  renamed in place. */
horn_status horn__graph_specialize(const horn__graph *graph, const horn__type *types, horn__value *outputs, int32_t count,
                                   horn__graph **out);

/** Makes a specialized graph cheaper without changing what it computes; values outputs are renamed in place. Weights count as constants. */
horn_status horn__graph_fuse(horn__graph **graph, horn__value *outputs, int32_t count);

/* ---- plans ----------------------------------------------------------------------------------------------------------- */

typedef struct horn__plan horn__plan;

/** Plans a graph for these input types: specializes, fuses, prepares kernels, lays all intermediate results into one arena. */
horn_status horn__plan_create(const horn__graph *graph, const horn__type *inputs, const horn__value *outputs, int32_t count,
                              horn__plan **out);
void horn__plan_release(horn__plan *plan);
/** To be called before each run: makes the plan again where weights that it has packed were written since. Weights that are written between
 *  most runs are not packed any more, but read, until a few runs have found them as they were; so are those that the graph updates, always.
 *  graph and outputs as for horn__plan_create. */
horn_status horn__plan_renew(horn__plan **plan, const horn__graph *graph, const horn__value *outputs);
/** Whether a plan is for these input types. */
bool horn__plan_fits(const horn__plan *plan, const horn__type *inputs);
/** Runs: elements of the inputs in, elements of the outputs out, each in memory as a tensor has it; then the updated weights are what they
 *  become. Allocates nothing. Where a step fails, some of them may be new and others old. */
horn_status horn__plan_run(horn__plan *plan, void *const *inputs, void *const *outputs);
/** The same; `after`, with its `data`, is called behind each step: for profiles. */
horn_status horn__plan_watch(horn__plan *plan, void *const *inputs, void *const *outputs, void (*after)(void *data, size_t step), void *data);
/** Whether a run writes these elements, since they are an updated weight's: no input may lie there. */
bool horn__plan_writes(const horn__plan *plan, const void *data);
/** How many updates are copied at the end of a run, since they could not be computed where the weight lies. For tests. */
size_t horn__plan_copied_updates(const horn__plan *plan);
const horn__type *horn__plan_output(const horn__plan *plan, int32_t index);
/** Bytes of the arena and, for comparison, the largest sum of results alive at once. */
void horn__plan_memory(const horn__plan *plan, size_t *arena_bytes, size_t *live_bytes);
/** Number of steps and the op of each, for tests and profiles. */
size_t horn__plan_steps(const horn__plan *plan);
const horn__op *horn__plan_step_op(const horn__plan *plan, size_t index);

/** Runs one op at once, outside any graph. outputs are new tensors, op->outputs of them. */
horn_status horn__run_eager(horn_context *ctx, const horn__op *op, const void *attributes, horn__tensor *const *inputs, int32_t count,
                            horn__tensor **outputs);

/** Fills defaults of optional outputs and types for a step: the shape rule with its checks on counts. */
horn_status horn__infer_types(horn_context *ctx, const horn__op *op, const void *attributes, const horn__type *in, int32_t count,
                              horn__type *out);

#endif
