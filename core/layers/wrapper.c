/* Bidirectional: a recurrent layer over the sequence, and a second one over its reverse. Inputs: x, then the forward layer's initial states,
 * then the backward layer's. Outputs: the merged outputs (both, one after the other, where they are not merged), then the states.
 * Reference: keras/src/layers/rnn/bidirectional.py; Schuster and Paliwal, Bidirectional Recurrent Neural Networks (1997). */
#include <string.h>

#include "cJSON.h"
#include "layers/common.h"

typedef struct bidirectional_config {
  const cJSON *layer, *backward_layer;
  int32_t merge_mode;
} bidirectional_config;

typedef enum merge_mode { CONCAT, SUM, MUL, AVE, UNMERGED } merge_mode;
static const char *const merge_modes[] = {"concat", "sum", "mul", "ave", "null", NULL};

static const horn__field bidirectional_rows[] = {
    HORN__JSON(bidirectional_config, layer, NULL, NULL),
    HORN__ENUM(bidirectional_config, merge_mode, merge_modes, NULL, "\"concat\""),
    HORN__JSON(bidirectional_config, backward_layer, NULL, "null"),
};

/* The boolean config field of a layer with this name, NULL where its class has none. */
static bool *flag(const horn__layer *layer, const char *name) {
  for (size_t i = 0; i < layer->type->config.count; i++) {
    const horn__field *field = &layer->type->config.rows[i];
    const bool is_bool = field->type == HORN__FIELD_BOOL || field->type == HORN__FIELD_FLAG || field->type == HORN__FIELD_OWN;
    if (is_bool && strcmp(field->name, name) == 0)
      return (bool *)((unsigned char *)layer->config + field->offset);
  }
  return NULL;
}

static bool is_on(const horn__layer *layer, const char *name) {
  const bool *value = flag(layer, name);
  return value != NULL && *value;
}

/* ---- create ---------------------------------------------------------------------------------------------------------- */

/* A child's weights are called as Keras calls the child: 2 puts "forward_" before any name; 3 only before one without it, and leaves an
 * explicit backward layer's alone. The child itself keeps the name that stands in a Keras 2 config, without it. */
static horn_status name_child(const horn__layer *layer, horn__layer *child, const char *start, bool explicit) {
  const size_t length = strlen(start);
  const bool has_it = strncmp(child->name, start, length) == 0 && child->name[length] != '\0';
  if (layer->keras >= 3 && has_it) child->name += length;
  if (layer->keras >= 3 && explicit && !has_it) start = "";
  const char *name = horn__arena_format(layer->arena, "%s%s", start, child->name);
  return name == NULL ? HORN_E_OUT_OF_MEMORY : horn__prefix_child(layer, child, name);
}

static horn_status check_same(const horn__layer *layer, const char *name) {
  if (is_on(layer->children[0], name) == is_on(layer->children[1], name)) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "layer and backward_layer must have the same %s", name);
}

/* Keras makes masked steps zero in both sequences: repeated outputs would differ between the directions. */
static void zero_masked_steps(horn__layer *child) {
  bool *zero = flag(child, "zero_output_for_mask");
  if (zero != NULL) *zero = is_on(child, "return_sequences");
}

static horn_status bidirectional_create(horn__layer *layer) {
  const bidirectional_config *config = layer->config;
  const bool explicit = config->backward_layer != NULL;
  horn__layer *forward, *backward;
  HORN__TRY(horn__add_child(layer, config->layer, NULL, &forward));
  HORN__TRY(horn__add_child(layer, explicit ? config->backward_layer : config->layer, NULL, &backward));
  bool *forward_flag = flag(forward, "go_backwards"), *backward_flag = flag(backward, "go_backwards");
  if (forward_flag == NULL || backward_flag == NULL)
    return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "expected a recurrent layer, got %s", (forward_flag == NULL ? forward : backward)->type->name);
  if (!explicit) *backward_flag = !*forward_flag;
  if (*forward_flag == *backward_flag)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "layer and backward_layer must have different go_backwards");
  HORN__TRY(check_same(layer, "return_sequences"));
  HORN__TRY(check_same(layer, "return_state"));
  zero_masked_steps(forward);
  zero_masked_steps(backward);
  HORN__TRY(name_child(layer, forward, "forward_", false));
  return name_child(layer, backward, "backward_", explicit);
}

static const horn__reverse reverse_time = {{1, {1}}};

/* ---- call ------------------------------------------------------------------------------------------------------------- */

static horn__value merge(horn__graph *graph, merge_mode mode, horn__value y, horn__value reversed) {
  switch (mode) {
    case CONCAT:
      return HORN__EMIT(graph, Concat, &(horn__concat){horn__type_of(graph, y)->shape.rank - 1}, y, reversed);
    case SUM:
      return horn__add(graph, y, reversed);
    case MUL:
      return horn__mul(graph, y, reversed);
    case AVE:
      return horn__scale(graph, horn__add(graph, y, reversed), 0.5);
    case UNMERGED:
      break;
  }
  return y;
}

/* Calls child `which` with x and its half of the initial states. */
static horn_status call_child(horn__call *call, size_t which, horn__slot *out, int32_t *outputs) {
  const int32_t states = (call->count - 1) / 2;
  horn__slot in[HORN__MAX_SLOTS];
  in[0] = call->in[0];
  for (int32_t i = 0; i < states; i++) in[1 + i] = call->in[1 + (int32_t)which * states + i];
  return horn__layer_call(call->layer->children[which], call->graph, in, 1 + states, out, outputs);
}

static horn_status bidirectional_call(horn__call *call) {
  const bidirectional_config *config = call->config;
  const bool sequences = is_on(call->layer->children[0], "return_sequences");
  horn__slot forward[HORN__MAX_SLOTS], backward[HORN__MAX_SLOTS], *out = call->out;
  int32_t forward_count, backward_count, next = 0;
  if (call->count % 2 == 0) return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected an even number of initial states");
  HORN__TRY(call_child(call, 0, forward, &forward_count));
  HORN__TRY(call_child(call, 1, backward, &backward_count));
  horn__value reversed = backward[0].value;
  if (sequences) reversed = HORN__EMIT(call->graph, Reverse, &reverse_time, reversed);
  HORN__TRY(call->graph->status);
  out[next++].value = merge(call->graph, (merge_mode)config->merge_mode, forward[0].value, reversed);
  if (config->merge_mode == UNMERGED) out[next++].value = reversed;
  for (int32_t i = 0; sequences && i < next; i++) out[i].mask = call->in[0].mask;
  for (int32_t i = 1; i < forward_count; i++) out[next++].value = forward[i].value;
  for (int32_t i = 1; i < backward_count; i++) out[next++].value = backward[i].value;
  call->outputs = next;
  return call->graph->status;
}

const horn__layer_class horn__layer_Bidirectional = {
    .name = "Bidirectional", .min_inputs = 1, .max_inputs = 1 + 2 * ((HORN__MAX_SLOTS - 1) / 2),
    .config = HORN__FIELDS(bidirectional_config, bidirectional_rows),
    .create = bidirectional_create, .call = bidirectional_call};
