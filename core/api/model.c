/* The public functions on models. */
#include <string.h>

#include "api/handles.h"
#include "cJSON.h"

typedef struct load_options {
  bool strict;
} load_options;

static const horn__field option_rows[] = {HORN__BOOL(load_options, strict, NULL, "true")};
static const horn__fields option_fields = HORN__FIELDS(load_options, option_rows);

static horn_status read_options(horn_context *ctx, const char *json, load_options *out) {
  horn__arena arena;
  cJSON *document = NULL;
  horn__arena_init(&arena, ctx);
  horn_status status = json == NULL ? HORN_OK : horn__json_parse(ctx, "options", json, strlen(json), HORN__MAX_DEPTH, &document);
  if (status == HORN_OK) status = horn__fields_read(&arena, "loadLayersModel", &option_fields, document, out);
  horn__json_release(document);
  horn__arena_release(&arena);
  return status;
}

horn_status horn_model_load(horn_context *ctx, const char *json, size_t length, const void *weights, size_t bytes, const char *options_json,
                            horn_model *out_model) {
  load_options options;
  horn__model *model;
  horn__slot_entry *entry;
  HORN__TRY(read_options(ctx, options_json, &options));
  HORN__TRY(horn__model_load(ctx, json, length, weights, bytes, options.strict, &model));
  horn_status status = horn__handle_create(ctx, HORN__MODEL, out_model, &entry);
  if (status == HORN_OK)
    entry->as.model = model;
  else
    horn__model_release(model);
  return status;
}

static horn_status find_model(horn_context *ctx, horn_model model, horn__model **out) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "model", model, HORN__MODEL, &entry));
  *out = entry->as.model;
  return HORN_OK;
}

horn_status horn_model_release(horn_context *ctx, horn_model model) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_get(ctx, "model", model, HORN__MODEL, &entry));
  horn__entry_release(ctx, entry);
  return HORN_OK;
}

static horn_status answer(horn_context *ctx, horn_model handle, void (*write)(const horn__model *, horn__text *), const char **out_json) {
  horn__model *model;
  horn__text text;
  HORN__TRY(find_model(ctx, handle, &model));
  horn__text_init(&text, ctx);
  write(model, &text);
  return horn__answer(ctx, &text, out_json);
}

horn_status horn_model_describe(horn_context *ctx, horn_model model, const char **out_json) {
  return answer(ctx, model, horn__model_describe, out_json);
}

horn_status horn_model_topology(horn_context *ctx, horn_model model, const char **out_json) {
  return answer(ctx, model, horn__model_topology, out_json);
}

static horn_status find_weight(horn_context *ctx, const horn__model *model, size_t index, horn__weight **out) {
  if (index >= model->weight_count)
    return horn__fail(ctx, HORN_E_NOT_FOUND, "model: expected a weight index below %zu, got %zu", model->weight_count, index);
  *out = model->weights[index];
  return HORN_OK;
}

horn_status horn_model_weight(horn_context *ctx, horn_model handle, size_t index, horn_tensor *out_tensor) {
  horn__model *model;
  horn__weight *weight;
  HORN__TRY(find_model(ctx, handle, &model));
  HORN__TRY(find_weight(ctx, model, index, &weight));
  HORN__TRY(horn__model_bind(model));
  return horn__tensor_handle(ctx, horn__tensor_retain(weight->tensor), out_tensor);
}

/* A tensor that fits a weight. */
static horn_status find_fitting(horn_context *ctx, const horn__weight *weight, horn_tensor tensor, horn__tensor **out) {
  horn__slot_entry *entry;
  char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
  HORN__TRY(horn__handle_get(ctx, "weight", tensor, HORN__TENSOR, &entry));
  const horn__type *type = &entry->as.tensor->type;
  *out = entry->as.tensor;
  if (type->dtype == HORN_FLOAT32 && horn__shape_equal(&type->shape, &weight->shape)) return HORN_OK;
  return horn__fail(ctx, HORN_E_SHAPE, "weight \"%.100s\": expected float32 of shape %s, got %s of shape %s", weight->name,
                    horn__shape_text(&weight->shape, want, sizeof want), horn__dtype_name(type->dtype),
                    horn__shape_text(&type->shape, got, sizeof got));
}

horn_status horn_model_set_weight(horn_context *ctx, horn_model handle, size_t index, horn_tensor tensor) {
  horn__model *model;
  horn__weight *weight;
  horn__tensor *source;
  HORN__TRY(find_model(ctx, handle, &model));
  HORN__TRY(find_weight(ctx, model, index, &weight));
  HORN__TRY(find_fitting(ctx, weight, tensor, &source));
  HORN__TRY(horn__model_bind(model));
  memmove(weight->tensor->data, source->data, source->bytes);
  horn__tensor_written(weight->tensor);
  return HORN_OK;
}

horn_status horn_model_share_weight(horn_context *ctx, horn_model handle, size_t index, horn_tensor tensor) {
  horn__model *model;
  horn__weight *weight;
  horn__tensor *shared;
  HORN__TRY(find_model(ctx, handle, &model));
  HORN__TRY(find_weight(ctx, model, index, &weight));
  HORN__TRY(find_fitting(ctx, weight, tensor, &shared));
  horn__model_share(model, weight, shared);
  return HORN_OK;
}

horn_status horn_model_reset_states(horn_context *ctx, horn_model handle) {
  horn__model *model;
  HORN__TRY(find_model(ctx, handle, &model));
  horn__model_reset_states(model);
  return HORN_OK;
}

horn_status horn_model_predict(horn_context *ctx, horn_model handle, const horn_tensor *inputs, size_t count, horn_tensor *out_tensors,
                               size_t capacity, size_t *out_count) {
  horn__model *model;
  horn__slot_entry *entry;
  horn__tensor *in[HORN__MAX_SLOTS], *out[HORN__MAX_SLOTS];
  HORN__TRY(find_model(ctx, handle, &model));
  if (count > HORN__MAX_SLOTS) return horn__fail(ctx, HORN_E_LIMIT, "predict: expected at most %d inputs, got %zu", HORN__MAX_SLOTS, count);
  if (capacity < (size_t)model->output_count)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "predict: the model has %d outputs, room for %zu", model->output_count, capacity);
  for (size_t i = 0; i < count; i++) {
    HORN__TRY(horn__handle_get(ctx, "predict", inputs[i], HORN__TENSOR, &entry));
    in[i] = entry->as.tensor;
  }
  HORN__TRY(horn__model_predict(model, in, (int32_t)count, out));
  HORN__TRY(horn__tensor_handles(ctx, out, model->output_count, out_tensors));
  *out_count = (size_t)model->output_count;
  return HORN_OK;
}
