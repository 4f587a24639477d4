/* TensorFlow.js's layers format: model.json with the keys, and in the order, of its converter, and shards of group1. */
#include "write/tfjs.h"

#include <stdio.h>
#include <string.h>

#include "write/quantize.h"

/* How a weight is stored. */
typedef struct entry {
  horn__quantized kind;
  horn__scale scale;
} entry;

typedef struct writer {
  const horn__loaded *loaded;
  const horn_convert_options *options;
  entry *entries; /* of the weights */
  horn_convert_sink sink;
  void *user;
  size_t shard_bytes, shards, written; /* bytes of one, how many in all, how many are out */
  uint8_t *shard;
  size_t used;
} writer;

/* ---- shards ------------------------------------------------------------------------------------------------------- */

/* Weights, then the optimizer's state. */
static size_t item_count(const writer *w) { return w->loaded->matching.target_count + w->loaded->matching.state_count; }

static const horn__target *item_at(const writer *w, size_t i) {
  const horn__matching *m = &w->loaded->matching;
  return i < m->target_count ? &m->targets[i] : &m->state[i - m->target_count];
}

/* Arrays without elements have no range, and stay as they are. */
static horn_status choose_kinds(writer *w) {
  const horn__matching *m = &w->loaded->matching;
  w->entries = horn__alloc(m->ctx, item_count(w) * sizeof *w->entries + 1, true);
  if (w->entries == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < m->target_count; i++)
    if (m->targets[i].count > 0) HORN__TRY(horn__quantize_choose(m->ctx, w->options, m->targets[i].name, &w->entries[i].kind));
  if (m->state_count > 0) w->entries[m->target_count].kind = HORN__INT32; /* the count of steps */
  return HORN_OK;
}

static horn_status count_shards(writer *w) {
  size_t total = 0, bytes;
  const horn__matching *m = &w->loaded->matching;
  for (size_t i = 0; i < item_count(w); i++) {
    if (!horn__multiply(item_at(w, i)->count, horn__quantized_bytes(w->entries[i].kind), &bytes) || total > SIZE_MAX - bytes)
      return horn__fail(m->ctx, HORN_E_LIMIT, "the weights are too large");
    total += bytes;
  }
  w->shards = total / w->shard_bytes + (total % w->shard_bytes != 0);
  if (w->shards <= 1) w->shard_bytes = total; /* no more memory than there are bytes */
  return HORN_OK;
}

static void shard_name(char *name, size_t size, size_t number, size_t count) { snprintf(name, size, "group1-shard%zuof%zu.bin", number, count); }

static horn_status flush(writer *w) {
  char name[64];
  if (w->used == 0) return HORN_OK;
  shard_name(name, sizeof name, ++w->written, w->shards);
  HORN__TRY(w->sink(w->user, name, w->shard, w->used));
  w->used = 0;
  return HORN_OK;
}

static horn_status append(writer *w, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    size_t room = w->shard_bytes - w->used, part = size < room ? size : room;
    memcpy(w->shard + w->used, bytes, part);
    w->used += part;
    bytes += part;
    size -= part;
    if (w->used == w->shard_bytes) HORN__TRY(flush(w));
  }
  return HORN_OK;
}

static horn_status write_weight(writer *w, const horn__target *target, entry *e) {
  horn_context *ctx = w->loaded->ctx;
  float *numbers = horn__alloc(ctx, target->count * sizeof(float) + 1, false); /* the counts were checked */
  if (numbers == NULL) return HORN_E_OUT_OF_MEMORY;
  horn_status status = target->array->read(ctx, target->array, numbers);
  if (status == HORN_OK) {
    uint8_t *bytes = (uint8_t *)numbers; /* no element is stored behind the one that it is made of */
    horn__quantize(e->kind, numbers, target->count, bytes, &e->scale);
    status = append(w, bytes, target->count * horn__quantized_bytes(e->kind));
  }
  horn__free(ctx, numbers);
  return horn__blame(ctx, status, "weight %.200s", target->name);
}

static horn_status write_shards(writer *w) {
  const horn__matching *m = &w->loaded->matching;
  HORN__TRY(count_shards(w));
  w->shard = horn__alloc(m->ctx, w->shard_bytes + 1, false);
  if (w->shard == NULL) return HORN_E_OUT_OF_MEMORY;
  horn_status status = HORN_OK;
  for (size_t i = 0; i < item_count(w) && status == HORN_OK; i++) status = write_weight(w, item_at(w, i), &w->entries[i]);
  if (status == HORN_OK) status = flush(w);
  horn__free(m->ctx, w->shard);
  return status;
}

/* ---- model.json ------------------------------------------------------------------------------------------------------ */

static void add_pair(horn__text *text, const char *key, const char *value) {
  horn__text_quote(text, key);
  horn__text_add(text, ": ");
  if (value == NULL)
    horn__text_add(text, "null");
  else
    horn__text_quote(text, value);
  horn__text_add(text, ", ");
}

/* The topology is in Keras 2's form whatever wrote the file, which the version beside it says: as TensorFlow.js does of its own where Keras 2 has
 * not written it, since not all defaults are Keras 2's then. generatedBy has the producer. */
static const char *form_version(const horn__source *source) {
  return source->keras_version[0] == '2' ? source->keras_version : "tfjs-layers 4.22.0";
}

static horn_status add_topology(horn__text *text, const horn__loaded *loaded) {
  const char *topology;
  HORN__TRY(horn_model_topology(loaded->ctx, loaded->model, &topology));
  horn__text_add(text, "\"modelTopology\": {");
  add_pair(text, "keras_version", form_version(&loaded->source));
  add_pair(text, "backend", loaded->source.backend == NULL ? "tensorflow" : loaded->source.backend);
  horn__text_add(text, "\"model_config\": ");
  horn__text_bytes(text, topology, strlen(topology));
  return HORN_OK;
}

/* What the file says of training, parsed and written anew: it comes from outside and may have Python's NaN in it. */
static horn_status add_training(horn__text *text, const horn__source *source) {
  cJSON *json;
  if (source->training_config == NULL) return HORN_OK;
  HORN__TRY(horn__json_parse(source->ctx, "training_config", source->training_config, strlen(source->training_config), HORN__MAX_DEPTH, &json));
  horn__text_add(text, ", \"training_config\": ");
  horn__json_write(text, json);
  horn__json_release(json);
  return HORN_OK;
}

static void add_quantization(horn__text *text, const entry *e) {
  if (e->kind == HORN__FULL || e->kind == HORN__INT32) return;
  horn__text_add(text, ", \"quantization\": {\"dtype\": \"%s\"", horn__quantized_name(e->kind));
  if (e->kind != HORN__FLOAT16) {
    horn__text_add(text, ", \"min\": ");
    horn__text_number(text, e->scale.min, false);
    horn__text_add(text, ", \"scale\": ");
    horn__text_number(text, e->scale.scale, false);
  }
  horn__text_add(text, ", \"original_dtype\": \"float32\"}");
}

static void add_manifest(horn__text *text, const writer *w) {
  const horn__matching *m = &w->loaded->matching;
  char name[64];
  horn__text_add(text, "\"weightsManifest\": [{\"paths\": [");
  for (size_t i = 0; i < w->shards; i++) {
    shard_name(name, sizeof name, i + 1, w->shards);
    horn__text_add(text, "%s\"%s\"", i == 0 ? "" : ", ", name);
  }
  horn__text_add(text, "], \"weights\": [");
  for (size_t i = 0; i < item_count(w); i++) {
    const horn__target *target = item_at(w, i);
    horn__text_add(text, "%s{\"name\": ", i == 0 ? "" : ", ");
    horn__text_quote(text, target->name);
    horn__text_add(text, ", \"shape\": [");
    for (int32_t d = 0; d < target->rank; d++) horn__text_add(text, "%s%d", d == 0 ? "" : ", ", target->dims[d]);
    horn__text_add(text, "], \"dtype\": \"%s\"", w->entries[i].kind == HORN__INT32 ? "int32" : "float32");
    if (i >= m->target_count) horn__text_add(text, ", \"group\": \"optimizer\"");
    add_quantization(text, &w->entries[i]);
    horn__text_add(text, "}");
  }
  horn__text_add(text, "]}]");
}

static horn_status write_json(writer *w) {
  horn__text text;
  horn__text_init(&text, w->loaded->ctx);
  horn__text_add(&text, "{\"format\": \"layers-model\", \"generatedBy\": ");
  char by[128];
  snprintf(by, sizeof by, "keras v%.100s", w->loaded->source.keras_version);
  horn__text_quote(&text, by);
  horn__text_add(&text, ", \"convertedBy\": \"Hornbeam %s\", ", horn_version());
  horn_status status = add_topology(&text, w->loaded);
  if (status == HORN_OK) status = add_training(&text, &w->loaded->source);
  horn__text_add(&text, "}, ");
  add_manifest(&text, w);
  horn__text_add(&text, "}\n");
  if (status == HORN_OK) status = text.status;
  if (status == HORN_OK) status = w->sink(w->user, "model.json", text.data, text.length);
  horn__text_release(&text);
  return status;
}

horn_status horn__write_tfjs(const horn__loaded *loaded, const horn_convert_options *options, horn_convert_sink sink, void *user) {
  writer w = {.loaded = loaded, .options = options, .sink = sink, .user = user, .shard_bytes = options->shard_bytes};
  if (w.shard_bytes == 0) w.shard_bytes = HORN_CONVERT_SHARD_BYTES;
  horn_status status = choose_kinds(&w);
  if (status == HORN_OK) status = write_shards(&w);
  if (status == HORN_OK) status = write_json(&w);
  horn__free(loaded->ctx, w.entries);
  return status;
}
