"""Writes training/metrics.json: Keras's metrics after each of three batches, their state, and their configs."""

import numpy as np

from engines import keras, tf
from training import Draws, plain, seeded, write

# class, configuration, labels and predictions as (kind, shape), the shape of weights from the second batch on, whether the last has a mask.
R2, R3 = (6, 3), (4, 3, 2)


def means(name, truth, guess, configs=({},)):
    """Vectors with weights, then sequences with a weight for each step and a mask."""
    for config in configs:
        yield name, config, (truth, R2), (guess, R2), (6,), False
        yield name, config, (truth, R3), (guess, R3), (4, 3), True
        yield name, config, (truth, R3), (guess, R3), None, True


def categorical(name, truth, guess, configs):
    for config in configs:
        for shape in ((6, 4), (3, 2, 4)):
            sparse = truth.startswith("class")
            kind = "normal" if config.get("from_logits") else guess
            yield name, config, (truth, shape[:-1] if sparse else shape), (kind, shape), shape[:-1], len(shape) == 3


def counts():
    for name in ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"):
        for config in ({}, {"thresholds": [0.2, 0.7]}, {"thresholds": [0.0, 0.5, 1.0]}):
            yield name, config, ("bits", R2), ("unit", R2), (6,), False
        yield name, {"thresholds": 0.4}, ("bits", (6,)), ("unit", (6, 1)), (6,), False
    for name in ("Precision", "Recall"):
        for config in ({}, {"thresholds": [0.1, 0.4, 0.9]}, {"top_k": 2}, {"class_id": 1}, {"top_k": 1, "class_id": 2}):
            yield name, config, ("bits", (6, 4)), ("unit", (6, 4)), (6,), False
        yield name, {}, ("bits", R3), ("unit", R3), (4, 3), False
    for name, option in (
        ("SensitivityAtSpecificity", "specificity"),
        ("SpecificityAtSensitivity", "sensitivity"),
        ("PrecisionAtRecall", "recall"),
        ("RecallAtPrecision", "precision"),
    ):
        for config in ({option: 0.5}, {option: 0.8, "num_thresholds": 9}, {option: 0.4, "class_id": 1}, {option: 0.3, "num_thresholds": 1}):
            yield name, config, ("bits", (9, 2)), ("unit", (9, 2)), (9,), False


def curves():
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            yield "AUC", {"curve": curve, "summation_method": method}, ("bits", (12,)), ("unit", (12,)), (12,), False
    yield "AUC", {"thresholds": [0.7, 0.2, 0.35]}, ("bits", (12, 1)), ("unit", (12, 1)), (12,), False
    yield "AUC", {"num_thresholds": 7, "from_logits": True}, ("bits", (12,)), ("normal", (12,)), (12,), False
    yield "AUC", {"multi_label": True, "num_thresholds": 20}, ("bits", R2), ("unit", R2), (6,), False
    labels = {"multi_label": True, "num_labels": 3, "label_weights": [0.5, 1.0, 2.0]}
    yield "AUC", {**labels, "curve": "PR"}, ("bits", (9, 3)), ("unit", (9, 3)), None, False
    yield "AUC", {**labels, "thresholds": [0.3, 0.45]}, ("bits", (9, 3)), ("unit", (9, 3)), (9,), False
    yield "AUC", {"label_weights": [0.5, 1.0, 2.0]}, ("bits", R2), ("unit", R2), (6,), False


def scores():
    for config in ({}, {"average": "micro", "threshold": 0.4}, {"average": "macro"}, {"average": "weighted", "threshold": 0.5}):
        yield "FBetaScore", {**config, "beta": 0.5}, ("bits", R2), ("unit", R2), (6,), False
        yield "F1Score", config, ("onehot", R2), ("softmax", R2), (6,), False
    aggregations = [{"class_aggregation": how} for how in (None, "variance_weighted_average")]
    for config in ({}, *aggregations, {"num_regressors": 2}, {"num_regressors": 9}):
        yield "R2Score", config, ("normal", (4, 2)), ("normal", (4, 2)), (4,), False
    yield from means("RootMeanSquaredError", "normal", "normal")


def overlaps():
    ids = {"num_classes": 4, "target_class_ids": [0, 2]}
    for config in (ids, {**ids, "ignore_class": 1}, {**ids, "dtype": "float32"}):
        yield "IoU", config, ("class5", (7, 2)), ("class4", (7, 2)), (7, 2), False
    yield "IoU", {**ids, "sparse_y_true": False, "sparse_y_pred": False}, ("onehot", (7, 4)), ("softmax", (7, 4)), None, False
    for config in ({}, {"target_class_ids": [1], "threshold": 0.3}, {"dtype": "float32"}):
        yield "BinaryIoU", config, ("bits", (7, 2)), ("unit", (7, 2)), (7, 2), False
    for config in ({"num_classes": 4}, {"num_classes": 5, "ignore_class": 0}, {"num_classes": 3, "dtype": "float32"}):
        yield "MeanIoU", config, ("class4", (9,)), ("class4", (9,)), (9,), False
    for config in (ids, {**ids, "sparse_y_pred": True}, {**ids, "ignore_class": 2}):
        guess = ("class4", (7,)) if config.get("sparse_y_pred") else ("softmax", (7, 4))
        yield "OneHotIoU", config, ("onehot", (7, 4)), guess, (7,), False
        mean = {key: value for key, value in config.items() if key != "target_class_ids"}
        yield "OneHotMeanIoU", mean, ("onehot", (7, 4)), guess, (7,), False


def cases():
    for name in ("Mean", "Sum"):
        yield name, {}, ("normal", R2), None, (6,), False
        yield name, {}, ("normal", R3), None, (4, 3), False
        yield name, {"name": "average"}, ("normal", ()), None, None, False
    yield from means("Accuracy", "class2", "class2")
    yield from means("BinaryAccuracy", "bits", "unit", ({}, {"threshold": 0.7}))
    yield "BinaryAccuracy", {}, ("bits", (6,)), ("unit", (6, 1)), (6,), False
    yield from categorical("CategoricalAccuracy", "onehot", "softmax", ({}, {"name": "right"}))
    yield from categorical("SparseCategoricalAccuracy", "class4", "softmax", ({}, {"name": "right"}))
    yield "SparseCategoricalAccuracy", {}, ("class4", (6, 1)), ("softmax", (6, 4)), (6,), False
    yield from categorical("TopKCategoricalAccuracy", "onehot", "softmax", ({"k": 2}, {"k": 3}))
    yield from categorical("SparseTopKCategoricalAccuracy", "class4", "softmax", ({"k": 2}, {"k": 1}))
    yield "SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, ("class5", (6,)), ("class5", (6, 3)), (6,), False
    for name in ("MeanSquaredError", "MeanAbsoluteError", "CosineSimilarity", "LogCoshError"):
        yield from means(name, "normal", "normal")
    for name in ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson"):
        yield from means(name, "positive", "positive")
    yield from means("KLDivergence", "unit", "unit")
    yield from means("Hinge", "bits", "normal")
    yield from means("SquaredHinge", "signs", "normal")
    yield from means("CategoricalHinge", "onehot", "normal")
    yield from means("BinaryCrossentropy", "bits", "unit", ({}, {"label_smoothing": 0.2}))
    yield from means("BinaryCrossentropy", "bits", "normal", ({"from_logits": True},))
    crossentropies = ({}, {"from_logits": True}, {"label_smoothing": 0.1})
    yield from categorical("CategoricalCrossentropy", "onehot", "softmax", crossentropies)
    yield from categorical("SparseCategoricalCrossentropy", "class4", "softmax", crossentropies[:2] + ({"ignore_class": 1},))
    for name in ("PearsonCorrelation", "ConcordanceCorrelation"):
        yield name, {}, ("normal", (6, 5)), ("normal", (6, 5)), (6,), False
        yield name, {"axis": 0}, ("normal", (6, 5)), ("normal", (6, 5)), None, False
        yield name, {}, ("normal", (2, 3, 4)), ("normal", (2, 3, 4)), (2, 3), True
    yield from counts()
    yield from curves()
    yield from scores()
    yield from overlaps()


def batch(draws, i, truth, guess, weights, masked, is_integer):
    found = {"yTrue": draws.array(*truth)}
    if guess is not None:
        found["yPred"] = draws.array(*guess)
    if weights is not None and i > 0:
        found["sampleWeight"] = draws.array("class4", weights) if is_integer else draws.array("positive", weights)
    if masked and i == 2:
        found["mask"] = draws.array("bits", guess[1][:-1]).astype("int32")
    return found


def update(metric, found):
    values = dict(found)
    mask = values.pop("mask", None)
    arguments = [tf.constant(values["yTrue"])] + ([tf.constant(values["yPred"])] if "yPred" in values else [])
    if mask is not None:
        keras.src.backend.set_keras_mask(arguments[1], tf.constant(mask, "bool"))
    metric.update_state(*arguments, sample_weight=values.get("sampleWeight"))


def written(metric):
    """Its config; weights of labels, which Keras gives as a tensor, as a list."""
    config = metric.get_config()
    if config.get("label_weights") is not None:
        config["label_weights"] = np.asarray(config["label_weights"]).tolist()
    config = {key: [float(x) for x in value] if key == "thresholds" and isinstance(value, list) else value for key, value in config.items()}
    return {"module": "keras.metrics", "class_name": type(metric).__name__, "config": config, "registered_name": None}


def record(seed, name, config, truth, guess, weights, masked):
    keras.backend.clear_session()
    draws = Draws(seed)
    metric = getattr(keras.metrics, name)(**config)
    batches, results = [], []
    for i in range(3):
        found = batch(draws, i, truth, guess, weights, masked, "IoU" in name)
        update(metric, found)
        batches.append({key: plain(value) for key, value in found.items()})
        results.append(plain(metric.result()))
    state = [plain(variable) for variable in metric.variables]
    short = [{"shape": v["shape"], "sum": sum(v["values"])} if len(v["values"]) > 20 else v for v in state]
    return {"metric": name, "config": config, "written": written(metric), "batches": batches, "results": results, "state": short}


def main():
    write("metrics.json", [record(*case) for case in seeded(cases())])


if __name__ == "__main__":
    main()
