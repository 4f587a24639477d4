"""Operations on symbolic tensors, which Keras records as layers: operators, functions of keras.ops (Keras 3) and of tf (tf-keras)."""

import keras
import numpy as np
import tensorflow as tf

from case import K2, K3, Case

ops = keras.ops
VECTOR = np.array([0.5, -1.0, 2.0], np.float32)
MATRIX = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)

# Operators, the same in both: name -> f(x [B, 4, 3], y [B, 4, 3]).
OPERATORS = {
    "constants": lambda x, y: (x + 1) * 2.5 - 0.5 + (1 - x) / 2,
    "constants_first": lambda x, y: 1 + 2 * x - y / 4,
    "hard_swish": lambda x, y: x * (x + 3) * (1 / 6),
    "arrays": lambda x, y: x * VECTOR + VECTOR - y,
    "matrix": lambda x, y: x @ MATRIX,
    "of_two": lambda x, y: (x + y) * (x - y) / (y * y + 1),
    "negative_absolute": lambda x, y: -abs(x) + y,
    "powers": lambda x, y: x**2 + abs(y) ** 1.5 + 2 ** (y / 4),
    "modulo": lambda x, y: x % 2 - y // 3,
    "floor_division": lambda x, y: (1e10 * x - y) // 3,
    "item": lambda x, y: x[:, 0] + y[:, -1],
    "items": lambda x, y: x[:, 1:3, ::2] * y[:, -2:, 1:],
    "ellipsis": lambda x, y: x[..., 1] - y[..., -1],
    "new_axis": lambda x, y: x[:, None, 1:] + y[:, :1, None, 0:3],
    "broadcast": lambda x, y: x[:, :, :1] * y[:, 1:2] + x[:, 0, 0][:, None, None],
    "backwards": lambda x, y: x[:, ::-1] + y[:, 3:0:-1, :][:, :1],
    "all_but_last": lambda x, y: x[:, :-1] + y[:, 1:],
}

# Functions: name -> f(x, y), by Keras 3 and by tf-keras.
KERAS3 = {
    "mean_sum": lambda x, y: ops.mean(x, axis=1, keepdims=True) + ops.sum(y, axis=(1, 2), keepdims=True),
    "max_min": lambda x, y: ops.max(x, axis=-1) - ops.min(y, axis=-1),
    "variance": lambda x, y: ops.var(x, axis=1) + ops.std(y, axis=1),
    "product": lambda x, y: ops.prod(x, axis=-1) + ops.mean(y, axis=-1),
    "logsumexp": lambda x, y: ops.logsumexp(x, axis=1) + ops.norm(y, axis=1),
    "reshape": lambda x, y: ops.reshape(x, (-1, 12)) + ops.reshape(ops.transpose(y, (0, 2, 1)), (-1, 12)),
    "transpose": lambda x, y: ops.transpose(x, (0, 2, 1)) + ops.moveaxis(y, 1, 2) + ops.swapaxes(x, -1, -2),
    "concatenate": lambda x, y: ops.concatenate([x, y, x], axis=-1),
    "stack": lambda x, y: ops.squeeze(ops.expand_dims(ops.stack([x, y], axis=1), -1), -1),
    "split": lambda x, y: ops.split(x, 2, axis=1)[1] * ops.split(y, [1, 3], axis=1)[1],
    "clip_where": lambda x, y: ops.where(x > y, ops.clip(x, -0.5, 0.5), 0.25),
    "logic": lambda x, y: ops.cast(ops.logical_and(x > 0, ops.logical_not(y >= 0.5)), "float32") * y,
    "comparisons": lambda x, y: ops.where(ops.logical_or(x < 0, ops.less_equal(y, 0)), x, ops.where(ops.equal(x, y), y, x * y)),
    "relu": lambda x, y: ops.relu(x) + ops.relu6(4 * y) + ops.leaky_relu(x, 0.3) + ops.elu(y, alpha=0.5),
    "sigmoid": lambda x, y: ops.sigmoid(x) * ops.tanh(y) + ops.silu(x) + ops.softplus(y) + ops.hard_sigmoid(x) + ops.gelu(y),
    "softmax": lambda x, y: ops.softmax(x, axis=1) + ops.log_softmax(y),
    "exponentials": lambda x, y: ops.exp(x) + ops.log(ops.abs(y) + 1) + ops.sqrt(ops.square(x) + 1) + ops.rsqrt(ops.abs(y) + 1),
    "trigonometry": lambda x, y: ops.sin(x) * ops.cos(y) + ops.arctan(x) + ops.expm1(y) + ops.log1p(ops.abs(x)) + ops.erf(y),
    "logarithms": lambda x, y: ops.log2(ops.abs(x) + 1) - ops.log10(ops.abs(y) + 1) + ops.reciprocal(ops.abs(x) + 1),
    "maximum": lambda x, y: ops.maximum(x, y) - ops.minimum(x, 0.5) + ops.sign(y),
    "cast": lambda x, y: ops.cast(ops.cast(4 * x, "int32"), "float32") / 3 + ops.floor(2 * y) + ops.ceil(x) + ops.round(y * 3),
    "whole_numbers": lambda x, y: (ops.cast(4 * x, "int32") + 1) * 0.5 + ops.cast(y, "int32") // 2 + y,
    "matmul": lambda x, y: ops.matmul(x, ops.transpose(y, (0, 2, 1))) + ops.dot(x, ops.convert_to_tensor(MATRIX))[..., :1],
    "normalize": lambda x, y: ops.normalize(x, axis=-1) + ops.normalize(y, axis=1),
    "tile": lambda x, y: ops.tile(x, (1, 2, 1)) + ops.repeat(y, 2, axis=1),
    "pad": lambda x, y: ops.pad(x, ((0, 0), (1, 1), (0, 2))) + ops.pad(y, ((0, 0), (1, 1), (1, 1)), mode="reflect"),
    "take": lambda x, y: ops.take(x, [0, 2, 2], axis=1) + ops.flip(y, axis=1)[:, :3],
    "argmax": lambda x, y: ops.one_hot(ops.argmax(x, axis=-1), 3) * y,
    "cumsum": lambda x, y: ops.cumsum(x, axis=1) + ops.zeros_like(y) + ops.ones_like(x),
    "stop_gradient": lambda x, y: ops.stop_gradient(x) * y + ops.any(x > 0, axis=1, keepdims=True) * 1.5,
    "einsum": lambda x, y: ops.einsum("btf,bsf->bts", x, y) + ops.einsum("btf->bt", x)[:, None],
    "roll": lambda x, y: ops.roll(x, 1, axis=1) + ops.roll(y, -5, axis=2) * ops.roll(x, 3, axis=-1),
    "diff": lambda x, y: ops.diff(x, axis=1)[:, :2] + ops.diff(y, n=2, axis=1),
    "take_flat": lambda x, y: ops.take(x, [[0, 5], [1, 1]]) + ops.max(y),
    "take_along_axis": lambda x, y: ops.take_along_axis(x, ops.cast(y > 0, "int32"), axis=1) + ops.take_along_axis(y, ops.cast(x > 0, "int32"), axis=-1),
    "triangles": lambda x, y: ops.tril(x) + ops.triu(y, k=1) + ops.tril(y, k=-1),
    "stacks": lambda x, y: ops.hstack([x, y]) + ops.concatenate([ops.dstack([x, y])[:, :, :3], y], axis=1),
    "cross": lambda x, y: ops.cross(x, y),
    "hyperbolic": lambda x, y: ops.arcsinh(x) + ops.arctanh(ops.tanh(y) * 0.9) + ops.arccosh(ops.abs(x) + 1.5),
    "shrinks": lambda x, y: ops.soft_shrink(x) + ops.hard_shrink(y, 0.3) + ops.tanh_shrink(x) + ops.hard_tanh(2 * y) + ops.threshold(x, 0.2, 0.1),
    "more_activations": lambda x, y: ops.celu(x, 0.7) + ops.squareplus(y, 2.0) + ops.sparse_plus(2 * x) + ops.sparse_sigmoid(y) + ops.log_sigmoid(x),
    "gates": lambda x, y: ops.glu(ops.concatenate([x, y], axis=-1)) + ops.glu(x, axis=1)[:, :1] + ops.hard_silu(3 * y),
    "pairs": lambda x, y: ops.hypot(x, y) + ops.logaddexp(3 * x, y) + ops.divide_no_nan(x, ops.relu(y)) + ops.heaviside(x, y),
    "roots": lambda x, y: ops.cbrt(ops.abs(x) + 0.1) + ops.exp2(y) + ops.sinc(x) + ops.deg2rad(y) + ops.rad2deg(x) / 60,
    "rounded": lambda x, y: ops.trunc(3 * x) + ops.cast(ops.isclose(x, y, rtol=1.0), "float32") + ops.fmod(x, 0.4) + ops.nan_to_num(y),
    "averages": lambda x, y: ops.average(x, axis=1) + ops.average(x, axis=1, weights=ops.abs(y)) + ops.ptp(y, axis=1),
    "counts": lambda x, y: x * ops.cast(ops.count_nonzero(ops.relu(y), axis=1), "float32")[:, None],
    "digitize": lambda x, y: y * ops.cast(ops.digitize(x, np.array([-0.5, 0.0, 0.7], np.float32)), "float32"),
    "resize": lambda x, y: ops.image.resize(x[..., None], (6, 5)) + ops.image.resize(y[..., None], (6, 5), interpolation="nearest"),
    "numbers_alone": lambda x, y: ops.nansum(ops.log(x), axis=1) + ops.nanmean(ops.log(y + 1.2), axis=1) - ops.nanmax(x, axis=1) + ops.nanmin(y, axis=1),
    "norms": lambda x, y: ops.layer_normalization(x, gamma=VECTOR, beta=VECTOR) + ops.rms_normalization(y, scale=VECTOR) + ops.layer_normalization(y, axis=1),
    "flips": lambda x, y: ops.fliplr(x) + ops.flipud(y) * 2,
    "space": lambda x, y: ops.space_to_depth(ops.depth_to_space(ops.reshape(x, (-1, 1, 3, 4)), 2), 2) + ops.mean(ops.image.rgb_to_grayscale(y[:, None]), axis=2, keepdims=True),
    "broadcast_to": lambda x, y: ops.mean(x, axis=(1, 2)) + ops.sum(y),
}

TF_KERAS = {
    "mean_sum": lambda x, y: tf.reduce_mean(x, axis=1, keepdims=True) + tf.reduce_sum(y, [1, 2], keepdims=True),
    "max_min": lambda x, y: tf.reduce_max(x, axis=-1) - tf.reduce_min(y, axis=-1),
    "variance": lambda x, y: tf.math.reduce_variance(x, axis=1) + tf.math.reduce_std(y, axis=1),
    "product": lambda x, y: tf.reduce_prod(x, axis=-1) + tf.reduce_mean(y, -1),
    "logsumexp": lambda x, y: tf.reduce_logsumexp(x, axis=1) + tf.norm(y, axis=1),
    "reshape": lambda x, y: tf.reshape(x, (-1, 12)) + tf.reshape(tf.transpose(y, (0, 2, 1)), (tf.shape(y)[0], 12)),
    "shape_product": lambda x, y: tf.reshape(x, (tf.shape(x)[0] * 4, 3)),
    "concat": lambda x, y: tf.concat([x, y, x], axis=-1),
    "stack": lambda x, y: tf.squeeze(tf.expand_dims(tf.stack([x, y], 1), -1), -1),
    "split": lambda x, y: tf.split(x, 2, axis=1)[1] * tf.split(y, [1, 2, 1], axis=1)[1],
    "unstack": lambda x, y: tf.unstack(x, axis=1)[2] * y[:, 0],
    "clip_where": lambda x, y: tf.where(x > y, tf.clip_by_value(x, -0.5, 0.5), 0.25),
    "logic": lambda x, y: tf.cast(tf.logical_and(x > 0, tf.logical_not(y >= 0.5)), tf.float32) * y,
    "relu": lambda x, y: tf.nn.relu(x) + tf.nn.relu6(y) + tf.nn.leaky_relu(x, 0.3) + tf.nn.elu(y),
    "sigmoid": lambda x, y: tf.sigmoid(x) * tf.tanh(y) + tf.nn.silu(x) + tf.nn.softplus(y) + tf.nn.gelu(x),
    "softmax": lambda x, y: tf.nn.softmax(x, axis=1) + tf.nn.log_softmax(y),
    "exponentials": lambda x, y: tf.exp(x) + tf.math.log(tf.abs(y) + 1) + tf.sqrt(tf.square(x) + 1) + tf.math.rsqrt(tf.abs(y) + 1),
    "maximum": lambda x, y: tf.maximum(x, y) - tf.minimum(x, 0.5) + tf.sign(y),
    "cast": lambda x, y: tf.cast(tf.cast(4 * x, tf.int32), tf.float32) / 3 + tf.floor(2 * y),
    "matmul": lambda x, y: tf.matmul(x, y, transpose_b=True),
    "normalize": lambda x, y: tf.math.l2_normalize(x, axis=-1) + tf.math.squared_difference(x, y),
    "tile": lambda x, y: tf.tile(x, [1, 2, 1]) + tf.repeat(y, 2, axis=1),
    "pad": lambda x, y: tf.pad(x, [[0, 0], [1, 1], [0, 2]]) + tf.pad(y, [[0, 0], [1, 1], [1, 1]], mode="SYMMETRIC"),
    "gather": lambda x, y: tf.gather(x, [0, 2, 2], axis=1) + tf.reverse(y, [1])[:, :3],
    "slice": lambda x, y: tf.slice(x, [0, 1, 0], [-1, 2, -1]) + tf.ones_like(y)[:, :2],
}


def model(function):
    def build(engine):
        x, y = engine.input((4, 3), name="x"), engine.input((4, 3), name="y")
        return engine.model([x, y], function(x, y))

    return build


def masked(engine):
    """What an operation makes of a tensor with a mask."""
    tokens = engine.input((6,), name="tokens", dtype="int32")
    x = engine.layer("Embedding", "embedding", input_dim=8, output_dim=3, mask_zero=True)(tokens)
    return engine.model(tokens, engine.layer("LSTM", "lstm", units=4)(x * 2.0))


def squeeze_excite(engine):
    """Operations between layers, one of them called twice, and a layer called on what an operation gives."""
    x = engine.input((5, 5, 4), name="image")
    conv = engine.layer("Conv2D", "conv", filters=4, kernel_size=3, padding="same")(x)
    pooled = engine.layer("GlobalAveragePooling2D", "pool")(conv)
    gate = engine.layer("Dense", "gate", units=4)(pooled)
    gate = engine.layer("ReLU", "relu6", max_value=6.0)(gate + 3.0) * (1.0 / 6.0)
    scaled = engine.layer("Reshape", "turn", target_shape=(1, 1, 4))(gate) * conv
    return engine.model(x, [engine.layer("Flatten", "flatten")(scaled + x), gate])


def nested(engine):
    """A model with operations inside another."""
    a = engine.input((3,), name="a")
    inner = engine.model(a, (a * 2.0 + 1.0) / (a * a + 1.0), name="inner")
    x = engine.input((3,), name="x")
    return engine.model(x, inner(x) - inner(x * 0.5), name="outer")


def cases():
    for name, function in OPERATORS.items():
        yield Case("Operators", name, model(function))
    for name, function in KERAS3.items():
        yield Case("Operations", name, model(function), K3)
    for name, function in TF_KERAS.items():
        yield Case("TFOpLambda", name, model(function), K2)
    yield Case("Operators", "masked", masked, vocabulary=8, tokens="padded")
    yield Case("Operators", "squeeze_excite", squeeze_excite)
    yield Case("Operators", "nested", nested)
