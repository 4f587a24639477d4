"""Writes training/normalization.json: what a BatchNormalization in training gives in Keras 3 and in Keras 2, its gradients and moving averages."""

import json
import zlib

import numpy as np

from engines import installed_engines, tf
from training import Draws, plain, write

MASKED = {"mask_value": 0.0}

# shape of the input, config, and whether a Masking layer stands before.
CASES = [
    ((6, 3), {}, None),
    ((6, 3), {"momentum": 0.5, "epsilon": 0.1}, None),
    ((6, 3), {"center": False}, None),
    ((6, 3), {"scale": False}, None),
    ((6, 3), {"center": False, "scale": False, "momentum": 0.0}, None),
    ((4, 3, 2), {"momentum": 0.5}, None),
    ((4, 3, 2), {"momentum": 0.5, "axis": 1}, None),
    ((2, 3, 2, 2), {"momentum": 0.5}, None),
    ((2, 3, 2, 2), {"momentum": 0.5, "axis": 1}, None),
    ((2, 3, 2, 2), {"momentum": 0.5, "axis": 2}, None),
    ((1, 1, 1, 2), {"momentum": 0.5}, None),
    ((2, 1, 2, 2, 2), {"momentum": 0.5}, None),
    ((2, 3, 2, 2), {"momentum": 0.5, "trainable": False}, None),
    ((4, 3, 2), {"momentum": 0.5}, MASKED),
    ((4, 3, 2), {"momentum": 0.5, "trainable": False}, MASKED),
]


def draw_weights(layer, draws):
    """Weights that are neither zeros nor ones; a variance is positive."""
    kinds = {"moving_variance": "positive", "gamma": "positive"}
    layer.set_weights([draws.array(kinds.get(weight.name.split("/")[-1].split(":")[0], "normal"), weight.shape) for weight in layer.weights])


def record(engine, shape, config, masking):
    draws = Draws(zlib.crc32(json.dumps([shape, config, masking]).encode()))
    engine.forget_names()
    layer = engine.layer("BatchNormalization", "norm", **config)
    before = [] if masking is None else [engine.layer("Masking", "masking", **masking)]
    model = engine.sequential([engine.input(shape[1:], batch=None), *before, layer])
    draw_weights(layer, draws)
    x, dy = draws.array("normal", shape), draws.array("normal", shape)
    if masking is not None:
        x[1:, -1] = x[0, 1] = 0
    start = [weight.copy() for weight in layer.get_weights()]
    given = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = model(given, training=True)
        total = tf.reduce_sum(y * dy)
    trained = [weight.value if engine.key == "k3" else weight for weight in layer.trainable_weights]
    gradients = [gradient for gradient in tape.gradient(total, [given, *trained])]
    return {
        "engine": engine.generator, "config": config, "masking": masking, "weights": [plain(weight) for weight in start], "x": plain(x), "dy": plain(dy),
        "y": plain(y), "gradients": [plain(gradient) for gradient in gradients], "after": [plain(weight) for weight in layer.get_weights()],
        "inference": plain(model(given)),
    }


def main():
    write("normalization.json", [record(engine, *case) for engine in installed_engines().values() for case in CASES])


if __name__ == "__main__":
    main()
