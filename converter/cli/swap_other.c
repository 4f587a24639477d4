/* Systems without a way to swap two folders in one step. */
#include "cli/files.h"

bool cli_swap(const char *a, const char *b) {
  (void)a;
  (void)b;
  return false;
}
