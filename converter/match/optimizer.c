/* The state of an optimizer: the arrays of a file, in Keras's order, as TensorFlow.js has them: "iter", then each slot of all weights that are
 * trained ("dense/kernel/m", ..., "dense/kernel/v", ...). State that is not as expected is left out: a model can be used without it.
 * Reference: keras/src/optimizers, tf_keras/optimizers, tfjs-core/src/optimizers. */
#include <string.h>

#include "cJSON.h"
#include "match/match.h"

/* Slots of a class by TensorFlow.js's names. Those of a group come together for each weight, one group after the other. */
typedef struct slots {
  const char *class_name;
  const char *groups[3][2];
} slots;

static const slots classes[] = {
    {"SGD", {{"momentum"}}},
    {"Adam", {{"m", "v"}, {"vhat"}}},
    {"AdamW", {{"m", "v"}, {"vhat"}}},
    {"Adamax", {{"m", "v"}}},
    {"RMSprop", {{"rms"}, {"momentum"}, {"mg"}}},
    {"Adagrad", {{"accumulator"}}},
    {"Adadelta", {{"accum_grad", "accum_var"}}},
};

/* "Adam", "adam" and "Custom>Adam" are one class. */
static bool same_class(const char *given, const char *name) {
  const char *behind = strrchr(given, '>');
  if (behind != NULL) given = behind + 1;
  for (; *given != '\0' && *name != '\0'; given++, name++)
    if ((*given | 0x20) != (*name | 0x20)) return false;
  return *given == *name;
}

static const slots *find_class(const cJSON *training) {
  const cJSON *optimizer = horn__json_get(training, "optimizer_config");
  const char *name = cJSON_IsString(optimizer) ? optimizer->valuestring : horn__json_text(optimizer, "class_name");
  for (size_t i = 0; name != NULL && i < sizeof classes / sizeof classes[0]; i++)
    if (same_class(name, classes[i].class_name)) return &classes[i];
  return NULL;
}

typedef struct plan {
  horn__matching *m;
  horn__target **trained;
  size_t trained_count;
  horn__saved_array *const *arrays; /* of slots: behind the count of steps and the learning rate */
  size_t count;
  bool blocked;                     /* before tf.keras 2.11: the slots of a group come one after the other */
  bool centered;
} plan;

static bool same_shape(const horn__target *target, const horn__saved_array *array) {
  return target->rank == array->rank && memcmp(target->dims, array->dims, (size_t)array->rank * sizeof *array->dims) == 0;
}

static horn_status add_state(plan *p, const horn__target *weight, const char *slot, const horn__saved_array *array, bool *fits) {
  horn__target *out = &p->m->state[p->m->state_count];
  *fits = same_shape(weight, array);
  if (!*fits) return HORN_OK;
  *out = *weight;
  out->name = horn__arena_format(&p->m->arena, "%s/%s", weight->name, slot);
  out->array = array;
  p->m->state_count++;
  return out->name == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

/* A group's slots, whose arrays start at `base`. */
static horn_status add_group(plan *p, const char *const *group, size_t width, size_t base, bool *fits) {
  for (size_t s = 0; s < width; s++)
    for (size_t i = 0; i < p->trained_count && *fits; i++) {
      const size_t at = base + (p->blocked ? s * p->trained_count + i : i * width + s);
      HORN__TRY(add_state(p, p->trained[i], group[s], p->arrays[at], fits));
    }
  return HORN_OK;
}

static horn_status add_slots(plan *p, const slots *class, bool *fits) {
  size_t base = 0;
  for (size_t g = 0; g < 3 && class->groups[g][0] != NULL && base < p->count; g++) {
    const bool skipped = g == 1 && p->centered && p->count == 2 * p->trained_count; /* rms and mg without momentum */
    const size_t width = class->groups[g][1] != NULL ? 2 : 1;
    if (skipped) continue;
    *fits = *fits && base + width * p->trained_count <= p->count;
    if (*fits) HORN__TRY(add_group(p, class->groups[g], width, base, fits));
    base += width * p->trained_count;
  }
  *fits = *fits && base == p->count;
  return HORN_OK;
}

static horn_status match_state(horn__matching *m, const cJSON *training) {
  const slots *class = find_class(training);
  const horn__source *source = m->source;
  if (class == NULL || source->optimizer_count == 0 || source->optimizer[0]->count != 1) return HORN_OK;
  plan p = {.m = m, .trained = horn__arena_alloc(&m->arena, m->target_count * sizeof *p.trained + 1)};
  m->state = horn__arena_alloc(&m->arena, source->optimizer_count * sizeof *m->state);
  if (p.trained == NULL || m->state == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < m->target_count; i++)
    if (m->targets[i].trainable) p.trained[p.trained_count++] = &m->targets[i];
  const size_t before = m->keras >= 3 ? 2 : 1; /* Keras 3 keeps the learning rate too */
  if (source->optimizer_count < before || p.trained_count == 0) return HORN_OK;
  p.arrays = source->optimizer + before;
  p.count = source->optimizer_count - before;
  p.blocked = source->grouping == HORN__BY_LAYER && m->keras < 3 && strncmp(source->optimizer[0]->name, "iteration", 9) != 0;
  p.centered = cJSON_IsTrue(horn__json_get(horn__json_get(horn__json_get(training, "optimizer_config"), "config"), "centered"));
  m->state[m->state_count++] = (horn__target){.name = "iter", .count = 1, .array = source->optimizer[0]};
  bool fits = true;
  HORN__TRY(add_slots(&p, class, &fits));
  if (!fits) m->state_count = 0;
  return HORN_OK;
}

horn_status horn__match_state(horn__matching *m) {
  const char *text = m->source->training_config;
  cJSON *training;
  if (text == NULL || m->source->optimizer_count == 0) return HORN_OK;
  HORN__TRY(horn__json_parse(m->ctx, "training_config", text, strlen(text), HORN__MAX_DEPTH, &training));
  horn_status status = match_state(m, training);
  horn__json_release(training);
  return status;
}
