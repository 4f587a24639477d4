"""Layers that models of keras.applications bring with them, and blocks as those models are made of."""

import importlib
from functools import partial

from case import Case


def layer_of(engine, module, class_name, **config):
    return getattr(importlib.import_module(f"{engine.module.__name__}.src.applications.{module}"), class_name)(**config)


def scaled(engine, shape, init_values):
    x = engine.input(shape)
    return engine.model(x, layer_of(engine, "convnext", "LayerScale", init_values=init_values, projection_dim=shape[-1], name="layer_scale")(x))


def dropped(engine, shape, rate):
    x = engine.input(shape)
    return engine.model(x, layer_of(engine, "convnext", "StochasticDepth", drop_path_rate=rate, name="depth")(x))


def added(engine, shape, scale):
    a, b = engine.input(shape, name="a"), engine.input(shape, name="b")
    return engine.model([a, b], layer_of(engine, "inception_resnet_v2", "CustomScaleLayer", scale=scale, name="custom_scale_layer")([a, b]))


def convnext_block(engine, name):
    """ConvNeXt's block on a picture of 6 by 6 with 4 channels, as the application writes it, stochastic depth and all."""
    x = engine.input((6, 6, 4))
    y = engine.layer("Conv2D", f"{name}_depthwise", filters=4, kernel_size=7, padding="same", groups=4)(x)
    y = engine.layer("LayerNormalization", f"{name}_norm", epsilon=1e-6)(y)
    y = engine.layer("Dense", f"{name}_pointwise_1", units=16)(y)
    y = engine.layer("Activation", f"{name}_gelu", activation="gelu")(y)
    y = engine.layer("Dense", f"{name}_pointwise_2", units=4)(y)
    y = layer_of(engine, "convnext", "LayerScale", init_values=1e-6, projection_dim=4, name=f"{name}_scale")(y)
    y = layer_of(engine, "convnext", "StochasticDepth", drop_path_rate=0.2, name=f"{name}_depth")(y)
    return engine.model(x, engine.layer("GlobalAveragePooling2D", "pool")(x + y))


TABLE = {
    "LayerScale": (
        scaled,
        [
            ("image", dict(shape=(3, 3, 4), init_values=1e-6)),
            ("vector", dict(shape=(5,), init_values=1.0)),
            ("sequence", dict(shape=(None, 2), init_values=0.1)),
        ],
    ),
    "StochasticDepth": (dropped, [("image", dict(shape=(3, 3, 2), rate=0.2)), ("always_kept", dict(shape=(2, 2, 3), rate=0.0))]),
    "CustomScaleLayer": (
        added,
        [
            ("image", dict(shape=(3, 3, 2), scale=0.17)),
            ("vector", dict(shape=(5,), scale=1.0)),
            ("negative", dict(shape=(2, 3), scale=-0.5)),
        ],
    ),
}


def cases():
    for folder, (build, rows) in TABLE.items():
        for name, options in rows:
            yield Case(folder, name, partial(build, **options))
    yield Case("StochasticDepth", "block", partial(convnext_block, name="block"))
