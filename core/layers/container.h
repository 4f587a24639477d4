/* container.h: what a Functional model knows of its nodes; model.c writes it and describes it. */
#ifndef HORN_CONTAINER_H
#define HORN_CONTAINER_H

#include "layers/layer.h"

/** Output `tensor` of call `node` of layer `layer` (an index among the model's children). */
typedef struct horn__reference {
  int32_t layer, node, tensor;
  int32_t place;        /* of a call's tensor: the slot that it fills; HORN__MAX_SLOTS + i: it is the mask of slot i */
} horn__reference;

/** One call of a layer. */
typedef struct horn__model_node {
  int32_t layer, index; /* call `index` of this layer */
  int32_t count;        /* of tensors, masks among them */
  horn__reference *in;
  int32_t slots;        /* of the call; a slot that no tensor fills is HORN__NONE */
  bool masked;          /* called with a mask: a tensor, or one that is to come with an input */
  const cJSON *arguments; /* keyword arguments, tensors among them; an object or NULL */
} horn__model_node;

/** layer->data of a Functional. */
typedef struct horn__functional {
  horn__model_node *nodes; /* layer by layer, as in the config */
  size_t node_count;
  int32_t *order;          /* the nodes in an order in which they can run */
  int32_t *by_name;        /* the layers, sorted by name */
  int32_t *calls;          /* by layer: how many nodes it has */
  int32_t *first_node;     /* by layer */
  horn__reference *inputs, *outputs;
  int32_t input_count, output_count;
} horn__functional;

/** The node that a reference means, -1 where there is none. */
static inline int32_t horn__node_of(const horn__functional *net, const horn__reference *reference) {
  return reference->node >= net->calls[reference->layer] ? -1 : net->first_node[reference->layer] + reference->node;
}

/** Fills net->order; fails where the nodes form a cycle or refer to calls that are not there. */
horn_status horn__order_nodes(const horn__layer *model, horn__functional *net);

/** Appends what json refers to, in order: a reference, a Keras 3 tensor, or lists and objects of them. Depth is bounded by the parser. out has
 *  room for HORN__MAX_SLOTS. */
horn_status horn__collect_references(const horn__layer *model, const cJSON *json, horn__reference *out, int32_t *count);

/** The reference ["layer", node, tensor, ...] that json is, or that it has as a tensor of Keras 3; NULL where it is something else. */
const cJSON *horn__reference_of(const cJSON *json);

/** Reads an entry of inbound_nodes (NULL: of an input) into a node, whose layer is set and whose `in` has room for HORN__MAX_SLOTS. */
horn_status horn__read_call(const horn__layer *model, const cJSON *json, horn__model_node *node);
/** Writes a node as an entry of inbound_nodes. */
void horn__write_call(horn__text *text, const horn__layer *model, const horn__model_node *node);
/** The same two for the calls of operations, whose arguments stay as they are. */
horn_status horn__read_operands(const horn__layer *model, const cJSON *json, horn__model_node *node);
void horn__write_operands(horn__text *text, const horn__layer *model, const horn__model_node *node);
/** The number that Keras 2 and TensorFlow.js give to the call a reference means: those of a nested model count from 1, as call 0 made it. */
int32_t horn__written_node(const horn__layer *model, const horn__reference *reference);

/** Takes the layers that compute nothing but masks out of the list of a Functional's layers. */
horn_status horn__drop_mask_layers(horn__layer *model, cJSON *list);

#endif
