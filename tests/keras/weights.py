"""Weights and inputs from seeds: of a size at which signals neither die nor grow from layer to layer."""

import math

import numpy as np


def randomize(model, seed):
    """Gives every float weight random numbers: kernels by their fan-in, statistics as if the data had been about normal."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        value = weight.numpy()
        if value.dtype == np.float32:
            weight.assign(numbers(rng, getattr(weight, "path", weight.name).lower(), value.shape).astype("float32"))
    for layer in model.layers:
        if type(layer).__name__ == "Normalization":
            layer.finalize_state()  # it computes with numbers of its own, as it does after loading


def numbers(rng, path, shape):
    name = path.split("/")[-1]
    if "variance" in name:
        return rng.uniform(0.6, 1.5, shape)
    if "gamma" in name or name.startswith("scale"):
        return rng.uniform(0.7, 1.3, shape)
    if len(shape) < 2 or "bias" in name or "beta" in name or "mean" in name or "alpha" in name:
        return rng.normal(0, 0.15, shape)
    if "embedding" in name:
        return rng.normal(0, 0.7, shape)
    fan_in = math.prod(shape[:-1]) if "depthwise" not in name else math.prod(shape[:-2])
    return rng.normal(0, math.sqrt((1.8 if len(shape) > 2 else 1.2) / fan_in), shape)


def inputs_for(spec, batch, seed):
    """An array for each input of a spec; unknown dimensions get a size."""
    rng = np.random.default_rng(seed)
    arrays = []
    for row in spec["inputs"]:
        shape = [batch, *(5 if dim is None else dim for dim in row["shape"])]
        array = rng.integers(0, 10, shape).astype("int32") if row["dtype"] == "int32" else rng.normal(0, 1, shape).astype("float32")
        if row["dtype"] == "float32" and len(shape) == 3:
            array[rng.random(shape[:2]) < 0.2] = 0  # steps that Masking takes out
        arrays.append(array)
    return arrays
