/* Layers that models of keras.applications bring with them: LayerScale and StochasticDepth of ConvNeXt, CustomScaleLayer of
 * InceptionResNetV2. Reference: keras/src/applications/convnext.py, inception_resnet_v2.py; Touvron et al., Going deeper with Image
 * Transformers (2021); Huang et al., Deep Networks with Stochastic Depth (2016). */
#include "layers/common.h"

/* ---- LayerScale: y = x gamma, one gamma a channel -------------------------------------------------------------------------- */

typedef struct scale_config {
  double init_values;
  int32_t projection_dim;
} scale_config;

static const horn__field scale_rows[] = {
    HORN__FLOAT(scale_config, init_values, NULL, "1e-6"),
    HORN__INT(scale_config, projection_dim, NULL, NULL),
};

static horn_status scale_create(horn__layer *layer) {
  return horn__check_least(layer, "projection_dim", &((const scale_config *)layer->config)->projection_dim, 1, 1);
}

static horn_status scale_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  const scale_config *config = layer->config;
  (void)inputs, (void)count;
  HORN__TRY(horn__add_weight(layer, "gamma", 1, &config->projection_dim, true));
  layer->weights[0].initializer =
      horn__arena_format(layer->arena, "{\"class_name\":\"Constant\",\"config\":{\"value\":%.17g}}", config->init_values);
  return layer->weights[0].initializer == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

static horn_status scale_call(horn__call *call) {
  return horn__return(call, horn__mul(call->graph, call->in[0].value, horn__weight_value(call, 0)));
}

const horn__layer_class horn__layer_LayerScale = {
    .name = "LayerScale", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(scale_config, scale_rows), .create = scale_create,
    .build = scale_build, .call = scale_call};

/* ---- StochasticDepth: in training it drops whole examples ------------------------------------------------------------------- */

typedef struct depth_config {
  double drop_path_rate;
} depth_config;

static const horn__field depth_rows[] = {HORN__FLOAT(depth_config, drop_path_rate, NULL, NULL)};

static horn_status depth_call(horn__call *call) {
  horn__ints shape = {.count = horn__call_type(call, 0)->shape.rank};
  for (int32_t i = 0; i < shape.count; i++) shape.values[i] = i == 0 ? -1 : 1;
  return horn__return(call, horn__dropout(call, call->in[0].value, ((const depth_config *)call->config)->drop_path_rate, &shape));
}

const horn__layer_class horn__layer_StochasticDepth = {
    .name = "StochasticDepth", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(depth_config, depth_rows), .call = depth_call};

/* ---- CustomScaleLayer: y = a + scale b ------------------------------------------------------------------------------------------ */

typedef struct custom_config {
  double scale;
} custom_config;

static const horn__field custom_rows[] = {HORN__FLOAT(custom_config, scale, NULL, NULL)};

static horn_status custom_call(horn__call *call) {
  horn__value scaled = horn__scale(call->graph, call->in[1].value, ((const custom_config *)call->config)->scale);
  return horn__return(call, horn__add(call->graph, call->in[0].value, scaled));
}

const horn__layer_class horn__layer_CustomScaleLayer = {
    .name = "CustomScaleLayer", .min_inputs = 2, .max_inputs = 2, .config = HORN__FIELDS(custom_config, custom_rows), .call = custom_call};
