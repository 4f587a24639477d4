/* Layers that are random in training, in a graph for training: with a factor fixed to one number they are what Keras computes for it; otherwise
 * they differ within a batch, repeat with the seed and change with it. Numbers: augmentation.gen.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "layers/layer.h"
#include "small_graph.h"
#include "test.h"

/* Gives the layer's weights numbers, the same each time. */
static void bind_weights(small_graph *s, horn__layer *layer) {
  for (size_t i = 0; i < layer->weight_count; i++) {
    const horn__weight *weight = &layer->weights[i];
    const horn__type type = {weight->shape, HORN_FLOAT32};
    horn__tensor *numbers;
    small_must(s->ctx, horn__tensor_create(s->ctx, &type, false, &numbers));
    for (size_t k = 0; k < case_size(numbers); k++) ((float *)numbers->data)[k] = (float)((double)((k * 7 + i) % 11) / 10 - 0.4);
    horn__graph_bind(s->graph, weight->value, numbers);
    horn__tensor_release(s->ctx, numbers);
  }
}

/* A layer's result in a graph for training whose dimensions are unknown where `open`. NULL where it failed: the message is the context's. */
static horn__tensor *train_as(int32_t keras, horn_context *ctx, const char *json, const char *image, const char *seed, bool open) {
  small_graph s;
  horn__arena arena;
  horn__layer *layer = NULL;
  horn__slot out[HORN__MAX_SLOTS];
  horn__tensor *y = NULL;
  int32_t outputs;
  small_create(ctx, &s);
  horn__arena_init(&arena, ctx);
  const horn__slot in = {small_input(&s, image, open), HORN__NONE};
  s.graph->seed = small_input(&s, seed, false);
  cJSON *config = cJSON_Parse(json);
  horn_status status = horn__layer_create(&arena, config, &(horn__origin){.keras = keras}, 0, &layer);
  if (status == HORN_OK) status = horn__layer_call(layer, s.graph, &in, 1, out, &outputs);
  if (status == HORN_OK) bind_weights(&s, layer);
  if (status == HORN_OK) y = small_evaluate(&s, out[0].value);
  horn__layer_release(layer);
  cJSON_Delete(config);
  horn__arena_release(&arena);
  small_release(&s);
  return y;
}

static horn__tensor *train(horn_context *ctx, const char *json, const char *image, const char *seed, bool open) {
  return train_as(3, ctx, json, image, seed, open);
}

#define LAYER(name, ...) "{\"class_name\":\"" name "\",\"config\":" #__VA_ARGS__ "}"
#define IMAGE "f[1,3,4,1]{1,2,3,4,5,6,7,8,9,10,11,12}"
#define COLORS                                                                  \
  "f[2,3,4,3]{"                                                                 \
  "0,38,90,156,236,74,182,48,184,78,242,164,100,50,14,248,240,246," \
  "10,44,92,154,230,64,168,30,162,52,212,130,62,8,224,198,186,188," \
  "204,234,22,80,152,238,82,196,68,210,110,24,208,150,106,76,60,58," \
  "70,96,136,190,2,84,180,34,158,40,192,102,26,220,172,138,118,112}"

/* ---- a factor that is one number ----------------------------------------------------------------------------------------------- */

static const char *const fixed[][3] = {
#include "augmentation.gen.h"
};

static void test_fixed(horn_context *ctx) {
  for (size_t r = 0; r < sizeof fixed / sizeof fixed[0]; r++)
    for (int open = 0; open < 2; open++) {
      horn__tensor *y = train(ctx, fixed[r][0], fixed[r][1], "i{3,4}", open != 0);
      if (!CHECK(y != NULL, "%s: %s", fixed[r][0], ctx->error)) continue;
      CHECK(small_equals(y, fixed[r][2]), "%s is not %s: its first elements are %g %g %g", fixed[r][0], fixed[r][2], case_element(y, 0),
            case_element(y, 1), case_element(y, 2));
      horn__tensor_release(ctx, y);
    }
}

/* ---- drawn ------------------------------------------------------------------------------------------------------------------------ */

static const char *const drawn_colors[] = {
    LAYER("RandomColorDegeneration", {"factor": 0.5}), LAYER("RandomColorJitter", {"contrast_factor": 0.5, "hue_factor": 0.5}),
    LAYER("RandomGaussianBlur", {}), LAYER("RandomGrayscale", {}), LAYER("RandomHue", {"factor": 0.5}), LAYER("RandomInvert", {"factor": [0.5, 0.5]}),
    LAYER("RandomPosterization", {"factor": [1, 7]}), LAYER("RandomSaturation", {"factor": [0.1, 0.6]}), LAYER("RandomSharpness", {"factor": 1.0}),
    LAYER("RandomErasing", {"scale": [0.6, 1]}), LAYER("RandomErasing", {"fill_value": [1, 2, 3], "scale": 0.9}), LAYER("RandomShear", {"x_factor": 0.5}),
    LAYER("Solarization", {"addition_factor": 0.3, "threshold_factor": 0.5}),
};

static const char *const drawn[] = {
    LAYER("Dropout", {"rate": 0.5}),
    LAYER("RandomFlip", {}),
    LAYER("RandomRotation", {"factor": 0.4}),
    LAYER("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.3}),
    LAYER("RandomZoom", {"height_factor": 0.4}),
    LAYER("RandomContrast", {"factor": 0.7}),
    LAYER("RandomBrightness", {"factor": 0.7}),
};

static bool same(const horn__tensor *a, const horn__tensor *b) { return a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0; }

/* Whether all images of a batch of equal ones came out alike. */
static bool all_alike(const horn__tensor *y) {
  const size_t batch = (size_t)y->type.shape.dims[0], size = y->bytes / batch;
  for (size_t n = 1; n < batch; n++)
    if (memcmp(y->data, (const char *)y->data + n * size, size) != 0) return false;
  return true;
}

static void check_drawn(horn_context *ctx, const char *layer, const char *images) {
  horn__tensor *a = train(ctx, layer, images, "i{3,4}", false), *b = train(ctx, layer, images, "i{3,4}", true);
  horn__tensor *c = train(ctx, layer, images, "i{3,5}", false);
  if (CHECK(a != NULL && b != NULL && c != NULL, "%s: %s", layer, ctx->error)) {
    CHECK(same(a, b), "%s: another result with the same seed", layer);
    CHECK(!same(a, c), "%s: the same result with another seed", layer);
    CHECK(!all_alike(a), "%s: the same for each image", layer);
    CHECK(horn__shape_equal(&a->type.shape, &c->type.shape), "%s: another shape", layer);
  }
  horn__tensor *const all[] = {a, b, c};
  for (int i = 0; i < 3; i++) horn__tensor_release(ctx, all[i]);
}

static void test_drawn(horn_context *ctx) {
  const char *const images = "f[6,2,2,1]{10,30,70,200,10,30,70,200,10,30,70,200,10,30,70,200,10,30,70,200,10,30,70,200}";
  char colors[600] = "f[8,2,2,3]{";
  for (int i = 0; i < 8; i++) strcat(colors, i == 0 ? "10,30,70,200,9,0,55,60,120,3,250,77" : ",10,30,70,200,9,0,55,60,120,3,250,77");
  strcat(colors, "}");
  for (size_t r = 0; r < sizeof drawn / sizeof drawn[0]; r++) check_drawn(ctx, drawn[r], images);
  for (size_t r = 0; r < sizeof drawn_colors / sizeof drawn_colors[0]; r++) check_drawn(ctx, drawn_colors[r], colors);
}

/* Images 0, 1, 2, ... mixed: each element is its own image's or another's, or lies between them; another seed mixes otherwise. */
static void test_mixed(horn_context *ctx) {
  static const char *const layers[] = {LAYER("MixUp", {"alpha": 0.7}), LAYER("CutMix", {}), LAYER("CutMix", {"factor": [0.0, 0.1]})};
  char images[600] = "f[16,3,3,1]{", number[8];
  for (int i = 0; i < 144; i++) {
    snprintf(number, sizeof number, i == 0 ? "%d" : ",%d", i / 9);
    strcat(images, number);
  }
  strcat(images, "}");
  for (size_t r = 0; r < sizeof layers / sizeof layers[0]; r++) {
    horn__tensor *y = train(ctx, layers[r], images, "i{3,4}", true), *z = train(ctx, layers[r], images, "i{3,5}", false);
    if (!CHECK(y != NULL && z != NULL, "%s: %s", layers[r], ctx->error)) return;
    int mixed = 0;
    double sum = 0;
    for (size_t i = 0; i < case_size(y); i++) {
      const double e = case_element(y, i);
      CHECK(e >= 0 && e <= 15 && (r == 0 || e == floor(e)), "%s: element %zu is %g", layers[r], i, e);
      mixed += fabs(e - (double)(i / 9)) > 1e-6;
      sum += e;
    }
    CHECK(mixed > 9 && !same(y, z), "%s: %d elements are mixed", layers[r], mixed);
    CHECK(sum / 144 > 5 && sum / 144 < 10, "%s: the mean is %g", layers[r], sum / 144);
    horn__tensor_release(ctx, y);
    horn__tensor_release(ctx, z);
  }
}

/* A ConvLSTM drops of its inputs, and of its states, as its config says: with the seed alone what it gives changes. */
static void test_conv_lstm(horn_context *ctx) {
  static const char *const layers[] = {
      LAYER("ConvLSTM1D", {"filters": 2, "kernel_size": 1, "return_sequences": true}),
      LAYER("ConvLSTM1D", {"filters": 2, "kernel_size": 1, "return_sequences": true, "dropout": 0.5}),
      LAYER("ConvLSTM1D", {"filters": 2, "kernel_size": 1, "return_sequences": true, "recurrent_dropout": 0.5}),
  };
  const char *const lines = "f[2,3,4,3]<0.5,2>";
  for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
    horn__tensor *const y[] = {train(ctx, layers[i], lines, "i{3,4}", false), train(ctx, layers[i], lines, "i{3,4}", false),
                               train(ctx, layers[i], lines, "i{3,5}", false)};
    if (CHECK(y[0] != NULL && y[1] != NULL && y[2] != NULL, "%s: %s", layers[i], ctx->error)) {
      CHECK(same(y[0], y[1]), "%s: another result with the same seed", layers[i]);
      CHECK(same(y[0], y[2]) == (i == 0), "%s: another seed changes %s", layers[i], i == 0 ? "something" : "nothing");
    }
    for (int k = 0; k < 3; k++) horn__tensor_release(ctx, y[k]);
  }
}

/* Of a spatial dropout whole channels of an image are dropped, or kept and doubled. */
static void check_channels(const char *layer, const char *image, bool first, horn_context *ctx) {
  horn__tensor *y = train(ctx, layer, image, "i{3,4}", false);
  if (!CHECK(y != NULL, "%s: %s", layer, ctx->error)) return;
  const horn__shape *shape = &y->type.shape;
  const size_t batch = (size_t)shape->dims[0], channels = (size_t)shape->dims[first ? 1 : shape->rank - 1], places = case_size(y) / batch / channels;
  size_t dropped = 0;
  for (size_t n = 0; n < batch; n++)
    for (size_t c = 0; c < channels; c++) {
      const size_t image_start = n * channels * places, start = image_start + (first ? c * places : c), stride = first ? 1 : channels;
      const double value = case_element(y, start);
      dropped += value < 1;
      CHECK(value == 0 || value == 2, "%s: an element is %g", layer, value);
      for (size_t i = 1; i < places; i++) CHECK(case_element(y, start + i * stride) == value, "%s: a channel is dropped in part", layer);
    }
  CHECK(dropped > 0 && dropped < batch * channels, "%s: %zu of %zu channels are dropped", layer, dropped, batch * channels);
  horn__tensor_release(ctx, y);
}

static void test_channels(horn_context *ctx) {
  check_channels(LAYER("SpatialDropout1D", {"rate": 0.5}), "f[4,3,5]<1,1>", false, ctx);
  check_channels(LAYER("SpatialDropout2D", {"rate": 0.5}), "f[4,2,3,5]<1,1>", false, ctx);
  check_channels(LAYER("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first"}), "f[4,5,2,3]<1,1>", true, ctx);
  check_channels(LAYER("SpatialDropout3D", {"rate": 0.5}), "f[4,2,3,2,5]<1,1>", false, ctx);
  check_channels(LAYER("SpatialDropout3D", {"rate": 0.5, "data_format": "channels_first"}), "f[4,5,2,3,2]<1,1>", true, ctx);
}

/* Each flip of an image turns up, and nothing else; Keras 3 flips both ways at once. */
static void test_flips(horn_context *ctx, int32_t keras) {
  static const float flips[4][4] = {{1, 2, 3, 4}, {2, 1, 4, 3}, {3, 4, 1, 2}, {4, 3, 2, 1}};
  int counts[4] = {0};
  for (int seed = 0; seed < 64; seed++) {
    char text[32];
    snprintf(text, sizeof text, "i{%d,0}", seed);
    horn__tensor *y = train_as(keras, ctx, LAYER("RandomFlip", {}), "f[1,2,2,1]{1,2,3,4}", text, false);
    if (!CHECK(y != NULL, "flip: %s", ctx->error)) return;
    int found = -1;
    for (int k = 0; k < 4; k++)
      if (memcmp(y->data, flips[k], sizeof flips[k]) == 0) found = k;
    if (CHECK(found >= 0, "seed %d: no flip of the image", seed)) counts[found]++;
    horn__tensor_release(ctx, y);
  }
  for (int k = 0; k < 4; k++) {
    const int low = keras == 2 ? 6 : k % 3 == 0 ? 20 : 0, high = keras == 2 ? 28 : k % 3 == 0 ? 44 : 0;
    CHECK(counts[k] >= low && counts[k] <= high, "Keras %d, flip %d: %d of 64", keras, k, counts[k]);
  }
}

/* A crop is a part of the image, and each part turns up. */
static void test_crops(horn_context *ctx) {
  bool seen[6] = {false};
  for (int seed = 0; seed < 64; seed++) {
    char text[32];
    snprintf(text, sizeof text, "i{%d,1}", seed);
    horn__tensor *y = train(ctx, LAYER("RandomCrop", {"height": 2, "width": 2}), IMAGE, text, seed % 2 == 0);
    if (!CHECK(y != NULL, "crop: %s", ctx->error)) return;
    const float *e = y->data;
    const int first = (int)e[0] - 1, row = first / 4, column = first % 4;
    const bool part = e[1] - e[0] == 1.0f && e[2] - e[0] == 4.0f && e[3] - e[0] == 5.0f && row >= 0 && row < 2 && column >= 0 && column < 3;
    if (CHECK(part && case_size(y) == 4, "seed %d: %g %g %g %g is no part", seed, (double)e[0], (double)e[1], (double)e[2], (double)e[3]))
      seen[row * 3 + column] = true;
    horn__tensor_release(ctx, y);
  }
  for (int k = 0; k < 6; k++) CHECK(seen[k], "part %d never turned up", k);
}

static void test_refused(horn_context *ctx) {
  CHECK(train(ctx, LAYER("RandomHeight", {"factor": 0.3}), IMAGE, "i{1,2}", false) == NULL && strstr(ctx->error, "RandomHeight") != NULL,
        "RandomHeight in training: %s", ctx->error);
  CHECK(train(ctx, LAYER("RandomRotation", {"factor": "much"}), IMAGE, "i{1,2}", false) == NULL && strstr(ctx->error, "factor") != NULL,
        "a factor that is text: %s", ctx->error);
  CHECK(train(ctx, LAYER("RandAugment", {}), COLORS, "i{1,2}", false) == NULL && strstr(ctx->error, "RandAugment") != NULL,
        "RandAugment in training: %s", ctx->error);
  CHECK(train(ctx, LAYER("RandomGaussianBlur", {"kernel_size": 4}), COLORS, "i{1,2}", false) == NULL, "an even kernel");
  CHECK(train(ctx, LAYER("RandomZoom", {"height_factor": [0.1, 0.2, 0.3]}), IMAGE, "i{1,2}", false) == NULL, "a factor of three numbers");
  CHECK(train(ctx, LAYER("RandomBrightness", {"factor": 1.5}), IMAGE, "i{1,2}", false) == NULL, "a factor above 1");
  CHECK(train(ctx, LAYER("RandomContrast", {"factor": 0.5, "value_range": 3}), IMAGE, "i{1,2}", false) == NULL, "one number for a range");
}

/* ---- Transform and its gradient are adjoint: <Transform(x), dy> = <x, TransformGrad(dy)> ------------------------------------------------ */

static double product(const horn__tensor *a, const horn__tensor *b) {
  double sum = 0;
  for (size_t i = 0; i < case_size(a); i++) sum += case_element(a, i) * case_element(b, i);
  return sum;
}

static void test_adjoint(horn_context *ctx) {
  for (int32_t fill = HORN__FILL_CONSTANT; fill <= HORN__FILL_NEAREST; fill++) {
    const horn__transform attributes = {1, fill, 0, {2, {3, 4}}};
    horn__tensor *x = small_tensor(ctx, "f[3,5,4,2]"), *t = small_tensor(ctx, "f[3,8]<-1,1.5>"), *dy = small_tensor(ctx, "f[3,3,4,2]<-3,3>");
    horn__tensor *y, *dx;
    small_must(ctx, horn__run_eager(ctx, &horn__op_Transform, &attributes, (horn__tensor *[]){x, t}, 2, &y));
    small_must(ctx, horn__run_eager(ctx, &horn__op_TransformGrad, &attributes, (horn__tensor *[]){dy, t, x}, 3, &dx));
    const double a = product(y, dy), b = product(x, dx);
    CHECK(fabs(a - b) < 1e-4 && fabs(a) > 0.1, "fill %d: %g and %g", fill, a, b);
    horn__tensor *const all[] = {x, t, dy, y, dx};
    for (int i = 0; i < 5; i++) horn__tensor_release(ctx, all[i]);
  }
}

int main(void) {
  horn_context *ctx = case_context("ref");
  test_fixed(ctx);
  test_drawn(ctx);
  test_mixed(ctx);
  test_channels(ctx);
  test_conv_lstm(ctx);
  test_flips(ctx, 2);
  test_flips(ctx, 3);
  test_crops(ctx);
  test_refused(ctx);
  test_adjoint(ctx);
  horn_context_release(ctx);
  return test_end();
}
