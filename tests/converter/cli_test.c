/* Runs hornbeam-convert as a user does: arguments, messages, exit codes, what is in the output folder, also after a run that failed.
 * usage: cli_test PROGRAM FOLDER_OF_MODELS */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cJSON.h"
#include "files.h"
#include "test.h"

enum { SUCCESS = 0, NOT_CONVERTED = 1, USAGE = 2, NO_FILE = 3 };

static const char *program, *models;
static char folder[512];
static char said[65536];

/* Runs the program with these arguments, from the test's folder; `before` is shell text in front. What it prints goes to `said`. */
__attribute__((format(printf, 2, 3))) static int run(const char *before, const char *format, ...) {
  char arguments[2048], command[4096];
  va_list list;
  va_start(list, format);
  vsnprintf(arguments, sizeof arguments, format, list);
  va_end(list);
  snprintf(command, sizeof command, "cd '%s' && %s '%s' %s > said 2>&1", folder, before, program, arguments);
  int status = system(command);
  size_t size;
  char *text = file_read(folder, "said", &size);
  snprintf(said, sizeof said, "%s", text);
  free(text);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect(int wanted, int status, const char *message) {
  CHECK(status == wanted && strstr(said, message) != NULL, "expected status %d and \"%s\", got %d and: %s", wanted, message, status, said);
}

static size_t entries_in(const char *name) {
  char path[1024];
  size_t count = 0;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  DIR *list = opendir(path);
  for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) count += entry->d_name[0] != '.' || entry->d_name[1] > '.';
  if (list != NULL) closedir(list);
  return count;
}

static bool has_file(const char *name) {
  char path[1024];
  struct stat info;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return stat(path, &info) == 0 && info.st_size > 0;
}

static void write_file(const char *name, const void *bytes, size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) exit(1);
}

static void check_arguments(void) {
  expect(SUCCESS, run("", "--help"), "Usage: hornbeam-convert");
  expect(SUCCESS, run("", "--version"), horn_version());
  expect(USAGE, run("", "only-one"), "expected INPUT and OUTPUT");
  expect(USAGE, run("", "--no_such_flag a b"), "no_such_flag");
  expect(USAGE, run("", "--input_format tf_saved_model a b"), "tf_saved_model");
  expect(USAGE, run("", "--output_format tfjs_graph_model a b"), "tfjs_graph_model");
  expect(USAGE, run("", "--weight_shard_size_bytes 0 a b"), "expected a number of bytes");
  expect(USAGE, run("", "--weight_shard_size_bytes 12x a b"), "expected a number of bytes");
  expect(NO_FILE, run("", "absent.h5 out"), "absent.h5: No such file");
  expect(NO_FILE, run("", "inspect ."), "is a folder");
  CHECK(!has_file("out/model.json") && entries_in("out") == 0, "a run that failed has written something");
}

static void check_results(void) {
  expect(SUCCESS, run("", "'%s/k3_cnn.keras' 'new folder/model'", models), "");
  CHECK(has_file("new folder/model/model.json") && has_file("new folder/model/group1-shard1of1.bin"), "the model is not there");
  CHECK(entries_in("new folder/model") == 2, "%zu files", entries_in("new folder/model"));
  static const char flags[] = "--input_format=keras --output_format=tfjs_layers_model --weight_shard_size_bytes=300";
  expect(SUCCESS, run("", "%s '%s/k3_cnn.h5' 'new folder/model/'", flags, models), "");
  CHECK(entries_in("new folder/model") > 3 && !has_file("new folder/model/group1-shard1of1.bin"), "the old model was not replaced");
  CHECK(entries_in("new folder") == 1, "something is left beside the model");
  expect(SUCCESS, run("", "--input_format keras_saved_model '%s/k2_15_cnn.saved_model' saved", models), "");
  expect(NOT_CONVERTED, run("", "--input_format keras '%s/k3_cnn.keras' other", models), "the input format was to be keras, found keras_keras");
  expect(NOT_CONVERTED, run("", "--input_format tfjs_layers_model '%s/k3_cnn.h5' other", models), "to be tfjs_layers_model, found keras");
  expect(SUCCESS, run("", "inspect --input_format tfjs_layers_model 'new folder/model'"), "TensorFlow.js layers model");
  expect(SUCCESS, run("", "inspect --input_format auto '%s/k3_cnn.keras'", models), "Keras archive");
  CHECK(entries_in("saved") == 2, "%zu files from a SavedModel", entries_in("saved"));
  expect(SUCCESS, run("", "inspect '%s/k2_15_text.inline.saved_model'", models), "SavedModel of tf.keras");
}

/* A folder with other files keeps them. */
static void check_shared_folder(void) {
  expect(SUCCESS, run("mkdir -p public && echo page > public/index.html &&", "'%s/k2_cnn.h5' public", models), "");
  expect(SUCCESS, run("", "'%s/k2_cnn.keras' public", models), "");
  CHECK(has_file("public/index.html") && has_file("public/model.json") && entries_in("public") == 3, "%zu files in public", entries_in("public"));
}

/* What fails leaves the old model as it was, and nothing beside it. */
static void check_failures(void) {
  size_t before, after;
  char *model = file_read(folder, "public/model.json", &before);
  write_file("damaged.h5", "\x89HDF\r\n\x1a\n, and no more", 22);
  expect(NOT_CONVERTED, run("", "damaged.h5 public"), "damaged.h5: HDF5");
  write_file("pointer.h5", "version https://git-lfs.github.com/spec/v1\n", 43);
  expect(NOT_CONVERTED, run("", "pointer.h5 public"), "Git LFS");
  expect(NOT_CONVERTED, run("", "'%s/k3_text.weights.h5' public", models), "--topology");
  /* the disk is full: files may be 512 bytes long */
  expect(NO_FILE, run("ulimit -f 1; trap '' XFSZ;", "'%s/k2_cnn.keras' public", models), "too large");
  char *same = file_read(folder, "public/model.json", &after);
  CHECK(before == after && memcmp(model, same, before) == 0 && entries_in("public") == 3, "the old model was changed");
  expect(NO_FILE, run("", "'%s/k2_cnn.keras' public/index.html", models), "public/index.html: Not a directory");
  CHECK(entries_in(".") == 6, "%zu entries are left", entries_in("."));
  free(model);
  free(same);
}

/* Files of Keras are written as OUTPUT says, and what was written is read again. */
static void check_files(void) {
  expect(SUCCESS, run("", "'%s/k2_cnn.h5' 'new folder/model.keras'", models), "");
  expect(SUCCESS, run("", "'new folder/model.keras' 'new folder/model.h5'"), "");
  expect(SUCCESS, run("", "--output_format keras 'new folder/model' 'new folder/again.h5'"), "");
  CHECK(entries_in("new folder") == 4, "%zu entries in the new folder", entries_in("new folder"));
  expect(SUCCESS, run("", "inspect 'new folder/again.h5'"), "Keras HDF5");
  expect(SUCCESS, run("", "inspect 'new folder/model'"), "TensorFlow.js layers model");
  expect(SUCCESS, run("", "--quantize_uint8='*kernel' 'new folder/model.keras' small"), "");
  size_t size;
  char *json = file_read(folder, "small/model.json", &size);
  CHECK(strstr(json, "\"original_dtype\"") != NULL, "nothing is quantized");
  free(json);
  expect(NOT_CONVERTED, run("", "--quantize_uint8 --quantize_uint16 'new folder/model.keras' small"), "both uint8 and uint16");
  expect(NO_FILE, run("", "'%s/k2_cnn.h5' absent/model.keras", models), "absent/model.keras: No such file");
}

static void check_inspect(void) {
  expect(SUCCESS, run("", "inspect '%s/k3_cnn.keras'", models), "Converts    yes");
  expect(SUCCESS, run("", "inspect --topology '%s/k3_text.topology.json' '%s/k3_text.weights.h5'", models, models), "Bidirectional");
  expect(NOT_CONVERTED, run("", "inspect damaged.h5"), "damaged.h5");
  expect(SUCCESS, run("", "inspect --json '%s/k2_13_branches.h5'", models), "\"kerasVersion\":\"2.13");
  cJSON *json = cJSON_Parse(said);
  CHECK(cJSON_IsTrue(cJSON_GetObjectItem(json, "supported")), "inspect --json: %s", said);
  CHECK(cJSON_GetArraySize(cJSON_GetObjectItem(json, "layers")) == 10, "inspect --json: %s", said);
  cJSON_Delete(json);
}

int main(int argc, char **argv) {
  const char *temporary = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/hornbeam test XXXXXX", temporary == NULL ? "/tmp" : temporary); /* with a space, as users have them */
  if (argc != 3 || mkdtemp(folder) == NULL) return 2;
  program = argv[1];
  models = argv[2];
  check_arguments();
  check_results();
  check_shared_folder();
  check_failures();
  check_files();
  check_inspect();
  char command[1024];
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  CHECK(system(command) == 0, "%s is left", folder);
  return test_end();
}
