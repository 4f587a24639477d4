"""Layers without space or time: dense, activations, shapes, merging, embedding."""

import tensorflow as tf

from case import K3, chain, merge_layer, one_layer

# Names that both Keras know; the others belong to Keras 3 alone.
ACTIVATIONS = "elu selu relu linear sigmoid hard_sigmoid softplus softsign tanh softmax gelu mish swish".split()
KERAS3_ACTIVATIONS = "relu6 log_softmax silu".split()


def activation(case_name, function, shape=(3, 8), spread=3.0, **options):
    return chain("Activation", case_name, shape, [("Activation", {"activation": function})], spread=spread, **options)


def gelu_new(x):
    """Keras has tanh's approximation of gelu as an argument, not as a name; TensorFlow.js calls it gelu_new."""
    return tf.nn.gelu(x, approximate=True)


def name_gelu_new(topology):
    topology["model_config"]["config"]["layers"][-1]["config"]["activation"] = "gelu_new"


def activation_cases():
    for name in ACTIVATIONS:
        yield activation(name, name)
    for name in KERAS3_ACTIVATIONS:
        yield activation(name, name, engines=K3)
    yield activation("softmax_4d", "softmax", shape=(2, 3, 5))
    yield activation("softmax_large", "softmax", shape=(6,), spread=60.0)
    yield activation("sigmoid_large", "sigmoid", shape=(12,), spread=60.0)
    yield activation("softplus_large", "softplus", shape=(12,), spread=60.0)
    yield activation(
        "gelu_new",
        gelu_new,
        edit=name_gelu_new,
        note="the activation's name is TensorFlow.js's; the numbers are those of gelu(approximate=True)",
    )


def cases():
    yield from one_layer(
        "Dense",
        [
            ("linear", (5,), dict(units=4)),
            ("relu", (7,), dict(units=3, activation="relu")),
            ("softmax", (6,), dict(units=10, activation="softmax")),
            ("no_bias", (8,), dict(units=5, use_bias=False, activation="tanh")),
            ("hard_sigmoid", (4,), dict(units=6, activation="hard_sigmoid"), dict(spread=3.0)),
            ("input_3d", (3, 5), dict(units=4, activation="sigmoid")),
            ("input_4d_softmax", (2, 3, 5), dict(units=4, activation="softmax")),
            ("one_unit", (1,), dict(units=1)),
            ("wide", (65,), dict(units=33, activation="elu")),
        ],
    )
    yield from activation_cases()
    yield from one_layer("Flatten", [("image", (3, 4, 2), {}), ("series", (5, 3), {}), ("flat", (6,), {})])
    yield chain("Flatten", "scalar", (), [("Flatten", {})])
    yield from one_layer("Flatten", [("channels_first", (2, 3, 4), dict(data_format="channels_first"))])
    yield from one_layer(
        "Reshape",
        [
            ("split", (12,), dict(target_shape=(3, 4))),
            ("infer_last", (3, 4), dict(target_shape=(2, -1))),
            ("infer_first", (4, 6), dict(target_shape=(-1, 2, 3))),
            ("flatten", (2, 3, 2), dict(target_shape=(-1,))),
        ],
    )
    yield from one_layer(
        "Dropout",
        [
            ("half", (9,), dict(rate=0.5)),
            ("seeded_3d", (4, 3), dict(rate=0.25, seed=7)),
            ("noise_shape", (4, 3), dict(rate=0.3, noise_shape=(None, 1, 3))),
        ],
    )
    yield from one_layer(
        "ReLU",
        [
            ("plain", (10,), {}),
            ("max_value", (4, 5), dict(max_value=6.0)),
            ("negative_slope", (10,), dict(negative_slope=0.2)),
            ("threshold", (10,), dict(threshold=1.0)),
            ("all", (4, 6), dict(max_value=4.0, negative_slope=0.3, threshold=0.5)),
        ],
        spread=4.0,
    )
    yield from one_layer(
        "LeakyReLU",
        [("default", (10,), {}), ("slope", (3, 4, 2), dict(negative_slope=0.1)), ("zero_slope", (8,), dict(negative_slope=0.0))],
        spread=2.0,
    )
    yield from one_layer("ELU", [("default", (10,), {}), ("alpha", (3, 4, 2), dict(alpha=0.5)), ("large_alpha", (8,), dict(alpha=2.0))], spread=2.0)
    yield from one_layer(
        "Softmax",
        [
            ("default", (7,), {}),
            ("axis_1", (4, 5), dict(axis=1)),
            ("axis_minus_2", (3, 4, 2), dict(axis=-2)),
            ("two_axes", (3, 4), dict(axis=(1, 2))),
        ],
        spread=3.0,
    )
    yield from one_layer(
        "Rescaling",
        [
            ("scale", (4, 4, 1), dict(scale=1 / 255)),
            ("offset", (4, 4, 3), dict(scale=1 / 127.5, offset=-1.0)),
            ("flat", (6,), dict(scale=-2.5, offset=0.75)),
        ],
        spread=100.0,
    )
    yield chain("Rescaling", "per_channel", (3, 2, 3), [("Rescaling", dict(scale=[0.5, 2.0, -1.0], offset=[0.1, -0.2, 0.3]))])
    yield from merge_layer(
        "Add",
        [
            ("two", [(5,), (5,)], {}),
            ("three", [(3, 4, 2), (3, 4, 2), (3, 4, 2)], {}),
            ("broadcast_axis", [(3, 4), (1, 4)], {}),
            ("broadcast_rank", [(4, 3), (3,)], {}),
        ],
    )
    for class_name in ("Multiply", "Average", "Maximum", "Minimum"):
        yield from merge_layer(
            class_name,
            [
                ("two", [(5,), (5,)], {}),
                ("three", [(3, 2), (3, 2), (3, 2)], {}),
                ("broadcast_axis", [(3, 4), (1, 4)], {}),
                ("broadcast_rank", [(4, 3), (3,)], {}),
            ],
        )
    yield from merge_layer(
        "Subtract", [("two", [(5,), (5,)], {}), ("broadcast_axis", [(1, 4), (3, 4)], {}), ("broadcast_rank", [(3,), (2, 4, 3)], {})]
    )
    yield from merge_layer(
        "Concatenate",
        [
            ("last", [(3,), (5,)], {}),
            ("axis_1", [(2, 4), (3, 4)], dict(axis=1)),
            ("channels", [(3, 3, 2), (3, 3, 1), (3, 3, 4)], dict(axis=3)),
            ("axis_minus_2", [(2, 3, 2), (2, 1, 2)], dict(axis=-2)),
        ],
    )
    yield from embedding_cases()


def embedding_cases():
    table = dict(input_dim=9, output_dim=4)
    lstm = ("LSTM", dict(units=3))
    ids = dict(vocabulary=9, dtype="int32")
    yield chain("Embedding", "ids", (5,), [("Embedding", table)], **ids)
    yield chain("Embedding", "float_ids", (5,), [("Embedding", table)], vocabulary=9)
    yield chain("Embedding", "masked_alone", (6,), [("Embedding", {**table, "mask_zero": True})], tokens="padded", **ids)
    yield chain("Embedding", "dense", (4,), [("Embedding", table), ("Flatten", {}), ("Dense", dict(units=2))], **ids)
    yield chain("Embedding", "lstm", (6,), [("Embedding", table), lstm], tokens="padded", **ids)
    yield chain("Embedding", "masked_lstm", (6,), [("Embedding", {**table, "mask_zero": True}), lstm], tokens="padded", **ids)
    yield chain(
        "Embedding", "masked_empty_row", (6,), [("Embedding", {**table, "mask_zero": True}), lstm], tokens="empty_row", **ids
    )
    yield chain("Embedding", "any_length", (None,), [("Embedding", table), lstm], **ids)
