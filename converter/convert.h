/* convert.h: the whole interface of the converter library: bytes in, files out through a callback. It touches no file and no network, so that
 * the same code serves the command, the addon and a WebAssembly module. */
#ifndef HORN_CONVERT_H
#define HORN_CONVERT_H

#include "hornbeam.h"

enum { HORN_CONVERT_SHARD_BYTES = 4 * 1024 * 1024 };

/** Takes one file of the result. bytes are borrowed for the call. model.json comes last. */
typedef horn_status (*horn_convert_sink)(void *user, const char *name, const void *bytes, size_t size);

/** A file of a saved model, its bytes borrowed. */
typedef struct horn_convert_file {
  const char *name;        /* path within the model's folder, with "/"; of a single file it does not matter */
  const void *bytes;
  size_t size;
} horn_convert_file;

typedef struct horn_convert_options {
  size_t shard_bytes;      /* of a shard of weights; 0: HORN_CONVERT_SHARD_BYTES */
  const char *input_format; /* what the files must be, in names of tensorflowjs_converter's: keras (one .h5), keras_keras (one .keras),
                             * keras_saved_model or tfjs_layers_model; NULL: what they are is told from them */
  const char *output_format; /* a name of tensorflowjs_converter's: tfjs_layers_model, keras (one .h5), keras_keras
                              * (one .keras), or keras_weights (one .weights.h5 of Keras 3); NULL: keras for what TensorFlow.js saved,
                              * tfjs_layers_model for all else */
  const char *quantize_float16, *quantize_uint8, *quantize_uint16; /* names of weights to be stored so: patterns with *, ? and [...], commas between
                              * them; "": all that no other pattern fits; NULL: none. tfjs_layers_model alone */
  const char *topology;    /* model.json text for a file that has weights alone, or NULL */
  size_t topology_size;
} horn_convert_options;

/** Converts a model: to group1-shard1of1.bin, ..., model.json of TensorFlow.js's layers format, to model.h5, model.keras or model.weights.h5.
 *  One file: .h5 of Keras 1, 2, 3 or .keras, told from the bytes. Several: a SavedModel of tf.keras: saved_model.pb, keras_metadata.pb,
 *  variables/variables.index and .data-*; or model.json with its shards. On failure horn_last_error(ctx) says which layer or array it is
 *  about; files given to the sink are then not a model. */
horn_status horn_convert(horn_context *ctx, const horn_convert_file *files, size_t count, const horn_convert_options *options, horn_convert_sink sink,
                         void *user);

/** Describes a saved model as JSON (released with horn_convert_free): {"format", "kerasVersion", "backend", "name", "className", "supported",
 *  "reason" (text, "" where it is supported), "parameters", "trainableParameters", "layers": [{"name", "className", "outputShapes", "parameters"}],
 *  "unsupported": [{"name", "className"}]}. A model that cannot be converted is described as far as it goes, with the reason;
 *  a file that is no model is an error. */
horn_status horn_convert_inspect(horn_context *ctx, const horn_convert_file *files, size_t count, const horn_convert_options *options,
                                 char **out_json);
void horn_convert_free(horn_context *ctx, char *json);

/* ---- for bindings: files one after the other in one block, what they are as JSON beside it ------------------------------------------------- */

/** Converts files. options_json: {"files": [{"name", "bytes"}], "outputFormat", "quantizeFloat16", "quantizeUint8",
 *  "quantizeUint16", "weightShardSizeBytes", "topology"}. The result has the contents of all files, the
 *  JSON [{"name", "bytes"}], and the length of that JSON as a little-endian uint32; it is borrowed until the next call on the context. */
HORN_API horn_status horn_convert_files(horn_context *ctx, const char *options_json, const void *data, size_t bytes, const void **out_data,
                                        size_t *out_bytes);

/** Describes files as horn_convert_inspect does. options_json: as of horn_convert_files. */
HORN_API horn_status horn_inspect_files(horn_context *ctx, const char *options_json, const void *data, size_t bytes, const char **out_json);

#endif
