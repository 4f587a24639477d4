/* fields.h: what configs of a class hold, for who writes them to Keras's files; free of what layers are. */
#ifndef HORN_LAYERS_FIELDS_H
#define HORN_LAYERS_FIELDS_H

#include "base/base.h"

/** The field table of a layer's class, or NULL; *since_keras3: names that Keras 2's class does not take, "|" between them, or NULL. */
const horn__fields *horn__class_fields(const char *class_name, const char **since_keras3);

/** What a call of the class takes, "|" between the names, or NULL where it takes one list of tensors. */
const char *horn__class_parameters(const char *class_name);

#endif
