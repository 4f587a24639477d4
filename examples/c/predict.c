/* Predicts with a converted model from plain C:
 *
 *   predict model.json images.bin count
 *
 * images.bin holds `count` images of unsigned bytes in the shape of the model's one input; prints the largest output of each. */
#include <hornbeam.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    fprintf(stderr, "%s: cannot be read\n", path);
    exit(1);
  }
  *size = (size_t)ftell(file);
  rewind(file);
  char *data = malloc(*size + 1);
  if (data == NULL || fread(data, 1, *size, file) != *size) {
    fprintf(stderr, "%s: cannot be read\n", path);
    exit(1);
  }
  fclose(file);
  data[*size] = '\0';
  return data;
}

/* The library touches no files: the program reads the shards that lie beside model.json, in their order. */
static void *read_shards(const char *model_path, size_t *size) {
  char *all = NULL;
  *size = 0;
  for (int shard = 1, shards = 1; shard <= shards; shard++) {
    char path[1024];
    const char *slash = strrchr(model_path, '/');
    int folder = slash == NULL ? 0 : (int)(slash - model_path + 1);
    size_t bytes = 0;
    FILE *found = NULL;
    for (int n = shards; found == NULL && n < 100; n++) { /* group1-shard1of3.bin says how many there are */
      snprintf(path, sizeof path, "%.*sgroup1-shard%dof%d.bin", folder, model_path, shard, n);
      found = fopen(path, "rb");
      if (found != NULL) shards = n;
    }
    if (found == NULL) return all;
    fclose(found);
    void *data = read_file(path, &bytes);
    all = realloc(all, *size + bytes + 1);
    if (all == NULL) exit(1);
    memcpy(all + *size, data, bytes);
    *size += bytes;
    free(data);
  }
  return all;
}

static void check(horn_context *ctx, horn_status status) {
  if (status == HORN_OK) return;
  fprintf(stderr, "%s\n", horn_last_error(ctx));
  exit(1);
}

/* Pixels as float32 in a tensor of shape [count, height, width, 1]. */
static horn_tensor images(horn_context *ctx, const unsigned char *pixels, int32_t count, int32_t height, int32_t width) {
  size_t size = (size_t)count * (size_t)height * (size_t)width;
  float *values = malloc(size * sizeof *values);
  if (values == NULL) exit(1);
  for (size_t i = 0; i < size; i++) values[i] = pixels[i];
  horn_tensor tensor;
  const int32_t shape[] = {count, height, width, 1};
  check(ctx, horn_tensor_create(ctx, HORN_FLOAT32, shape, 4, values, size * sizeof *values, &tensor));
  free(values);
  return tensor;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: predict model.json images.bin count\n");
    return 1;
  }
  enum { SIDE = 28 };
  size_t json_size, weights_size, pixels_size;
  char *json = read_file(argv[1], &json_size);
  void *weights = read_shards(argv[1], &weights_size);
  unsigned char *pixels = read_file(argv[2], &pixels_size);
  int32_t count = atoi(argv[3]);
  if (count < 1 || (size_t)count > pixels_size / (SIDE * SIDE)) {
    fprintf(stderr, "%s: has %zu bytes, expected at least %d images of %d x %d\n", argv[2], pixels_size, count, SIDE, SIDE);
    return 1;
  }

  horn_context *ctx;
  horn_model model;
  horn_status status = horn_context_create(NULL, &ctx);
  check(ctx, status);
  check(ctx, horn_model_load(ctx, json, json_size, weights, weights_size, NULL, &model));

  horn_tensor input = images(ctx, pixels, count, SIDE, SIDE), output;
  size_t outputs, rank;
  check(ctx, horn_model_predict(ctx, model, &input, 1, &output, 1, &outputs));

  horn_dtype dtype;
  int32_t shape[HORN_MAX_RANK];
  const void *data;
  size_t bytes;
  check(ctx, horn_tensor_info(ctx, output, &dtype, shape, &rank));
  check(ctx, horn_tensor_data(ctx, output, &data, &bytes));
  for (int32_t i = 0; i < count; i++) {
    const float *row = (const float *)data + (size_t)i * (size_t)shape[1];
    int32_t best = 0;
    for (int32_t k = 1; k < shape[1]; k++)
      if (row[k] > row[best]) best = k;
    printf("%d %.6f\n", best, (double)row[best]);
  }

  horn_context_release(ctx); /* and with it the model and the tensors */
  free(json);
  free(weights);
  free(pixels);
  return 0;
}
