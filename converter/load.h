/* load.h: a saved model brought together: the source, the core's model of its config, the weights matched. */
#ifndef HORN_LOAD_H
#define HORN_LOAD_H

#include "convert.h"
#include "keras/source.h"
#include "match/match.h"

typedef struct horn__loaded {
  horn_context *ctx;
  horn__source source;
  horn_model model;          /* 0: the core did not take it */
  horn__matching matching;
} horn__loaded;

/** Reads the file and nothing more. Released with horn__loaded_release also after an error, as of the next two. */
horn_status horn__load_source(horn__loaded *loaded, horn_context *ctx, const horn_convert_file *files, size_t count,
                              const horn_convert_options *options);
/** Has the core build the model; its weights stay zeros that take no memory. */
horn_status horn__load_model(horn__loaded *loaded);
/** Finds the array of every weight. */
horn_status horn__load_weights(horn__loaded *loaded);
void horn__loaded_release(horn__loaded *loaded);

#endif
