/* The names of the activations; horn__emit_activation turns one into ops. Reference: Keras's activations.py. */
#include "ops/attributes.h"

const char *const horn__activation_names[] = {
#define HORN_ACTIVATION(NAME, spellings) spellings,
#include "ops/activations.def"
#undef HORN_ACTIVATION
    NULL,
};
