/* The library's entries: see convert.h. */
#include "convert.h"

#include <string.h>

#include "load.h"
#include "write/keras_h5.h"
#include "write/keras_zip.h"
#include "write/tfjs.h"

static horn_status write_keras_h5(const horn__loaded *loaded, const horn_convert_options *options, horn_convert_sink sink, void *user) {
  (void)options;
  return horn__write_keras_h5(loaded, sink, user);
}

static horn_status write_keras_zip(const horn__loaded *loaded, const horn_convert_options *options, horn_convert_sink sink, void *user) {
  (void)options;
  return horn__write_keras_zip(loaded, sink, user);
}

static horn_status write_weights_h5(const horn__loaded *loaded, const horn_convert_options *options, horn_convert_sink sink, void *user) {
  (void)options;
  return horn__write_weights_h5(loaded, sink, user);
}

typedef struct format {
  const char *name;
  horn_status (*write)(const horn__loaded *loaded, const horn_convert_options *options, horn_convert_sink sink, void *user);
} format;

/* Names as tensorflowjs_converter's, and one of ours. */
static const format formats[] = {
    {"tfjs_layers_model", horn__write_tfjs}, {"keras", write_keras_h5}, {"keras_keras", write_keras_zip}, {"keras_weights", write_weights_h5}};

static const format *find_format(const char *name) {
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if (strcmp(formats[i].name, name) == 0) return &formats[i];
  return NULL;
}

/* As tensorflowjs_converter chooses where nothing is said. */
static const char *default_format(const horn__source *source) { return source->grouping == HORN__BY_NAME ? "keras" : "tfjs_layers_model"; }

static horn_status write(const horn__loaded *loaded, const horn_convert_options *options, horn_convert_sink sink, void *user) {
  const char *name = options->output_format != NULL ? options->output_format : default_format(&loaded->source);
  const format *found = find_format(name);
  if (found == NULL)
    return horn__fail(loaded->ctx, HORN_E_UNSUPPORTED, "output format \"%.60s\" is not supported: "
        "use tfjs_layers_model, keras, keras_keras or keras_weights", name);
  return found->write(loaded, options, sink, user);
}

horn_status horn_convert(horn_context *ctx, const horn_convert_file *files, size_t count, const horn_convert_options *options, horn_convert_sink sink,
                         void *user) {
  static const horn_convert_options none = {0};
  horn__loaded loaded;
  horn_status status = horn__load_source(&loaded, ctx, files, count, options);
  if (status == HORN_OK) status = horn__load_model(&loaded);
  if (status == HORN_OK) status = horn__load_weights(&loaded);
  if (status == HORN_OK) status = write(&loaded, options == NULL ? &none : options, sink, user);
  horn__loaded_release(&loaded);
  return status;
}
