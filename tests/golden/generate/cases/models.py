"""Whole models: Sequential, Functional and nested ones, as people build them."""

from case import Case, chain


def block(filters, **config):
    """Convolution, batch normalization, activation: what inference folds into one step."""
    conv = dict(filters=filters, kernel_size=3, padding="same", use_bias=False, **config)
    return [("Conv2D", conv), ("BatchNormalization", {}), ("ReLU", {})]


SEQUENTIAL = [
    (
        "mlp",
        (6,),
        [
            ("Dense", dict(units=8, activation="relu")),
            ("Dropout", dict(rate=0.5)),
            ("Dense", dict(units=5, activation="tanh", name="hidden")),
            ("Dense", dict(units=3, activation="softmax", name="probabilities")),
        ],
        {},
    ),
    (
        "cnn",
        (12, 12, 1),
        [
            ("Rescaling", dict(scale=1 / 255)),
            *block(4),
            ("MaxPooling2D", dict(pool_size=2)),
            *block(6),
            ("MaxPooling2D", dict(pool_size=2)),
            ("Flatten", {}),
            ("Dense", dict(units=8, activation="relu")),
            ("Dropout", dict(rate=0.25)),
            ("Dense", dict(units=4, activation="softmax")),
        ],
        dict(spread=120.0),
    ),
    (
        "mobile_cnn",
        (10, 10, 3),
        [
            ("ZeroPadding2D", dict(padding=((0, 1), (0, 1)))),
            ("Conv2D", dict(filters=4, kernel_size=3, strides=2, use_bias=False)),
            ("BatchNormalization", {}),
            ("ReLU", dict(max_value=6.0)),
            ("DepthwiseConv2D", dict(kernel_size=3, padding="same", use_bias=False)),
            ("BatchNormalization", {}),
            ("ReLU", dict(max_value=6.0)),
            ("Conv2D", dict(filters=6, kernel_size=1, use_bias=False)),
            ("BatchNormalization", {}),
            ("GlobalAveragePooling2D", {}),
            ("Dense", dict(units=3)),
            ("Softmax", {}),
        ],
        {},
    ),
    (
        "text_lstm",
        (7,),
        [
            ("Embedding", dict(input_dim=12, output_dim=5, mask_zero=True)),
            ("LSTM", dict(units=6, return_sequences=True)),
            ("LSTM", dict(units=4)),
            ("Dense", dict(units=1, activation="sigmoid")),
        ],
        dict(vocabulary=12, tokens="padded"),
    ),
    (
        "text_bidirectional_gru",
        (6,),
        [
            ("Embedding", dict(input_dim=10, output_dim=4)),
            ("Bidirectional", dict(layer=("GRU", "gru", dict(units=3, return_sequences=True)))),
            ("Bidirectional", dict(layer=("LSTM", "lstm", dict(units=3)), merge_mode="sum")),
            ("Dense", dict(units=4, activation="softmax")),
        ],
        dict(vocabulary=10),
    ),
    (
        "autoencoder",
        (9,),
        [
            ("Dense", dict(units=4, activation="elu", name="code")),
            ("Dense", dict(units=9, activation="sigmoid", name="picture")),
            ("Reshape", dict(target_shape=(3, 3, 1))),
        ],
        {},
    ),
]


def two_inputs_two_outputs(engine):
    image, vector = engine.input((8, 8, 2), name="image"), engine.input((5,), name="vector")
    x = engine.layer("Conv2D", "conv", filters=4, kernel_size=3, activation="relu")(image)
    x = engine.layer("GlobalMaxPooling2D", "pool")(x)
    y = engine.layer("Dense", "branch", units=4, activation="tanh")(vector)
    joined = engine.layer("Concatenate", "join")([x, y])
    score = engine.layer("Dense", "score", units=1)(joined)
    label = engine.layer("Dense", "label", units=3, activation="softmax")(joined)
    return engine.model([image, vector], [label, score])


def shared_layer(engine):
    """A layer called twice, on two inputs: one set of weights, two nodes."""
    left, right = engine.input((4,), name="left"), engine.input((4,), name="right")
    shared = engine.layer("Dense", "shared", units=3, activation="relu")
    joined = engine.layer("Concatenate", "join")([shared(left), shared(right)])
    return engine.model([left, right], engine.layer("Dense", "dense", units=2)(joined))


def shared_chain(engine):
    """A layer called on its own output, and the output of its first call used again."""
    x = engine.input((4,))
    shared = engine.layer("Dense", "shared", units=4, activation="tanh")
    first = shared(x)
    return engine.model(x, engine.layer("Add", "add")([shared(first), first, x]))


def residual(engine):
    x = engine.input((6, 6, 3))
    y = engine.layer("Conv2D", "conv_a", filters=4, kernel_size=3, strides=2, padding="same", use_bias=False)(x)
    y = engine.layer("BatchNormalization", "norm_a")(y)
    y = engine.layer("Activation", "relu_a", activation="relu")(y)
    y = engine.layer("Conv2D", "conv_b", filters=4, kernel_size=3, padding="same", use_bias=False)(y)
    y = engine.layer("BatchNormalization", "norm_b")(y)
    shortcut = engine.layer("Conv2D", "shortcut", filters=4, kernel_size=1, strides=2)(x)
    y = engine.layer("Add", "add")([y, shortcut])
    y = engine.layer("Activation", "relu_b", activation="relu")(y)
    y = engine.layer("AveragePooling2D", "pool", pool_size=3, strides=1)(y)
    return engine.model(x, engine.layer("Dense", "dense", units=2)(engine.layer("Flatten", "flatten")(y)))


def conv_used_twice(engine):
    """A convolution that feeds a normalization and another layer: folding it would be wrong."""
    x = engine.input((5, 5, 2))
    conv = engine.layer("Conv2D", "conv", filters=3, kernel_size=3)(x)
    norm = engine.layer("BatchNormalization", "norm")(conv)
    return engine.model(x, [engine.layer("Add", "add")([norm, conv]), norm])


def input_as_output(engine):
    """An input that is an output too, and a layer between that is another output."""
    x = engine.input((4,))
    hidden = engine.layer("Dense", "hidden", units=3, activation="relu")(x)
    return engine.model(x, [engine.layer("Dense", "dense", units=2)(hidden), hidden, x])


def frozen_layers(engine):
    """Layers that do not learn: their weights have no gradient here."""
    x = engine.input((5,))
    frozen = engine.layer("Dense", "frozen", units=4, activation="tanh", trainable=False)
    norm = engine.layer("BatchNormalization", "norm", trainable=False)
    return engine.model(x, engine.layer("Dense", "dense", units=2)(norm(frozen(x))))


def tokens_and_numbers(engine):
    tokens, numbers = engine.input((6,), name="tokens", dtype="int32"), engine.input((3, 1), name="numbers")
    x = engine.layer("Embedding", "embedding", input_dim=9, output_dim=4, mask_zero=True)(tokens)
    x = engine.layer("Bidirectional", "bidirectional", layer=("LSTM", "lstm", dict(units=3)), merge_mode="ave")(x)
    y = engine.layer("Flatten", "flatten")(numbers)
    joined = engine.layer("Concatenate", "join")([x, y])
    return engine.model([tokens, numbers], engine.layer("Dense", "dense", units=2, activation="softmax")(joined))


def named_inputs_and_outputs(engine):
    """Inputs and outputs given as dictionaries; Keras sorts them by key."""
    width, age = engine.input((2,), name="width"), engine.input((3,), name="age")
    joined = engine.layer("Concatenate", "join")([width, age])
    small = engine.layer("Dense", "small", units=1)(joined)
    large = engine.layer("Dense", "large", units=2)(joined)
    return engine.model({"width": width, "age": age}, {"small": small, "large": large})


def operator_add(engine):
    """`a + b` on tensors: an operation whose class is called Add, yet is not layers.Add."""
    x = engine.input((4,))
    a = engine.layer("Dense", "a", units=3)(x)
    b = engine.layer("Dense", "b", units=3, activation="relu")(x)
    return engine.model(x, engine.layer("Dense", "dense", units=2)(a + b))


def small_mlp(engine, name, size, units):
    layers = [
        engine.input((size,), name=f"{name}_input"),
        engine.layer("Dense", f"{name}_hidden", units=4, activation="relu"),
        engine.layer("Dense", f"{name}_out", units=units),
    ]
    return engine.sequential(layers, name=name)


def small_branches(engine, name, size, units):
    """A functional model with two branches, to be put inside another."""
    x = engine.input((size,), name=f"{name}_input")
    a = engine.layer("Dense", f"{name}_a", units=units, activation="tanh")(x)
    b = engine.layer("Dense", f"{name}_b", units=units)(x)
    return engine.model(x, engine.layer("Add", f"{name}_add")([a, b]), name=name)


def sequential_in_functional(engine):
    x = engine.input((5,))
    inner = small_mlp(engine, "inner", 5, 3)
    return engine.model(x, engine.layer("Dense", "dense", units=2, activation="softmax")(inner(x)), name="outer")


def functional_in_sequential(engine):
    layers = [
        engine.input((5,)),
        engine.layer("Dense", "first", units=4, activation="tanh"),
        small_branches(engine, "inner", 4, 3),
        engine.layer("Dense", "last", units=2),
    ]
    return engine.sequential(layers, name="outer")


def sequential_in_sequential(engine):
    """Models in models, three deep."""
    middle = engine.sequential([engine.input((5,), name="middle_input"), small_mlp(engine, "inner", 5, 3)], name="middle")
    return engine.sequential([engine.input((5,)), middle, engine.layer("Softmax", "softmax")], name="outer")


def model_called_twice(engine):
    left, right = engine.input((5,), name="left"), engine.input((5,), name="right")
    inner = small_branches(engine, "inner", 5, 3)
    joined = engine.layer("Concatenate", "join")([inner(left), inner(right)])
    return engine.model([left, right], engine.layer("Dense", "dense", units=1, activation="sigmoid")(joined), name="outer")


def convolutions_inside(engine):
    """A nested convolution base with batch normalization, as in transfer learning; the base is frozen."""
    base = engine.sequential(
        [
            engine.input((6, 6, 2), name="base_input"),
            engine.layer("Conv2D", "base_conv", filters=3, kernel_size=3, use_bias=False),
            engine.layer("BatchNormalization", "base_norm"),
            engine.layer("ReLU", "base_relu"),
        ],
        name="base",
    )
    base.trainable = False
    x = engine.input((6, 6, 2))
    pooled = engine.layer("GlobalAveragePooling2D", "pool")(base(x))
    return engine.model(x, engine.layer("Dense", "head", units=2)(pooled), name="outer")


def several_tensors(engine):
    """An inner model with two inputs and two outputs."""
    a, b = engine.input((3,), name="inner_a"), engine.input((4,), name="inner_b")
    joined = engine.layer("Concatenate", "inner_join")([a, b])
    outputs = [engine.layer("Dense", f"inner_{i}", units=2 + i, activation="tanh")(joined) for i in range(2)]
    inner = engine.model([a, b], outputs, name="inner")
    x, y = engine.input((3,), name="x"), engine.input((4,), name="y")
    first, second = inner([x, y])
    last = engine.layer("Concatenate", "join")([second, first])
    return engine.model([x, y], engine.layer("Dense", "dense", units=2)(last), name="outer")


FUNCTIONAL = [
    (two_inputs_two_outputs, {}),
    (shared_layer, {}),
    (shared_chain, {}),
    (residual, {}),
    (conv_used_twice, {}),
    (input_as_output, {}),
    (frozen_layers, {}),
    (tokens_and_numbers, dict(vocabulary=9, tokens="padded")),
    (named_inputs_and_outputs, {}),
    (operator_add, {}),
]

NESTED = [
    sequential_in_functional,
    functional_in_sequential,
    sequential_in_sequential,
    model_called_twice,
    convolutions_inside,
    several_tensors,
]


def cases():
    for name, shape, specs, options in SEQUENTIAL:
        dtype = "int32" if "vocabulary" in options else "float32"
        yield chain("Sequential", name, shape, specs, dtype=dtype, **options)
    for build, options in FUNCTIONAL:
        yield Case("Functional", build.__name__, build, **options)
    for build in NESTED:
        yield Case("Nested", build.__name__, build)
