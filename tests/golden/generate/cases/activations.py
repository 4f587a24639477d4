"""Activations, and the layers that are one."""

import tensorflow as tf

from case import K2, K3, Case, chain, one_layer

# Names that both Keras know; the others belong to Keras 3 alone.
ACTIVATIONS = "elu selu relu linear sigmoid hard_sigmoid softplus softsign tanh softmax gelu mish swish exponential".split()
KERAS3_ACTIVATIONS = (
    "relu6 log_softmax silu leaky_relu celu glu hard_shrink hard_silu hard_swish hard_tanh log_sigmoid soft_shrink sparse_plus "
    "sparse_sigmoid sparsemax squareplus tanh_shrink"
).split()


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
    yield activation("sparsemax_3d", "sparsemax", shape=(2, 3, 5), spread=1.0, engines=K3)
    yield chain("Activation", "dense_glu", (5,), [("Dense", dict(units=6, activation="glu"))], engines=K3)
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


def activation_layers():
    """Layers as activations of other layers. Keras 3 forgets the weights of such a layer."""
    leaky, capped = ("LeakyReLU", "leaky", dict(negative_slope=0.1)), ("ReLU", "capped", dict(max_value=2.0, negative_slope=0.2))
    learnt, shares = ("PReLU", "learnt", dict(alpha_initializer="ones")), ("Softmax", "shares", dict(axis=1))
    yield chain("Activation", "dense_leaky_relu_layer", (5,), [("Dense", dict(units=4, activation=leaky))])
    yield chain("Activation", "conv2d_relu_layer", (6, 6, 2), [("Conv2D", dict(filters=3, kernel_size=3, activation=capped)), ("Flatten", {})])
    yield chain("Activation", "dense_prelu_layer", (5,), [("Dense", dict(units=4, activation=learnt)), ("Dense", dict(units=2))], engines=K2)
    yield chain("Activation", "conv1d_softmax_layer", (6, 3), [("Conv1D", dict(filters=4, kernel_size=2, activation=shares))])


def masked_softmax(engine):
    """Ids are a mask: those that are not 0 count."""
    scores, ids = engine.input((6,), name="scores"), engine.input((6,), name="ids", dtype="int32")
    scores_of = engine.layer("Dense", "dense", units=6)
    return engine.model([scores, ids], engine.layer("Softmax", "softmax")(scores_of(scores), mask=ids))


def cases():
    yield from activation_cases()
    yield from activation_layers()
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
    yield Case("Softmax", "masked", masked_softmax, engines=K3, vocabulary=5, tokens="empty_row")
    yield from one_layer(
        "PReLU",
        [
            ("flat", (6,), {}),
            ("image", (3, 2, 2), {}),
            ("shared", (3, 2, 2), dict(shared_axes=[1, 2])),
            ("shared_one", (4, 3), dict(shared_axes=[1])),
        ],
        spread=2.0,
    )
    yield from one_layer(
        "ThresholdedReLU", [("default", (8,), {}), ("theta", (3, 4), dict(theta=0.4)), ("zero", (8,), dict(theta=0.0))], engines=K2, spread=2.0
    )
