/* fuzz.h: a context for a fuzzer. Its memory is limited, as a page's or a server's would be. */
#ifndef FUZZ_H
#define FUZZ_H

#include "base/base.h"

/** Fills in a context that knows nothing of backends: readers need its memory alone. */
void fuzz_context(horn_context *ctx);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
