/* write.h: how layers are written as JSON; the topology and the descriptions share it. */
#ifndef HORN_LAYERS_WRITE_H
#define HORN_LAYERS_WRITE_H

#include "layers/container.h"

/** [null, 28, 28, 1] */
void horn__write_dims(horn__text *text, const int32_t *dims, int32_t rank);
/** A value of a layer's config (owner: the layer) without what only Keras 3 writes; NULL stands for null. A horn__json_writer. */
void horn__write_json(horn__text *text, const cJSON *json, const void *owner);
/** {"class_name", "config"} of a layer, in Keras 2's spelling. */
void horn__write_layer(horn__text *text, const horn__layer *layer);
/** Its config alone: the common fields, then those of the class; what a model has instead are its layers. */
void horn__write_config(horn__text *text, const horn__layer *layer);
/** ["layer", node, tensor] */
void horn__write_reference(horn__text *text, const horn__layer *model, const horn__reference *reference, int32_t node);

typedef void horn__call_writer(horn__text *text, const horn__layer *model, const horn__model_node *node);
/** The calls of layer `index` of a Functional, all but those that make inputs, each through `write`. */
void horn__write_inbound(horn__text *text, const horn__layer *model, int32_t index, horn__call_writer *write);

/** Whether a layer is a model: Sequential or Functional. */
bool horn__is_model(const horn__layer *layer);

#endif
