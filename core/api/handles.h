/* handles.h: the table behind the public uint32 handles. */
#ifndef HORN_HANDLES_H
#define HORN_HANDLES_H

#include "layers/model.h"

/** A graph that was made through the public functions, with the plans it has run. */
typedef struct horn__graph_entry horn__graph_entry;

typedef enum horn__kind { HORN__FREE, HORN__TENSOR, HORN__SYMBOL, HORN__GRAPH, HORN__MODEL } horn__kind;

typedef struct horn__slot_entry {
  horn__kind kind;
  uint32_t generation;
  union {
    horn__tensor *tensor;
    horn__graph_entry *graph; /* of GRAPH and SYMBOL */
    horn__model *model;
    uint32_t next;            /* of FREE: the next free slot, counted from 1; 0: none */
  } as;
  horn__value value;          /* of SYMBOL */
} horn__slot_entry;

typedef struct horn__handles {
  horn__slot_entry *slots;
  size_t count, capacity;
  uint32_t oldest, newest;    /* free slots form a queue, counted from 1; 0: none */
  size_t free_count;
  size_t alive[HORN__MODEL + 1]; /* by kind */
} horn__handles;

/** Makes the table, with room for what the queue of free slots needs. */
horn_status horn__handles_create(horn_context *ctx);
/** A new handle; as and value are set by the caller in *out_entry. */
horn_status horn__handle_create(horn_context *ctx, horn__kind kind, uint32_t *out_handle, horn__slot_entry **out_entry);
/** The entry of a handle of this kind; fails with "who: ..." where it is none. */
horn_status horn__handle_get(horn_context *ctx, const char *who, uint32_t handle, horn__kind kind, horn__slot_entry **out);
/** The entry of a live handle of any kind, or NULL. */
horn__slot_entry *horn__handle_find(horn_context *ctx, uint32_t handle);
/** Frees the slot, not what it holds. */
void horn__handle_free(horn_context *ctx, horn__slot_entry *entry);

/** Releases what an entry holds, and its slot. */
void horn__entry_release(horn_context *ctx, horn__slot_entry *entry);

/** A handle for a tensor whose reference passes to the table (also on failure). */
horn_status horn__tensor_handle(horn_context *ctx, horn__tensor *tensor, horn_tensor *out);
/** Handles for `count` tensors whose references pass to the table; on failure none is left. */
horn_status horn__tensor_handles(horn_context *ctx, horn__tensor **tensors, int32_t count, horn_tensor *out);
/** A handle for a value of a graph. */
horn_status horn__symbol_handle(horn_context *ctx, horn__graph_entry *graph, horn__value value, horn_tensor *out);

/** Handles for values of a graph, 0 for HORN__NONE; on failure none is left. */
horn_status horn__symbol_handles(horn_context *ctx, horn__graph_entry *graph, const horn__value *values, int32_t count, horn_tensor *out);

/** The entries of tensors and of tensors of one graph, which *out_graph is (NULL: there are none). A handle of 0 stands for one that is left
 *  out: its entry is FREE. */
horn_status horn__find_operands(horn_context *ctx, const char *who, const horn_tensor *handles, size_t count, horn__slot_entry *out_entries,
                                horn__graph_entry **out_graph);
/** The type of such an entry, NULL where it is left out. */
const horn__type *horn__entry_type(const horn__slot_entry *entry);
/** Its value in its graph: a tensor with elements is a constant there. */
horn__value horn__entry_value(horn__graph *graph, const horn__slot_entry *entry);

/** The status of a graph, which is HORN_OK afterwards: a failed emit must not make the graph useless, as the failed node was never added. */
horn_status horn__take_status(horn__graph *graph);

void horn__graph_entry_release(horn_context *ctx, horn__graph_entry *entry);
horn__graph *horn__graph_of(const horn__graph_entry *entry);

/** A type from a caller's dtype and shape, checked; -1 dimensions where `unknown` is allowed. */
horn_status horn__type_read(horn_context *ctx, const char *who, horn_dtype dtype, const int32_t *shape, size_t rank, bool unknown, horn__type *out);

#endif
