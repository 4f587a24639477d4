"""Layers over lines and volumes, and transposed convolutions: what convolution.py has of images."""

from case import K2, K3, chain, one_layer

CHANNELS_FIRST = dict(data_format="channels_first")
XLA = dict(xla=True)  # TensorFlow's own CPU kernels are channels-last, and have few dilations and groups

LINE_POOLS = [
    ("default", (6, 2), dict(pool_size=2)),
    ("same", (7, 3), dict(pool_size=2, padding="same")),
    ("same_3_by_2", (8, 2), dict(pool_size=3, strides=2, padding="same")),
    ("valid_3_by_2", (8, 2), dict(pool_size=3, strides=2)),
    ("sparse", (9, 2), dict(pool_size=2, strides=3)),
    ("any_length", (None, 2), dict(pool_size=2)),
    ("channels_first", (2, 6), dict(pool_size=2, data_format="channels_first"), dict(engines=K3)),
]

VOLUME_POOLS = [
    ("default", (4, 4, 5, 2), dict(pool_size=2)),
    ("same", (3, 5, 4, 2), dict(pool_size=2, padding="same")),
    ("box", (5, 4, 6, 1), dict(pool_size=(2, 1, 3), strides=(1, 2, 2))),
    ("same_3_by_2", (3, 4, 5, 2), dict(pool_size=3, strides=2, padding="same")),
    ("any_size", (None, None, None, 1), dict(pool_size=2)),
    ("channels_first", (2, 4, 3, 4), dict(pool_size=2, data_format="channels_first"), dict(engines=K3)),
]

GLOBAL_LINE_POOLS = [
    ("default", (5, 3), {}),
    ("keepdims", (4, 3), dict(keepdims=True)),
    ("one_step", (1, 4), {}),
    ("channels_first", (3, 4), CHANNELS_FIRST),
    ("any_length", (None, 2), {}),
]

GLOBAL_VOLUME_POOLS = [
    ("default", (2, 3, 4, 2), {}),
    ("keepdims", (2, 3, 2, 3), dict(keepdims=True)),
    ("channels_first", (3, 2, 3, 2), CHANNELS_FIRST),
    ("any_size", (None, None, None, 2), {}),
]


def adaptive_cases():
    """Pools to a given size, of Keras 3.15."""
    for axes, sizes in ((1, (7,)), (2, (7, 5)), (3, (5, 4, 3))):
        names = [
            ("smaller", 3, {}),
            ("one", 1, {}),
            ("larger", 9, {}),
            ("each", tuple(range(2, 2 + axes)), {}),
            ("channels_first", 2, CHANNELS_FIRST),
        ]
        rows = [(name, (2, *sizes) if options else (*sizes, 2), dict(output_size=size, **options)) for name, size, options in names]
        for kind in ("Average", "Max"):
            if kind == "Max":
                rows = [row for row in rows if row[0] != "one"]  # TensorFlow's gradient of it is what lay in memory
            yield from one_layer(f"Adaptive{kind}Pooling{axes}D", rows, engines=K3)


def cases():
    yield from adaptive_cases()
    yield from line_convolutions()
    yield from volume_convolutions()
    yield from transposed_convolutions()
    for kind in ("Max", "Average"):
        yield from one_layer(f"{kind}Pooling1D", LINE_POOLS)
        yield from one_layer(f"{kind}Pooling3D", VOLUME_POOLS)
        yield from one_layer(f"Global{kind}Pooling1D", GLOBAL_LINE_POOLS)
        yield from one_layer(f"Global{kind}Pooling3D", GLOBAL_VOLUME_POOLS)
    embedding = ("Embedding", dict(input_dim=8, output_dim=3, mask_zero=True))
    for name, config in [("masked", {}), ("masked_keepdims", dict(keepdims=True))]:
        specs = [embedding, ("GlobalAveragePooling1D", config)]
        yield chain("GlobalAveragePooling1D", name, (6,), specs, dtype="int32", vocabulary=8, tokens="padded")
    for class_name, shape in [("SpatialDropout1D", (4, 3)), ("SpatialDropout2D", (3, 2, 3)), ("SpatialDropout3D", (2, 2, 3, 2))]:
        rows = [("half", shape, dict(rate=0.5)), ("seeded", shape, dict(rate=0.25, seed=7)), ("none", shape, dict(rate=0.0))]
        if class_name != "SpatialDropout1D":
            rows += [("channels_first", shape, dict(rate=0.5, **CHANNELS_FIRST))]
        yield from one_layer(class_name, rows)
    yield from borders()
    yield from upsampling()


def line_convolutions():
    yield from one_layer(
        "Conv1D",
        [
            ("valid", (7, 3), dict(filters=4, kernel_size=3)),
            ("same_relu", (6, 2), dict(filters=3, kernel_size=4, padding="same", activation="relu")),
            ("causal", (7, 2), dict(filters=3, kernel_size=3, padding="causal")),
            ("causal_dilation", (9, 2), dict(filters=3, kernel_size=3, dilation_rate=2, padding="causal")),
            ("causal_strides", (8, 2), dict(filters=2, kernel_size=3, strides=2, padding="causal")),
            ("strides", (9, 2), dict(filters=3, kernel_size=2, strides=3)),
            ("strides_same", (8, 2), dict(filters=3, kernel_size=3, strides=2, padding="same")),
            ("dilation", (9, 2), dict(filters=3, kernel_size=3, dilation_rate=2)),
            ("dilation_same", (8, 2), dict(filters=3, kernel_size=2, dilation_rate=3, padding="same")),
            ("groups", (6, 4), dict(filters=6, kernel_size=3, groups=2)),
            ("no_bias", (5, 2), dict(filters=3, kernel_size=3, use_bias=False, activation="tanh")),
            ("pointwise", (4, 3), dict(filters=2, kernel_size=1)),
            ("softmax", (5, 3), dict(filters=4, kernel_size=2, activation="softmax")),
            ("any_length", (None, 2), dict(filters=3, kernel_size=3, padding="same")),
            ("channels_first", (2, 7), dict(filters=4, kernel_size=3, **CHANNELS_FIRST), XLA),
            ("channels_first_softmax", (2, 6), dict(filters=3, kernel_size=2, activation="softmax", **CHANNELS_FIRST), XLA),
        ],
    )
    norm = ("BatchNormalization", {})
    yield chain("Conv1D", "batch_norm", (6, 3), [("Conv1D", dict(filters=4, kernel_size=3)), norm, ("Activation", dict(activation="relu"))])
    yield from one_layer(
        "DepthwiseConv1D",
        [
            ("valid", (7, 3), dict(kernel_size=3)),
            ("same_relu", (6, 4), dict(kernel_size=3, padding="same", activation="relu")),
            ("multiplier_2", (6, 3), dict(kernel_size=2, depth_multiplier=2, padding="same", activation="tanh")),
            ("strides", (8, 2), dict(kernel_size=3, strides=2)),
            ("strides_same", (9, 2), dict(kernel_size=4, strides=2, padding="same")),
            ("dilation", (9, 2), dict(kernel_size=3, dilation_rate=2)),
            ("no_bias", (5, 2), dict(kernel_size=2, use_bias=False)),
        ],
    )
    yield from one_layer(
        "SeparableConv1D",
        [
            ("valid", (7, 3), dict(filters=4, kernel_size=3)),
            ("same_relu", (6, 2), dict(filters=3, kernel_size=3, padding="same", activation="relu")),
            ("causal", (7, 2), dict(filters=3, kernel_size=3, padding="causal"), dict(engines=K2)),
            ("multiplier_2", (6, 3), dict(filters=4, kernel_size=3, depth_multiplier=2)),
            ("strides_same", (8, 2), dict(filters=3, kernel_size=3, strides=2, padding="same")),
            ("dilation", (9, 2), dict(filters=3, kernel_size=3, dilation_rate=2)),
            ("no_bias", (5, 2), dict(filters=3, kernel_size=2, padding="same", use_bias=False)),
        ],
    )


def volume_convolutions():
    yield from one_layer(
        "Conv3D",
        [
            ("valid", (4, 5, 4, 2), dict(filters=3, kernel_size=3)),
            ("same_relu", (3, 4, 3, 2), dict(filters=3, kernel_size=3, padding="same", activation="relu")),
            ("box", (3, 4, 5, 2), dict(filters=2, kernel_size=(1, 2, 3))),
            ("strides_same", (4, 5, 3, 2), dict(filters=2, kernel_size=2, strides=2, padding="same")),
            ("strides_1_2_3", (3, 5, 7, 1), dict(filters=2, kernel_size=2, strides=(1, 2, 3))),
            ("dilation", (5, 4, 5, 2), dict(filters=2, kernel_size=2, dilation_rate=(2, 1, 3)), XLA),
            ("groups", (3, 3, 3, 4), dict(filters=6, kernel_size=2, groups=2), XLA),
            ("no_bias", (3, 3, 4, 2), dict(filters=2, kernel_size=2, use_bias=False, activation="sigmoid")),
            ("pointwise", (2, 3, 2, 3), dict(filters=2, kernel_size=1)),
            ("any_size", (None, None, None, 1), dict(filters=2, kernel_size=2, padding="same")),
            ("channels_first", (2, 3, 4, 3), dict(filters=3, kernel_size=2, **CHANNELS_FIRST), XLA),
        ],
    )
    norm = ("BatchNormalization", {})
    padding = ("ZeroPadding3D", dict(padding=1))
    conv = ("Conv3D", dict(filters=3, kernel_size=2))
    yield chain("Conv3D", "padding_batch_norm", (2, 3, 2, 2), [padding, conv, norm, ("Activation", dict(activation="relu"))])


def transposed_convolutions():
    rows = [
        ("valid", dict(filters=3, kernel_size=3)),
        ("same_relu", dict(filters=3, kernel_size=3, padding="same", activation="relu")),
        ("strides", dict(filters=2, kernel_size=3, strides=2)),
        ("strides_same", dict(filters=2, kernel_size=3, strides=2, padding="same")),
        ("even_kernel_same", dict(filters=2, kernel_size=4, strides=2, padding="same", activation="tanh")),
        ("large_strides", dict(filters=2, kernel_size=2, strides=3)),
        ("large_strides_same", dict(filters=2, kernel_size=2, strides=3, padding="same")),
        ("output_padding", dict(filters=2, kernel_size=3, strides=2, output_padding=1)),
        ("output_padding_same", dict(filters=2, kernel_size=3, strides=3, padding="same", output_padding=1)),
        ("output_padding_none", dict(filters=2, kernel_size=3, strides=2, padding="same", output_padding=0)),
        ("output_padding_even", dict(filters=2, kernel_size=4, strides=3, padding="same", output_padding=2)),
        ("no_bias", dict(filters=3, kernel_size=2, use_bias=False)),
    ]
    for class_name, shape in [("Conv1DTranspose", (4, 2)), ("Conv2DTranspose", (3, 4, 2)), ("Conv3DTranspose", (2, 3, 2, 2))]:
        yield from one_layer(class_name, [(name, shape, config) for name, config in rows])
    config = dict(filters=3, kernel_size=3, strides=2, padding="same")
    for class_name, shape, any_shape in [
        ("Conv1DTranspose", (2, 4), (None, 2)),
        ("Conv2DTranspose", (2, 3, 4), (None, None, 2)),
        ("Conv3DTranspose", (2, 3, 2, 2), (None, None, None, 2)),
    ]:
        yield from one_layer(
            class_name, [("channels_first", shape, {**config, **CHANNELS_FIRST}, XLA), ("any_size", any_shape, config)]
        )
    yield from one_layer(
        "Conv2DTranspose",
        [
            ("box", (3, 4, 2), dict(filters=3, kernel_size=(3, 2), strides=(1, 2), padding="same")),
            ("output_padding_box", (3, 3, 2), dict(filters=2, kernel_size=3, strides=(2, 3), output_padding=(0, 2))),
            ("dilation", (4, 5, 2), dict(filters=2, kernel_size=2, dilation_rate=2), dict(engines=K3, xla=True)),
            ("softmax", (3, 3, 2), dict(filters=4, kernel_size=2, activation="softmax")),
        ],
    )


def borders():
    yield from one_layer(
        "ZeroPadding1D",
        [("one", (4, 2), {}), ("symmetric", (3, 2), dict(padding=2)), ("asymmetric", (3, 2), dict(padding=(0, 3)))],
    )
    yield chain("ZeroPadding1D", "before_conv", (6, 2), [("ZeroPadding1D", dict(padding=(2, 0))), ("Conv1D", dict(filters=3, kernel_size=3))])
    yield from one_layer(
        "ZeroPadding3D",
        [
            ("one", (2, 3, 2, 2), {}),
            ("symmetric", (2, 2, 3, 1), dict(padding=(0, 1, 2))),
            ("asymmetric", (2, 3, 2, 1), dict(padding=((1, 0), (0, 2), (0, 0)))),
            ("channels_first", (2, 2, 3, 2), dict(padding=((0, 1), (1, 0), (2, 0)), **CHANNELS_FIRST)),
        ],
    )
    yield from one_layer(
        "Cropping1D",
        [
            ("one", (5, 2), {}),
            ("symmetric", (6, 2), dict(cropping=2)),
            ("asymmetric", (6, 3), dict(cropping=(0, 3))),
            ("any_length", (None, 2), dict(cropping=(2, 1))),
        ],
    )
    yield from one_layer(
        "Cropping2D",
        [
            ("none", (3, 4, 2), {}),
            ("symmetric", (5, 6, 2), dict(cropping=(1, 2))),
            ("asymmetric", (5, 4, 3), dict(cropping=((0, 2), (1, 0)))),
            ("channels_first", (2, 5, 4), dict(cropping=((0, 2), (1, 0)), **CHANNELS_FIRST)),
            ("any_size", (None, None, 2), dict(cropping=((1, 0), (2, 1)))),
        ],
    )
    yield from one_layer(
        "Cropping3D",
        [
            ("one", (3, 4, 5, 2), {}),
            ("symmetric", (3, 4, 6, 1), dict(cropping=(0, 1, 2))),
            ("asymmetric", (3, 4, 3, 2), dict(cropping=((1, 0), (0, 2), (1, 1)))),
            ("channels_first", (2, 3, 4, 3), dict(cropping=((1, 0), (0, 2), (1, 1)), **CHANNELS_FIRST)),
        ],
    )


def upsampling():
    yield from one_layer("UpSampling1D", [("two", (3, 2), {}), ("three", (4, 2), dict(size=3)), ("any_length", (None, 2), dict(size=2))])
    yield from one_layer(
        "UpSampling2D",
        [
            ("two", (3, 4, 2), {}),
            ("box", (2, 3, 3), dict(size=(3, 1))),
            ("bilinear", (3, 4, 2), dict(size=2, interpolation="bilinear")),
            ("bilinear_box", (4, 3, 2), dict(size=(3, 2), interpolation="bilinear")),
            ("bicubic", (3, 4, 2), dict(size=(2, 3), interpolation="bicubic")),
            ("lanczos3", (4, 3, 1), dict(size=2, interpolation="lanczos3")),
            ("lanczos5", (4, 5, 1), dict(size=2, interpolation="lanczos5")),
            *[(name, (3, 4, 2), dict(size=2, interpolation=name), dict(engines=K2)) for name in ("gaussian", "mitchellcubic")],
            ("any_size", (None, None, 2), {}),
            ("any_size_bilinear", (None, None, 1), dict(interpolation="bilinear")),
            ("channels_first", (2, 3, 4), CHANNELS_FIRST),
            ("channels_first_bilinear", (2, 3, 4), dict(interpolation="bilinear", **CHANNELS_FIRST)),
        ],
    )
    yield from one_layer(
        "UpSampling3D",
        [
            ("two", (2, 3, 2, 2), {}),
            ("box", (2, 1, 3, 1), dict(size=(1, 3, 2))),
            ("channels_first", (2, 2, 1, 3), dict(size=(2, 3, 1), **CHANNELS_FIRST)),
            ("any_size", (None, None, None, 1), {}),
        ],
    )
