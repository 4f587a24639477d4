/* Promise forms: the same calls on libuv's pool, so that a server's event loop never waits for a prediction. */
#include <stdlib.h>
#include <string.h>

#include "addon.h"

/* A call under way. execute runs on the pool, everything else on the environment's thread. */
typedef struct job {
  addon_context *owner;
  napi_async_work work;
  napi_deferred deferred;
  horn_status status;
  char message[1024];
  void (*execute)(struct job *job); /* the lock is held */
  napi_value (*result)(addon_call *call, const struct job *job);
  horn_model model;
  addon_handles inputs, outputs; /* of modelPredict */
  addon_text json, options;
  addon_bytes weights;           /* a copy: JavaScript may detach its own */
} job;

static void free_job(job *j) {
  addon_free_text(&j->json);
  addon_free_text(&j->options);
  free(j->weights.data);
  free(j);
}

static void execute(napi_env env, void *data) {
  (void)env;
  job *j = data;
  pthread_mutex_lock(&j->owner->lock);
  j->execute(j);
  if (j->status != HORN_OK) {
    const char *message = horn_last_error(j->owner->ctx);
    size_t length = strlen(message);
    if (length >= sizeof j->message) length = sizeof j->message - 1;
    memcpy(j->message, message, length);
  }
  pthread_mutex_unlock(&j->owner->lock);
}

static void settle(napi_env env, job *j, napi_status status) {
  addon_call call = {.env = env};
  if (status != napi_ok) {
    napi_reject_deferred(env, j->deferred, addon_error(env, HORN_E_INTERNAL, "the call was cancelled"));
  } else if (j->status != HORN_OK) {
    napi_reject_deferred(env, j->deferred, addon_error(env, j->status, j->message));
  } else {
    napi_resolve_deferred(env, j->deferred, j->result(&call, j));
  }
}

/* Also runs, unable to call JavaScript, when a worker is terminated. */
static void complete(napi_env env, napi_status status, void *data) {
  job *j = data;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) == napi_ok) {
    settle(env, j, status);
    napi_close_handle_scope(env, scope);
  }
  napi_delete_async_work(env, j->work);
  addon_release(j->owner);
  free_job(j);
}

/* Takes the job: it is freed in any case. */
static napi_value start(addon_call *call, job *j) {
  napi_value promise, name;
  napi_create_string_utf8(call->env, "hornbeam", NAPI_AUTO_LENGTH, &name);
  if (napi_create_promise(call->env, &j->deferred, &promise) != napi_ok ||
      napi_create_async_work(call->env, NULL, name, execute, complete, j, &j->work) != napi_ok) {
    free_job(j);
    napi_throw_error(call->env, "INTERNAL", "the call could not be queued");
    return NULL;
  }
  j->owner = call->owner;
  addon_retain(j->owner);
  if (napi_queue_async_work(call->env, j->work) == napi_ok) return promise;
  napi_delete_async_work(call->env, j->work);
  addon_release(j->owner);
  free_job(j);
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

/* ---- modelPredict(model, inputs) -> handles ------------------------------------------------------------------------------------- */

static void run_predict(job *j) {
  j->status = horn_model_predict(j->owner->ctx, j->model, j->inputs.handles, j->inputs.count, j->outputs.handles, ADDON_MAX_HANDLES, &j->outputs.count);
}

static napi_value predicted(addon_call *call, const job *j) { return addon_list(call, &j->outputs); }

static napi_value predict(addon_call *call) {
  job *j = new_job(call, run_predict, predicted);
  if (j == NULL) return NULL;
  if (addon_read_number(call, 0, &j->model) && addon_read_handles(call, 1, &j->inputs)) return start(call, j);
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
  if (weights.data == NULL) return true;
  j->weights = (addon_bytes){malloc(weights.length + 1), weights.length};
  if (j->weights.data == NULL) {
    napi_throw_error(call->env, "OUT_OF_MEMORY", "memory is used up");
    return false;
  }
  memcpy(j->weights.data, weights.data, weights.length);
  return true;
}

static napi_value load(addon_call *call) {
  job *j = new_job(call, run_load, loaded);
  if (j == NULL) return NULL;
  if (addon_read_text(call, 0, &j->json) && copy_weights(call, j) && addon_read_text(call, 2, &j->options)) return start(call, j);
  free_job(j);
  return NULL;
}

const addon_function addon_async_functions[] = {{"modelPredict", predict, 2, true}, {"modelLoad", load, 3, true}};
const size_t addon_async_function_count = sizeof addon_async_functions / sizeof addon_async_functions[0];
