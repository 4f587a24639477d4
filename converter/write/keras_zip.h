/* keras_zip.h: writes .keras archives and .weights.h5 files as Keras 3 reads them. */
#ifndef HORN_WRITE_KERAS_ZIP_H
#define HORN_WRITE_KERAS_ZIP_H

#include "load.h"

/** Gives one file to the sink: model.keras. */
horn_status horn__write_keras_zip(const horn__loaded *loaded, horn_convert_sink sink, void *user);
/** The weights alone: model.weights.h5. */
horn_status horn__write_weights_h5(const horn__loaded *loaded, horn_convert_sink sink, void *user);

#endif
