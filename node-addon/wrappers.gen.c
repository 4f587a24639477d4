/* Written by scripts/generate-bindings.mjs from core/include/hornbeam.h and converter/convert.h. */
#include "addon.h"
#include "convert.h"

static napi_value wrap_horn_version(addon_call *call) {
  return addon_string(call, horn_version());
}

static napi_value wrap_horn_describe(addon_call *call) {
  const char *out = NULL;
  napi_value result = NULL;
  if (addon_enter(call) &&
      addon_check(call, horn_describe(call->ctx, &out)))
    result = addon_string(call, out);
  return result;
}

static napi_value wrap_horn_memory(addon_call *call) {
  const char *out = NULL;
  napi_value result = NULL;
  if (addon_enter(call) &&
      addon_check(call, horn_memory(call->ctx, &out)))
    result = addon_string(call, out);
  return result;
}

static napi_value wrap_horn_tensor_create(addon_call *call) {
  uint32_t dtype = 0;
  addon_shape shape = {0};
  addon_bytes data = {0};
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &dtype) &&
      addon_read_shape(call, 1, &shape) &&
      addon_read_bytes(call, 2, &data) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_create(call->ctx, (horn_dtype)dtype, shape.dims, shape.rank, data.data, data.length, &out)))
    result = addon_number(call, out);
  return result;
}

static napi_value wrap_horn_tensor_release(addon_call *call) {
  uint32_t tensor = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &tensor) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_release(call->ctx, tensor)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_tensor_info(addon_call *call) {
  uint32_t tensor = 0;
  horn_dtype out_dtype;
  int32_t out_shape[HORN_MAX_RANK];
  size_t out_rank;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &tensor) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_info(call->ctx, tensor, &out_dtype, out_shape, &out_rank)))
    result = addon_info(call, out_dtype, out_shape, out_rank);
  return result;
}

static napi_value wrap_horn_tensor_read(addon_call *call) {
  uint32_t tensor = 0;
  addon_bytes data = {0};
  napi_value result = NULL;
  if (addon_read_number(call, 0, &tensor) &&
      addon_read_bytes(call, 1, &data) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_read(call->ctx, tensor, data.data, data.length)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_tensor_write(addon_call *call) {
  uint32_t tensor = 0;
  addon_bytes data = {0};
  napi_value result = NULL;
  if (addon_read_number(call, 0, &tensor) &&
      addon_read_bytes(call, 1, &data) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_write(call->ctx, tensor, data.data, data.length)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_tensor_assign(addon_call *call) {
  uint32_t target = 0;
  uint32_t source = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &target) &&
      addon_read_number(call, 1, &source) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_assign(call->ctx, target, source)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_tensor_strings(addon_call *call) {
  uint32_t tensor = 0;
  const void *out = NULL;
  size_t out_bytes = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &tensor) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_strings(call->ctx, tensor, &out, &out_bytes)))
    result = addon_copy(call, out, out_bytes);
  return result;
}

static napi_value wrap_horn_tensor_reshape(addon_call *call) {
  uint32_t tensor = 0;
  addon_shape shape = {0};
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &tensor) &&
      addon_read_shape(call, 1, &shape) &&
      addon_enter(call) &&
      addon_check(call, horn_tensor_reshape(call->ctx, tensor, shape.dims, shape.rank, &out)))
    result = addon_number(call, out);
  return result;
}

static napi_value wrap_horn_op(addon_call *call) {
  addon_text name = {0};
  addon_text attrs_json = {0};
  addon_handles inputs = {0};
  addon_handles out = {0};
  addon_bytes types = {0};
  napi_value result = NULL;
  if (addon_read_text(call, 0, &name) &&
      addon_read_optional_text(call, 1, &attrs_json) &&
      addon_read_handles(call, 2, &inputs) &&
      addon_room(call, ADDON_MAX_RESULTS, &out) &&
      addon_read_bytes(call, 3, &types) &&
      addon_enter(call) &&
      addon_check(call, horn_op(call->ctx, name.data, attrs_json.data, inputs.handles, inputs.count, out.handles, ADDON_MAX_RESULTS, &out.count)))
    result = addon_typed(call, &out, &types);
  addon_free_text(&name);
  addon_free_text(&attrs_json);
  addon_free_handles(&inputs);
  addon_free_handles(&out);
  return result;
}

static napi_value wrap_horn_graph_create(addon_call *call) {
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_enter(call) &&
      addon_check(call, horn_graph_create(call->ctx, &out)))
    result = addon_number(call, out);
  return result;
}

static napi_value wrap_horn_graph_release(addon_call *call) {
  uint32_t graph = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &graph) &&
      addon_enter(call) &&
      addon_check(call, horn_graph_release(call->ctx, graph)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_graph_input(addon_call *call) {
  uint32_t graph = 0;
  uint32_t dtype = 0;
  addon_shape shape = {0};
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &graph) &&
      addon_read_number(call, 1, &dtype) &&
      addon_read_shape(call, 2, &shape) &&
      addon_enter(call) &&
      addon_check(call, horn_graph_input(call->ctx, graph, (horn_dtype)dtype, shape.dims, shape.rank, &out)))
    result = addon_number(call, out);
  return result;
}

static napi_value wrap_horn_graph_weight(addon_call *call) {
  uint32_t graph = 0;
  uint32_t tensor = 0;
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &graph) &&
      addon_read_number(call, 1, &tensor) &&
      addon_enter(call) &&
      addon_check(call, horn_graph_weight(call->ctx, graph, tensor, &out)))
    result = addon_number(call, out);
  return result;
}

static napi_value wrap_horn_graph_gradients(addon_call *call) {
  uint32_t graph = 0;
  addon_handles ys = {0};
  addon_handles dys = {0};
  addon_handles xs = {0};
  addon_handles out = {0};
  addon_bytes types = {0};
  napi_value result = NULL;
  if (addon_read_number(call, 0, &graph) &&
      addon_read_handles(call, 1, &ys) &&
      addon_read_like(call, 2, &ys, &dys) &&
      addon_read_handles(call, 3, &xs) &&
      addon_room(call, xs.count, &out) &&
      addon_read_bytes(call, 4, &types) &&
      addon_enter(call) &&
      addon_check(call, horn_graph_gradients(call->ctx, graph, ys.handles, ys.count, dys.handles, xs.handles, xs.count, out.handles)))
    result = addon_typed(call, &out, &types);
  addon_free_handles(&ys);
  addon_free_handles(&dys);
  addon_free_handles(&xs);
  addon_free_handles(&out);
  return result;
}

static napi_value wrap_horn_graph_source(addon_call *call) {
  uint32_t tensor = 0;
  addon_text name = {0};
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &tensor) &&
      addon_read_text(call, 1, &name) &&
      addon_enter(call) &&
      addon_check(call, horn_graph_source(call->ctx, tensor, name.data, &out)))
    result = addon_number(call, out);
  addon_free_text(&name);
  return result;
}

static napi_value wrap_horn_graph_update(addon_call *call) {
  uint32_t graph = 0;
  uint32_t weight = 0;
  uint32_t value = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &graph) &&
      addon_read_number(call, 1, &weight) &&
      addon_read_number(call, 2, &value) &&
      addon_enter(call) &&
      addon_check(call, horn_graph_update(call->ctx, graph, weight, value)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_graph_run(addon_call *call) {
  uint32_t graph = 0;
  addon_handles inputs = {0};
  addon_handles wanted = {0};
  addon_handles out = {0};
  addon_bytes types = {0};
  napi_value result = NULL;
  if (addon_read_number(call, 0, &graph) &&
      addon_read_handles(call, 1, &inputs) &&
      addon_read_handles(call, 2, &wanted) &&
      addon_room(call, wanted.count, &out) &&
      addon_read_bytes(call, 3, &types) &&
      addon_enter(call) &&
      addon_check(call, horn_graph_run(call->ctx, graph, inputs.handles, inputs.count, wanted.handles, wanted.count, out.handles)))
    result = addon_typed(call, &out, &types);
  addon_free_handles(&inputs);
  addon_free_handles(&wanted);
  addon_free_handles(&out);
  return result;
}

static napi_value wrap_horn_layer_describe(addon_call *call) {
  addon_text json = {0};
  addon_text inputs_json = {0};
  const char *out = NULL;
  napi_value result = NULL;
  if (addon_read_text(call, 0, &json) &&
      addon_read_optional_text(call, 1, &inputs_json) &&
      addon_enter(call) &&
      addon_check(call, horn_layer_describe(call->ctx, json.data, inputs_json.data, &out)))
    result = addon_string(call, out);
  addon_free_text(&json);
  addon_free_text(&inputs_json);
  return result;
}

static napi_value wrap_horn_layer_call(addon_call *call) {
  addon_text json = {0};
  addon_text options_json = {0};
  addon_handles tensors = {0};
  addon_handles out = {0};
  addon_bytes types = {0};
  napi_value result = NULL;
  if (addon_read_text(call, 0, &json) &&
      addon_read_optional_text(call, 1, &options_json) &&
      addon_read_handles(call, 2, &tensors) &&
      addon_room(call, ADDON_MAX_RESULTS, &out) &&
      addon_read_bytes(call, 3, &types) &&
      addon_enter(call) &&
      addon_check(call, horn_layer_call(call->ctx, json.data, options_json.data, tensors.handles, tensors.count, out.handles, ADDON_MAX_RESULTS, &out.count)))
    result = addon_typed(call, &out, &types);
  addon_free_text(&json);
  addon_free_text(&options_json);
  addon_free_handles(&tensors);
  addon_free_handles(&out);
  return result;
}

static napi_value wrap_horn_topology(addon_call *call) {
  addon_text json = {0};
  addon_text options_json = {0};
  const char *out = NULL;
  napi_value result = NULL;
  if (addon_read_text(call, 0, &json) &&
      addon_read_optional_text(call, 1, &options_json) &&
      addon_enter(call) &&
      addon_check(call, horn_topology(call->ctx, json.data, json.length, options_json.data, &out)))
    result = addon_string(call, out);
  addon_free_text(&json);
  addon_free_text(&options_json);
  return result;
}

static napi_value wrap_horn_model_load(addon_call *call) {
  addon_text json = {0};
  addon_bytes weights = {0};
  addon_text options_json = {0};
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_read_text(call, 0, &json) &&
      addon_read_bytes(call, 1, &weights) &&
      addon_read_optional_text(call, 2, &options_json) &&
      addon_enter(call) &&
      addon_check(call, horn_model_load(call->ctx, json.data, json.length, weights.data, weights.length, options_json.data, &out)))
    result = addon_number(call, out);
  addon_free_text(&json);
  addon_free_text(&options_json);
  return result;
}

static napi_value wrap_horn_model_release(addon_call *call) {
  uint32_t model = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_enter(call) &&
      addon_check(call, horn_model_release(call->ctx, model)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_model_describe(addon_call *call) {
  uint32_t model = 0;
  const char *out = NULL;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_enter(call) &&
      addon_check(call, horn_model_describe(call->ctx, model, &out)))
    result = addon_string(call, out);
  return result;
}

static napi_value wrap_horn_model_topology(addon_call *call) {
  uint32_t model = 0;
  const char *out = NULL;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_enter(call) &&
      addon_check(call, horn_model_topology(call->ctx, model, &out)))
    result = addon_string(call, out);
  return result;
}

static napi_value wrap_horn_model_weight(addon_call *call) {
  uint32_t model = 0;
  uint32_t index = 0;
  uint32_t out = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_read_number(call, 1, &index) &&
      addon_enter(call) &&
      addon_check(call, horn_model_weight(call->ctx, model, index, &out)))
    result = addon_number(call, out);
  return result;
}

static napi_value wrap_horn_model_share_weight(addon_call *call) {
  uint32_t model = 0;
  uint32_t index = 0;
  uint32_t tensor = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_read_number(call, 1, &index) &&
      addon_read_number(call, 2, &tensor) &&
      addon_enter(call) &&
      addon_check(call, horn_model_share_weight(call->ctx, model, index, tensor)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_model_set_weight(addon_call *call) {
  uint32_t model = 0;
  uint32_t index = 0;
  uint32_t tensor = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_read_number(call, 1, &index) &&
      addon_read_number(call, 2, &tensor) &&
      addon_enter(call) &&
      addon_check(call, horn_model_set_weight(call->ctx, model, index, tensor)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_model_reset_states(addon_call *call) {
  uint32_t model = 0;
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_enter(call) &&
      addon_check(call, horn_model_reset_states(call->ctx, model)))
    result = addon_undefined(call);
  return result;
}

static napi_value wrap_horn_model_predict(addon_call *call) {
  uint32_t model = 0;
  addon_handles inputs = {0};
  addon_handles out = {0};
  addon_bytes types = {0};
  napi_value result = NULL;
  if (addon_read_number(call, 0, &model) &&
      addon_read_handles(call, 1, &inputs) &&
      addon_room(call, ADDON_MAX_RESULTS, &out) &&
      addon_read_bytes(call, 2, &types) &&
      addon_enter(call) &&
      addon_check(call, horn_model_predict(call->ctx, model, inputs.handles, inputs.count, out.handles, ADDON_MAX_RESULTS, &out.count)))
    result = addon_typed(call, &out, &types);
  addon_free_handles(&inputs);
  addon_free_handles(&out);
  return result;
}

static napi_value wrap_horn_convert_files(addon_call *call) {
  addon_text options_json = {0};
  addon_bytes data = {0};
  const void *out = NULL;
  size_t out_bytes = 0;
  napi_value result = NULL;
  if (addon_read_optional_text(call, 0, &options_json) &&
      addon_read_bytes(call, 1, &data) &&
      addon_enter(call) &&
      addon_check(call, horn_convert_files(call->ctx, options_json.data, data.data, data.length, &out, &out_bytes)))
    result = addon_copy(call, out, out_bytes);
  addon_free_text(&options_json);
  return result;
}

static napi_value wrap_horn_inspect_files(addon_call *call) {
  addon_text options_json = {0};
  addon_bytes data = {0};
  const char *out = NULL;
  napi_value result = NULL;
  if (addon_read_optional_text(call, 0, &options_json) &&
      addon_read_bytes(call, 1, &data) &&
      addon_enter(call) &&
      addon_check(call, horn_inspect_files(call->ctx, options_json.data, data.data, data.length, &out)))
    result = addon_string(call, out);
  addon_free_text(&options_json);
  return result;
}

const addon_function addon_functions[] = {
    {"version", wrap_horn_version},
    {"describe", wrap_horn_describe},
    {"memory", wrap_horn_memory},
    {"tensorCreate", wrap_horn_tensor_create},
    {"tensorRelease", wrap_horn_tensor_release},
    {"tensorInfo", wrap_horn_tensor_info},
    {"tensorRead", wrap_horn_tensor_read},
    {"tensorWrite", wrap_horn_tensor_write},
    {"tensorAssign", wrap_horn_tensor_assign},
    {"tensorStrings", wrap_horn_tensor_strings},
    {"tensorReshape", wrap_horn_tensor_reshape},
    {"op", wrap_horn_op},
    {"graphCreate", wrap_horn_graph_create},
    {"graphRelease", wrap_horn_graph_release},
    {"graphInput", wrap_horn_graph_input},
    {"graphWeight", wrap_horn_graph_weight},
    {"graphGradients", wrap_horn_graph_gradients},
    {"graphSource", wrap_horn_graph_source},
    {"graphUpdate", wrap_horn_graph_update},
    {"graphRun", wrap_horn_graph_run},
    {"layerDescribe", wrap_horn_layer_describe},
    {"layerCall", wrap_horn_layer_call},
    {"topology", wrap_horn_topology},
    {"modelLoad", wrap_horn_model_load},
    {"modelRelease", wrap_horn_model_release},
    {"modelDescribe", wrap_horn_model_describe},
    {"modelTopology", wrap_horn_model_topology},
    {"modelWeight", wrap_horn_model_weight},
    {"modelShareWeight", wrap_horn_model_share_weight},
    {"modelSetWeight", wrap_horn_model_set_weight},
    {"modelResetStates", wrap_horn_model_reset_states},
    {"modelPredict", wrap_horn_model_predict},
    {"convertFiles", wrap_horn_convert_files},
    {"inspectFiles", wrap_horn_inspect_files},
};
const size_t addon_function_count = sizeof addon_functions / sizeof addon_functions[0];
