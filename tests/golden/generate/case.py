"""What a golden case is, and the helpers that the tables of cases are written with."""

import re
from dataclasses import dataclass
from typing import Callable, Optional, Tuple

BOTH = ("k3", "k2")
K3 = ("k3",)
K2 = ("k2",)


@dataclass(frozen=True)
class Case:
    """One model to record, by each of `engines`, as `<folder>/<engine>_<name>`.

    `build(engine)` returns the model. Float inputs are normal with deviation `spread`; integer inputs are ids below `vocabulary`,
    laid out as `tokens` says ("full": no zeros; "padded": zeros on the right, on the left and inside; "empty_row": one row is all
    zeros). `blank` is the number that all features of some steps of float inputs have. `runs` predictions are recorded, one after the other: for layers with a memory. `xla` runs the model compiled, for what
    TensorFlow's own CPU kernels lack. `edit(topology)`, with `note`, changes the recorded topology: only where no Keras can write it.
    """

    folder: str
    name: str
    build: Callable
    engines: Tuple[str, ...] = BOTH
    spread: float = 1.0
    vocabulary: int = 0
    tokens: str = "full"
    words: Tuple[str, ...] = ()
    blank: Optional[float] = None
    runs: int = 1
    xla: bool = False
    edit: Optional[Callable] = None
    note: str = ""


def snake_case(class_name):
    """Keras's own way from a class to a layer name: Conv2D -> conv2d, LeakyReLU -> leaky_re_lu."""
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def name_layers(specs):
    """Give each (class, config) of a chain the name that Keras would: dense, dense_1, ..."""
    counts = {}
    for class_name, config in specs:
        base = snake_case(class_name)
        count = counts.get(base, 0)
        counts[base] = count + 1
        yield class_name, config.get("name", base if count == 0 else f"{base}_{count}"), without(config, "name")


def without(mapping, *keys):
    return {key: value for key, value in mapping.items() if key not in keys}


def chain(folder, name, shape, specs, dtype="float32", **options):
    """A Sequential model: an input of `shape` (no batch axis), then the layers of `specs` in order."""

    def build(engine):
        layers = [engine.layer(class_name, layer_name, **config) for class_name, layer_name, config in name_layers(specs)]
        return engine.sequential([engine.input(shape, dtype=dtype), *layers])

    return Case(folder, name, build, **options)


def one_layer(class_name, rows, **options):
    """Cases of one layer class, each row (case name, input shape, layer config[, Case options])."""
    for name, shape, config, *rest in rows:
        yield chain(class_name, name, shape, [(class_name, config)], **{**options, **(rest[0] if rest else {})})


def merge_layer(class_name, rows):
    """Cases of a layer with several inputs, each row (case name, input shapes, layer config)."""
    for name, shapes, config in rows:

        def build(engine, shapes=shapes, config=config):
            inputs = [engine.input(shape, name=f"input_{i}") for i, shape in enumerate(shapes)]
            return engine.model(inputs, engine.layer(class_name, snake_case(class_name), **config)(inputs))

        yield Case(class_name, name, build)
