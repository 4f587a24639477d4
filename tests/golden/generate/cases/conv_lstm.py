"""ConvLSTM1D, 2D, 3D: options, states, masks."""

from functools import partial

from case import K3, Case, chain, one_layer, snake_case

CHANNELS_FIRST = dict(data_format="channels_first")
UNROLLED = dict(xla=True, engines=K3)  # XLA compiles no loops over lists of tensors; Keras 2 unrolls no ConvLSTM
ROWS = [
    ("last", dict(filters=3, kernel_size=2)),
    ("sequences_same", dict(filters=2, kernel_size=3, padding="same", return_sequences=True)),
    ("go_backwards", dict(filters=2, kernel_size=2, go_backwards=True, return_sequences=True)),
]


def cases():
    for class_name, shape in [("ConvLSTM1D", (4, 5, 2)), ("ConvLSTM2D", (3, 4, 5, 2)), ("ConvLSTM3D", (2, 3, 2, 3, 2))]:
        yield from one_layer(class_name, [(name, shape, config) for name, config in ROWS])
        yield from state_cases(class_name, shape)
    yield from one_layer(
        "ConvLSTM1D",
        [
            ("strides", (3, 7, 2), dict(filters=2, kernel_size=3, strides=2)),
            ("channels_first", (3, 2, 5), dict(filters=3, kernel_size=2, return_sequences=True, unroll=True, **CHANNELS_FIRST), UNROLLED),
        ],
    )
    yield from one_layer(
        "ConvLSTM2D",
        [
            ("strides_same", (3, 5, 4, 2), dict(filters=2, kernel_size=3, strides=2, padding="same", return_sequences=True)),
            ("dilation", (2, 5, 6, 1), dict(filters=2, kernel_size=2, dilation_rate=2)),
            ("no_bias", (3, 3, 4, 2), dict(filters=2, kernel_size=2, use_bias=False)),
            ("activations", (3, 3, 4, 2), dict(filters=2, kernel_size=2, activation="relu", recurrent_activation="hard_sigmoid")),
            ("dropout", (3, 3, 3, 1), dict(filters=2, kernel_size=2, dropout=0.3, recurrent_dropout=0.2)),
            ("one_step", (1, 3, 3, 2), dict(filters=2, kernel_size=2)),
            ("channels_first", (3, 2, 4, 3), dict(filters=3, kernel_size=2, padding="same", unroll=True, **CHANNELS_FIRST), UNROLLED),
        ],
    )
    inner = ("ConvLSTM2D", "conv_lstm2d", dict(filters=2, kernel_size=2, padding="same", return_sequences=True))
    yield chain("ConvLSTM2D", "bidirectional", (3, 3, 4, 1), [("Bidirectional", dict(layer=inner))])
    stacked = [("ConvLSTM2D", dict(filters=2, kernel_size=3, padding="same", return_sequences=True)), ("BatchNormalization", {})]
    yield chain("ConvLSTM2D", "stacked", (3, 4, 4, 1), [*stacked, ("ConvLSTM2D", dict(filters=2, kernel_size=2))])
    for name, config in [("masked", {}), ("masked_sequences", dict(return_sequences=True)), ("masked_backwards", dict(go_backwards=True))]:
        specs = [
            ("Embedding", dict(input_dim=8, output_dim=4, mask_zero=True)),
            ("TimeDistributed", dict(layer=("Reshape", "reshape", dict(target_shape=(4, 1))))),
            ("ConvLSTM1D", dict(filters=2, kernel_size=2, **config)),
        ]
        yield chain("ConvLSTM1D", name, (6,), specs, dtype="int32", vocabulary=8, tokens="padded", engines=K3)


def state_cases(class_name, shape):
    """States that leave the layer, and that come in as inputs."""
    state = (*shape[1:-1], 2)
    config = dict(filters=2, kernel_size=2, padding="same")

    def returned(engine, **more):
        sequence = engine.input(shape, name="sequence")
        layer = engine.layer(class_name, snake_case(class_name), return_state=True, **config, **more)
        return engine.model(sequence, list(layer(sequence)))

    def passed(engine):
        sequence = engine.input(shape, name="sequence")
        initial = [engine.input(state, name=name) for name in ("hidden", "cell")]
        layer = engine.layer(class_name, snake_case(class_name), **config)
        return engine.model([sequence, *initial], layer(sequence, initial_state=initial))

    yield Case(class_name, "return_state", returned)
    yield Case(class_name, "return_state_sequences", partial(returned, return_sequences=True))
    yield Case(class_name, "initial_state", passed)
