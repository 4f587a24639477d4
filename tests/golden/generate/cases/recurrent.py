"""SimpleRNN, LSTM, GRU, RNN over cells, Bidirectional, TimeDistributed: options, masks, states."""

from functools import partial

from case import BOTH, K2, Case, chain, one_layer, snake_case

SEQUENCE = (5, 3)

# Rows that LSTM and GRU share: (case name, input shape, config[, Case options]).
RNN_ROWS = [
    ("last", SEQUENCE, dict(units=4)),
    ("sequences", SEQUENCE, dict(units=4, return_sequences=True)),
    ("go_backwards", SEQUENCE, dict(units=3, go_backwards=True)),
    ("go_backwards_sequences", SEQUENCE, dict(units=3, go_backwards=True, return_sequences=True)),
    ("activations", SEQUENCE, dict(units=3, activation="relu", recurrent_activation="tanh", return_sequences=True)),
    ("linear", SEQUENCE, dict(units=2, activation="linear", recurrent_activation="sigmoid")),
    ("hard_sigmoid", SEQUENCE, dict(units=4, recurrent_activation="hard_sigmoid", return_sequences=True), dict(spread=2.0)),
    ("no_bias", SEQUENCE, dict(units=4, use_bias=False, return_sequences=True)),
    ("dropout", SEQUENCE, dict(units=3, dropout=0.3, recurrent_dropout=0.2)),
    ("unroll", SEQUENCE, dict(units=3, unroll=True)),
    ("one_step", (1, 4), dict(units=3)),
    ("any_length", (None, 3), dict(units=4, return_sequences=True)),
    ("wide", (4, 17), dict(units=19)),
]

SIMPLE_ROWS = [
    ("last", SEQUENCE, dict(units=4)),
    ("sequences", SEQUENCE, dict(units=4, return_sequences=True)),
    ("go_backwards_sequences", SEQUENCE, dict(units=3, go_backwards=True, return_sequences=True)),
    ("relu", SEQUENCE, dict(units=3, activation="relu", return_sequences=True)),
    ("no_bias", SEQUENCE, dict(units=4, use_bias=False, return_sequences=True)),
    ("dropout_unroll", SEQUENCE, dict(units=3, dropout=0.3, recurrent_dropout=0.2, unroll=True)),
    ("any_length", (None, 3), dict(units=4, return_sequences=True)),
    ("wide", (4, 17), dict(units=19)),
]


def lstm_cell(units, name="a", **config):
    return ("LSTMCell", name, dict(units=units, **config))


def gru_cell(units, name="b", **config):
    return ("GRUCell", name, dict(units=units, **config))


def simple_cell(units, name="c", **config):
    return ("SimpleRNNCell", name, dict(units=units, **config))


# Rows (case name, input shape, config) of RNN. Cells with softmax, which is not element-wise, have to run step by step.
RNN_CELL_ROWS = [
    ("lstm_cell", SEQUENCE, dict(cell=lstm_cell(4))),
    ("gru_cell_sequences", SEQUENCE, dict(cell=gru_cell(4), return_sequences=True)),
    ("gru_cell_reset_before", SEQUENCE, dict(cell=gru_cell(3, reset_after=False, use_bias=False), go_backwards=True)),
    ("simple_cell_backwards", SEQUENCE, dict(cell=simple_cell(3), go_backwards=True, return_sequences=True)),
    ("any_length", (None, 3), dict(cell=lstm_cell(2), return_sequences=True)),
    ("lstm_softmax", SEQUENCE, dict(cell=lstm_cell(4, activation="softmax"), return_sequences=True)),
    ("gru_softmax", SEQUENCE, dict(cell=gru_cell(4, activation="softmax"))),
    ("gru_softmax_reset_before", SEQUENCE, dict(cell=gru_cell(4, recurrent_activation="softmax", reset_after=False), go_backwards=True)),
    ("simple_softmax", SEQUENCE, dict(cell=simple_cell(4, activation="softmax", use_bias=False), return_sequences=True)),
    ("stacked", SEQUENCE, dict(cell=[lstm_cell(3), gru_cell(4), simple_cell(2)])),
    ("stacked_backwards", SEQUENCE, dict(cell=[simple_cell(3), lstm_cell(4)], go_backwards=True, return_sequences=True, unroll=True)),
    ("stacked_softmax", SEQUENCE, dict(cell=[gru_cell(3), lstm_cell(2, activation="softmax")], return_sequences=True)),
    ("stacked_nested", SEQUENCE, dict(cell=[simple_cell(3), ("StackedRNNCells", "inner", dict(cells=[lstm_cell(2), gru_cell(3)]))])),
]

BIDIRECTIONAL_ROWS = [
    ("concat", dict(units=3), {}),
    ("concat_sequences", dict(units=3, return_sequences=True), {}),
    ("sum", dict(units=3, return_sequences=True), dict(merge_mode="sum")),
    ("mul", dict(units=3), dict(merge_mode="mul")),
    ("ave", dict(units=3, return_sequences=True), dict(merge_mode="ave")),
]


def cases():
    for class_name in ("LSTM", "GRU"):
        yield from one_layer(class_name, RNN_ROWS)
        yield from state_cases(class_name)
        yield from masked_cases(class_name)
        yield from stacked_cases(class_name)
        yield from bidirectional_cases(class_name)
    yield from one_layer("SimpleRNN", SIMPLE_ROWS)
    yield from state_cases("SimpleRNN")
    yield from masked_cases("SimpleRNN")
    yield from stacked_cases("SimpleRNN")
    yield from one_layer("RNN", RNN_CELL_ROWS)
    yield from cell_cases()
    yield from bidirectional_cell_cases()
    yield from stateful_cases()
    yield from time_distributed_cases()
    for class_name in ("LSTM", "GRU"):
        yield chain(class_name, "softmax", SEQUENCE, [(class_name, dict(units=3, activation="softmax", return_sequences=True))])
    yield from one_layer("LSTM", [("no_forget_bias", SEQUENCE, dict(units=3, unit_forget_bias=False))])
    for name, config in [
        ("", {}),
        ("_sequences", dict(return_sequences=True)),
        ("_no_bias", dict(use_bias=False)),
        ("_backwards", dict(go_backwards=True, return_sequences=True)),
        ("_hard_sigmoid", dict(recurrent_activation="hard_sigmoid")),
    ]:
        yield chain("GRU", f"reset_before{name}", SEQUENCE, [("GRU", dict(units=4, reset_after=False, **config))])
    yield from masked_cases("GRU", "reset_before_", reset_after=False)


def state_cases(class_name):
    """States that leave the layer, come in as inputs, and go from one layer to another."""
    name = snake_case(class_name)
    states = ["hidden", "cell"] if class_name == "LSTM" else ["hidden"]

    def returned(engine, **config):
        sequence = engine.input(SEQUENCE, name="sequence")
        return engine.model(sequence, list(engine.layer(class_name, name, units=4, return_state=True, **config)(sequence)))

    def passed(engine, **config):
        sequence = engine.input(SEQUENCE, name="sequence")
        initial = [engine.input((4,), name=state) for state in states]
        layer = engine.layer(class_name, name, units=4, **config)
        return engine.model([sequence, *initial], layer(sequence, initial_state=initial))

    def encoder_decoder(engine):
        source, target = engine.input(SEQUENCE, name="source"), engine.input((4, 2), name="target")
        _, *final = engine.layer(class_name, "encoder", units=3, return_state=True)(source)
        decoded = engine.layer(class_name, "decoder", units=3, return_sequences=True)(target, initial_state=final)
        return engine.model([source, target], engine.layer("Dense", "dense", units=2, activation="softmax")(decoded))

    yield Case(class_name, "return_state", returned)
    yield Case(class_name, "return_state_sequences", partial(returned, return_sequences=True))
    yield Case(class_name, "initial_state", passed)
    yield Case(class_name, "initial_state_backwards", partial(passed, go_backwards=True, return_sequences=True))
    yield Case(class_name, "encoder_decoder", encoder_decoder)


def masked(class_name, name, specs, tokens="padded", folder=None):
    embedding = ("Embedding", dict(input_dim=8, output_dim=3, mask_zero=True))
    return chain(folder or class_name, name, (6,), [embedding, *specs], dtype="int32", vocabulary=8, tokens=tokens)


def masked_cases(class_name, prefix="", **config):
    for name, extra in [
        ("masked", {}),
        ("masked_sequences", dict(return_sequences=True)),
        ("masked_backwards", dict(go_backwards=True, return_sequences=True)),
    ]:
        yield masked(class_name, f"{prefix}{name}", [(class_name, {"units": 4, **config, **extra})])


def stacked_cases(class_name):
    sequences = (class_name, dict(units=4, return_sequences=True))
    last = (class_name, dict(units=3))
    yield chain(class_name, "stacked", SEQUENCE, [sequences, last])
    yield masked(class_name, "masked_stacked", [sequences, last, ("Dense", dict(units=2))])
    yield masked(class_name, "masked_empty_row", [sequences, last], tokens="empty_row")


def bidirectional_cases(class_name):
    inner = snake_case(class_name)

    def bidirectional(config, wrapper):
        return ("Bidirectional", dict(layer=(class_name, inner, config), **wrapper))

    for name, config, wrapper in BIDIRECTIONAL_ROWS:
        yield chain("Bidirectional", f"{inner}_{name}", SEQUENCE, [bidirectional(config, wrapper)])
    for name, config, wrapper in [
        ("masked", dict(units=3), {}),
        ("masked_sequences", dict(units=3, return_sequences=True), dict(merge_mode="sum")),
    ]:
        yield masked(class_name, f"{inner}_{name}", [bidirectional(config, wrapper)], folder="Bidirectional")
    if class_name == "GRU":
        reset_before = dict(units=3, reset_after=False, return_sequences=True)
        yield chain("Bidirectional", "gru_reset_before", SEQUENCE, [bidirectional(reset_before, {})])

    def several_outputs(engine, config, **wrapper):
        sequence = engine.input(SEQUENCE, name="sequence")
        layer = engine.layer("Bidirectional", "bidirectional", layer=(class_name, inner, config), **wrapper)
        return engine.model(sequence, list(layer(sequence)))

    def different_backward(engine):
        """Keras 3 keeps the backward layer's name, tf-keras puts backward_ before it."""
        sequence = engine.input(SEQUENCE, name="sequence")
        layer = engine.module.layers.Bidirectional(
            engine.layer(class_name, "ahead", units=3, activation="tanh"),
            backward_layer=engine.layer(class_name, "behind", units=3, activation="relu", go_backwards=True),
            name="bidirectional",
        )
        return engine.model(sequence, layer(sequence))

    for name, config, wrapper in [
        ("unmerged", dict(units=2), dict(merge_mode=None)),
        ("unmerged_sequences", dict(units=2, return_sequences=True), dict(merge_mode=None)),
        ("return_state", dict(units=3, return_state=True), {}),
    ]:
        yield Case("Bidirectional", f"{inner}_{name}", partial(several_outputs, config=config, **wrapper))
    yield Case("Bidirectional", f"{inner}_own_backward_layer", different_backward)


def cell_cases():
    """RNN's states and masks; cells called by themselves."""
    cells = [lstm_cell(3), gru_cell(4)]

    def returned(engine, cell, **config):
        sequence = engine.input(SEQUENCE, name="sequence")
        return engine.model(sequence, list(engine.layer("RNN", "rnn", cell=cell, return_state=True, **config)(sequence)))

    def passed(engine, cell, sizes, **config):
        sequence = engine.input(SEQUENCE, name="sequence")
        states = [engine.input((size,), name=f"state_{i}") for i, size in enumerate(sizes)]
        return engine.model([sequence, *states], engine.layer("RNN", "rnn", cell=cell, **config)(sequence, initial_state=states))

    def stepped(engine, cell, sizes):
        x = engine.input((3,), name="x")
        states = [engine.input((size,), name=f"state_{i}") for i, size in enumerate(sizes)]
        output, after = engine.layer(cell[0], cell[1], **cell[2])(x, states)
        after = after if isinstance(after, (list, tuple)) else [after]
        return engine.model([x, *states], [engine.layer("Dense", "dense", units=2)(output), *after])

    yield Case("RNN", "return_state", partial(returned, cell=lstm_cell(4)))
    yield Case("RNN", "stacked_return_state", partial(returned, cell=[lstm_cell(3), simple_cell(2), gru_cell(4)], return_sequences=True))
    yield Case("RNN", "initial_state", partial(passed, cell=gru_cell(4), sizes=[4], return_sequences=True))
    yield Case("RNN", "initial_state_softmax", partial(passed, cell=lstm_cell(3, activation="softmax"), sizes=[3, 3]))
    for name, cell in [("lstm", lstm_cell(4)), ("lstm_softmax", lstm_cell(4, activation="softmax")), ("gru_softmax", gru_cell(3, activation="softmax"))]:
        yield masked("RNN", f"masked_{name}", [("RNN", dict(cell=cell, return_sequences=True))])
        yield masked("RNN", f"masked_{name}_empty_row", [("RNN", dict(cell=cell, go_backwards=True))], tokens="empty_row")
    yield masked("RNN", "masked_stacked", [("RNN", dict(cell=cells, return_sequences=True))])
    yield masked("RNN", "masked_stacked_backwards", [("RNN", dict(cell=cells, go_backwards=True, return_sequences=True))])
    yield masked("RNN", "masked_zero_output", [("RNN", dict(cell=cells, return_sequences=True, zero_output_for_mask=True))])
    for cell, sizes in [(lstm_cell(4), [4, 4]), (gru_cell(3), [3]), (gru_cell(3, reset_after=False), [3]), (simple_cell(3, activation="relu"), [3])]:
        suffix = "_reset_before" if "reset_after" in cell[2] else ""
        yield Case(cell[0], f"one_step{suffix}", partial(stepped, cell=cell, sizes=sizes))
    for cell, sizes in [(lstm_cell(3, use_bias=False), [3, 3]), (gru_cell(2, use_bias=False), [2]), (simple_cell(4, use_bias=False), [4])]:
        yield Case(cell[0], "no_bias", partial(stepped, cell=cell, sizes=sizes))
    for cell, sizes in [(lstm_cell(2, recurrent_activation="hard_sigmoid"), [2, 2]), (simple_cell(2, activation="softmax"), [2])]:
        yield Case(cell[0], "activations", partial(stepped, cell=cell, sizes=sizes))
    # tf-keras's StackedRNNCells wants states grouped by cell, which no functional model can record
    yield chain("StackedRNNCells", "two", SEQUENCE, [("RNN", dict(cell=("StackedRNNCells", "stack", dict(cells=cells))))])
    yield chain("StackedRNNCells", "one", SEQUENCE, [("RNN", dict(cell=("StackedRNNCells", "stack", dict(cells=[gru_cell(4)])), return_sequences=True))])
    same = [lstm_cell(3, "first"), lstm_cell(3, "second")]
    yield chain("StackedRNNCells", "sequences", SEQUENCE, [("RNN", dict(cell=("StackedRNNCells", "stack", dict(cells=same)), return_sequences=True))])

    def reversed_states(engine):
        """Keras 2's old option, which turns the states' sizes round: with cells of one size it is of no consequence."""
        sequence = engine.input(SEQUENCE, name="sequence")
        stack = engine.layer("StackedRNNCells", "stack", cells=same, reverse_state_order=True)
        return engine.model(sequence, list(engine.layer("RNN", "rnn", cell=stack, return_state=True)(sequence)))

    yield Case("StackedRNNCells", "reverse_state_order", reversed_states, K2)

    def time_major(engine, class_name, **config):
        sequence = engine.input(SEQUENCE, name="sequence")
        turned = engine.layer("Permute", "turn", dims=(2, 1))(sequence)  # a batch of 2 or 3 rows counts as 2 or 3 steps
        return engine.model(sequence, engine.layer(class_name, "rnn", units=3, time_major=True, **config)(turned))

    yield Case("SimpleRNN", "time_major", partial(time_major, class_name="SimpleRNN"), K2)
    yield Case("GRU", "time_major", partial(time_major, class_name="GRU", return_sequences=True), K2)
    yield Case("LSTM", "time_major", partial(time_major, class_name="LSTM", return_sequences=True), K2)


def bidirectional_cell_cases():
    cells = [lstm_cell(2), gru_cell(3)]
    for name, inner, wrapper in [
        ("rnn", ("RNN", "rnn", dict(cell=gru_cell(3))), {}),
        ("rnn_stacked_sequences", ("RNN", "rnn", dict(cell=cells, return_sequences=True)), dict(merge_mode="sum")),
        ("simple", ("SimpleRNN", "simple", dict(units=3)), dict(merge_mode="mul")),
        ("simple_sequences", ("SimpleRNN", "simple", dict(units=3, return_sequences=True)), {}),
    ]:
        yield chain("Bidirectional", name, SEQUENCE, [("Bidirectional", dict(layer=inner, **wrapper))])
    masked_rnn = ("Bidirectional", dict(layer=("RNN", "rnn", dict(cell=cells, return_sequences=True))))
    yield masked("Bidirectional", "rnn_masked", [masked_rnn], folder="Bidirectional")


def stateful_cases():
    """Three predictions, each from the states that the one before has left."""

    def one(engine, specs, return_state=False):
        sequence = engine.input(SEQUENCE, name="sequence", batch=2)
        x = sequence
        for index, (class_name, config) in enumerate(specs):
            x = engine.layer(class_name, f"layer_{index}", **config)(x)
        return engine.model(sequence, list(x) if isinstance(x, (list, tuple)) else x)

    rnn = dict(units=3, stateful=True)
    inner = dict(units=3, stateful=True, return_sequences=True)
    for folder, name, specs in [
        ("SimpleRNN", "stateful", [("SimpleRNN", rnn)]),
        ("LSTM", "stateful", [("LSTM", dict(inner, go_backwards=True))]),
        ("LSTM", "stateful_state", [("LSTM", dict(rnn, return_state=True))]),
        ("GRU", "stateful", [("GRU", inner), ("GRU", rnn), ("Dense", dict(units=2))]),
        ("RNN", "stateful", [("RNN", dict(cell=[lstm_cell(2), gru_cell(3)], stateful=True))]),
        ("RNN", "stateful_softmax", [("RNN", dict(cell=lstm_cell(2, activation="softmax"), stateful=True, return_sequences=True))]),
        ("Bidirectional", "stateful", [("Bidirectional", dict(layer=("GRU", "gru", inner)))]),
    ]:
        yield Case(folder, name, partial(one, specs=specs), runs=3)

    def masked_rows(engine):
        """A row without any step in the second run keeps its state, and gives zeros."""
        tokens = engine.input((6,), name="tokens", dtype="int32", batch=3)
        x = engine.layer("Embedding", "embedding", input_dim=8, output_dim=3, mask_zero=True)(tokens)
        return engine.model(tokens, engine.layer("LSTM", "lstm", **rnn)(x))

    yield Case("LSTM", "stateful_masked", masked_rows, vocabulary=8, tokens="empty_row", runs=3)

    def called_twice(engine):
        left, right = engine.input(SEQUENCE, name="left", batch=2), engine.input(SEQUENCE, name="right", batch=2)
        shared = engine.layer("GRU", "gru", **rnn)
        return engine.model([left, right], engine.layer("Concatenate", "join")([shared(left), shared(right)]))

    yield Case("GRU", "stateful_called_twice", called_twice, runs=2)


def time_distributed_cases():
    def distributed(*inner):
        return ("TimeDistributed", dict(layer=inner))

    dense = ("Dense", "dense", dict(units=4, activation="tanh"))
    conv = ("Conv2D", "conv", dict(filters=3, kernel_size=2))
    for name, shape, specs in [
        ("dense", SEQUENCE, [distributed(*dense)]),
        ("dense_any_length", (None, 3), [distributed(*dense), ("GRU", dict(units=2))]),
        ("conv", (3, 4, 4, 2), [distributed(*conv), distributed("Flatten", "flatten", {}), ("LSTM", dict(units=3))]),
        ("conv_any_length", (None, 4, 4, 1), [distributed(*conv), distributed("MaxPooling2D", "pool", {})]),
        ("lstm", (3, 5, 2), [distributed("LSTM", "lstm", dict(units=3))]),
        ("normalization", (3, 4, 2), [distributed("BatchNormalization", "norm", {})]),
        ("bidirectional", (2, 4, 3), [distributed("Bidirectional", "both", dict(layer=("GRU", "gru", dict(units=2))))]),
        ("twice", (2, 3, 4), [distributed("TimeDistributed", "inner", dict(layer=dense))]),
    ]:
        yield chain("TimeDistributed", name, shape, specs)
    yield masked("TimeDistributed", "masked", [distributed(*dense), ("LSTM", dict(units=3))])

    def model_inside(engine):
        """A small network for each step, as for frames of a film."""
        net = engine.sequential(
            [
                engine.input((4, 4, 1), name="frame"),
                engine.layer("Conv2D", "conv", filters=2, kernel_size=2, activation="relu"),
                engine.layer("GlobalAveragePooling2D", "pool"),
                engine.layer("Dense", "dense", units=3),
            ],
            name="net",
        )
        film = engine.input((None, 4, 4, 1), name="film")
        frames = engine.layer("TimeDistributed", "frames", layer=net)(film)
        return engine.model(film, engine.layer("GRU", "gru", units=2)(frames))

    def sentences(engine):
        """Words to sentences to a document, with the masks of words inside."""
        words = engine.input((6,), name="words", dtype="int32")
        x = engine.layer("Embedding", "embedding", input_dim=8, output_dim=3, mask_zero=True)(words)
        sentence = engine.model(words, engine.layer("LSTM", "lstm", units=3)(x), name="sentence")
        document = engine.input((2, 6), name="document", dtype="int32")
        x = engine.layer("TimeDistributed", "sentences", layer=sentence)(document)
        return engine.model(document, engine.layer("GRU", "gru", units=2)(x))

    yield Case("TimeDistributed", "model", model_inside)
    yield Case("TimeDistributed", "sentences", sentences, vocabulary=8)
