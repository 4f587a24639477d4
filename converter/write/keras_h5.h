/* keras_h5.h: writes a whole model as HDF5, in the form of tf.keras, which Keras 3 reads too. */
#ifndef HORN_WRITE_KERAS_H5_H
#define HORN_WRITE_KERAS_H5_H

#include "load.h"

/** Gives one file to the sink: model.h5. */
horn_status horn__write_keras_h5(const horn__loaded *loaded, horn_convert_sink sink, void *user);

#endif
