/* The addon: createContext(optionsJson) returns an object with the functions of hornbeam.h, and its promise forms under `async`. */
#include "addon.h"

#include <stdlib.h>

void addon_retain(addon_context *owner) { owner->users++; }

void addon_release(addon_context *owner) {
  if (--owner->users != 0) return;
  horn_context_release(owner->ctx);
  pthread_mutex_destroy(&owner->lock);
  free(owner);
}

bool addon_enter(addon_call *call) {
  pthread_mutex_lock(&call->owner->lock);
  return call->entered = true;
}

void addon_leave(addon_call *call) {
  if (!call->entered) return;
  call->entered = false;
  pthread_mutex_unlock(&call->owner->lock);
}

/* What a JavaScript function carries. */
typedef struct binding {
  const addon_function *function;
  addon_context *owner;
} binding;

static void finalize_binding(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  binding *b = data;
  addon_release(b->owner);
  free(b);
}

static napi_value dispatch(napi_env env, napi_callback_info info) {
  addon_call call = {.env = env, .count = ADDON_MAX_ARGUMENTS};
  void *data = NULL;
  if (napi_get_cb_info(env, info, &call.count, call.arguments, NULL, &data) != napi_ok) return NULL;
  if (call.count > ADDON_MAX_ARGUMENTS) call.count = ADDON_MAX_ARGUMENTS;
  const binding *b = data;
  call.owner = b->owner;
  call.ctx = b->owner->ctx;
  napi_value result = b->function->run(&call);
  addon_leave(&call);
  return result;
}

/* The function keeps the context alive, also when it is taken off the object. */
static bool add_function(napi_env env, napi_value object, const addon_function *function, addon_context *owner) {
  binding *b = malloc(sizeof *b);
  napi_value value;
  if (b == NULL) return false;
  *b = (binding){function, owner};
  if (napi_create_function(env, function->name, NAPI_AUTO_LENGTH, dispatch, b, &value) != napi_ok) {
    free(b);
    return false;
  }
  addon_retain(owner);
  if (napi_add_finalizer(env, value, b, finalize_binding, NULL, NULL) != napi_ok) {
    addon_release(owner);
    free(b);
    return false;
  }
  return napi_set_named_property(env, object, function->name, value) == napi_ok;
}

static bool add_functions(napi_env env, napi_value object, const addon_function *functions, size_t count, addon_context *owner) {
  for (size_t i = 0; i < count; i++)
    if (!add_function(env, object, &functions[i], owner)) return false;
  return true;
}

static napi_value bind_context(napi_env env, addon_context *owner) {
  napi_value object, async;
  if (napi_create_object(env, &object) != napi_ok || napi_create_object(env, &async) != napi_ok) return NULL;
  if (!add_functions(env, object, addon_functions, addon_function_count, owner)) return NULL;
  if (!add_functions(env, async, addon_async_functions, addon_async_function_count, owner)) return NULL;
  return napi_set_named_property(env, object, "async", async) == napi_ok ? object : NULL;
}

static napi_value create_context(napi_env env, napi_callback_info info) {
  addon_call call = {.env = env, .count = ADDON_MAX_ARGUMENTS};
  addon_text options = {0};
  napi_value object = NULL;
  if (napi_get_cb_info(env, info, &call.count, call.arguments, NULL, NULL) != napi_ok || !addon_read_optional_text(&call, 0, &options)) return NULL;
  addon_context *owner = calloc(1, sizeof *owner);
  if (owner != NULL && pthread_mutex_init(&owner->lock, NULL) == 0) {
    owner->users = 1;
    horn_status status = horn_context_create(options.data, &owner->ctx);
    call.ctx = owner->ctx;
    if (addon_check(&call, status)) object = bind_context(env, owner);
    addon_release(owner);
  } else {
    free(owner);
    napi_throw_error(env, "OUT_OF_MEMORY", "context: memory is used up");
  }
  addon_free_text(&options);
  return object;
}

static napi_value init(napi_env env, napi_value exports) {
  napi_value function;
  if (napi_create_function(env, "createContext", NAPI_AUTO_LENGTH, create_context, NULL, &function) != napi_ok) return NULL;
  return napi_set_named_property(env, exports, "createContext", function) == napi_ok ? exports : NULL;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, init)
