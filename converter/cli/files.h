/* files.h: what the command does with files. A result is written into a folder beside the wanted one and takes its place when it is whole. */
#ifndef HORN_CLI_FILES_H
#define HORN_CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "convert.h"

enum { CLI_MESSAGE = 1024 };

/** Reads a whole file into memory (released with free); NULL with a message. */
void *cli_read(const char *path, size_t *size, char *message);

/** The files of a saved model: one, or what a SavedModel's folder has for the converter. */
typedef struct cli_input {
  horn_convert_file *files;
  size_t count, bytes;      /* of all files */
  char message[CLI_MESSAGE];
} cli_input;

/** Reads them; false with the message. Released with cli_input_release in both cases. */
bool cli_input_read(cli_input *input, const char *path);
void cli_input_release(cli_input *input);

/** Writes a file beside the wanted one, to the disk, and puts it in its place; false with a message. */
bool cli_write(const char *path, const void *bytes, size_t size, char *message);

/** A folder that is being written. */
typedef struct cli_folder {
  char *path, *temporary;
  char message[CLI_MESSAGE]; /* of what failed */
} cli_folder;

/** Makes the temporary folder beside `path`, and the folders above it where they are missing. */
bool cli_folder_create(cli_folder *folder, const char *path);
/** Writes a file in it, to the disk. */
bool cli_folder_write(cli_folder *folder, const char *name, const void *bytes, size_t size);
/** Puts the temporary folder in the place of the wanted one. */
bool cli_folder_commit(cli_folder *folder);
/** Removes what is left of the temporary folder. */
void cli_folder_release(cli_folder *folder);

/** Swaps two folders in one step; false where the system cannot. */
bool cli_swap(const char *a, const char *b);

#endif
