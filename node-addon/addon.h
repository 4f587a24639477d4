/* addon.h: what the generated wrappers share. A context belongs to one JavaScript environment; a lock lets the promise forms use it from
 * libuv's pool between the calls of the environment's own thread. */
#ifndef HORN_ADDON_H
#define HORN_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <pthread.h>
#include <stdbool.h>

#include "hornbeam.h"

enum { ADDON_MAX_RESULTS = 512 /* of a call that says how many it has */, ADDON_MAX_ARGUMENTS = 8 };

/** A context with a count of those who use it: its functions, and calls on the pool. The last one releases it. */
typedef struct addon_context {
  horn_context *ctx;
  pthread_mutex_t lock;
  /* changed by the environment's own thread alone */
  uint32_t users;
  struct addon_job *first_job, *last_job; /* the first one is on the pool, the others wait for it */
} addon_context;

/** A call from JavaScript in progress. */
typedef struct addon_call {
  napi_env env;
  horn_context *ctx;
  addon_context *owner;
  napi_value arguments[ADDON_MAX_ARGUMENTS];
  size_t count;
  bool entered; /* the lock is held */
} addon_call;

typedef struct addon_function {
  const char *name;
  napi_value (*run)(addon_call *call); /* NULL after an exception was thrown */
} addon_function;

/** Takes the context's lock, waiting for the call on the pool. No JavaScript may run from here to addon_leave, or it would call in again
 * and wait for itself: arguments, whose getters are JavaScript, are read before. True, so that it fits among the reads. */
bool addon_enter(addon_call *call);
/** Gives the lock back where it is held. */
void addon_leave(addon_call *call);

extern const addon_function addon_functions[];
extern const size_t addon_function_count;
extern const addon_function addon_async_functions[];
extern const size_t addon_async_function_count;

/* ---- arguments: each returns false after it threw a TypeError --------------------------------------------------------------- */

typedef struct addon_text {
  char *data; /* NULL for null and undefined where they are allowed */
  size_t length;
} addon_text;

/** The bytes of a typed array, DataView or ArrayBuffer, in place; NULL for null and undefined. */
typedef struct addon_bytes {
  void *data;
  size_t length;
} addon_bytes;

typedef struct addon_shape {
  int32_t dims[HORN_MAX_RANK];
  size_t rank;
} addon_shape;

typedef struct addon_handles {
  uint32_t *handles; /* `few`, or allocated where they are more; NULL: none were given */
  size_t count;
  uint32_t few[ADDON_MAX_RESULTS];
} addon_handles;

bool addon_read_text(addon_call *call, size_t index, addon_text *out);
/** As addon_read_text; null and undefined are allowed. */
bool addon_read_optional_text(addon_call *call, size_t index, addon_text *out);
void addon_free_text(addon_text *text);
bool addon_read_bytes(addon_call *call, size_t index, addon_bytes *out);
bool addon_read_shape(addon_call *call, size_t index, addon_shape *out);
bool addon_read_handles(addon_call *call, size_t index, addon_handles *out);
/** null and undefined, or as many as `list` has. */
bool addon_read_like(addon_call *call, size_t index, const addon_handles *list, addon_handles *out);
/** Room for `count` handles, which it has from now on. */
bool addon_room(addon_call *call, size_t count, addon_handles *out);
void addon_free_handles(addon_handles *handles);
bool addon_read_number(addon_call *call, size_t index, uint32_t *out);

/* ---- results ------------------------------------------------------------------------------------------------------------------ */

/** False after throwing the context's last error with its code. */
bool addon_check(addon_call *call, horn_status status);
/** An Error with a code, for rejecting promises. */
napi_value addon_error(napi_env env, horn_status status, const char *message);
napi_value addon_undefined(addon_call *call);
napi_value addon_number(addon_call *call, uint32_t number);
napi_value addon_string(addon_call *call, const char *text);
napi_value addon_copy(addon_call *call, const void *data, size_t bytes);
napi_value addon_list(addon_call *call, const addon_handles *list);
/** The same; and writes the types of the tensors to `types`, where it has room: for each dtype, rank and HORN_MAX_RANK dimensions. */
napi_value addon_typed(addon_call *call, const addon_handles *list, const addon_bytes *types);
napi_value addon_info(addon_call *call, horn_dtype dtype, const int32_t *shape, size_t rank);

void addon_retain(addon_context *owner);
void addon_release(addon_context *owner);

#endif
