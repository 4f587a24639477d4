"""Writes tests/core/augmentation.gen.h: what Keras's random layers of images give in training where each factor is fixed to one number."""

import json
import os
from pathlib import Path

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np

IMAGE = np.arange(1, 13, dtype=np.float32).reshape(1, 3, 4, 1)
ROWS = [
    ("RandomRotation", dict(factor=[0.1, 0.1])),
    ("RandomRotation", dict(factor=[-0.23, -0.23], fill_mode="constant", fill_value=-1.0, interpolation="bilinear")),
    ("RandomRotation", dict(factor=[0.17, 0.17], fill_mode="nearest", interpolation="nearest")),
    ("RandomRotation", dict(factor=[0.6, 0.6], fill_mode="wrap")),
    ("RandomTranslation", dict(height_factor=[0.5, 0.5], width_factor=[-0.3, -0.3])),
    (
        "RandomTranslation",
        dict(height_factor=[0.4, 0.4], width_factor=[0.25, 0.25], fill_mode="constant", fill_value=0.5, interpolation="nearest"),
    ),
    ("RandomZoom", dict(height_factor=[0.5, 0.5])),
    ("RandomZoom", dict(height_factor=[-0.4, -0.4], width_factor=[0.3, 0.3], fill_mode="constant")),
    ("RandomZoom", dict(height_factor=[-0.6, -0.6], width_factor=[-0.3, -0.3], fill_mode="nearest", interpolation="nearest")),
    ("RandomContrast", dict(factor=[-0.5, 0.5])),
    ("RandomContrast", dict(factor=[0.4, -0.4], value_range=[0, 9])),
    ("RandomBrightness", dict(factor=[0.25, 0.25])),
    ("RandomBrightness", dict(factor=[-0.5, -0.5], value_range=[0.0, 16.0])),
]

COLORS = np.array([((7 * i * i + 31 * i) % 256) for i in range(72)], np.float32).reshape(2, 3, 4, 3)
COLOR_ROWS = [
    ("AutoContrast", dict()),
    ("AutoContrast", dict(value_range=[0, 510])),
    ("Equalization", dict()),
    ("Equalization", dict(value_range=[0, 300], bins=32)),
    ("RandomColorDegeneration", dict(factor=[0.25, 0.25])),
    ("RandomColorJitter", dict(brightness_factor=[0.1, 0.1], saturation_factor=[0.4, 0.4], hue_factor=[1.0, 1.0])),
    ("RandomGaussianBlur", dict(factor=[1.0, 1.0], kernel_size=[3, 5], sigma=[0.8, 0.8])),
    ("RandomGrayscale", dict(factor=1.0)),
    ("RandomHue", dict(factor=[1.0, 1.0])),
    ("RandomHue", dict(factor=[0.0, 0.0], value_range=[0.0, 255.0])),
    ("RandomInvert", dict(factor=[1.0, 1.0])),
    ("RandomPosterization", dict(factor=[3, 3])),
    ("RandomSaturation", dict(factor=[0.3, 0.3])),
    ("RandomSaturation", dict(factor=[0.6, 0.6])),
    ("RandomSharpness", dict(factor=[0.9, 0.9])),
    ("RandomShear", dict(x_factor=[0.0, 0.0], y_factor=[0.0, 0.0])),
    ("Solarization", dict()),
]


def trained(class_name, config, images):
    if class_name == "RandomContrast":  # its factor cannot be one number other than 1, unless it is set afterwards
        layer = keras.layers.RandomContrast(0.1, value_range=config.get("value_range", (0, 255)))
        layer.factor = config["factor"]
    else:
        layer = getattr(keras.layers, class_name)(**config)
    return np.asarray(layer(images, training=True))


def main():
    lines = [f"/* By tests/golden/generate/generate_augmentation.py with Keras {keras.__version__}: a layer, what it gets, and its result. */"]
    for name, images, rows in (("IMAGE", IMAGE, ROWS), ("COLORS", COLORS, COLOR_ROWS)):
        for class_name, config in rows:
            numbers = ",".join(f"{number:.8g}" for number in trained(class_name, config, images).ravel())
            shape = ",".join(map(str, images.shape))
            lines.append(f'{{LAYER("{class_name}", {json.dumps(config)}), {name}, "f[{shape}]{{{numbers}}}"}},')
    target = Path(__file__).resolve().parents[2] / "core" / "augmentation.gen.h"
    target.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
