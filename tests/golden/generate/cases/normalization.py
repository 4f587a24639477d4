"""Layers that normalize."""

from case import K3, chain, one_layer


def cases():
    yield from one_layer(
        "LayerNormalization",
        [
            ("last", (6,), {}),
            ("series", (3, 4), dict(epsilon=1e-5)),
            ("axis_1", (3, 4), dict(axis=1)),
            ("two_axes", (2, 3, 4), dict(axis=[1, 2])),
            ("negative_axes", (2, 3, 4), dict(axis=[-1, -2])),
            ("apart", (2, 3, 4), dict(axis=[1, 3])),
            ("no_center", (3, 4), dict(center=False)),
            ("no_scale", (3, 4), dict(scale=False)),
            ("plain", (5,), dict(scale=False, center=False)),
            ("any_length", (None, 4), {}),
        ],
    )
    yield chain("LayerNormalization", "rms_scaling", (3, 4), [("LayerNormalization", dict(rms_scaling=True))], engines=K3)
    yield from one_layer(
        "GroupNormalization",
        [
            ("two", (4,), dict(groups=2)),
            ("image", (3, 2, 6), dict(groups=3)),
            ("channels", (3, 4), dict(groups=-1)),
            ("one_group", (3, 4), dict(groups=1, epsilon=1e-2)),
            ("channels_first", (4, 3, 2), dict(groups=2, axis=1)),
            ("no_center", (3, 4), dict(groups=2, center=False)),
            ("no_scale", (3, 4), dict(groups=2, scale=False)),
            ("any_length", (None, 4), dict(groups=2)),
        ],
    )
    yield from one_layer(
        "RMSNormalization",
        [("last", (6,), {}), ("two_axes", (2, 3, 4), dict(axis=[-1, -2])), ("same_sizes", (3, 3), dict(axis=1)), ("epsilon", (3, 4), dict(epsilon=0.1))],
        engines=K3,
    )
    yield from one_layer(
        "UnitNormalization", [("last", (6,), {}), ("axis_1", (3, 4), dict(axis=1)), ("two_axes", (2, 3, 4), dict(axis=[1, 2]))]
    )
    yield chain("UnitNormalization", "zeros", (4, 3), [("UnitNormalization", {})], blank=0.0)
    yield from one_layer(
        "Normalization",
        [
            ("weights", (4,), {}),
            ("image", (2, 3, 2), dict(axis=-1)),
            ("two_axes", (2, 3), dict(axis=(1, 2))),
            ("no_axis", (3,), dict(axis=None)),
            ("invert", (4,), dict(invert=True)),
            ("given", (3,), dict(mean=[1.0, -2.0, 0.5], variance=[0.25, 4.0, 1.0])),
            ("given_one", (2, 3), dict(mean=0.5, variance=2.0)),
            ("given_invert", (2, 3), dict(mean=[1.0, -2.0, 0.5], variance=[0.25, 4.0, 0.0], invert=True)),
        ],
    )
    yield from one_layer(
        "SpectralNormalization",
        [
            ("dense", (4,), dict(layer=("Dense", "dense", dict(units=3)))),
            ("iterations", (3, 4), dict(layer=("Dense", "dense", dict(units=2, activation="relu", use_bias=False)), power_iterations=3)),
            ("conv", (4, 4, 2), dict(layer=("Conv2D", "conv", dict(filters=3, kernel_size=2)))),
        ],
        engines=K3,  # tf-keras takes the input specification of whichever Keras tf.keras is
    )
