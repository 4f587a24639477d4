"""Fits two models in real Keras with its TensorBoard callback, as run.mjs does in Hornbeam: `python models.py FOLDER`."""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

FOLDER = sys.argv[1]


def sequential():
    return keras.Sequential(
        [
            layers.Input((4,), name="hidden_input"),
            layers.Dense(3, activation="relu", name="hidden"),
            layers.Dense(2, name="out"),
        ],
        name="sequential",
    )


def branched():
    words = keras.Input((5,), dtype="int32", name="words")
    x = layers.Embedding(7, 3, name="embedding")(words)
    a = layers.Flatten(name="flat")(x)
    b = layers.GlobalMaxPooling1D(name="pool")(x)
    x = layers.Concatenate(name="both")([a, b])
    return keras.Model(words, layers.Dense(1, name="out")(x), name="branched")


def main():
    cases = {
        "sequential": (sequential(), np.random.rand(16, 4), np.random.rand(16, 2)),
        "branched": (branched(), np.random.randint(0, 7, (16, 5)), np.random.rand(16, 1)),
    }
    for name, (model, x, y) in cases.items():
        model.compile("sgd", "mse", metrics=["accuracy"])
        board = keras.callbacks.TensorBoard(
            os.path.join(FOLDER, name), histogram_freq=1, write_images=True, write_steps_per_second=True, update_freq=2
        )
        # 12 samples for training: 4 batches, so that what is due at the end of an epoch is written (see tensorboard.js)
        model.fit(x, y, batch_size=3, epochs=3, validation_split=0.25, verbose=0, callbacks=[board])


main()
