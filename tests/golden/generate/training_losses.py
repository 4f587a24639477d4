"""Writes training/losses.json: Keras's losses, their values, and the gradients of their sums."""

import numpy as np

from engines import keras, tf
from training import Draws, plain, seeded, write

# class, configuration, labels and predictions as (kind, shape); weights and a mask are drawn for their shapes. Predictions of "steep" go through
# the loss's activation: there most probabilities are 0 or 1, and Keras takes what is behind the activation.
ACTIVATIONS = {"Binary": "sigmoid", "Categorical": "softmax", "SparseCategorical": "softmax"}
R2, R3 = (5, 3), (4, 3, 2)


def regression(name, config=None, kind="normal"):
    config = config or {}
    yield name, config, (kind, R2), (kind, R2), None, None
    yield name, {**config, "reduction": "sum"}, (kind, R3), (kind, R3), (4, 1), None
    yield name, {**config, "reduction": "none"}, (kind, R3), (kind, R3), (4, 3), (4, 3)
    yield name, {**config, "reduction": "mean_with_sample_weight"}, (kind, R3), (kind, R3), (4, 3), None
    yield name, config, (kind, (4, 3)), (kind, (4, 3, 1)), (4,), None


def binary(name, configs):
    for i, config in enumerate(configs):
        kind = "normal" if config.get("from_logits") else "unit"
        yield name, config, ("bits", R2), (kind, R2), (5,) if i % 2 else None, None
        yield name, config, ("bits", R3), (kind, R3), (4, 3) if i % 2 else None, (4, 3)


def categorical(name, configs, labels="onehot"):
    for i, config in enumerate(configs):
        kind = "normal" if config.get("from_logits") else "softmax"
        truth = (lambda shape: (labels, shape)) if labels == "onehot" else (lambda shape: (labels, shape[:-1]))
        yield name, config, truth((5, 4)), (kind, (5, 4)), (5,) if i % 2 else None, None
        yield name, config, truth((3, 2, 4)), (kind, (3, 2, 4)), (3, 2) if i % 2 else None, (3, 2)


def cases():
    for name in ("MeanSquaredError", "MeanAbsoluteError", "LogCosh"):
        yield from regression(name)
    for name in ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson"):
        yield from regression(name, kind="positive")
    yield from regression("Huber")
    yield from regression("Huber", {"delta": 0.4})
    yield from list(regression("CosineSimilarity"))[:4]
    yield "CosineSimilarity", {"axis": 1}, ("normal", R3), ("normal", R3), None, None
    yield from list(regression("KLDivergence", kind="unit"))[:4]
    for name in ("Hinge", "SquaredHinge"):
        yield name, {}, ("bits", R2), ("normal", R2), None, None
        yield name, {}, ("signs", R2), ("normal", R2), (5,), None
        yield name, {"reduction": "sum"}, ("bits", R3), ("normal", R3), None, (4, 3)
    yield from categorical("CategoricalHinge", [{}, {"reduction": "sum"}])
    logits, smooth = {"from_logits": True}, {"label_smoothing": 0.1}
    yield from binary("BinaryCrossentropy", [{}, smooth, logits, {**logits, **smooth}])
    yield "BinaryCrossentropy", {"axis": 1}, ("bits", R3), ("unit", R3), None, None
    balanced = {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5}
    yield from binary("BinaryFocalCrossentropy", [{}, balanced, {**logits, **balanced}, {**smooth, "gamma": 3.0}])
    yield from categorical("CategoricalCrossentropy", [{}, smooth, logits, {**logits, **smooth, "reduction": "sum"}])
    yield "CategoricalCrossentropy", {"axis": 1, **logits}, ("onehot1", R3), ("normal", R3), None, None
    yield from categorical("CategoricalFocalCrossentropy", [{}, {"alpha": [0.1, 0.2, 0.3, 0.4], "gamma": 1.0}, logits, {**smooth}])
    sparse = [{}, logits, {"ignore_class": 1}, {"ignore_class": 0, **logits}]
    yield from categorical("SparseCategoricalCrossentropy", sparse, labels="class4")
    yield "SparseCategoricalCrossentropy", {}, ("class4", (5, 1)), ("softmax", (5, 4)), (5,), None
    for kind, labels in (("Binary", "bits"), ("Categorical", "onehot")):
        for loss, config in ((f"{kind}Crossentropy", {}), (f"{kind}Crossentropy", smooth), (f"{kind}FocalCrossentropy", {})):
            yield loss, config, (labels, (5, 4)), ("steep", (5, 4)), (5,), None
    yield "SparseCategoricalCrossentropy", {}, ("class4", (5,)), ("steep", (5, 4)), (5,), None
    yield "SparseCategoricalCrossentropy", {"ignore_class": 0}, ("class4", (5,)), ("steep", (5, 4)), None, None
    yield "Dice", {}, ("bits", (2, 3, 3, 1)), ("unit", (2, 3, 3, 1)), None, None
    yield "Dice", {"axis": [1, 2, 3]}, ("bits", (2, 3, 3, 1)), ("unit", (2, 3, 3, 1)), (2,), None
    yield "Dice", {"axis": [1], "reduction": "none"}, ("bits", R3), ("unit", R3), None, None
    yield "Tversky", {}, ("bits", (2, 3, 3, 1)), ("unit", (2, 3, 3, 1)), None, None
    yield "Tversky", {"alpha": 0.2, "beta": 0.8, "axis": [1, 2, 3]}, ("bits", (2, 3, 3, 1)), ("unit", (2, 3, 3, 1)), (2,), None
    yield "Tversky", {"alpha": 0.7, "beta": 0.3, "axis": [1]}, ("bits", R3), ("unit", R3), None, None
    yield "Circle", {}, ("class2", (8,)), ("sphere", (8, 5)), None, None
    yield "Circle", {"gamma": 8.0, "margin": 0.25}, ("class2", (8,)), ("sphere", (8, 5)), (8,), None
    yield "Circle", {"gamma": 4.0, "remove_diagonal": False}, ("class3", (8,)), ("sphere", (8, 5)), None, None
    yield "CTC", {}, ("class3", (3, 3)), ("normal", (3, 8, 5)), None, None
    yield "CTC", {"reduction": "sum"}, ("class5", (4, 4)), ("normal", (4, 10, 5)), (4,), None
    yield "CTC", {"reduction": "none"}, ("class2", (2, 1)), ("normal", (2, 3, 2)), None, None
    for config in ({}, {"q": 0.2}, {"q": 0.9, "reduction": "sum"}):
        yield "CategoricalGeneralizedCrossEntropy", config, ("class4", (5,)), ("softmax", (5, 4)), (5,) if config else None, None


def ctc_labels(y_true):
    """Zeros end the labels: they are the blank."""
    return np.stack([np.pad(row[row > 0], (0, (row == 0).sum())) for row in y_true]).astype("int32")


def record(seed, name, config, truth, guess, weights, mask):
    draws = Draws(seed)
    y_true, y_pred = draws.array(*truth), draws.array(*guess)
    if name == "CTC":
        y_true = ctc_labels(y_true)
    weights = None if weights is None else draws.array("positive", weights)
    mask = None if mask is None else draws.array("bits", mask).astype("int32")
    loss = getattr(keras.losses, name)(**config)
    activation = ACTIVATIONS[name.replace("Focal", "").removesuffix("Crossentropy")] if guess[0] == "steep" else None
    x = tf.constant(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(x)
        guess = tf.identity(x) if activation is None else getattr(keras.activations, activation)(x)
        if mask is not None:
            keras.src.backend.set_keras_mask(guess, tf.constant(mask, "bool"))
        value = loss(y_true, guess, sample_weight=weights)
        total = tf.reduce_sum(value)
    case = {"loss": name, "config": config, "written": keras.losses.serialize(loss), "yTrue": plain(y_true), "yPred": plain(y_pred)}
    case |= {} if activation is None else {"activation": activation}
    case |= {} if weights is None else {"sampleWeight": plain(weights)}
    case |= {} if mask is None else {"mask": plain(mask)}
    return {**case, "value": plain(value), "gradient": plain(tape.gradient(total, x))}


def main():
    write("losses.json", [record(*case) for case in seeded(cases())])


if __name__ == "__main__":
    main()
