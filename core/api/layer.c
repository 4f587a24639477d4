/* The public functions on layers by themselves: what one makes of its inputs, a call of it on a graph, topologies as text. */
#include <string.h>

#include "api/handles.h"
#include "cJSON.h"
#include "layers/write.h"

/* A layer by itself and a graph of its own, on which it is called once: that makes its weights, and those of the layers in it. */
typedef struct sketch {
  horn_context *ctx;
  horn__arena arena;
  cJSON *document, *options;
  horn__layer *layer;
  horn__graph *graph;
  horn__slot in[HORN__MAX_SLOTS], out[HORN__MAX_SLOTS];
  horn__state *states[HORN__MAX_SLOTS];
  int32_t count, outputs, state_count;
  horn__weight **weights;
  size_t weight_count;
  bool training;
  const cJSON *arguments; /* of the call */
} sketch;

static void sketch_release(sketch *s) {
  horn__graph_release(s->graph);
  horn__layer_release(s->layer);
  horn__json_release(s->options);
  horn__json_release(s->document);
  horn__arena_release(&s->arena);
}

/* s is empty and has its context and arena; whatever comes, sketch_release is due. */
static horn_status read_layer(sketch *s, const char *json, size_t length, const cJSON *foreign) {
  horn__origin origin = {.foreign = foreign};
  HORN__TRY(horn__json_parse(s->ctx, "layer", json, length, HORN__MAX_MODEL_DEPTH, &s->document));
  const cJSON *topology = horn__find_topology(s->document, &origin.keras);
  if (topology == NULL) return horn__fail(s->ctx, HORN_E_FORMAT, "layer: expected an object with class_name and config");
  return horn__layer_create(&s->arena, topology, &origin, 0, &s->layer);
}

static const horn__type seed_type = {{1, {2}}, HORN_INT32};

static horn_status run_sketch(sketch *s) {
  if (s->training) s->graph->seed = horn__graph_input(s->graph, &seed_type);
  HORN__TRY(s->graph->status);
  horn__call call = {.layer = s->layer, .graph = s->graph, .arguments = s->arguments, .count = s->count, .in = s->in, .out = s->out};
  HORN__TRY(horn__layer_run(&call));
  s->outputs = call.outputs;
  return horn__list_states(s->layer, s->states, &s->state_count);
}

/* ---- options of a call ------------------------------------------------------------------------------------------------- */

typedef struct call_options {
  int32_t inputs;
  bool training;
  const cJSON *arguments;
} call_options;

static const horn__field option_rows[] = {
    HORN__BOOL(call_options, training, NULL, "false"),
    HORN__JSON(call_options, arguments, NULL, "null"),
    HORN__INT(call_options, inputs, NULL, NULL), /* the last one: a description has a list instead */
};
static const horn__fields call_fields = HORN__FIELDS(call_options, option_rows);
static const horn__fields described_fields = {option_rows, sizeof option_rows / sizeof option_rows[0] - 1, sizeof(call_options)};

static horn_status read_options(sketch *s, const horn__fields *fields, call_options *out) {
  HORN__TRY(horn__fields_read(&s->arena, "layer", fields, s->options, out));
  if (out->arguments != NULL && !cJSON_IsObject(out->arguments))
    return horn__fail(s->ctx, HORN_E_INVALID_ARGUMENT, "layer: expected an object of arguments");
  s->training = out->training;
  s->arguments = out->arguments;
  return HORN_OK;
}

/* ---- describing -------------------------------------------------------------------------------------------------------- */

typedef struct input_type {
  horn__ints shape;
  int32_t dtype;
  bool mask;
} input_type;

static const horn__field input_rows[] = {
    HORN__INTS(input_type, shape, NULL, NULL),
    HORN__ENUM(input_type, dtype, horn__dtype_names, NULL, "\"float32\""),
    HORN__BOOL(input_type, mask, NULL, "false"),
};
static const horn__fields input_fields = HORN__FIELDS(input_type, input_rows);

/* null: an input that the call leaves out. A mask is over the first two dimensions: batch and time. */
static horn_status add_described_input(sketch *s, const cJSON *json, horn__slot *out) {
  input_type input = {0};
  *out = (horn__slot){HORN__NONE, HORN__NONE};
  if (cJSON_IsNull(json)) return HORN_OK;
  HORN__TRY(horn__fields_read(&s->arena, "layer input", &input_fields, json, &input));
  if (input.shape.count < 0 || input.shape.count > HORN_MAX_RANK)
    return horn__fail(s->ctx, HORN_E_LIMIT, "layer input: expected a shape of at most %d dimensions", HORN_MAX_RANK);
  const horn__type type = {horn__shape_of(input.shape.count, input.shape.values), (horn_dtype)input.dtype};
  HORN__TRY(horn__shape_check(s->ctx, "layer input", &type.shape, true));
  out->value = horn__graph_input(s->graph, &type);
  if (input.mask) {
    const horn__type mask = {horn__shape_of(input.shape.count < 2 ? input.shape.count : 2, input.shape.values), HORN_BOOL};
    out->mask = horn__graph_input(s->graph, &mask);
  }
  return s->graph->status;
}

static horn_status add_described_inputs(sketch *s) {
  const cJSON *list = cJSON_IsObject(s->options) ? horn__json_get(s->options, "inputs") : s->options, *item;
  call_options options = {0};
  if (cJSON_IsObject(s->options)) HORN__TRY(read_options(s, &described_fields, &options));
  if (!cJSON_IsArray(list)) return horn__fail(s->ctx, HORN_E_INVALID_ARGUMENT, "layer: expected a list of inputs");
  cJSON_ArrayForEach(item, list) {
    if (s->count == HORN__MAX_SLOTS) return horn__fail(s->ctx, HORN_E_LIMIT, "layer: more than %d inputs", HORN__MAX_SLOTS);
    HORN__TRY(add_described_input(s, item, &s->in[s->count++]));
  }
  return HORN_OK;
}

static horn_status describe(sketch *s, const char *json, const char *inputs_json, horn__text *text) {
  HORN__TRY(read_layer(s, json, strlen(json), NULL));
  if (inputs_json != NULL) HORN__TRY(horn__json_parse(s->ctx, "layer inputs", inputs_json, strlen(inputs_json), HORN__MAX_DEPTH, &s->options));
  const bool called = s->options != NULL && !cJSON_IsNull(s->options), trainable = s->layer->trainable;
  if (called) {
    HORN__TRY(horn__graph_create(s->ctx, &s->graph));
    HORN__TRY(add_described_inputs(s));
    s->layer->trainable = true; /* its weights say what they are while the layer itself is trained */
    HORN__TRY(run_sketch(s));
    s->layer->trainable = trainable;
  }
  horn__layer_describe(s->layer, s->graph, called ? s->out : NULL, s->outputs, text);
  return HORN_OK;
}

horn_status horn_layer_describe(horn_context *ctx, const char *json, const char *inputs_json, const char **out_json) {
  sketch s = {.ctx = ctx};
  horn__text text;
  horn__arena_init(&s.arena, ctx);
  horn__text_init(&text, ctx);
  horn_status status = describe(&s, json, inputs_json, &text);
  sketch_release(&s);
  if (status == HORN_OK) return horn__answer(ctx, &text, out_json);
  horn__text_release(&text);
  return status;
}

/* ---- topologies --------------------------------------------------------------------------------------------------------- */

typedef struct topology_options {
  const cJSON *custom;
} topology_options;

static const horn__field topology_rows[] = {HORN__JSON(topology_options, custom, NULL, "null")};
static const horn__fields topology_fields = HORN__FIELDS(topology_options, topology_rows);

static horn_status write_topology(sketch *s, const char *json, size_t length, const char *options_json, horn__text *text) {
  topology_options options = {0};
  if (options_json != NULL) HORN__TRY(horn__json_parse(s->ctx, "options", options_json, strlen(options_json), HORN__MAX_DEPTH, &s->options));
  HORN__TRY(horn__fields_read(&s->arena, "topology", &topology_fields, s->options, &options));
  HORN__TRY(read_layer(s, json, length, options.custom));
  horn__write_layer(text, s->layer);
  return HORN_OK;
}

horn_status horn_topology(horn_context *ctx, const char *json, size_t length, const char *options_json, const char **out_json) {
  sketch s = {.ctx = ctx};
  horn__text text;
  horn__arena_init(&s.arena, ctx);
  horn__text_init(&text, ctx);
  horn_status status = write_topology(&s, json, length, options_json, &text);
  sketch_release(&s);
  if (status == HORN_OK) return horn__answer(ctx, &text, out_json);
  horn__text_release(&text);
  return status;
}

/* ---- calling ------------------------------------------------------------------------------------------------------------- */

/* A call on a graph of the caller's: `entries` are inputs, masks, weights, states and the seed. */
typedef struct call_site {
  horn__graph_entry *owner;
  horn__graph *graph;
  const horn__slot_entry *entries;
  size_t count;
} call_site;

static horn_status add_sketch_input(sketch *s, const horn__type *type, horn__value *out) {
  *out = type == NULL ? HORN__NONE : horn__graph_input(s->graph, type);
  return s->graph->status;
}

static horn_status sketch_inputs(sketch *s, const call_site *site) {
  for (int32_t i = 0; i < s->count; i++) {
    const horn__type *mask = horn__entry_type(&site->entries[s->count + i]);
    if (mask != NULL && mask->dtype != HORN_BOOL)
      return horn__layer_fail(s->layer, HORN_E_DTYPE, "expected a mask of bool, got %s", horn__dtype_name(mask->dtype));
    HORN__TRY(add_sketch_input(s, horn__entry_type(&site->entries[i]), &s->in[i].value));
    HORN__TRY(add_sketch_input(s, mask, &s->in[i].mask));
  }
  return HORN_OK;
}

static horn_status check_type(const horn__layer *layer, const char *what, const horn__type *expected, const horn__type *got) {
  char want[HORN__SHAPE_TEXT], have[HORN__SHAPE_TEXT];
  if (got == NULL) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s is missing", what);
  if (got->dtype == expected->dtype && horn__shape_equal(&got->shape, &expected->shape)) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_SHAPE, "%s: expected %s of shape %s, got %s of shape %s", what, horn__dtype_name(expected->dtype),
                          horn__shape_text(&expected->shape, want, sizeof want), horn__dtype_name(got->dtype),
                          horn__shape_text(&got->shape, have, sizeof have));
}

/* The weights and states become values of the caller's graph. */
static horn_status place_weights(const sketch *s, const call_site *site) {
  const size_t first = 2 * (size_t)s->count, count = s->weight_count, expected = first + count + (size_t)s->state_count + (s->training ? 1 : 0);
  if (site->count != expected)
    return horn__layer_fail(s->layer, HORN_E_INVALID_ARGUMENT, "expected %zu tensors (%d inputs, as many masks, %zu weights, %d states%s), got %zu",
                            expected, s->count, count, s->state_count, s->training ? ", a seed" : "", site->count);
  for (int32_t i = 0; i < s->state_count; i++) {
    const horn__slot_entry *entry = &site->entries[first + count + (size_t)i];
    HORN__TRY(check_type(s->layer, "state", &s->states[i]->type, horn__entry_type(entry)));
    s->states[i]->graph = site->graph;
    s->states[i]->before = s->states[i]->after = horn__entry_value(site->graph, entry);
  }
  for (size_t i = 0; i < count; i++) {
    const horn__slot_entry *entry = &site->entries[first + i];
    horn__weight *weight = s->weights[i];
    const horn__type type = {weight->shape, HORN_FLOAT32};
    HORN__TRY(check_type(s->layer, weight->name, &type, horn__entry_type(entry)));
    weight->value = horn__entry_value(site->graph, entry);
    weight->next = HORN__NONE;
  }
  return site->graph->status;
}

/* The labels of nodes are names of layers, and stay longer than the layers here. */
static horn_status keep_names(horn__layer *layer, horn__arena *arena) {
  layer->name = horn__arena_text(arena, layer->name);
  if (layer->name == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < layer->child_count; i++) HORN__TRY(keep_names(layer->children[i], arena));
  return HORN_OK;
}

/* The call itself; the graph has the caller's seed and label again afterwards. */
static horn_status call_on_graph(sketch *s, const call_site *site) {
  horn__graph *graph = site->graph;
  for (int32_t i = 0; i < s->count; i++)
    s->in[i] = (horn__slot){horn__entry_value(graph, &site->entries[i]), horn__entry_value(graph, &site->entries[s->count + i])};
  horn__call call = {.layer = s->layer, .graph = graph, .arguments = s->arguments, .count = s->count, .in = s->in, .out = s->out};
  const horn__value seed = graph->seed;
  const char *label = graph->label;
  HORN__TRY(graph->status);
  if (s->training) HORN__TRY(check_type(s->layer, "seed", &seed_type, horn__entry_type(&site->entries[site->count - 1])));
  if (s->training) graph->seed = horn__entry_value(graph, &site->entries[site->count - 1]);
  horn_status status = horn__layer_run(&call);
  graph->seed = seed;
  graph->label = label;
  s->outputs = call.outputs;
  return status;
}

static horn_status call_layer(sketch *s, const call_site *site) {
  HORN__TRY(horn__graph_create(s->ctx, &s->graph));
  HORN__TRY(sketch_inputs(s, site));
  HORN__TRY(run_sketch(s));
  s->weights = horn__arena_alloc(&s->arena, horn__count_weights(s->layer) * sizeof *s->weights + 1);
  if (s->weights == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__list_weights(s->layer, s->weights, NULL, &s->weight_count);
  HORN__TRY(place_weights(s, site));
  HORN__TRY(keep_names(s->layer, &site->graph->arena));
  return call_on_graph(s, site);
}

/* Outputs, masks, states, and in training what the weights become. */
static horn_status give_outputs(sketch *s, const call_site *site, horn_tensor *out_tensors, size_t capacity, size_t *out_count) {
  const size_t moved = s->training ? s->weight_count : 0, count = 2 * (size_t)s->outputs + (size_t)s->state_count + moved;
  horn__value *values = horn__arena_alloc(&s->arena, count * sizeof *values + 1);
  if (values == NULL) return HORN_E_OUT_OF_MEMORY;
  if (capacity < count) return horn__layer_fail(s->layer, HORN_E_INVALID_ARGUMENT, "has %zu results, room for %zu", count, capacity);
  for (int32_t i = 0; i < s->outputs; i++) {
    values[i] = s->out[i].value;
    values[s->outputs + i] = s->out[i].mask;
  }
  for (int32_t i = 0; i < s->state_count; i++) values[2 * s->outputs + i] = s->states[i]->after;
  for (size_t i = 0; i < moved; i++) values[count - moved + i] = s->weights[i]->next;
  HORN__TRY(horn__symbol_handles(s->ctx, site->owner, values, (int32_t)count, out_tensors));
  *out_count = count;
  return HORN_OK;
}

static horn_status find_site(sketch *s, const horn_tensor *tensors, size_t count, call_site *out) {
  horn__slot_entry *entries = horn__arena_alloc(&s->arena, count * sizeof *entries + 1);
  if (entries == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(horn__find_operands(s->ctx, "layer", tensors, count, entries, &out->owner));
  if (out->owner == NULL) return horn__fail(s->ctx, HORN_E_INVALID_ARGUMENT, "layer: none of its tensors belongs to a graph");
  out->graph = horn__graph_of(out->owner);
  out->entries = entries;
  out->count = count;
  return HORN_OK;
}

static horn_status start_call(sketch *s, const char *json, const char *options_json, size_t count) {
  call_options options = {0};
  if (options_json == NULL) return horn__fail(s->ctx, HORN_E_INVALID_ARGUMENT, "layer: expected options with the number of inputs");
  HORN__TRY(horn__json_parse(s->ctx, "layer options", options_json, strlen(options_json), HORN__MAX_DEPTH, &s->options));
  HORN__TRY(read_options(s, &call_fields, &options));
  if (options.inputs < 0 || options.inputs > HORN__MAX_SLOTS || 2 * (size_t)options.inputs > count)
    return horn__fail(s->ctx, HORN_E_INVALID_ARGUMENT, "layer: expected 0 to %d inputs and as many masks, got %d of %zu tensors", HORN__MAX_SLOTS,
                      options.inputs, count);
  s->count = options.inputs;
  return read_layer(s, json, strlen(json), NULL);
}

horn_status horn_layer_call(horn_context *ctx, const char *json, const char *options_json, const horn_tensor *tensors, size_t count,
                            horn_tensor *out_tensors, size_t capacity, size_t *out_count) {
  sketch s = {.ctx = ctx};
  call_site site = {.owner = NULL};
  horn__arena_init(&s.arena, ctx);
  horn_status status = start_call(&s, json, options_json, count);
  if (status == HORN_OK) status = find_site(&s, tensors, count, &site);
  if (status == HORN_OK) {
    status = call_layer(&s, &site);
    horn__take_status(site.graph);
  }
  if (status == HORN_OK) status = give_outputs(&s, &site, out_tensors, capacity, out_count);
  sketch_release(&s);
  return status;
}
