"""The models that `generate_files.py` saves."""

from case import Case, chain
from cases.models import small_branches

TRAINED = {"cnn"}
SAVE_ONLY_WEIGHTS = {"text"}
OLD_ENGINES_WRITE = {"cnn", "text", "branches", "counters", "masked"}
VARIANTS = {"cnn": ("k3", "k2")}
INLINE = ("cnn", "text", "branches")  # SavedModels in the older form, too


def branches(engine):
    """Two inputs, two outputs, a nested functional and a nested sequential model, one frozen layer between."""
    image, vector = engine.input((6, 6, 2), name="image"), engine.input((4,), name="vector")
    base = engine.sequential(
        [
            engine.input((6, 6, 2), name="base_input"),
            engine.layer("Conv2D", "base_conv", filters=3, kernel_size=3, use_bias=False),
            engine.layer("BatchNormalization", "base_norm"),
            engine.layer("ReLU", "base_relu", max_value=6.0),
        ],
        name="base",
    )
    x = engine.layer("GlobalAveragePooling2D", "pool")(base(image))
    y = engine.layer("Dense", "frozen", units=4, activation="tanh", trainable=False)(vector)
    y = small_branches(engine, "inner", 4, 3)(y)
    joined = engine.layer("Concatenate", "join")([x, y])
    norm = engine.layer("BatchNormalization", "norm")(joined)
    score = engine.layer("Dense", "score", units=1, activation="sigmoid")(norm)
    label = engine.layer("Dense", "label", units=3, activation="softmax")(joined)
    return engine.model([image, vector], [label, score], name="branches")


def shared(engine):
    """One layer and one nested model, each called twice."""
    left, right = engine.input((5,), name="left"), engine.input((5,), name="right")
    dense = engine.layer("Dense", "shared_dense", units=5, activation="tanh")
    tower = small_branches(engine, "tower", 5, 3)
    joined = engine.layer("Concatenate", "join")([tower(dense(left)), tower(dense(right))])
    return engine.model([left, right], engine.layer("Dense", "last", units=2)(joined), name="shared")


def counters(engine):
    """Layers of equal shape whose names count otherwise than their order: a reader that trusts the counters swaps them."""
    layers = [engine.input((6, 6, 3))]
    for conv, norm in [("conv2d_1", "batch_normalization_7"), ("conv2d", "stem_norm"), ("conv2d_10", "batch_normalization")]:
        layers.append(engine.layer("Conv2D", conv, filters=3, kernel_size=3, padding="same"))
        layers.append(engine.layer("BatchNormalization", norm))
    layers.append(engine.layer("Flatten", "flatten_3"))
    layers.append(engine.layer("Dense", "head", units=4))
    for name in ("dense_2", "dense", "dense_1", "my_dense", "dense_12"):
        layers.append(engine.layer("Dense", name, units=4, activation="tanh"))
    return engine.sequential(layers, name="sequential_5")


def masked(engine):
    """A functional model with a mask: Keras 3 writes the ops that compute it among the layers, and says nothing of them in the weights."""
    tokens = engine.input((5,), name="tokens", dtype="int32")
    x = engine.layer("Embedding", "embedding_3", input_dim=7, output_dim=3, mask_zero=True)(tokens)
    x = engine.layer("Bidirectional", "both_ways", layer=engine.layer("LSTM", "lstm_4", units=2))(x)
    x = engine.layer("Dense", "dense_1", units=4, activation="tanh")(x)
    return engine.model([tokens], engine.layer("Dense", "dense", units=4)(x), name="masked")


def windows(engine):
    """Lines and films: convolutions in one and three dimensions, depthwise, separable, transposed and recurrent ones."""
    line, film = engine.input((7, 3), name="line"), engine.input((3, 4, 4, 2), name="film")
    x = engine.layer("Conv1D", "causal", filters=4, kernel_size=3, padding="causal", activation="relu")(line)
    x = engine.layer("SeparableConv1D", "separable", filters=5, kernel_size=3, padding="same")(x)
    x = engine.layer("DepthwiseConv1D", "depthwise", kernel_size=3, depth_multiplier=2)(x)
    x = engine.layer("Conv1DTranspose", "wider", filters=3, kernel_size=2, strides=2)(x)
    x = engine.layer("GlobalAveragePooling1D", "average")(x)
    y = engine.layer("Conv3D", "volume", filters=3, kernel_size=2, padding="same")(film)
    y = engine.layer("ConvLSTM2D", "conv_lstm", filters=3, kernel_size=2, return_sequences=True)(y)
    y = engine.layer("Bidirectional", "both_ways", layer=("ConvLSTM2D", "conv_lstm2d_1", dict(filters=2, kernel_size=2)))(y)
    y = engine.layer("Conv2DTranspose", "larger", filters=2, kernel_size=3)(y)
    y = engine.layer("GlobalMaxPooling2D", "largest")(y)
    joined = engine.layer("Concatenate", "join")([x, y])
    return engine.model([line, film], engine.layer("Dense", "dense", units=3)(joined), name="windows")


def wrapped(engine):
    """Cells within layers, layers and a model at each step, and operations on tensors."""
    document = engine.input((2, 4, 3), name="document")
    net = engine.sequential(
        [engine.input((4,), name="net_input"), engine.layer("Dense", "net_a", units=4), engine.layer("Dense", "net_b", units=4)], name="net"
    )
    cells = [("LSTMCell", "upper", dict(units=3)), ("GRUCell", "lower", dict(units=4)), ("SimpleRNNCell", "last", dict(units=4))]
    x = engine.layer("TimeDistributed", "words", layer=("RNN", "rnn", dict(cell=("LSTMCell", "cell", dict(units=4)))))(document)
    x = engine.layer("TimeDistributed", "steps", layer=("Dense", "inner", dict(units=4, activation="tanh")))(x) + x * 0.5
    x = engine.layer("TimeDistributed", "frames", layer=net)(x)
    both = ("RNN", "rnn_2", dict(cell=[("GRUCell", "a", dict(units=2)), ("GRUCell", "b", dict(units=2))], return_sequences=True))
    x = engine.layer("Bidirectional", "both_ways", layer=both)(x)
    x = engine.layer("RNN", "stacked", cell=cells, return_sequences=True)(x)
    x = engine.layer("SimpleRNN", "simple", units=4)(x)
    return engine.model(document, engine.layer("Dense", "dense", units=4)(x), name="wrapped")


def file_cases():
    yield chain(
        "files",
        "cnn",
        (10, 10, 1),
        [
            ("Rescaling", dict(scale=0.5)),
            ("Conv2D", dict(filters=4, kernel_size=3, padding="same", use_bias=False)),
            ("BatchNormalization", {}),
            ("ReLU", {}),
            ("MaxPooling2D", dict(pool_size=2)),
            ("DepthwiseConv2D", dict(kernel_size=3, padding="same")),
            ("BatchNormalization", dict(scale=False)),
            ("SeparableConv2D", dict(filters=5, kernel_size=3, activation="relu")),
            ("Flatten", {}),
            ("Dropout", dict(rate=0.25)),
            ("Dense", dict(units=3, activation="softmax")),
        ],
    )
    yield chain(
        "files",
        "text",
        (6,),
        [
            ("Embedding", dict(input_dim=11, output_dim=4, mask_zero=True)),
            ("Bidirectional", dict(layer=("LSTM", "lstm", dict(units=3, return_sequences=True)))),
            ("GRU", dict(units=4, return_sequences=True)),
            ("GRU", dict(units=3, reset_after=False, recurrent_activation="hard_sigmoid", name="gru_old")),
            ("Dense", dict(units=2, activation="softmax")),
        ],
        dtype="int32",
        vocabulary=11,
        tokens="padded",
    )
    for build in (branches, shared, counters, windows, wrapped):
        yield Case("files", build.__name__, build)
    yield Case("files", "masked", masked, vocabulary=7, tokens="padded")
