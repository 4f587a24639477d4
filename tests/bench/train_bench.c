/* Where the time of a step of training goes: `train_bench [part of a name]`. Each model runs forward, softmax cross-entropy, back and Adam as one
 * plan, on one thread; printed are the time of a step, the best of several windows, and the ops that take the most of it. Compare within one
 * run only: machines drift. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "case.h"
#include "layers/model.h"

enum { WINDOWS = 5, MOST_OPS = 64, SHOWN = 14 };

typedef struct example {
  const char *name, *input, *layers; /* the shape of a batch; the layers behind the input */
  int32_t batch;
} example;

#define LAYER(class_name, config) "{\"class_name\":\"" class_name "\",\"config\":" config "}"

static const example examples[] = {
    {"MLP 784-512-10, batch 64", "[null,784]",
     LAYER("Dense", "{\"name\":\"a\",\"units\":512,\"activation\":\"relu\"}") "," LAYER("Dense", "{\"name\":\"b\",\"units\":10}"), 64},
    {"CNN 28x28x1, batch 64", "[null,28,28,1]",
     LAYER("Conv2D", "{\"name\":\"a\",\"filters\":32,\"kernel_size\":3,\"activation\":\"relu\"}") "," LAYER("MaxPooling2D", "{\"name\":\"p\"}") ","
     LAYER("Conv2D", "{\"name\":\"b\",\"filters\":64,\"kernel_size\":3,\"activation\":\"relu\"}") "," LAYER("MaxPooling2D", "{\"name\":\"q\"}") ","
     LAYER("Flatten", "{\"name\":\"f\"}") "," LAYER("Dense", "{\"name\":\"d\",\"units\":10}"), 64},
    {"separable 32x32x16, batch 16", "[null,32,32,16]",
     LAYER("DepthwiseConv2D", "{\"name\":\"a\",\"kernel_size\":3,\"padding\":\"same\"}") ","
     LAYER("Conv2D", "{\"name\":\"b\",\"filters\":32,\"kernel_size\":1,\"activation\":\"relu\"}") "," LAYER("AveragePooling2D", "{\"name\":\"p\"}") ","
     LAYER("DepthwiseConv2D", "{\"name\":\"c\",\"kernel_size\":3,\"padding\":\"same\"}") ","
     LAYER("LayerNormalization", "{\"name\":\"n\"}") "," LAYER("GlobalAveragePooling2D", "{\"name\":\"g\"}") ","
     LAYER("Dense", "{\"name\":\"d\",\"units\":10}"), 16},
    {"LSTM 64 of 100 x 32, batch 32", "[null,100,32]",
     LAYER("LSTM", "{\"name\":\"a\",\"units\":64,\"recurrent_activation\":\"sigmoid\"}") "," LAYER("Dense", "{\"name\":\"d\",\"units\":10}"), 32},
    {"GRU 64 of 100 x 32, batch 32", "[null,100,32]",
     LAYER("GRU", "{\"name\":\"a\",\"units\":64,\"reset_after\":true,\"recurrent_activation\":\"sigmoid\"}") ","
     LAYER("Dense", "{\"name\":\"d\",\"units\":10}"), 32},
    {"Embedding 5000 x 64 of 80, batch 32", "[null,80]",
     LAYER("Embedding", "{\"name\":\"a\",\"input_dim\":5000,\"output_dim\":64}") "," LAYER("GlobalAveragePooling1D", "{\"name\":\"g\"}") ","
     LAYER("Dense", "{\"name\":\"d\",\"units\":10}"), 32},
};

static void must(horn_context *ctx, horn_status status) {
  if (status == HORN_OK) return;
  fprintf(stderr, "%s\n", ctx->error);
  exit(2);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Small numbers, always the same; indices from 0 to 4999 where `whole`. */
static horn__tensor *numbers(horn_context *ctx, const horn__type *type, double scale) {
  horn__tensor *tensor;
  uint32_t state = 12345;
  must(ctx, horn__tensor_create(ctx, type, true, &tensor));
  for (size_t i = 0; i < horn__shape_size(&type->shape); i++) {
    state = state * 1664525u + 1013904223u;
    ((float *)tensor->data)[i] = (float)((double)(state >> 8) / (1 << 24) * scale);
  }
  return tensor;
}

/* ---- the graph of a step ------------------------------------------------------------------------------------------------------ */

typedef struct step {
  horn_context *ctx;
  horn__model *model;
  horn__plan *plan;
  horn__tensor *in[2], *out;
} step;

static horn__value zeros(horn__graph *g, const horn__type *type) {
  horn__tensor *tensor;
  must(g->ctx, horn__tensor_create(g->ctx, type, true, &tensor));
  const horn__value value = horn__graph_tensor(g, tensor, HORN__WEIGHT);
  horn__tensor_release(g->ctx, tensor);
  return value;
}

/* m = b m + (1 - b) g, w = w - rate m / (sqrt(v) + epsilon) */
static void adam(horn__graph *g, horn__value weight, horn__value gradient) {
  const horn__type *type = horn__type_of(g, weight);
  const horn__value m = zeros(g, type), v = zeros(g, type);
  const horn__value next_m = horn__add(g, m, horn__scale(g, horn__sub(g, gradient, m), 0.1));
  const horn__value next_v = horn__add(g, v, horn__scale(g, horn__sub(g, horn__square(g, gradient), v), 0.001));
  const horn__value step = horn__div(g, horn__scale(g, next_m, 0.001), horn__shift(g, HORN__EMIT(g, Sqrt, NULL, next_v), 1e-7));
  horn__graph_update(g, m, next_m);
  horn__graph_update(g, v, next_v);
  horn__graph_update(g, weight, horn__sub(g, weight, step));
}

/* The mean of -log softmax(logits)[class]. */
static horn__value cross_entropy(horn__graph *g, horn__value logits, horn__value labels) {
  const horn__reduce rows = {.axes = {1, {1}}}, all = {.axes = {.count = -1}};
  const horn__value each = HORN__EMIT(g, Sum, &rows, horn__mul(g, labels, HORN__EMIT(g, LogSoftmax, NULL, logits)));
  return horn__neg(g, HORN__EMIT(g, Mean, &all, each));
}

static void make_graph(step *s, const horn__type *labels) {
  horn__graph *g = s->model->graph;
  horn__value *weights = malloc(s->model->weight_count * sizeof *weights), *gradients = malloc(s->model->weight_count * sizeof *weights);
  if (weights == NULL || gradients == NULL) exit(2);
  for (size_t i = 0; i < s->model->weight_count; i++) {
    horn__weight *weight = s->model->weights[i];
    const size_t size = horn__shape_size(&weight->shape);
    horn__tensor *tensor = numbers(s->ctx, &(horn__type){weight->shape, HORN_FLOAT32}, size > 1000 ? 0.02 : 0.1);
    weights[i] = weight->value;
    horn__graph_bind(g, weight->value, tensor);
    horn__tensor_release(s->ctx, tensor);
  }
  const horn__value loss = cross_entropy(g, s->model->outputs[0], horn__graph_input(g, labels));
  must(s->ctx, horn__graph_gradients(g, &loss, NULL, 1, weights, (int32_t)s->model->weight_count, gradients));
  for (size_t i = 0; i < s->model->weight_count; i++)
    if (gradients[i] != HORN__NONE) adam(g, weights[i], gradients[i]);
  const horn__type types[] = {s->in[0]->type, s->in[1]->type};
  must(s->ctx, g->status);
  must(s->ctx, horn__plan_create(g, types, &loss, 1, &s->plan));
  must(s->ctx, horn__tensor_create(s->ctx, horn__plan_output(s->plan, 0), false, &s->out));
  free(weights);
  free(gradients);
}

static step make_step(const example *e) {
  step s = {0};
  char json[4096];
  snprintf(json, sizeof json, "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[%s%s}},%s]}}",
           "{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"i\",\"batch_input_shape\":", e->input, e->layers);
  if (horn_context_create("{\"threads\":1}", &s.ctx) != HORN_OK) exit(2);
  must(s.ctx, horn__model_load(s.ctx, json, strlen(json), NULL, 0, false, &s.model));
  horn__type type = *horn__type_of(s.model->graph, s.model->graph->inputs[0]);
  type.shape.dims[0] = e->batch;
  s.in[0] = numbers(s.ctx, &type, strstr(e->name, "Embedding") != NULL ? 4999 : 1);
  const horn__type labels = {{2, {e->batch, 10}}, HORN_FLOAT32};
  s.in[1] = numbers(s.ctx, &labels, 0.2);
  make_graph(&s, &labels);
  return s;
}

/* ---- profile -------------------------------------------------------------------------------------------------------------------- */

typedef struct profile {
  const horn__plan *plan;
  double last, seconds[MOST_OPS];
  const horn__op *ops[MOST_OPS];
  int counts[MOST_OPS], kinds;
} profile;

static void after(void *data, size_t index) {
  profile *p = data;
  const horn__op *op = horn__plan_step_op(p->plan, index);
  const double moment = now();
  int k = 0;
  while (k < p->kinds && p->ops[k] != op) k++;
  if (k == MOST_OPS) return;
  if (k == p->kinds) p->ops[p->kinds++] = op;
  p->seconds[k] += moment - p->last;
  p->counts[k]++;
  p->last = moment;
}

static double run(const step *s, int rounds, profile *p) {
  void *in[] = {s->in[0]->data, s->in[1]->data}, *out[] = {s->out->data};
  const double start = now();
  for (int i = 0; i < rounds; i++) {
    if (p != NULL) p->last = now();
    must(s->ctx, horn__plan_watch(s->plan, in, out, p == NULL ? NULL : after, p));
  }
  return (now() - start) / rounds;
}

static void print_profile(const profile *p, int rounds) {
  bool printed[MOST_OPS] = {false};
  for (int shown = 0; shown < SHOWN && shown < p->kinds; shown++) {
    int best = -1;
    for (int k = 0; k < p->kinds; k++)
      if (!printed[k] && (best < 0 || p->seconds[k] > p->seconds[best])) best = k;
    printf("    %-40s %4d steps %9.3f ms\n", p->ops[best]->name, p->counts[best] / rounds, 1e3 * p->seconds[best] / rounds);
    printed[best] = true;
  }
}

static void measure(const example *e) {
  step s = make_step(e);
  profile p = {.plan = s.plan};
  const double guess = run(&s, 1, NULL);
  const int rounds = guess > 0.05 ? 3 : (int)(0.15 / (guess + 1e-6)) + 1;
  double best = run(&s, rounds, NULL);
  for (int i = 1; i < WINDOWS; i++) {
    const double seconds = run(&s, rounds, NULL);
    if (seconds < best) best = seconds;
  }
  run(&s, rounds, &p);
  printf("%-40s %4zu steps %9.3f ms, loss %g\n", e->name, horn__plan_steps(s.plan), 1e3 * best, (double)*(const float *)s.out->data);
  print_profile(&p, rounds);
  for (int i = 0; i < 2; i++) horn__tensor_release(s.ctx, s.in[i]);
  horn__tensor_release(s.ctx, s.out);
  horn__plan_release(s.plan);
  horn__model_release(s.model);
  horn_context_release(s.ctx);
}

int main(int argc, char **argv) {
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    if (argc < 2 || strstr(examples[i].name, argv[1]) != NULL) measure(&examples[i]);
  return 0;
}
