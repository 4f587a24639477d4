/* Promise forms: the same calls on libuv's pool. A context has one job there at a time, and the next ones wait in its queue: jobs that waited
 * for the lock on the pool would take its few threads from files and DNS. The queue is the environment's own thread's.
 *
 * The event loop goes on while a job runs, but every other call on the same context, if only to make or read a tensor, waits for that job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"
#include "convert.h"

/* A call under way. execute runs on the pool, everything else on the environment's thread. */
typedef struct addon_job {
  addon_context *owner;
  struct addon_job *next;
  napi_async_work work;
  napi_deferred deferred;
  horn_status status;
  char message[1024];
  void (*execute)(struct addon_job *job); /* the lock is held */
  napi_value (*result)(addon_call *call, const struct addon_job *job);
  horn_model model;
  addon_handles inputs, outputs; /* of modelPredict */
  addon_text json, options;
  addon_bytes weights;           /* a copy: JavaScript may detach its own */
  addon_bytes block;             /* what convertFiles gives, a copy: the context keeps its own until the next call */
} job;

static void free_job(job *j) {
  addon_free_text(&j->json);
  addon_free_text(&j->options);
  addon_free_handles(&j->inputs);
  addon_free_handles(&j->outputs);
  free(j->weights.data);
  free(j->block.data);
  free(j);
}

static void execute(napi_env env, void *data) {
  (void)env;
  job *j = data;
  pthread_mutex_lock(&j->owner->lock);
  j->execute(j);
  if (j->status != HORN_OK && j->message[0] == '\0') {
    const char *message = horn_last_error(j->owner->ctx);
    size_t length = strlen(message);
    if (length >= sizeof j->message) length = sizeof j->message - 1;
    memcpy(j->message, message, length);
  }
  pthread_mutex_unlock(&j->owner->lock);
}

/* False where JavaScript cannot be called any more: the environment is being torn down. */
static bool settle(napi_env env, const job *j, napi_status status) {
  addon_call call = {.env = env};
  if (status != napi_ok) return napi_reject_deferred(env, j->deferred, addon_error(env, HORN_E_INTERNAL, "the call was cancelled")) == napi_ok;
  if (j->status != HORN_OK) return napi_reject_deferred(env, j->deferred, addon_error(env, j->status, j->message)) == napi_ok;
  return napi_resolve_deferred(env, j->deferred, j->result(&call, j)) == napi_ok;
}

static void append(addon_context *owner, job *j) {
  addon_retain(owner);
  j->owner = owner;
  if (owner->first_job == NULL)
    owner->first_job = j;
  else
    owner->last_job->next = j;
  owner->last_job = j;
}

static void remove_first(napi_env env, addon_context *owner) {
  job *j = owner->first_job;
  owner->first_job = j->next;
  napi_delete_async_work(env, j->work);
  free_job(j);
  addon_release(owner);
}

/* Also runs, unable to call JavaScript, when a worker is terminated: the jobs that wait go with it. */
static void complete(napi_env env, napi_status status, void *data) {
  const job *j = data;
  addon_context *owner = j->owner;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  addon_retain(owner);
  bool alive = settle(env, j, status);
  remove_first(env, owner);
  while (owner->first_job != NULL && !(alive && napi_queue_async_work(env, owner->first_job->work) == napi_ok)) {
    alive = alive && settle(env, owner->first_job, napi_generic_failure);
    remove_first(env, owner);
  }
  addon_release(owner);
  napi_close_handle_scope(env, scope);
}

/* Takes the job: it is freed in any case. */
static napi_value start(addon_call *call, job *j) {
  napi_value promise, name;
  bool idle = call->owner->first_job == NULL;
  if (napi_create_string_utf8(call->env, "hornbeam", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_promise(call->env, &j->deferred, &promise) != napi_ok ||
      napi_create_async_work(call->env, NULL, name, execute, complete, j, &j->work) != napi_ok) {
    free_job(j);
    napi_throw_error(call->env, "INTERNAL", "the call could not be queued");
    return NULL;
  }
  append(call->owner, j);
  if (!idle || napi_queue_async_work(call->env, j->work) == napi_ok) return promise;
  remove_first(call->env, call->owner);
  napi_throw_error(call->env, "INTERNAL", "the call could not be queued");
  return NULL;
}

static job *new_job(addon_call *call, void (*run)(job *), napi_value (*result)(addon_call *, const job *)) {
  job *j = calloc(1, sizeof *j);
  if (j == NULL) {
    napi_throw_error(call->env, "OUT_OF_MEMORY", "memory is used up");
    return NULL;
  }
  j->execute = run;
  j->result = result;
  return j;
}

static bool copy_bytes(const addon_bytes *from, addon_bytes *out) {
  *out = (addon_bytes){malloc(from->length + 1), from->length};
  if (out->data != NULL) memcpy(out->data, from->data, from->length);
  return out->data != NULL;
}

/* ---- modelPredict(model, inputs) -> handles ------------------------------------------------------------------------------------- */

static void run_predict(job *j) {
  j->status = horn_model_predict(j->owner->ctx, j->model, j->inputs.handles, j->inputs.count, j->outputs.handles,
      ADDON_MAX_RESULTS, &j->outputs.count);
}

static napi_value predicted(addon_call *call, const job *j) { return addon_list(call, &j->outputs); }

static napi_value predict(addon_call *call) {
  job *j = new_job(call, run_predict, predicted);
  if (j == NULL) return NULL;
  if (addon_read_number(call, 0, &j->model) && addon_read_handles(call, 1, &j->inputs) && addon_room(call, ADDON_MAX_RESULTS, &j->outputs))
    return start(call, j);
  free_job(j);
  return NULL;
}

/* ---- modelLoad(json, weights, options) -> model ------------------------------------------------------------------------------------ */

static void run_load(job *j) {
  j->status = horn_model_load(j->owner->ctx, j->json.data, j->json.length, j->weights.data, j->weights.length, j->options.data, &j->model);
}

static napi_value loaded(addon_call *call, const job *j) { return addon_number(call, j->model); }

static bool copy_weights(addon_call *call, job *j) {
  addon_bytes weights = {0};
  if (!addon_read_bytes(call, 1, &weights)) return false;
  if (weights.data == NULL || copy_bytes(&weights, &j->weights)) return true;
  napi_throw_error(call->env, "OUT_OF_MEMORY", "memory is used up");
  return false;
}

static napi_value load(addon_call *call) {
  job *j = new_job(call, run_load, loaded);
  if (j == NULL) return NULL;
  if (addon_read_text(call, 0, &j->json) && copy_weights(call, j) && addon_read_optional_text(call, 2, &j->options)) return start(call, j);
  free_job(j);
  return NULL;
}

/* ---- convertFiles(options, bytes) -> bytes ------------------------------------------------------------------------------------------- */

static void run_convert(job *j) {
  const void *data = NULL;
  size_t length = 0;
  j->status = horn_convert_files(j->owner->ctx, j->options.data, j->weights.data, j->weights.length, &data, &length);
  if (j->status != HORN_OK) return;
  const addon_bytes block = {(void *)data, length};
  if (copy_bytes(&block, &j->block)) return;
  j->status = HORN_E_OUT_OF_MEMORY;
  snprintf(j->message, sizeof j->message, "memory: %zu bytes could not be allocated", length); /* the context's own is of another call */
}

static napi_value converted(addon_call *call, const job *j) { return addon_copy(call, j->block.data, j->block.length); }

static napi_value convert(addon_call *call) {
  job *j = new_job(call, run_convert, converted);
  if (j == NULL) return NULL;
  if (addon_read_optional_text(call, 0, &j->options) && copy_weights(call, j)) return start(call, j);
  free_job(j);
  return NULL;
}

const addon_function addon_async_functions[] = {{"modelPredict", predict}, {"modelLoad", load}, {"convertFiles", convert}};
const size_t addon_async_function_count = sizeof addon_async_functions / sizeof addon_async_functions[0];
