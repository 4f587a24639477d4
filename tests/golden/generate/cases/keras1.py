"""Topologies of Keras 1, which no longer runs: written by hand after real files of Keras 1.2.2, beside the same model in tf-keras.

The numbers and weights are those of the tf-keras model; only the recorded topology is the hand-written one.
"""

from case import K2, Case

NOTE = "hand-written topology in the style of Keras 1.2.2; the numbers are those of the equivalent tf-keras model"

NO_REGULARIZERS = dict(W_regularizer=None, b_regularizer=None, activity_regularizer=None, W_constraint=None, b_constraint=None)
NO_RECURRENT_REGULARIZERS = dict(W_regularizer=None, U_regularizer=None, b_regularizer=None)


def layer(class_name, name, **config):
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def dense(name, units, activation="linear", **config):
    return layer(
        "Dense", name, output_dim=units, init="glorot_uniform", activation=activation, bias=True, **NO_REGULARIZERS, **config
    )


def convolution(name, filters, rows, columns, **config):
    defaults = dict(
        init="glorot_uniform", activation="linear", border_mode="valid", subsample=[1, 1], dim_ordering="tf", bias=True
    )
    size = dict(nb_filter=filters, nb_row=rows, nb_col=columns)
    return layer("Convolution2D", name, **size, **{**defaults, **config}, **NO_REGULARIZERS)


def recurrent(class_name, name, units, **config):
    defaults = dict(
        return_sequences=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        consume_less="cpu",
        input_dim=None,
        input_length=None,
        init="glorot_uniform",
        inner_init="orthogonal",
        activation="tanh",
        inner_activation="hard_sigmoid",
        dropout_W=0.0,
        dropout_U=0.0,
    )
    return layer(class_name, name, output_dim=units, **{**defaults, **config}, **NO_RECURRENT_REGULARIZERS)


def merge(name, mode, concat_axis=-1):
    raw = dict(mode_type="raw", dot_axes=-1, output_shape=None, output_shape_type="raw", output_mask=None, output_mask_type="raw")
    return {"class_name": "Merge", "config": {"name": name, "mode": mode, "concat_axis": concat_axis, "arguments": {}, **raw}}


CNN = [
    convolution("convolution2d_1", 4, 3, 3, border_mode="same", batch_input_shape=[None, 8, 8, 2], input_dtype="float32"),
    layer(
        "BatchNormalization",
        "batchnormalization_1",
        epsilon=1e-3,
        mode=0,
        axis=-1,
        momentum=0.99,
        gamma_regularizer=None,
        beta_regularizer=None,
    ),
    layer("Activation", "activation_1", activation="relu"),
    layer("MaxPooling2D", "maxpooling2d_1", pool_size=[2, 2], strides=[2, 2], border_mode="valid", dim_ordering="tf"),
    layer("ZeroPadding2D", "zeropadding2d_1", padding=[1, 1], dim_ordering="tf"),
    convolution("convolution2d_2", 3, 3, 2, subsample=[2, 1], activation="elu"),
    layer("AveragePooling2D", "averagepooling2d_1", pool_size=[2, 2], strides=[1, 1], border_mode="same", dim_ordering="tf"),
    layer("Flatten", "flatten_1"),
    layer("Dropout", "dropout_1", p=0.5),
    dense("dense_1", 4, "softmax"),
]


def cnn(engine):
    return engine.sequential(
        [
            engine.input((8, 8, 2), name="convolution2d_1_input"),
            engine.layer("Conv2D", "convolution2d_1", filters=4, kernel_size=3, padding="same"),
            engine.layer("BatchNormalization", "batchnormalization_1"),
            engine.layer("Activation", "activation_1", activation="relu"),
            engine.layer("MaxPooling2D", "maxpooling2d_1"),
            engine.layer("ZeroPadding2D", "zeropadding2d_1"),
            engine.layer("Conv2D", "convolution2d_2", filters=3, kernel_size=(3, 2), strides=(2, 1), activation="elu"),
            engine.layer("AveragePooling2D", "averagepooling2d_1", strides=1, padding="same"),
            engine.layer("Flatten", "flatten_1"),
            engine.layer("Dropout", "dropout_1", rate=0.5),
            engine.layer("Dense", "dense_1", units=4, activation="softmax"),
        ]
    )


TEXT = [
    layer(
        "Embedding",
        "embedding_1",
        input_dim=10,
        output_dim=4,
        init="uniform",
        input_length=6,
        mask_zero=True,
        dropout=0.0,
        activity_regularizer=None,
        W_regularizer=None,
        W_constraint=None,
        batch_input_shape=[None, 6],
        input_dtype="int32",
    ),
    recurrent("LSTM", "lstm_1", 4, forget_bias_init="one", return_sequences=True),
    layer(
        "Bidirectional",
        "bidirectional_1",
        merge_mode="sum",
        layer=recurrent("LSTM", "lstm_2", 3, forget_bias_init="one", return_sequences=True),
    ),
    recurrent("GRU", "gru_1", 3, go_backwards=True),
    dense("dense_1", 1, "sigmoid"),
]


def text(engine):
    """Keras 1's defaults: recurrent activation hard_sigmoid, the reset gate of a GRU before its product."""
    old = dict(recurrent_activation="hard_sigmoid")
    return engine.sequential(
        [
            engine.input((6,), name="embedding_1_input", dtype="int32"),
            engine.layer("Embedding", "embedding_1", input_dim=10, output_dim=4, mask_zero=True),
            engine.layer("LSTM", "lstm_1", units=4, return_sequences=True, **old),
            engine.layer(
                "Bidirectional",
                "bidirectional_1",
                layer=("LSTM", "lstm_2", dict(units=3, return_sequences=True, **old)),
                merge_mode="sum",
            ),
            engine.layer("GRU", "gru_1", units=3, go_backwards=True, reset_after=False, **old),
            engine.layer("Dense", "dense_1", units=1, activation="sigmoid"),
        ]
    )


def node(described, *inbound):
    """A layer of a functional model, with the layers it is called on."""
    calls = [[[name, 0, 0] for name in inbound]] if inbound else []
    return {**described, "name": described["config"]["name"], "inbound_nodes": calls}


def input_node(name, shape):
    config = dict(batch_input_shape=[None, *shape], input_dtype="float32", sparse=False, name=name)
    return node({"class_name": "InputLayer", "config": config})


FUNCTIONAL = dict(
    name="model_1",
    layers=[
        input_node("input_1", [5]),
        input_node("input_2", [5]),
        node(dense("dense_1", 3, "relu"), "input_1"),
        node(dense("dense_2", 3, "tanh"), "input_2"),
        node(merge("merge_1", "sum"), "dense_1", "dense_2"),
        node(merge("merge_2", "concat"), "merge_1", "input_1"),
        node(dense("dense_3", 2, "softmax"), "merge_2"),
        node(layer("LeakyReLU", "leakyrelu_1", alpha=0.2), "merge_1"),
    ],
    input_layers=[["input_1", 0, 0], ["input_2", 0, 0]],
    output_layers=[["dense_3", 0, 0], ["leakyrelu_1", 0, 0]],
)


def functional(engine):
    first, second = engine.input((5,), name="input_1"), engine.input((5,), name="input_2")
    a = engine.layer("Dense", "dense_1", units=3, activation="relu")(first)
    b = engine.layer("Dense", "dense_2", units=3, activation="tanh")(second)
    total = engine.layer("Add", "merge_1")([a, b])
    joined = engine.layer("Concatenate", "merge_2")([total, first])
    outputs = [
        engine.layer("Dense", "dense_3", units=2, activation="softmax")(joined),
        engine.layer("LeakyReLU", "leakyrelu_1", negative_slope=0.2)(total),
    ]
    return engine.model([first, second], outputs, name="model_1")


def replace_topology(class_name, config):
    """An edit that puts a hand-written topology in place of the model's own."""

    def edit(topology):
        topology.update(keras_version="1.2.2", model_config={"class_name": class_name, "config": config})

    return edit


def line_convolution(name, filters, length, **config):
    size = dict(nb_filter=filters, filter_length=length)
    defaults = dict(init="uniform", activation="linear", border_mode="valid", subsample_length=1, bias=True)
    return layer("Convolution1D", name, **size, **{**defaults, **config}, **NO_REGULARIZERS)


LINE = [
    line_convolution("convolution1d_1", 4, 3, border_mode="same", activation="relu", batch_input_shape=[None, 9, 2], input_dtype="float32"),
    layer("MaxPooling1D", "maxpooling1d_1", pool_length=2, stride=2, border_mode="valid"),
    layer("UpSampling1D", "upsampling1d_1", length=3),
    line_convolution("convolution1d_2", 3, 2, subsample_length=2),
    layer("Flatten", "flatten_1"),
    dense("dense_1", 2),
]


def line(engine):
    return engine.sequential(
        [
            engine.input((9, 2), name="convolution1d_1_input"),
            engine.layer("Conv1D", "convolution1d_1", filters=4, kernel_size=3, padding="same", activation="relu"),
            engine.layer("MaxPooling1D", "maxpooling1d_1", pool_size=2, strides=2),
            engine.layer("UpSampling1D", "upsampling1d_1", size=3),
            engine.layer("Conv1D", "convolution1d_2", filters=3, kernel_size=2, strides=2),
            engine.layer("Flatten", "flatten_1"),
            engine.layer("Dense", "dense_1", units=2),
        ]
    )


def cases():
    for build, class_name, config, options in [
        (cnn, "Sequential", CNN, {}),
        (line, "Sequential", LINE, {}),
        (text, "Sequential", TEXT, dict(vocabulary=10, tokens="padded")),
        (functional, "Model", FUNCTIONAL, {}),
    ]:
        yield Case("Keras1", build.__name__, build, engines=K2, edit=replace_topology(class_name, config), note=NOTE, **options)
