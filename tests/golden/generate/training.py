"""What the generators of training have in common: seeded numbers, and JSON of one case a line."""

import json
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[1] / "training"


class Draws:
    """Numbers of a case, by kind; few digits, so that files stay small."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)

    def array(self, kind, shape):
        draw = self.random
        if kind == "normal":
            return draw.normal(size=shape).round(3).astype("float32")
        if kind == "steep":
            return (25 * draw.normal(size=shape)).round(2).astype("float32")
        if kind == "positive":
            return draw.uniform(0.05, 3, size=shape).round(3).astype("float32")
        if kind == "unit":
            return draw.uniform(0.02, 0.98, size=shape).round(3).astype("float32")
        if kind == "softmax":
            x = np.exp(draw.normal(size=shape))
            return (x / x.sum(-1, keepdims=True)).round(4).astype("float32")
        if kind == "sphere":
            x = draw.normal(size=shape)
            return (x / np.linalg.norm(x, axis=-1, keepdims=True)).round(5).astype("float32")
        if kind == "bits":
            return draw.integers(0, 2, size=shape).astype("float32")
        if kind == "signs":
            return (draw.integers(0, 2, size=shape) * 2 - 1).astype("float32")
        if kind == "onehot":
            return np.eye(shape[-1], dtype="float32")[draw.integers(0, shape[-1], size=shape[:-1])]
        if kind == "onehot1":
            return np.moveaxis(self.array("onehot", (shape[0], *shape[2:], shape[1])), -1, 1)
        if kind.startswith("class"):
            return draw.integers(0, int(kind[5:]), size=shape).astype("int32")
        raise ValueError(kind)


def plain(value):
    """An array as JSON: its shape, dtype and numbers, the shortest that read as the same float32."""
    value = np.asarray(value)
    if value.dtype == np.int32:
        return {"shape": list(value.shape), "dtype": "int32", "values": [int(x) for x in value.ravel()]}
    values = [float(str(x)) for x in value.astype("float32").ravel()]
    return {"shape": list(value.shape), "dtype": "float32", "values": [int(x) if x == int(x) else x for x in values]}


def seeded(cases):
    """Cases with seeds of their own, by name and number among those of the name: others may come and go."""
    counts = {}
    for name, *rest in cases:
        counts[name] = counts.get(name, 0) + 1
        yield [*name.encode(), counts[name]], name, *rest


def write(name, cases):
    TARGET.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (TARGET / name).write_text(f"[\n{lines}\n]\n")
