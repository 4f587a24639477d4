/* From bytes to a model whose weights are known: see load.h. */
#include "load.h"

#include <string.h>

/* The version that the topology tells, where the weights do not. */
static horn_status take_version(horn__source *source) {
  cJSON *json;
  HORN__TRY(horn__json_parse(source->ctx, "topology", source->topology, strlen(source->topology), HORN__MAX_MODEL_DEPTH, &json));
  const cJSON *inner = horn__json_get(json, "modelTopology");
  const char *version = horn__json_text(inner == NULL ? json : inner, "keras_version");
  bool wanted = source->keras_version == NULL && version != NULL;
  if (wanted) source->keras_version = horn__arena_text(&source->arena, version);
  horn__json_release(json);
  return wanted && source->keras_version == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

static horn_status take_topology(horn__source *source, const horn_convert_options *options) {
  if (options == NULL || options->topology == NULL || source->config != NULL) return HORN_OK;
  char *text = horn__arena_alloc(&source->arena, options->topology_size + 1);
  if (text == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(text, options->topology, options->topology_size);
  source->config = source->topology = text;
  return take_version(source);
}

horn_status horn__load_source(horn__loaded *loaded, horn_context *ctx, const horn_convert_file *files, size_t count,
                              const horn_convert_options *options) {
  *loaded = (horn__loaded){.ctx = ctx};
  horn__source *source = &loaded->source;
  horn__source_init(source, ctx);
  HORN__TRY(horn__read_source(source, files, count, options == NULL ? NULL : options->input_format));
  HORN__TRY(take_topology(source, options));
  if (source->keras_version == NULL) source->keras_version = "3";
  if (source->config != NULL) return HORN_OK;
  return horn__fail(ctx, HORN_E_UNSUPPORTED, "the file has weights alone: give the model's topology (what model.to_json() writes) with --topology");
}

/* The config with the version of its Keras beside it, as TensorFlow.js's converter writes them. A topology from elsewhere has its own. */
static void write_document(horn__text *text, const horn__source *source) {
  if (source->topology != NULL) {
    horn__text_bytes(text, source->topology, strlen(source->topology));
    return;
  }
  horn__text_add(text, "{\"keras_version\":");
  horn__text_quote(text, source->keras_version);
  horn__text_add(text, ",\"model_config\":");
  horn__text_bytes(text, source->config, strlen(source->config));
  horn__text_add(text, "}");
}

horn_status horn__load_model(horn__loaded *loaded) {
  horn__text text;
  horn__text_init(&text, loaded->ctx);
  write_document(&text, &loaded->source);
  horn_status status = text.status;
  if (status == HORN_OK) status = horn_model_load(loaded->ctx, text.data, text.length, NULL, 0, NULL, &loaded->model);
  horn__text_release(&text);
  return status;
}

horn_status horn__load_weights(horn__loaded *loaded) { return horn__match(loaded->ctx, loaded->model, &loaded->source, &loaded->matching); }

void horn__loaded_release(horn__loaded *loaded) {
  if (loaded->model != 0) {
    char said[sizeof loaded->ctx->error]; /* the caller wants the message of what went wrong before */
    memcpy(said, loaded->ctx->error, sizeof said);
    (void)horn_model_release(loaded->ctx, loaded->model);
    memcpy(loaded->ctx->error, said, sizeof said);
  }
  horn__matching_release(&loaded->matching);
  horn__source_release(&loaded->source);
}
