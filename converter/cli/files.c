/* Files of the command, by POSIX. */
#define _XOPEN_SOURCE 700
#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static void *read_all(int file, size_t size) {
  unsigned char *bytes = malloc(size + 1);
  size_t at = 0;
  while (bytes != NULL && at < size) {
    ssize_t n = read(file, bytes + at, size - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n == 0) errno = EIO; /* it became shorter */
      free(bytes);
      return NULL;
    }
    at += (size_t)n;
  }
  return bytes;
}

void *cli_read(const char *path, size_t *size, char *message) {
  struct stat info;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  void *bytes = NULL;
  if (file < 0 || fstat(file, &info) != 0) {
    snprintf(message, CLI_MESSAGE, "%s: %s", path, strerror(errno));
  } else if (!S_ISREG(info.st_mode)) {
    snprintf(message, CLI_MESSAGE, "%s: is no regular file", path);
  } else {
    *size = (size_t)info.st_size;
    bytes = read_all(file, *size);
    if (bytes == NULL) snprintf(message, CLI_MESSAGE, "%s: %s", path, strerror(errno));
  }
  if (file >= 0) close(file);
  return bytes;
}

static char *join(const char *a, const char *b, const char *c) {
  size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
  char *joined = malloc(size);
  if (joined != NULL) snprintf(joined, size, "%s%s%s", a, b, c);
  return joined;
}

/* Appends the file at `path`, which the converter shall know as `name`; both are released here or with the input. */
static bool add_file(cli_input *input, char *path, char *name) {
  horn_convert_file *files = realloc(input->files, (input->count + 1) * sizeof *files);
  size_t size = 0;
  if (files != NULL) input->files = files;
  void *bytes = files == NULL || path == NULL || name == NULL ? NULL : cli_read(path, &size, input->message);
  if (bytes != NULL) {
    input->files[input->count++] = (horn_convert_file){name, bytes, size};
    input->bytes += size;
  } else {
    if (input->message[0] == '\0') snprintf(input->message, sizeof input->message, "no memory");
    free(name);
  }
  free(path);
  return bytes != NULL;
}

static bool add_variables(cli_input *input, const char *path) {
  char *folder = join(path, "/variables", "");
  DIR *list = folder == NULL ? NULL : opendir(folder);
  bool good = true;
  for (struct dirent *entry; good && list != NULL && (entry = readdir(list)) != NULL;)
    if (strncmp(entry->d_name, "variables.", 10) == 0)
      good = add_file(input, join(folder, "/", entry->d_name), join("variables/", entry->d_name, ""));
  if (list != NULL) closedir(list);
  free(folder);
  return good;
}

static bool exists(const char *folder, const char *name) {
  struct stat info;
  char *path = join(folder, "/", name);
  bool there = path != NULL && stat(path, &info) == 0;
  free(path);
  return there;
}

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* model.json and what may be its shards: the manifest names them. */
static bool add_layers_model(cli_input *input, const char *path) {
  char *folder = strdup(path), *slash = folder == NULL ? NULL : strrchr(folder, '/');
  if (slash != NULL) slash[slash == folder] = '\0';
  const char *place = slash == NULL ? "." : folder;
  bool good = folder != NULL && add_file(input, join(path, "", ""), join("model.json", "", ""));
  DIR *list = good ? opendir(place) : NULL;
  for (struct dirent *entry; good && list != NULL && (entry = readdir(list)) != NULL;)
    if (ends_with(entry->d_name, ".bin") || strncmp(entry->d_name, "group", 5) == 0)
      good = add_file(input, join(place, "/", entry->d_name), join(entry->d_name, "", ""));
  if (list != NULL) closedir(list);
  free(folder);
  return good;
}

static bool add_folder(cli_input *input, const char *path) {
  static const char *const names[] = {"saved_model.pb", "keras_metadata.pb"};
  if (exists(path, "model.json")) {
    char *model = join(path, "/", "model.json");
    bool read = model != NULL && add_layers_model(input, model);
    free(model);
    return read;
  }
  if (!exists(path, names[0])) {
    snprintf(input->message, sizeof input->message, "%s: is a folder without saved_model.pb or model.json: "
        "expected a SavedModel, a .keras or .h5 file", path);
    return false;
  }
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (exists(path, names[i]) && !add_file(input, join(path, "/", names[i]), join(names[i], "", ""))) return false;
  return add_variables(input, path);
}

bool cli_input_read(cli_input *input, const char *path) {
  struct stat info;
  *input = (cli_input){0};
  if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return add_folder(input, path);
  if (ends_with(path, ".json")) return add_layers_model(input, path);
  return add_file(input, join(path, "", ""), join(path, "", ""));
}

void cli_input_release(cli_input *input) {
  for (size_t i = 0; i < input->count; i++) {
    free((void *)input->files[i].name);
    free((void *)input->files[i].bytes);
  }
  free(input->files);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

static bool failed(cli_folder *folder, const char *path) {
  snprintf(folder->message, sizeof folder->message, "%s: %s", path, strerror(errno));
  return false;
}

/* Makes the folders above the last part of path. */
static bool make_parents(cli_folder *folder) {
  for (char *at = folder->path; (at = strchr(at, '/')) != NULL; at++) {
    if (at == folder->path) continue;
    *at = '\0';
    bool made = mkdir(folder->path, 0777) == 0 || errno == EEXIST;
    if (!made) failed(folder, folder->path);
    *at = '/';
    if (!made) return false;
  }
  return true;
}

/* mkdtemp makes a folder for its owner alone; the result is for everyone whom the mask lets, as is what was there before. */
static bool open_permissions(const cli_folder *folder) {
  struct stat old;
  mode_t mask = umask(0), mode = 0777;
  umask(mask);
  mode &= ~mask;
  if (stat(folder->path, &old) == 0) mode = old.st_mode & 07777;
  return chmod(folder->temporary, mode) == 0;
}

bool cli_folder_create(cli_folder *folder, const char *path) {
  *folder = (cli_folder){.path = strdup(path)};
  if (folder->path == NULL) return failed(folder, path);
  for (size_t n = strlen(folder->path); n > 1 && folder->path[n - 1] == '/';) folder->path[--n] = '\0';
  struct stat info;
  if (stat(folder->path, &info) == 0 && !S_ISDIR(info.st_mode)) {
    errno = ENOTDIR;
    return failed(folder, path);
  }
  if (!make_parents(folder)) return false;
  char *resolved = realpath(folder->path, NULL); /* "." and links: what stands beside the folder itself */
  if (resolved != NULL) {
    free(folder->path);
    folder->path = resolved;
  }
  folder->temporary = join(folder->path, ".", "XXXXXX");
  if (folder->temporary == NULL) return failed(folder, path);
  if (mkdtemp(folder->temporary) == NULL) {
    failed(folder, path);
    free(folder->temporary);
    folder->temporary = NULL;
    return false;
  }
  return open_permissions(folder) || failed(folder, folder->temporary);
}

static bool write_all(int file, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = write(file, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes += n;
    size -= (size_t)n;
  }
  return fsync(file) == 0;
}

bool cli_folder_write(cli_folder *folder, const char *name, const void *bytes, size_t size) {
  char *path = join(folder->temporary, "/", name);
  int file = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  bool good = file >= 0 && write_all(file, bytes, size);
  if (!good) failed(folder, path == NULL ? name : path);
  if (file >= 0 && close(file) != 0 && good) good = failed(folder, path);
  free(path);
  return good;
}

bool cli_write(const char *path, const void *bytes, size_t size, char *message) {
  char *temporary = join(path, ".", "XXXXXX");
  int file = temporary == NULL ? -1 : mkstemp(temporary);
  mode_t mask = umask(0);
  umask(mask);
  bool good = file >= 0 && fchmod(file, 0666 & ~mask) == 0 && write_all(file, bytes, size);
  if (file >= 0 && close(file) != 0) good = false;
  good = good && rename(temporary, path) == 0;
  if (!good) snprintf(message, CLI_MESSAGE, "%s: %s", path, strerror(errno));
  if (!good && file >= 0) (void)unlink(temporary);
  free(temporary);
  return good;
}

/* ---- taking its place ---------------------------------------------------------------------------------------------------- */

static void sync_folder(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  (void)fsync(file); /* not all file systems have it for folders */
  close(file);
}

static void sync_parent(const char *path) {
  char *copy = strdup(path), *slash = copy == NULL ? NULL : strrchr(copy, '/');
  if (slash != NULL) slash[slash == copy] = '\0';
  if (copy != NULL) sync_folder(slash == NULL ? "." : copy);
  free(copy);
}

static bool is_model_file(const char *name) {
  size_t length = strlen(name);
  return strncmp(name, "model.", 6) == 0 || (strncmp(name, "group", 5) == 0 && length > 4 && strcmp(name + length - 4, ".bin") == 0);
}

typedef bool (*entry_visitor)(cli_folder *folder, const char *name);

/* Calls visit for each entry of a folder until one answers false. */
static bool each_entry(cli_folder *folder, const char *path, entry_visitor visit) {
  DIR *list = opendir(path);
  bool good = list != NULL;
  for (struct dirent *entry; good && (entry = readdir(list)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) good = visit(folder, entry->d_name);
  if (list != NULL) closedir(list);
  return good;
}

static bool only_model_file(cli_folder *folder, const char *name) {
  (void)folder;
  return is_model_file(name);
}

static bool move_file(cli_folder *folder, const char *name) {
  char *from = join(folder->temporary, "/", name), *to = join(folder->path, "/", name);
  bool good = from != NULL && to != NULL && rename(from, to) == 0;
  if (!good) failed(folder, to == NULL ? name : to);
  free(from);
  free(to);
  return good;
}

static bool is_last(const char *name) { return strncmp(name, "model.", 6) == 0; }

static bool move_shard(cli_folder *folder, const char *name) { return is_last(name) || move_file(folder, name); }

static bool move_model(cli_folder *folder, const char *name) { return !is_last(name) || move_file(folder, name); }

static bool remove_file(cli_folder *folder, const char *name) {
  char *path = join(folder->temporary, "/", name);
  if (path != NULL) (void)unlink(path);
  free(path);
  return true;
}

bool cli_folder_commit(cli_folder *folder) {
  sync_folder(folder->temporary);
  if (rename(folder->temporary, folder->path) == 0) { /* nothing there, or an empty folder */
    free(folder->temporary);
    folder->temporary = NULL;
    sync_parent(folder->path);
    return true;
  }
  if (errno != ENOTEMPTY && errno != EEXIST) return failed(folder, folder->path);
  if (each_entry(folder, folder->path, only_model_file) && cli_swap(folder->temporary, folder->path)) {
    sync_parent(folder->path);
    return true; /* release removes the old model */
  }
  /* other files live there too: the shards take their places, then model.json */
  bool good = each_entry(folder, folder->temporary, move_shard) && each_entry(folder, folder->temporary, move_model);
  sync_folder(folder->path);
  return good;
}

void cli_folder_release(cli_folder *folder) {
  if (folder->temporary != NULL) {
    each_entry(folder, folder->temporary, remove_file);
    (void)rmdir(folder->temporary);
  }
  free(folder->temporary);
  free(folder->path);
}
