"""LSTM, GRU and Bidirectional: options, masks, states."""

from functools import partial

from case import Case, chain, one_layer, snake_case

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
