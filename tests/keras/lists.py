"""Prints what Keras has, as JSON: the names of its classes of layers (Keras 3 and tf-keras), and of its operations on tensors (Keras 3)."""

import inspect
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden/generate"))

from engines import ENGINES  # first: it prepares the environment for TensorFlow

OPERATION_MODULES = ("keras.src.ops",)


def layer_names(module):
    """By what a config calls them: the class's own name, whatever it is exported as."""
    spaces = [module.layers, getattr(getattr(module.layers, "experimental", None), "preprocessing", None)]
    return {item.__name__ for space in spaces if space for item in vars(space).values() if inspect.isclass(item)}


def operation_names(keras):
    names, classes = set(), [keras.Operation]
    while classes:
        for item in classes.pop().__subclasses__():
            classes.append(item)
            if item.__module__.startswith(OPERATION_MODULES):
                names.add(item.__name__)
    return names


def main():
    keras3, keras2 = ENGINES["k3"].module, ENGINES["k2"].module
    layers = layer_names(keras3) | layer_names(keras2)
    print(json.dumps({"layers": sorted(layers), "operations": sorted(operation_names(keras3) - layers)}))


if __name__ == "__main__":
    main()
