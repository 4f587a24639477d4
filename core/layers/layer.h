/* layer.h: what a layer is. One static const horn__layer_class a name, a row in layers.def, a golden folder: that is all a layer needs.
 * A layer emits ops: shapes, gradients and kernels follow from them. */
#ifndef HORN_LAYER_H
#define HORN_LAYER_H

#include "ops/attributes.h"
#include "ops/emit.h"

enum { HORN__MAX_SLOTS = HORN__MAX_INPUTS /* inputs or outputs of one layer: what one op can take */ };

typedef struct horn__layer horn__layer;

/** A tensor between layers: its value and its mask ([batch, time] bool, true: use it), HORN__NONE where there is none. */
typedef struct horn__slot {
  horn__value value, mask;
} horn__slot;

typedef struct horn__weight {
  const char *name;      /* within the layer: "kernel" */
  horn__shape shape;
  bool trainable;
  bool counts;           /* how many, and may be int32 in a file */
  const char *initializer; /* JSON of the initializer it starts from where no config field of its name says so; NULL: that field, or zeros */
  horn__tensor *tensor;  /* float32; NULL until the model has its weights */
  horn__value value;     /* in the model's graph, once a call has used it */
  horn__value next;      /* what it is after a run, where no gradient says so (a moving average); HORN__NONE: calls leave it as it is */
} horn__weight;

/** What a layer keeps from one run to the next: an input of the graph, which the model gives, and the value that it becomes. */
typedef struct horn__state {
  horn__type type;
  horn__tensor *tensor, *next; /* what the last run has left, zeros at first, and room for what the next one will; NULL until the first */
  const horn__graph *graph;    /* of before and after */
  horn__value before, after;
} horn__state;

/** A call in progress: inputs in, outputs to fill. */
typedef struct horn__call {
  horn__layer *layer;
  horn__graph *graph;
  const void *config;    /* the layer's struct */
  const cJSON *arguments; /* keyword arguments of this call (those that are tensors are inputs): an object, or NULL */
  int32_t count;         /* of inputs */
  const horn__slot *in;
  int32_t outputs;       /* 1 before call; a call with several sets it */
  horn__slot *out;       /* HORN__MAX_SLOTS of them, all HORN__NONE at first */
} horn__call;

typedef enum horn__mask_rule {
  HORN__MASK_STOPS,      /* a mask goes no further */
  HORN__MASK_PASSES      /* output 0 has input 0's mask, unless call has set one */
} horn__mask_rule;

typedef struct horn__layer_class {
  const char *name;      /* class_name in Keras 2, Keras 3 and TensorFlow.js */
  const char *aliases;   /* other class names with the same meaning, "|" between them; or NULL */
  horn__mask_rule mask;
  /** (optional) What a call takes, in order, "|" between the names: input i is parameter i, HORN__NONE where a call leaves it out. Without it
   *  all tensors of a call are one list. */
  const char *parameters;
  int32_t min_inputs, max_inputs;
  bool foreign;          /* a class that JavaScript brings: its config is kept as it came, and it cannot be called */
  horn__fields config;
  const char *since_keras3; /* (optional) names of config that Keras 2's class does not take, "|" between them */
  const struct horn__cell *cell; /* (optional) of what can be the cell of a recurrent layer: recurrent.h */
  /** (optional) Checks config and creates child layers, before anything is called. */
  horn_status (*create)(horn__layer *layer);
  /** (optional) Adds the weights in the order of Keras's layer.weights; called once, before the first call. */
  horn_status (*build)(horn__layer *layer, const horn__type *inputs, int32_t count);
  /** Emits ops. */
  horn_status (*call)(horn__call *call);
} horn__layer_class;

struct horn__layer {
  horn_context *ctx;
  horn__arena *arena;             /* the model's */
  const horn__layer_class *type;
  int32_t keras;                  /* major version of the Keras that wrote the config: 1, 2 or 3; 0: TensorFlow.js or Hornbeam, in Keras 2's form */
  const cJSON *foreign;           /* as horn__origin has it, for its children */
  int32_t depth;                  /* of nesting */
  const char *name;
  const char *prefix;             /* put before its weights' names: "bidirectional/forward_lstm"; its own name by default */
  bool trainable;
  const char *dtype;
  horn__ints batch_input_shape;
  void *config;                   /* the struct of type->config */
  const cJSON *json;              /* the config object */
  horn__layer *activation;        /* a child that output 0 goes through, where the config's activation is a layer; or NULL */
  cJSON *plain;                   /* the config without that; or NULL */
  bool built;
  horn__weight *weights;
  size_t weight_count, weight_capacity;
  horn__layer **children;         /* of wrappers and models, in the order of their weights */
  size_t child_count, child_capacity;
  horn__state *states;            /* of stateful layers, in the arena */
  int32_t state_count;
  void *data;                     /* the class's own, in the arena */
  int32_t outputs;                /* of the first call, for summaries */
  horn__type *output_types;
};

#define HORN_LAYER(Name) extern const horn__layer_class horn__layer_##Name;
#include "layers/layers.def"
#undef HORN_LAYER

/** Class with this class_name or alias, or NULL. */
const horn__layer_class *horn__layer_named(const char *name);
const horn__layer_class *horn__layer_at(int32_t index);
int32_t horn__layer_class_count(void);

/** Whether Keras 3 recorded {"module", "class_name"} as an operation on tensors, of keras.src.ops, instead of as a layer. */
bool horn__is_keras_operation(const cJSON *json);

/** The operations on tensors that layers may stand for, as a JSON array: the names of each, "|" between. */
void horn__describe_operations(horn__text *text);

/* ---- for layer files --------------------------------------------------------------------------------------------- */

/** Fails with the class and name of the layer before the message: `Dense "dense_1": ...`. */
horn_status horn__layer_fail(const horn__layer *layer, horn_status status, const char *format, ...) HORN__PRINTF(3, 4);

/** Adds a weight of shape dims[rank] in build; every dimension must be known. */
horn_status horn__add_weight(horn__layer *layer, const char *name, int32_t rank, const int32_t *dims, bool trainable);

/** The value of weight `index` of the layer that is called. */
horn__value horn__weight_value(horn__call *call, int32_t index);

/** The same weight as earlier calls in this graph leave it. */
horn__value horn__moved_weight(horn__call *call, int32_t index);
/** What the weight is from now on; a constant to later calls, as Keras has it. Who runs the graph writes it to the weight. */
void horn__move_weight(horn__call *call, int32_t index, horn__value next);

/** Creates a child from {"class_name", "config"} in `create`, and appends it to layer->children. `prefix` goes before the child's weight
 *  names (NULL: the child's own name). */
horn_status horn__add_child(horn__layer *layer, const cJSON *json, const char *prefix, horn__layer **out);

/** Puts the layer's prefix, and `name` unless it is NULL, before the names of a child's weights, and of those of the layers within it that have
 *  its own there. */
horn_status horn__prefix_child(const horn__layer *layer, horn__layer *child, const char *name);

/** State `index` of `count` of the layer that is called, as an earlier call or run has left it, zeros before; every dimension is known. */
horn__value horn__state_value(horn__call *call, int32_t index, int32_t count, const horn__type *type);
/** What the state is from now on; a constant to later calls, as Keras has it. */
void horn__keep_state(horn__call *call, int32_t index, horn__value value);

/** Adds the layer's weights for inputs of these types, unless it has them. */
horn_status horn__layer_build(horn__layer *layer, const horn__type *types, int32_t count);

/** Calls a layer (building it at first); out has room for HORN__MAX_SLOTS. */
horn_status horn__layer_call(horn__layer *layer, horn__graph *graph, const horn__slot *in, int32_t count, horn__slot *out, int32_t *outputs);

/** The same for a call with arguments: layer, graph, arguments, count, in and out are set, outputs is written. */
horn_status horn__layer_run(horn__call *call);

/** The keyword argument `name` of a call where it is a boolean, false otherwise. */
bool horn__call_flag(const horn__call *call, const char *name);

/** Where configs come from. */
typedef struct horn__origin {
  int32_t keras;                  /* as horn__layer has it */
  const cJSON *foreign;           /* names of classes that are not the library's own, or NULL */
} horn__origin;

/** Creates a layer of any class from {"class_name", "config"}; it lives in the arena, releases with horn__layer_release. */
horn_status horn__layer_create(horn__arena *arena, const cJSON *json, const horn__origin *origin, int32_t depth, horn__layer **out);
void horn__layer_release(horn__layer *layer);

/** Turns a Keras 1 layer {"class_name", "config"} into what Keras 2 writes, in place. */
horn_status horn__keras1_upgrade(horn_context *ctx, cJSON *layer);

/** Type of input i of a call. */
static inline const horn__type *horn__call_type(const horn__call *call, int32_t i) { return horn__type_of(call->graph, call->in[i].value); }

/** Sets output 0 and returns the graph's status: `return horn__return(call, y);` ends a call. */
static inline horn_status horn__return(horn__call *call, horn__value y) {
  call->out[0].value = y;
  return call->graph->status;
}

#endif
