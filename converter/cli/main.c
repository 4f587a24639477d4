/* hornbeam-convert: Keras models to TensorFlow.js's layers format. Flags are named as tensorflowjs_converter's. */
#define _GNU_SOURCE /* getopt_long */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/report.h"
#include "convert.h"

enum { SUCCESS = 0, NOT_CONVERTED = 1, USAGE = 2, NO_FILE = 3 };

static const char help[] =
    "Usage: hornbeam-convert [options] INPUT OUTPUT_DIR\n"
    "       hornbeam-convert inspect [--json] INPUT\n"
    "\n"
    "Converts a Keras model (.h5 of Keras 1, 2 and 3, .keras, the folder of a tf.keras SavedModel) to model.json and shards for\n"
    "tf.loadLayersModel.\n"
    "inspect tells what a file holds: format, producer, layers, and what stands against converting it.\n"
    "\n"
    "Options:\n"
    "  --input_format FORMAT         keras (.h5), keras_keras (.keras), keras_saved_model (a folder) or auto: told from what it is (default)\n"
    "  --output_format FORMAT        tfjs_layers_model (default)\n"
    "  --weight_shard_size_bytes N   size of a shard (default 4194304)\n"
    "  --topology FILE               the model's JSON, for a file that has weights alone\n"
    "  --json                        inspect: as JSON\n"
    "  -h, --help                    this text\n"
    "  -v, --version                 the version\n"
    "\n"
    "Exit status: 0 success, 1 the model cannot be converted, 2 wrong usage, 3 a file cannot be read or written.\n";

typedef struct arguments {
  bool inspect, json;
  size_t shard_bytes;
  const char *topology, *input, *output;
} arguments;

static int usage(const char *format, const char *value) {
  fputs("hornbeam-convert: ", stderr);
  fprintf(stderr, format, value);
  fputs("\nTry hornbeam-convert --help.\n", stderr);
  return USAGE;
}

/* ---- arguments ------------------------------------------------------------------------------------------------------------ */

enum { INPUT_FORMAT = 256, OUTPUT_FORMAT, SHARD_BYTES, TOPOLOGY, JSON };

static const struct option options[] = {{"input_format", required_argument, NULL, INPUT_FORMAT},
                                        {"output_format", required_argument, NULL, OUTPUT_FORMAT},
                                        {"weight_shard_size_bytes", required_argument, NULL, SHARD_BYTES},
                                        {"topology", required_argument, NULL, TOPOLOGY},
                                        {"json", no_argument, NULL, JSON},
                                        {"help", no_argument, NULL, 'h'},
                                        {"version", no_argument, NULL, 'v'},
                                        {NULL, 0, NULL, 0}};

static bool one_of(const char *value, const char *const *list) {
  for (; *list != NULL; list++)
    if (strcmp(value, *list) == 0) return true;
  return false;
}

static bool read_size(const char *text, size_t *out) {
  char *end;
  unsigned long long number = strtoull(text, &end, 10);
  *out = (size_t)number;
  return text[0] >= '1' && text[0] <= '9' && *end == '\0' && number <= (size_t)1 << 32;
}

/* -1: go on; otherwise the exit status. */
static int take_option(arguments *a, int option) {
  static const char *const inputs[] = {"auto", "keras", "keras_keras", "keras_saved_model", NULL};
  switch (option) {
    case INPUT_FORMAT:
      return one_of(optarg, inputs) ? -1 : usage("input format \"%s\" is not supported: use keras, keras_keras, keras_saved_model or auto", optarg);
    case OUTPUT_FORMAT:
      return strcmp(optarg, "tfjs_layers_model") == 0 ? -1 : usage("output format \"%s\" is not supported: use tfjs_layers_model", optarg);
    case SHARD_BYTES:
      if (read_size(optarg, &a->shard_bytes)) return -1;
      return usage("--weight_shard_size_bytes: expected a number of bytes from 1 to 4294967296, got \"%s\"", optarg);
    case TOPOLOGY: a->topology = optarg; return -1;
    case JSON: a->json = true; return -1;
    case 'h': fputs(help, stdout); return SUCCESS;
    case 'v': printf("hornbeam-convert %s\n", horn_version()); return SUCCESS;
    default: fputs("Try hornbeam-convert --help.\n", stderr); return USAGE;
  }
}

static int take_arguments(arguments *a, int argc, char **argv) {
  for (int option; (option = getopt_long(argc, argv, "hv", options, NULL)) != -1;) {
    int status = take_option(a, option);
    if (status >= 0) return status;
  }
  a->inspect = optind < argc && strcmp(argv[optind], "inspect") == 0;
  if (a->inspect) optind++;
  int wanted = a->inspect ? 1 : 2;
  if (argc - optind != wanted) return usage(a->inspect ? "inspect: expected INPUT%s" : "expected INPUT and OUTPUT_DIR%s", "");
  if (a->json && !a->inspect) return usage("--json goes with %s", "inspect");
  a->input = argv[optind];
  a->output = a->inspect ? NULL : argv[optind + 1];
  return -1;
}

/* ---- work ------------------------------------------------------------------------------------------------------------------- */

static int failed(const char *what, const char *message) {
  fprintf(stderr, "hornbeam-convert: %s%s%s\n", what, what[0] == '\0' ? "" : ": ", message);
  return what[0] == '\0' ? NO_FILE : NOT_CONVERTED;
}

static horn_status write_file(void *user, const char *name, const void *bytes, size_t size) {
  return cli_folder_write(user, name, bytes, size) ? HORN_OK : HORN_E_INVALID_ARGUMENT;
}

static int convert(horn_context *ctx, const arguments *a, const cli_input *input, const horn_convert_options *how) {
  cli_folder folder;
  int result = SUCCESS;
  if (!cli_folder_create(&folder, a->output)) {
    result = failed("", folder.message);
  } else if (horn_convert(ctx, input->files, input->count, how, write_file, &folder) != HORN_OK) {
    result = folder.message[0] != '\0' ? failed("", folder.message) : failed(a->input, horn_last_error(ctx));
  } else if (!cli_folder_commit(&folder)) {
    result = failed("", folder.message);
  }
  cli_folder_release(&folder);
  return result;
}

static int inspect(horn_context *ctx, const arguments *a, const cli_input *input, const horn_convert_options *how) {
  char *json;
  if (horn_convert_inspect(ctx, input->files, input->count, how, &json) != HORN_OK) return failed(a->input, horn_last_error(ctx));
  if (a->json)
    puts(json);
  else
    cli_report(a->input, json);
  horn_convert_free(ctx, json);
  return SUCCESS;
}

/* What a file may make us take: a few times its own size, since the weights are read one after the other. */
static horn_status create_context(size_t size, horn_context **out) {
  char text[64];
  snprintf(text, sizeof text, "{\"backend\": \"ref\", \"maxBytes\": %.0f}", 1073741824.0 + 8.0 * (double)size);
  return horn_context_create(text, out);
}

static int work(const arguments *a) {
  cli_input input;
  horn_convert_options how = {.shard_bytes = a->shard_bytes};
  horn_context *ctx = NULL;
  int result = NO_FILE;
  char *topology = NULL;
  bool read = cli_input_read(&input, a->input);
  if (read && a->topology != NULL) topology = cli_read(a->topology, &how.topology_size, input.message);
  how.topology = topology;
  if (!read || (a->topology != NULL && topology == NULL))
    result = failed("", input.message);
  else if (create_context(input.bytes, &ctx) != HORN_OK)
    result = failed("start", ctx == NULL ? "no memory" : horn_last_error(ctx));
  else
    result = a->inspect ? inspect(ctx, a, &input, &how) : convert(ctx, a, &input, &how);
  horn_context_release(ctx);
  free(topology);
  cli_input_release(&input);
  return result;
}

int main(int argc, char **argv) {
  arguments a = {0};
  int status = take_arguments(&a, argc, argv);
  return status >= 0 ? status : work(&a);
}
