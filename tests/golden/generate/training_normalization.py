"""Writes training/normalization.json: what BatchNormalization and SpectralNormalization in training give in Keras 3 and in Keras 2, their gradients,
and what their weights become."""

import json
import zlib

import numpy as np

from engines import installed_engines, tf
from training import Draws, plain, write

MASKED = {"mask_value": 0.0}

# shape of the input, config, and whether a Masking layer stands before.
BATCH = [
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


# shape of the input, config.
SPECTRAL = [
    ((4, 3), {"layer": ("Dense", "inner", {"units": 2})}),
    ((2, 4, 4, 2), {"layer": ("Conv2D", "inner", {"filters": 3, "kernel_size": 2}), "power_iterations": 3}),
    ((2, 3), {"layer": ("Embedding", "inner", {"input_dim": 4, "output_dim": 3})}),
]


def draw_weights(layer, draws):
    """Weights that are neither zeros nor ones; a variance is positive."""
    kinds = {"moving_variance": "positive", "gamma": "positive"}
    layer.set_weights([draws.array(kinds.get(weight.name.split("/")[-1].split(":")[0], "normal"), weight.shape) for weight in layer.weights])


def weights_of(layer):
    """In TensorFlow.js's order."""
    return [np.asarray(weight) for weight in layer.trainable_weights + layer.non_trainable_weights]


def record(engine, name, shape, config, masking=None):
    draws = Draws(zlib.crc32(json.dumps([shape, config, masking]).encode()))
    engine.forget_names()
    layer = engine.layer(name, "norm", **config)
    before = [] if masking is None else [engine.layer("Masking", "masking", **masking)]
    model = engine.sequential([engine.input(shape[1:], batch=None), *before, layer])
    draw_weights(layer, draws)
    x = draws.array("bits" if "Embedding" in str(config) else "normal", shape)
    dy = draws.array("normal", model(x).shape)
    if masking is not None:
        x[1:, -1] = x[0, 1] = 0
    start = weights_of(layer)
    given = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = model(given, training=True)
        total = tf.reduce_sum(y * dy)
    trained = [weight.value if engine.key == "k3" else weight for weight in layer.trainable_weights]
    gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(total, [given, *trained], unconnected_gradients="zero")]
    return {
        "class": name, "engine": engine.generator, "config": layer.get_config() if name == "SpectralNormalization" else config, "masking": masking, "weights": [plain(weight) for weight in start], "x": plain(x), "dy": plain(dy),
        "y": plain(y), "gradients": [plain(gradient) for gradient in gradients], "after": [plain(weight) for weight in weights_of(layer)],
        "inference": plain(model(given)),
    }


def main():
    engines = installed_engines()
    batch = [record(engine, "BatchNormalization", *case) for engine in engines.values() for case in BATCH]
    # tf-keras's own does not run beside Keras 3: it takes its InputSpec from there.
    write("normalization.json", batch + [record(engines["k3"], "SpectralNormalization", *case) for case in SPECTRAL])


if __name__ == "__main__":
    main()
