"""Writes training/models.json: ten steps of twelve whole models with every optimizer, and training/fits.json: histories of fit.

`training_models.py models NAME...` writes those models anew and keeps the others; `training_models.py fits` writes the histories alone.
Weights and data are functions of a seed and a place (see `numbers`), which the test computes too, so that the files hold losses alone.
"""

import json
import sys

import numpy as np

from engines import keras, tf
from training import TARGET

L = keras.layers
STEPS, BATCH = 10, 8

OPTIMIZERS = {
    "SGD": {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
    "RMSprop": {"learning_rate": 0.002},
    "Adam": {"learning_rate": 0.01},
    "AdamW": {"learning_rate": 0.01, "weight_decay": 0.02},
    "Adadelta": {"learning_rate": 1.0},
    "Adagrad": {"learning_rate": 0.05},
    "Adamax": {"learning_rate": 0.01},
    "Nadam": {"learning_rate": 0.01},
    "Ftrl": {"learning_rate": 0.05},
    "Lion": {"learning_rate": 0.001},
    "Adafactor": {"learning_rate": 0.01},
    "Lamb": {"learning_rate": 0.01},
}


def numbers(seed, count):
    """Evenly in [-1, 1): the finalizer of MurmurHash3 of seed and place."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed) * np.uint32(0x85EBCA77)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
            x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    return (x >> np.uint32(8)).astype("float64") / 2**23 - 1


def draw(seed, shape, kind):
    """Data of a kind: 'real', or ['class', n], ['onehot', n], ['token', n] (some zeros at the end of each row)."""
    shape = tuple(shape)
    if kind == "real":
        return numbers(seed, int(np.prod(shape))).reshape(shape).astype("float32")
    name, count = kind
    places = np.floor((numbers(seed, int(np.prod(shape))) + 1) / 2 * count).astype("int32").reshape(shape)
    if name == "onehot":
        return np.eye(count, dtype="float32")[places]
    if name == "token":
        for i, row in enumerate(places):
            row[:] = np.maximum(row, 1)
            row[len(row) - i % 3 :] = 0
    return places


def sequential(*layers):
    return lambda shape: keras.Sequential([L.Input(shape), *layers], name="model")


def resnet(shape):
    x = inputs = L.Input(shape, name="x")
    x = L.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(x)
    for i in (1, 2):
        y = L.BatchNormalization(name=f"bn{i}")(x)
        y = L.ReLU(name=f"relu{i}")(y)
        y = L.Conv2D(4, 3, padding="same", use_bias=False, name=f"conv{i}")(y)
        x = L.Add(name=f"add{i}")([x, y])
    x = L.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, L.Dense(3, activation="softmax", name="out")(x), name="model")


def attention(shape):
    inputs = L.Input(shape, name="x")
    y = L.MultiHeadAttention(2, 3, name="heads")(inputs, inputs)
    x = L.LayerNormalization(name="norm")(L.Add(name="add")([inputs, y]))
    x = L.GlobalAveragePooling1D(name="pool")(x)
    return keras.Model(inputs, L.Dense(3, activation="softmax", name="out")(x), name="model")


def two_outputs(shape):
    inputs = L.Input(shape, name="x")
    x = L.Dense(6, activation="tanh", name="trunk")(inputs)
    return keras.Model(inputs, [L.Dense(2, name="a")(x), L.Dense(3, activation="softmax", name="b")(x)], name="model")


def autoencoder(shape):
    return sequential(
        L.Dense(6, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01), activity_regularizer=keras.regularizers.L1(0.001), name="code"),
        L.Dense(4, activation="sigmoid", bias_regularizer=keras.regularizers.L1L2(0.01, 0.02), name="narrow"),
        L.Dense(shape[-1], name="decode"),
    )(shape)


# name: model, input's shape and kind, targets' shapes and kinds by output, loss, metrics, loss weights
MODELS = {
    "cnn": (sequential(L.Conv2D(4, 3, activation="relu", name="c1"), L.MaxPooling2D(name="p"), L.Conv2D(5, 3, activation="relu", name="c2"),
                       L.Flatten(name="f"), L.Dense(4, activation="softmax", name="out")),
            ((10, 10, 2), "real"), [((), ["onehot", 4])], "categorical_crossentropy", ["accuracy"], None),
    "resnet": (resnet, ((8, 8, 3), "real"), [((), ["class", 3])], "sparse_categorical_crossentropy", ["accuracy"], None),
    "lstm": (sequential(L.LSTM(6, return_sequences=True, name="l1"), L.LSTM(4, name="l2"), L.Dense(1, name="out")),
             ((7, 3), "real"), [((1,), "real")], "mean_squared_error", ["mae"], None),
    "gru": (sequential(L.GRU(6, name="g"), L.Dense(3, activation="softmax", name="out")),
            ((7, 3), "real"), [((), ["class", 3])], "sparse_categorical_crossentropy", [], None),
    "bidirectional": (sequential(L.Bidirectional(L.LSTM(4, name="inner"), name="both"), L.Dense(1, activation="sigmoid", name="out")),
                      ((6, 3), "real"), [((1,), ["class", 2])], "binary_crossentropy", ["accuracy"], None),
    "attention": (attention, ((5, 6), "real"), [((), ["onehot", 3])], "categorical_crossentropy", [], None),
    "embedding": (sequential(L.Embedding(12, 5, mask_zero=True, name="e"), L.LSTM(4, return_sequences=True, name="l"), L.Dense(3, activation="softmax", name="out")),
                  ((6,), ["token", 12]), [((6,), ["class", 3])], "sparse_categorical_crossentropy", ["accuracy"], None),
    "autoencoder": (autoencoder, ((9,), "real"), [((9,), "real")], "mean_squared_error", [], None),
    "multi_output": (two_outputs, ((5,), "real"), [((2,), "real"), ((), ["onehot", 3])],
                     {"a": "mean_squared_error", "b": "categorical_crossentropy"}, {"a": ["mae"], "b": ["accuracy"]}, {"a": 0.3, "b": 2.0}),
    "batch_norm": (sequential(L.Dense(7, use_bias=False, kernel_constraint=keras.constraints.MaxNorm(0.9), name="d"), L.BatchNormalization(momentum=0.8, name="bn"),
                              L.Activation("relu", name="r"), L.Dense(2, name="out")),
                   ((5,), "real"), [((2,), "real")], "huber", ["mean_absolute_error"], None),
    "conv_lstm": (sequential(L.ConvLSTM2D(3, 2, name="cl"), L.Flatten(name="f"), L.Dense(1, name="out")),
                  ((3, 5, 5, 2), "real"), [((1,), "real")], "mean_squared_error", [], None),
    "conv1d": (sequential(L.Conv1D(6, 3, activation="relu", name="c1"), L.MaxPooling1D(name="p"), L.Conv1D(5, 2, dilation_rate=2, activation="elu", name="c2"),
                          L.GlobalMaxPooling1D(name="g"), L.Dense(1, activation="sigmoid", name="out")),
               ((16, 2), "real"), [((1,), ["class", 2])], "binary_crossentropy", ["accuracy"], None),
}


def initial(layer, weight, seed):
    """How a weight starts: numbers(seed) * scale + offset."""
    name = weight.name
    if name in ("gamma", "moving_variance"):
        return seed, 0.1, 1.0
    if name in ("beta", "bias", "moving_mean"):
        return seed, 0.1, 0.0
    return seed, round(float(np.sqrt(3 / max(1, np.prod(weight.shape[:-1])))), 3), 0.0


def set_weights(model, starts):
    for layer in model.layers:
        if layer.weights:
            layer.set_weights([(numbers(seed, int(np.prod(w.shape))) * scale + offset).reshape(w.shape) for w, (seed, scale, offset) in zip(layer.weights, starts[layer.name])])


def starts_of(model):
    seed, starts = 1000, {}
    for layer in model.layers:
        if layer.weights:
            starts[layer.name] = [initial(layer, weight, seed := seed + 1) for weight in layer.weights]
    return starts


def batch(x, ys, step, samples=BATCH):
    data = draw(step * 10 + 1, (samples, *x[0]), x[1])
    targets = [draw(step * 10 + 2 + i, (samples, *shape), kind) for i, (shape, kind) in enumerate(ys)]
    return data, targets if len(targets) > 1 else targets[0]


def number(value):
    return float(f"{float(value):.7g}")


def dense(optimizer):
    """The optimizer with gradients of embeddings as whole arrays, as Keras has them on JAX and torch. TensorFlow gives slices, of which Keras squares
    each by itself where a token is there twice."""
    apply = optimizer.apply
    optimizer.apply = lambda grads, variables=None: apply([tf.convert_to_tensor(grad) for grad in grads], variables)
    return optimizer


def train(model, x, ys, starts, optimizer, compile_args):
    set_weights(model, starts)
    model.compile(optimizer=dense(getattr(keras.optimizers, optimizer)(**OPTIMIZERS[optimizer])), jit_compile=False, **compile_args)
    losses = [number(model.train_on_batch(*batch(x, ys, step), return_dict=True)["loss"]) for step in range(STEPS)]
    test = model.test_on_batch(*batch(x, ys, STEPS), return_dict=True)
    return {"losses": losses, "test": {name: number(value) for name, value in sorted(test.items())}}


def models(only):
    path = TARGET / "models.json"
    known = {case["name"]: case for case in json.loads(path.read_text())["models"]} if only else {}
    cases = []
    for name, (make, x, ys, loss, metrics, loss_weights) in MODELS.items():
        if only and name not in only:
            cases.append(known[name])
            continue
        keras.backend.clear_session()
        model = make(x[0])
        compile_args = {"loss": loss, "metrics": metrics, "loss_weights": loss_weights}
        starts = starts_of(model)
        runs = {optimizer: train(model, x, ys, starts, optimizer, compile_args) for optimizer in OPTIMIZERS}
        cases.append({"name": name, "topology": json.loads(model.to_json()), "x": x, "ys": ys, "compile": compile_args, "starts": starts, "runs": runs})
        print(name, runs["SGD"]["losses"][0], runs["SGD"]["losses"][-1], file=sys.stderr)
    write_json("models.json", {"steps": STEPS, "batch": BATCH, "optimizers": OPTIMIZERS, "models": cases})


def write_json(name, value):
    (TARGET / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


# Arguments of fit in Keras's spelling; sample_weight, class_weight and validation are said by what the test makes too.
FITS = [
    {"model": "cnn", "samples": 22, "fit": {"batch_size": 5, "epochs": 3}},
    {"model": "cnn", "samples": 22, "fit": {"batch_size": 5, "epochs": 4, "initial_epoch": 1, "validation_split": 0.3, "validation_freq": 2}},
    {"model": "cnn", "samples": 22, "fit": {"batch_size": 5, "epochs": 3, "class_weight": {"0": 0.5, "1": 2.0, "3": 1.5}}, "sample_weight": (22,)},
    {"model": "cnn", "samples": 22, "weighted_metrics": ["accuracy", "categorical_crossentropy"], "sample_weight": (22,), "validation": 11,
     "fit": {"batch_size": 6, "epochs": 3, "validation_batch_size": 4, "validation_steps": 2, "validation_freq": [1, 3]}, "validation_weight": (11,)},
    {"model": "cnn", "samples": 22, "fit": {"batch_size": 5, "epochs": 4, "steps_per_epoch": 2}},
    {"model": "cnn", "samples": 20, "fit": {"batch_size": 5, "epochs": 3}, "steps_per_execution": 3},
    {"model": "lstm", "samples": 20, "sample_weight": (20,), "fit": {"batch_size": 6, "epochs": 4, "initial_epoch": 1, "validation_split": 0.25, "validation_freq": 1}},
    {"model": "embedding", "samples": 18, "sample_weight": (18, 6), "weighted_metrics": ["accuracy"], "fit": {"batch_size": 4, "epochs": 3, "validation_split": 0.2}},
    # TensorFlow's backend weighs the losses of outputs by batch alone where the last one is smaller: here all have one size
    {"model": "multi_output", "samples": 15, "evaluate_batch": 5, "sample_weight": (15,), "fit": {"batch_size": 4, "epochs": 3, "validation_split": 0.2}},
    {"model": "autoencoder", "samples": 15, "fit": {"batch_size": 4, "epochs": 3, "validation_split": 0.2}},
    {"model": "batch_norm", "samples": 21, "fit": {"batch_size": 8, "epochs": 3, "validation_split": 0.2}},
    {"model": "gru", "samples": 12, "fit": {"batch_size": 4, "epochs": 2, "class_weight": {"0": 3.0}}},
]


def fit(case):
    make, x, ys, loss, metrics, loss_weights = MODELS[case["model"]]
    keras.backend.clear_session()
    model = make(x[0])
    set_weights(model, starts_of(model))
    model.compile(optimizer=dense(keras.optimizers.Adam()), loss=loss, metrics=metrics or None, loss_weights=loss_weights, weighted_metrics=case.get("weighted_metrics"),
                  steps_per_execution=case.get("steps_per_execution", 1), jit_compile=False)
    weight = lambda key, seed: {} if key not in case else {"sample_weight": (numbers(seed, int(np.prod(case[key]))) * 0.5 + 1).reshape(case[key]).astype("float32")}
    args = dict(case["fit"])
    if "class_weight" in args:
        args["class_weight"] = {int(key): value for key, value in args["class_weight"].items()}
    data, targets = batch(x, ys, 50, case["samples"])
    if "class_weight" in args and "sample_weight" in case:
        # Keras takes one of both; the product is what TensorFlow.js documents
        classes = np.argmax(targets, -1)
        args["sample_weight"] = weight("sample_weight", 7)["sample_weight"] * np.array([args["class_weight"].get(int(c), 1.0) for c in classes], "float32")
        del args["class_weight"]
    else:
        args.update(weight("sample_weight", 7))
    if "validation" in case:
        args["validation_data"] = (*batch(x, ys, 51, case["validation"]), *weight("validation_weight", 8).values())
    history = model.fit(data, targets, shuffle=False, verbose=0, **args)
    case["history"] = {name: [number(value) for value in values] for name, values in history.history.items()}
    case["epoch"] = history.epoch
    case["evaluate"] = {name: number(value) for name, value in model.evaluate(data, targets, batch_size=case.get("evaluate_batch", 7), verbose=0, return_dict=True).items()}
    return case


if __name__ == "__main__":
    what, *only = sys.argv[1:] or [None]
    if what != "fits":
        models(only)
    if what != "models":
        write_json("fits.json", [fit(case) for case in FITS])
