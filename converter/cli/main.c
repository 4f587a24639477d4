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
    "Usage: hornbeam-convert [options] INPUT OUTPUT\n"
    "       hornbeam-convert inspect [--json] INPUT\n"
    "\n"
    "Converts a Keras model (.h5 of Keras 1, 2 and 3, .keras, the folder of a tf.keras SavedModel) to model.json and shards for\n"
    "tf.loadLayersModel, or that (or any of them) to .h5 or .keras.\n"
    "inspect tells what a file holds: format, producer, layers, and what stands against converting it.\n"
    "\n"
    "Options:\n"
    "  --input_format FORMAT         keras (.h5), keras_keras (.keras), keras_saved_model (a folder), tfjs_layers_model\n"
    "                                (a model.json): INPUT must be that; or auto: told from what it is (default)\n"
    "  --output_format FORMAT        tfjs_layers_model, keras (.h5), keras_keras (.keras) or keras_weights (.weights.h5); by default keras for a\n"
    "                                model.json, tfjs_layers_model for all else. OUTPUT may be a file that ends so, which says the format too\n"
    "  --quantize_float16[=NAMES], --quantize_uint8[=NAMES], --quantize_uint16[=NAMES]\n"
    "                                weights to be stored in fewer bits: all, or those whose names fit: patterns with *, commas between them\n"
    "  --weight_shard_size_bytes N   size of a shard (default 4194304)\n"
    "  --topology FILE               the model's JSON, for a file that has weights alone\n"
    "  --json                        inspect: as JSON\n"
    "  -h, --help                    this text\n"
    "  -v, --version                 the version\n"
    "\n"
    "Exit status: 0 success, 1 the model cannot be converted, 2 wrong usage, 3 a file cannot be read or written.\n";

typedef struct arguments {
  bool inspect, json;
  const char *topology, *input, *output;
  horn_convert_options options; /* but for the topology */
} arguments;

static int usage(const char *format, const char *value) {
  fputs("hornbeam-convert: ", stderr);
  fprintf(stderr, format, value);
  fputs("\nTry hornbeam-convert --help.\n", stderr);
  return USAGE;
}

/* ---- arguments ------------------------------------------------------------------------------------------------------------ */

enum { INPUT_FORMAT = 256, OUTPUT_FORMAT, SHARD_BYTES, TOPOLOGY, JSON, FLOAT16, UINT8, UINT16 };

static const struct option options[] = {{"input_format", required_argument, NULL, INPUT_FORMAT},
                                        {"output_format", required_argument, NULL, OUTPUT_FORMAT},
                                        {"weight_shard_size_bytes", required_argument, NULL, SHARD_BYTES},
                                        {"quantize_float16", optional_argument, NULL, FLOAT16},
                                        {"quantize_uint8", optional_argument, NULL, UINT8},
                                        {"quantize_uint16", optional_argument, NULL, UINT16},
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
  static const char *const inputs[] = {"auto", "keras", "keras_keras", "keras_saved_model", "tfjs_layers_model", NULL};
  static const char *const outputs[] = {"tfjs_layers_model", "keras", "keras_keras", "keras_weights", NULL};
  const char *const names = optarg == NULL ? "" : optarg;
  switch (option) {
    case INPUT_FORMAT:
      a->options.input_format = strcmp(optarg, "auto") == 0 ? NULL : optarg;
      return one_of(optarg, inputs) ? -1 : usage("input format \"%s\" is not supported: "
          "use keras, keras_keras, keras_saved_model, tfjs_layers_model or auto", optarg);
    case OUTPUT_FORMAT:
      a->options.output_format = optarg;
      return one_of(optarg, outputs) ? -1 : usage("output format \"%s\" is not supported: "
          "use tfjs_layers_model, keras, keras_keras or keras_weights", optarg);
    case FLOAT16: a->options.quantize_float16 = names; return -1;
    case UINT8: a->options.quantize_uint8 = names; return -1;
    case UINT16: a->options.quantize_uint16 = names; return -1;
    case SHARD_BYTES:
      if (read_size(optarg, &a->options.shard_bytes)) return -1;
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
  if (argc - optind != wanted) return usage(a->inspect ? "inspect: expected INPUT%s" : "expected INPUT and OUTPUT%s", "");
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

/* Formats of one file, by the ending of OUTPUT. */
static const struct {
  const char *ending, *format;
} single[] = {{".weights.h5", "keras_weights"}, {".h5", "keras"}, {".keras", "keras_keras"}};

static const char *format_of(const char *path) {
  for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
    size_t length = strlen(path), tail = strlen(single[i].ending);
    if (length > tail && strcmp(path + length - tail, single[i].ending) == 0) return single[i].format;
  }
  return NULL;
}

typedef struct output {
  const char *path;
  char message[CLI_MESSAGE];
} output;

static horn_status write_whole(void *user, const char *name, const void *bytes, size_t size) {
  (void)name;
  output *out = user;
  return cli_write(out->path, bytes, size, out->message) ? HORN_OK : HORN_E_INVALID_ARGUMENT;
}

static int convert_to_file(horn_context *ctx, const arguments *a, const cli_input *input, const horn_convert_options *how) {
  output out = {.path = a->output};
  if (horn_convert(ctx, input->files, input->count, how, write_whole, &out) == HORN_OK) return SUCCESS;
  return out.message[0] != '\0' ? failed("", out.message) : failed(a->input, horn_last_error(ctx));
}

static int convert(horn_context *ctx, const arguments *a, const cli_input *input, const horn_convert_options *how) {
  cli_folder folder;
  int result = SUCCESS;
  const char *format = format_of(a->output);
  if (format != NULL && (how->output_format == NULL || strcmp(how->output_format, format) == 0)) {
    horn_convert_options single_file = *how;
    single_file.output_format = format;
    return convert_to_file(ctx, a, input, &single_file);
  }
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
  horn_convert_options how = a->options;
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
