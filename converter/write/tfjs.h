/* tfjs.h: writes TensorFlow.js's layers format. */
#ifndef HORN_WRITE_TFJS_H
#define HORN_WRITE_TFJS_H

#include "load.h"

/** Gives the shards, then model.json, to the sink. */
horn_status horn__write_tfjs(const horn__loaded *loaded, const horn_convert_options *options, horn_convert_sink sink, void *user);

#endif
