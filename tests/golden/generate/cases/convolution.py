"""Layers over images: convolutions, normalization, pooling, padding."""

from case import K2, K3, chain, one_layer

POOLS = [
    ("default", (6, 6, 2), dict(pool_size=2)),
    ("same", (5, 7, 2), dict(pool_size=2, padding="same")),
    ("same_3_by_2", (7, 6, 3), dict(pool_size=3, strides=2, padding="same")),
    ("valid_3_by_2", (8, 7, 2), dict(pool_size=3, strides=2)),
    ("overlapping", (5, 5, 1), dict(pool_size=(3, 2), strides=1, padding="same")),
    ("sparse", (9, 8, 2), dict(pool_size=2, strides=3)),
    ("rectangle", (6, 8, 2), dict(pool_size=(2, 3), strides=(1, 2))),
    ("channels_first", (2, 6, 5), dict(pool_size=2, data_format="channels_first"), dict(engines=K3)),
]

GLOBAL_POOLS = [
    ("default", (4, 5, 3), {}),
    ("keepdims", (4, 5, 3), dict(keepdims=True)),
    ("one_pixel", (1, 1, 4), {}),
    ("channels_first", (3, 4, 5), dict(data_format="channels_first")),
    ("any_size", (None, None, 2), {}),
]


def local_cases():
    """LocallyConnected layers, of Keras 2 alone, in the three forms of their kernels."""
    rows = [
        ("valid", dict(filters=3, kernel_size=3)),
        ("strides_relu", dict(filters=2, kernel_size=2, strides=2, activation="relu")),
        ("no_bias", dict(filters=2, kernel_size=3, use_bias=False)),
        ("dense", dict(filters=2, kernel_size=3, implementation=2)),
        ("dense_same", dict(filters=2, kernel_size=4, strides=2, padding="same", implementation=2)),
        ("sparse", dict(filters=2, kernel_size=3, strides=2, implementation=3)),
        ("sparse_same", dict(filters=3, kernel_size=2, padding="same", implementation=3)),
    ]
    first = dict(data_format="channels_first")
    rows += [(f"{name}_channels_first", {**config, **first}) for name, config in rows if name in ("valid", "dense_same", "sparse")]
    for axes, sizes in ((1, (6,)), (2, (5, 6))):
        shaped = [(name, (2, *sizes) if "data_format" in config else (*sizes, 2), config) for name, config in rows]
        yield from one_layer(f"LocallyConnected{axes}D", shaped, engines=K2)


def cases():
    yield from local_cases()
    yield from one_layer(
        "Conv2D",
        [
            ("valid", (6, 7, 3), dict(filters=4, kernel_size=3)),
            ("same", (5, 6, 2), dict(filters=3, kernel_size=3, padding="same")),
            ("relu", (6, 6, 3), dict(filters=5, kernel_size=3, padding="same", activation="relu")),
            ("no_bias", (5, 5, 2), dict(filters=3, kernel_size=3, use_bias=False)),
            ("strides_valid", (8, 7, 2), dict(filters=3, kernel_size=3, strides=2)),
            ("strides_same", (8, 7, 2), dict(filters=3, kernel_size=3, strides=2, padding="same")),
            ("strides_2_by_3", (9, 9, 2), dict(filters=2, kernel_size=(3, 2), strides=(2, 3), padding="same")),
            ("even_kernel_same", (5, 6, 2), dict(filters=3, kernel_size=(2, 4), padding="same")),
            ("even_kernel_strides", (7, 8, 2), dict(filters=3, kernel_size=4, strides=2, padding="same", activation="tanh")),
            ("dilation", (9, 8, 2), dict(filters=3, kernel_size=3, dilation_rate=2)),
            ("dilation_same", (8, 7, 2), dict(filters=3, kernel_size=3, dilation_rate=(2, 3), padding="same")),
            ("groups", (5, 5, 4), dict(filters=6, kernel_size=3, groups=2)),
            ("groups_of_one", (5, 6, 3), dict(filters=6, kernel_size=3, groups=3, padding="same", activation="relu")),
            ("pointwise", (4, 4, 5), dict(filters=3, kernel_size=1, activation="sigmoid")),
            ("pointwise_strides", (5, 5, 4), dict(filters=3, kernel_size=1, strides=2)),
            ("whole_image", (4, 5, 2), dict(filters=3, kernel_size=(4, 5))),
            ("large_stride", (7, 7, 2), dict(filters=2, kernel_size=2, strides=3, padding="same")),
            ("any_size", (None, None, 2), dict(filters=3, kernel_size=3, padding="same")),
            ("channels_first", (2, 6, 7), dict(filters=4, kernel_size=3, data_format="channels_first"), dict(xla=True)),
            ("softmax", (4, 4, 2), dict(filters=4, kernel_size=3, activation="softmax")),
        ],
    )
    yield from one_layer(
        "DepthwiseConv2D",
        [
            ("valid", (6, 5, 3), dict(kernel_size=3)),
            ("same_relu", (5, 6, 4), dict(kernel_size=3, padding="same", activation="relu")),
            ("multiplier_2", (5, 5, 3), dict(kernel_size=3, depth_multiplier=2)),
            ("multiplier_2_same", (5, 6, 2), dict(kernel_size=(3, 2), depth_multiplier=2, padding="same", activation="tanh")),
            ("strides", (8, 7, 2), dict(kernel_size=3, strides=2)),
            ("strides_same", (8, 7, 2), dict(kernel_size=3, strides=2, padding="same")),
            ("dilation", (8, 7, 2), dict(kernel_size=3, dilation_rate=2)),
            ("dilation_same", (7, 8, 2), dict(kernel_size=3, dilation_rate=2, padding="same")),
            ("no_bias", (5, 5, 2), dict(kernel_size=2, padding="same", use_bias=False)),
            ("kernel_5", (6, 6, 3), dict(kernel_size=5, padding="same", activation="relu6"), dict(engines=K3)),
        ],
    )
    yield from one_layer(
        "SeparableConv2D",
        [
            ("valid", (6, 5, 3), dict(filters=4, kernel_size=3)),
            ("same_relu", (5, 6, 2), dict(filters=3, kernel_size=3, padding="same", activation="relu")),
            ("multiplier_2", (5, 5, 3), dict(filters=4, kernel_size=3, depth_multiplier=2)),
            ("strides_same", (8, 7, 2), dict(filters=3, kernel_size=3, strides=2, padding="same")),
            ("dilation", (8, 7, 2), dict(filters=3, kernel_size=3, dilation_rate=2)),
            ("no_bias", (5, 5, 2), dict(filters=3, kernel_size=2, padding="same", use_bias=False)),
        ],
    )
    yield from normalization_cases()
    yield from one_layer("MaxPooling2D", POOLS)
    yield from one_layer("AveragePooling2D", POOLS)
    yield from one_layer("GlobalMaxPooling2D", GLOBAL_POOLS)
    yield from one_layer("GlobalAveragePooling2D", GLOBAL_POOLS)
    yield from one_layer(
        "ZeroPadding2D",
        [
            ("one", (3, 4, 2), {}),
            ("symmetric", (3, 3, 2), dict(padding=(2, 1))),
            ("asymmetric", (3, 4, 2), dict(padding=((1, 0), (2, 3)))),
            ("channels_first", (2, 3, 4), dict(padding=((0, 1), (1, 2)), data_format="channels_first")),
        ],
    )
    yield chain(
        "ZeroPadding2D",
        "before_conv",
        (6, 6, 2),
        [("ZeroPadding2D", dict(padding=((0, 1), (0, 1)))), ("Conv2D", dict(filters=3, kernel_size=3, strides=2))],
    )


def normalization_cases():
    yield from one_layer(
        "BatchNormalization",
        [
            ("image", (4, 5, 3), {}),
            ("flat", (6,), {}),
            ("series", (4, 3), dict(epsilon=1e-5, momentum=0.9)),
            ("no_scale", (3, 3, 4), dict(scale=False)),
            ("no_center", (5,), dict(center=False)),
            ("bare", (3, 4, 2), dict(scale=False, center=False)),
            ("axis_1", (3, 4, 5), dict(axis=1)),
            ("axis_2", (3, 4, 5), dict(axis=2)),
        ],
    )
    norm, relu = ("BatchNormalization", {}), ("Activation", dict(activation="relu"))
    conv = dict(filters=4, kernel_size=3, padding="same")
    for name, shape, specs in [
        ("after_conv", (5, 5, 3), [("Conv2D", conv), norm, relu]),
        ("after_conv_no_bias", (5, 5, 3), [("Conv2D", {**conv, "use_bias": False}), norm, ("ReLU", {})]),
        ("after_conv_relu", (5, 5, 3), [("Conv2D", {**conv, "activation": "relu"}), norm]),
        ("after_conv_groups", (5, 5, 4), [("Conv2D", {**conv, "groups": 2}), norm]),
        (
            "after_depthwise",
            (5, 5, 3),
            [("DepthwiseConv2D", dict(kernel_size=3, depth_multiplier=2)), norm, ("ReLU", dict(max_value=6.0))],
        ),
        ("after_separable", (5, 5, 3), [("SeparableConv2D", conv), norm]),
        ("after_dense", (6,), [("Dense", dict(units=4)), norm, relu]),
        ("after_dense_no_bias", (6,), [("Dense", dict(units=4, use_bias=False)), ("BatchNormalization", dict(scale=False))]),
        ("before_conv", (5, 5, 3), [norm, ("Conv2D", conv)]),
        ("before_conv_valid", (5, 5, 3), [norm, ("Conv2D", {**conv, "padding": "valid"})]),
        ("before_dense", (6,), [norm, ("Dense", dict(units=4))]),
        ("twice", (5, 5, 2), [("Conv2D", conv), norm, norm, relu]),
    ]:
        yield chain("BatchNormalization", name, shape, specs)
