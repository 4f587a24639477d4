/* The WebAssembly module is the library itself: hornbeam.h's functions, exported by name (exports.gen.txt). */
#include "hornbeam.h"

/* Keeps the linker from finding no object of ours; the version is the one function that needs no context. */
const char *(*const horn_wasm_module)(void) = horn_version;
